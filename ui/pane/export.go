package pane

import (
	"bytes"
	"context"
	"errors"
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
	Plans(ctx context.Context, stack *model.Stack, options model.PlanOptions, services ...string) ([]model.Plan, error)
	// Keep writes a plan to a file, unless somebody else wrote the one that is there, or
	// it has something that must not be lost.
	Keep(file string, content []byte, mayReplace func(earlier []byte) error) error
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
	formats []export.Format
	format  int // of them
	text    []byte
	lines   []string
	said    string // what the last key did
	failed  bool
}

// ExportKeyMap are the bindings of the export.
type ExportKeyMap struct {
	MoveKeys
	Next, Previous, Write, Copy, Close key.Binding
}

// NewExport returns an export of which nothing has been made yet, of a stack as it is shown
// now. Mounts that somebody left out stay out, by service and target.
func NewExport(planner Planner, stack *model.Stack, off map[string]map[string]bool) *Export {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	offered := slices.DeleteFunc(slices.Clone(export.Formats), func(f export.Format) bool { return f.Title == "" })
	return &Export{canvas: canvas{subject: Subject{Stack: stack}}, planner: planner, off: off, formats: offered, KeyMap: ExportKeyMap{
		MoveKeys: DefaultMoveKeys(),
		Next:     bind("f", "next format", "f", "e"),
		Previous: bind("F", "previous format", "F"),
		Write:    bind("w", "write the file", "w"),
		Copy:     bind("y", "copy", "y"),
		Close:    closeKey(),
	}}
}

// exportedMsg carries the plans of all services.
type exportedMsg struct {
	asker *Export
	plans []model.Plan
	err   error
}

// WroteMsg says what became of a file.
type WroteMsg struct {
	asker *Export
	file  string
	Err   error
}

// Title names the dialog.
func (p *Export) Title() string { return "Export the plans of all services" }

// Start plans every service of the stack.
func (p *Export) Start() tea.Cmd {
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	stack := p.subject.Stack
	return func() tea.Msg {
		plans, err := p.planner.Plans(ctx, stack, model.PlanOptions{})
		if err != nil {
			return exportedMsg{p, nil, err}
		}
		for i := range plans {
			for target := range p.off[plans[i].Service] {
				plans[i] = plans[i].Without(target)
			}
		}
		return exportedMsg{p, plans, nil}
	}
}

// Close gives up on what is still being made.
func (p *Export) Close() { p.cancel() }

// Keys are the bindings of the export.
func (p *Export) Keys() []key.Binding {
	k := p.KeyMap
	return append([]key.Binding{k.Write, k.Copy, k.Next, k.Close, k.Previous}, k.List()...)
}

// Update chooses the format, writes and copies.
func (p *Export) Update(msg tea.Msg) (cmd tea.Cmd, done bool) {
	p.drawn = nil
	switch msg := msg.(type) {
	case exportedMsg:
		if msg.asker == p {
			p.plans, p.err = msg.plans, msg.err
			p.render()
		}
	case WroteMsg:
		if msg.asker == p {
			p.said, p.failed = "wrote "+msg.file, msg.Err != nil
			if msg.Err != nil {
				p.said = explained(msg.Err)
			}
		}
	case tea.MouseWheelMsg:
		p.scrollBy(wheel(msg))
	case tea.KeyPressMsg:
		if key.Matches(msg, p.KeyMap.Close) {
			return nil, true
		}
		return p.press(msg), false
	}
	return nil, false
}

func (p *Export) press(msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, p.KeyMap.Next):
		p.choose(1)
	case key.Matches(msg, p.KeyMap.Previous):
		p.choose(-1)
	case p.plans == nil:
	case key.Matches(msg, p.KeyMap.Write):
		file, content := p.formats[p.format].File, slices.Clone(p.text)
		stack, plans := p.subject.Stack, p.plans
		if err := p.formats[p.format].Nothing(stack, plans); err != nil {
			p.said, p.failed = "not written: "+explained(err), true
			return nil
		}
		return func() tea.Msg {
			return WroteMsg{p, file, p.planner.Keep(file, content, func(earlier []byte) error {
				return export.MayReplace(file, earlier, stack, plans)
			})}
		}
	case key.Matches(msg, p.KeyMap.Copy):
		p.said, p.failed = "copied, if the terminal allows it", false
		return tea.SetClipboard(string(p.text))
	default:
		p.scroll.text(msg, p.KeyMap.MoveKeys)
	}
	return nil
}

// explained says an error with what to do about it.
func explained(err error) string {
	if problem, ok := errors.AsType[*model.ProblemError](err); ok && problem.Advice != "" {
		return problem.Text + "; " + problem.Advice
	}
	return err.Error()
}

func (p *Export) choose(by int) {
	p.format = (p.format + by + len(p.formats)) % len(p.formats)
	p.said, p.scroll = "", scroll{}
	p.render()
}

// render writes the plans in the chosen format.
func (p *Export) render() {
	if p.plans == nil {
		return
	}
	var text bytes.Buffer
	notes, err := p.formats[p.format].Write(&text, p.subject.Stack, p.plans)
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
	head := sheet{width: p.canvas.width, paint: t}
	tabs := head.row()
	for i, f := range p.formats {
		style := t.Tab
		if i == p.format {
			style = t.TabActive
		}
		tabs.Add(style, f.Title).Space(2)
	}
	head.add(tabs)
	switch {
	case p.err != nil:
		head.prose(t.Warn, clean.Line(p.err.Error()))
	case p.plans == nil:
		head.prose(t.Faint, "asking what the images hold…")
	default:
		head.add(head.row().Add(t.Faint, p.formats[p.format].About+", as "+p.formats[p.format].File))
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
		lines = append(lines, row.New(p.canvas.width, t.Plain).Add(commentPaint(p, line), line).String())
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

// commentPaint dims comments.
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
