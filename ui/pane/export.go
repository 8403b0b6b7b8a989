package pane

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/export"
	"petrify/ui/row"
)

// Planner makes plans and keeps them; it is all that exporting needs of the world.
type Planner interface {
	Plan(ctx context.Context, stack *model.Stack, service string) (model.Plan, error)
	// Keep writes a plan to a file, unless somebody else wrote the one that is there.
	Keep(file string, content []byte) error
}

// Export shows the plans of all services as a file, before it is written.
type Export struct {
	canvas
	scroll
	KeyMap ExportKeyMap

	planner Planner
	off     map[string]map[string]bool // mounts left out, by service and target
	cancel  context.CancelFunc
	plans   []model.Plan // nil while they are being made
	err     error
	format  int
	text    []byte
	lines   []string
	said    string // what the last key did
	failed  bool
}

// ExportKeyMap are the bindings of the export.
type ExportKeyMap struct {
	MoveKeys
	Next, Previous, Write, Copy key.Binding
}

// format is one form that plans can be written in.
type format struct {
	name, file string
	write      func(io.Writer, *model.Stack, []model.Plan) (notes []string, err error)
}

var formats = []format{
	{"Compose", "compose.readonly.yaml", export.Compose},
	{"Swarm", "stack.readonly.yaml", export.Swarm},
	{"Kubernetes", "kubernetes.readonly.yaml", export.Kubernetes},
	{"docker run", "run.readonly.sh", export.DockerRun},
	{"Compose v2", "compose-v2.readonly.yaml", export.ComposeV2},
	{"JSON", "plan.json", export.JSON},
}

// NewExport returns an export of which nothing has been made yet.
func NewExport(planner Planner, off map[string]map[string]bool) *Export {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	return &Export{planner: planner, off: off, KeyMap: ExportKeyMap{
		MoveKeys: DefaultMoveKeys(),
		Next:     bind("f", "next format", "f", "e"),
		Previous: bind("F", "previous format", "F"),
		Write:    bind("w", "write the file", "w"),
		Copy:     bind("y", "copy", "y"),
	}}
}

// exportedMsg carries the plans of all services.
type exportedMsg struct {
	asker *Export
	plans []model.Plan
	err   error
}

// keptMsg says what became of a file.
type keptMsg struct {
	asker *Export
	file  string
	err   error
}

// Make plans every service of the stack that is shown.
func (p *Export) Make() tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	stack := p.subject.Stack
	return func() tea.Msg {
		plans := make([]model.Plan, len(stack.Services))
		for i := range stack.Services {
			service := stack.Services[i].Name
			plan, err := p.planner.Plan(ctx, stack, service)
			if err != nil {
				return exportedMsg{p, nil, err}
			}
			for target := range p.off[service] {
				plan = plan.Without(target)
			}
			plans[i] = plan
		}
		return exportedMsg{p, plans, nil}
	}
}

// Close gives up on what is still being made.
func (p *Export) Close() { p.cancel() }

// Show takes a newer subject; what is exported stays as it was asked for.
func (p *Export) Show(s Subject) {
	if p.subject.Stack == nil {
		p.subject = s
	}
	p.drawn = nil
}

// Keys are the bindings of the export.
func (p *Export) Keys() []key.Binding {
	k := p.KeyMap
	return append([]key.Binding{k.Write, k.Copy, k.Next, k.Previous}, k.List()...)
}

// Update chooses the format, writes and copies.
func (p *Export) Update(msg tea.Msg) tea.Cmd {
	p.drawn = nil
	switch msg := msg.(type) {
	case exportedMsg:
		if msg.asker == p {
			p.plans, p.err = msg.plans, msg.err
			p.render()
		}
	case keptMsg:
		if msg.asker == p {
			p.said, p.failed = "wrote "+msg.file, msg.err != nil
			if msg.err != nil {
				p.said = msg.err.Error()
			}
		}
	case tea.MouseWheelMsg:
		p.slide(wheel(msg))
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return nil
}

func (p *Export) press(msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, p.KeyMap.Next):
		p.choose(1)
	case key.Matches(msg, p.KeyMap.Previous):
		p.choose(-1)
	case p.plans == nil:
	case key.Matches(msg, p.KeyMap.Write):
		file, content := formats[p.format].file, slices.Clone(p.text)
		return func() tea.Msg { return keptMsg{p, file, p.planner.Keep(file, content)} }
	case key.Matches(msg, p.KeyMap.Copy):
		p.said, p.failed = "copied, if the terminal allows it", false
		return tea.SetClipboard(string(p.text))
	default:
		p.scroll.text(msg, p.KeyMap.MoveKeys)
	}
	return nil
}

func (p *Export) choose(by int) {
	p.format = (p.format + by + len(formats)) % len(formats)
	p.said, p.scroll = "", scroll{}
	p.render()
}

// render writes the plans in the chosen format.
func (p *Export) render() {
	if p.plans == nil {
		return
	}
	var text bytes.Buffer
	notes, err := formats[p.format].write(&text, p.subject.Stack, p.plans)
	p.err, p.text = err, text.Bytes()
	p.lines = clean.Lines(text.String())
	if len(notes) > 0 && p.said == "" {
		p.said, p.failed = model.Plural(len(notes), "thing")+" that this format cannot say: "+notes[0], true
	}
}

// Lines draws the formats, the file's name and the visible part of it.
func (p *Export) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	t := p.paint
	head := sheet{width: p.canvas.width, indent: 1, paint: t}
	tabs := head.row()
	for i, f := range formats {
		style := t.Tab
		if i == p.format {
			style = t.TabActive
		}
		tabs.Add(style, f.name).Space(2)
	}
	head.add(tabs)
	switch {
	case p.err != nil:
		head.prose(t.Warn, clean.Line(p.err.Error()))
	case p.plans == nil:
		head.prose(t.Faint, "asking what the images hold…")
	default:
		head.add(head.row().Add(t.Faint, fmt.Sprintf("w writes %s, y copies it, f: next format", formats[p.format].file)))
	}
	if p.said != "" {
		paint := t.Good
		if p.failed {
			paint = t.Warn
		}
		head.prose(paint, clean.Line(p.said))
	}
	p.set(len(p.lines), p.canvas.height-len(head.lines))
	lines := head.lines
	from, until := p.visible()
	for _, line := range p.lines[from:until] {
		lines = append(lines, row.New(p.canvas.width, t.Plain).Space(1).Add(commentPaint(p, line), line).String())
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

// commentPaint lets what a comment explains stand out from it.
func commentPaint(p *Export, line string) row.Paint {
	for _, r := range line {
		switch r {
		case ' ':
		case '#':
			return p.paint.Faint
		default:
			return p.paint.Text
		}
	}
	return p.paint.Text
}
