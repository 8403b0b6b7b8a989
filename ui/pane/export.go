package pane

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/export"
)

// Planner makes plans.
type Planner interface {
	Plans(ctx context.Context, stack *model.Stack, options model.PlanOptions, services ...string) ([]model.Plan, error)
}

// PlanFiles are where plans are written.
type PlanFiles interface {
	// Keep writes a plan to a file, unless somebody else wrote the one that is there, or
	// it has something that must not be lost.
	Keep(file string, content []byte, mayReplace func(earlier []byte) error) error
	// Replaces reports whether there is a file that Keep would replace, or why it would not.
	Replaces(file string, mayReplace func(earlier []byte) error) (bool, error)
	// Complete returns the paths that begin so; folders end with a slash.
	Complete(begin string) []string
}

// Export shows the plans of all services as a file, before it is written.
type Export struct {
	canvas
	scroll
	KeyMap ExportKeyMap

	planner Planner
	files   PlanFiles
	off     map[string]map[string]bool // mounts left out, by service and target
	cancel  context.CancelFunc
	plans   []model.Plan // nil while they are being made
	err     error
	format  int // of all
	path    textinput.Model
	before  string // the path, before it is typed anew
	named   bool   // somebody chose the path
	looks   int    // at what writing would do
	text    []byte
	lines   []string
	said    string // what the last key did
	failed  bool
	outcome string // of writing now: a new file, one replaced, or why not
	refused bool
	use     string // the command that uses what was written
}

// ExportKeyMap are the bindings of the export.
type ExportKeyMap struct {
	MoveKeys
	Next, Previous, Path, Write, Copy, Close key.Binding
}

// NewExport returns an export of which nothing has been made yet, of a stack as it is shown
// now. Mounts that somebody left out stay out, by service and target.
func NewExport(planner Planner, files PlanFiles, stack *model.Stack, off map[string]map[string]bool) *Export {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	path := newFilter()
	path.Prompt = ""
	path.CharLimit = 0
	path.ShowSuggestions = true
	path.SetValue(export.Formats[0].File)
	return &Export{canvas: canvas{subject: Subject{Stack: stack}}, planner: planner, files: files, off: off, path: path, KeyMap: ExportKeyMap{
		MoveKeys: DefaultMoveKeys(),
		Next:     bind("f", "format", "f", "e", "right", "tab"),
		Previous: bind("F", "previous format", "F", "left", "shift+tab"),
		Path:     bind("p", "path", "p"),
		Write:    bind("w", "write", "w"),
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
	asker  *Export
	format int
	file   string
	Err    error
}

// completedMsg carries the paths that begin with a text.
type completedMsg struct {
	asker *Export
	begin string
	paths []string
}

// replacesMsg says what writing to a file would do.
type replacesMsg struct {
	asker    *Export
	look     int // of those that were asked for
	replaces bool
	err      error
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

// Typing reports whether the path is being typed.
func (p *Export) Typing() bool { return p.path.Focused() }

// Keys are the bindings of the export.
func (p *Export) Keys() []key.Binding {
	k := p.KeyMap
	if p.Typing() {
		return []key.Binding{
			key.NewBinding(key.WithKeys("enter"), key.WithHelp("enter", "write the file")),
			key.NewBinding(key.WithKeys("tab"), key.WithHelp("tab", "complete")),
			key.NewBinding(key.WithKeys("esc"), key.WithHelp("esc", "back")),
		}
	}
	if p.use != "" {
		k.Copy.SetHelp("y", "copy the command")
	}
	return append([]key.Binding{k.Write, k.Copy, k.Next, k.Path, k.Close, k.Previous}, k.List()...)
}

// Update chooses the format and the path, writes and copies.
func (p *Export) Update(msg tea.Msg) (cmd tea.Cmd, done bool) {
	p.drawn = nil
	switch msg := msg.(type) {
	case exportedMsg:
		if msg.asker == p {
			p.plans, p.err = msg.plans, msg.err
			p.render()
			return p.look(), false
		}
	case replacesMsg:
		if msg.asker == p && msg.look == p.looks {
			p.outcome, p.refused = "a new file", msg.err != nil
			switch {
			case msg.err != nil:
				p.outcome = "not written: " + explained(msg.err)
			case msg.replaces:
				p.outcome = "replaces the earlier plan that is there"
			}
		}
	case completedMsg:
		if msg.asker == p && msg.begin == p.file() {
			p.path.SetSuggestions(msg.paths)
		}
	case WroteMsg:
		if msg.asker == p {
			p.wrote(msg)
		}
	case tea.MouseWheelMsg:
		p.scrollBy(wheel(msg))
	case tea.KeyPressMsg:
		if p.Typing() {
			return p.typePath(msg), false
		}
		if key.Matches(msg, p.KeyMap.Close) {
			return nil, true
		}
		return p.press(msg), false
	}
	return nil, false
}

// wrote says what came of writing, and what to do with the file.
func (p *Export) wrote(msg WroteMsg) {
	if p.failed = msg.Err != nil; p.failed {
		p.looks++
		p.outcome = ""
		p.said = explained(msg.Err)
		return
	}
	p.looks++ // what is asked of before is over
	p.said, p.outcome = "wrote "+msg.file, ""
	p.use = export.Formats[msg.format].Use(p.subject.Stack, msg.file)
}

func (p *Export) press(msg tea.KeyPressMsg) tea.Cmd {
	switch {
	case key.Matches(msg, p.KeyMap.Next):
		return p.choose(1)
	case key.Matches(msg, p.KeyMap.Previous):
		return p.choose(-1)
	case p.plans == nil:
	case key.Matches(msg, p.KeyMap.Path):
		return p.editPath()
	case key.Matches(msg, p.KeyMap.Write):
		if !p.named && p.subject.Stack.Engine.Capture != "" {
			return p.editPath() // nobody expects a file of a stack that is only played
		}
		return p.write()
	case key.Matches(msg, p.KeyMap.Copy):
		p.failed = false
		if p.use != "" {
			p.said = "copied the command, if the terminal allows it"
			return tea.SetClipboard(p.use)
		}
		p.said = "copied, if the terminal allows it"
		return tea.SetClipboard(string(p.text))
	default:
		p.scroll.text(msg, p.KeyMap.MoveKeys)
	}
	return nil
}

// file is where the plan goes.
func (p *Export) file() string { return p.path.Value() }

func (p *Export) editPath() tea.Cmd {
	p.before = p.file()
	p.path.Focus()
	p.path.CursorEnd()
	return p.complete()
}

// complete asks for the paths that begin with what was typed.
func (p *Export) complete() tea.Cmd {
	begin := p.file()
	return func() tea.Msg { return completedMsg{p, begin, p.files.Complete(begin)} }
}

// typePath takes the keys of the path: enter writes there, esc goes back.
func (p *Export) typePath(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "enter":
		if p.file() == "" {
			return nil
		}
		p.path.Blur()
		p.named = true
		return p.write()
	case "esc":
		p.path.Blur()
		p.path.SetValue(p.before)
		return p.look()
	}
	before := p.file()
	p.path, _ = p.path.Update(msg)
	if p.file() == before {
		return nil
	}
	p.outcome = ""
	return tea.Batch(p.look(), p.complete())
}

// mayReplace reports whether the plans may take the place of an earlier one.
func (p *Export) mayReplace(file string) func(earlier []byte) error {
	stack, plans := p.subject.Stack, p.plans
	return func(earlier []byte) error { return export.MayReplace(file, earlier, stack, plans) }
}

func (p *Export) write() tea.Cmd {
	file, content, format := p.file(), slices.Clone(p.text), p.format
	p.use = ""
	if err := export.Formats[p.format].Nothing(p.subject.Stack, p.plans); err != nil {
		p.said, p.failed = "not written: "+explained(err), true
		return nil
	}
	mayReplace := p.mayReplace(file)
	return func() tea.Msg { return WroteMsg{p, format, file, p.files.Keep(file, content, mayReplace)} }
}

// look asks what writing would do.
func (p *Export) look() tea.Cmd {
	if p.plans == nil || p.file() == "" {
		return nil
	}
	p.looks++
	look, file, mayReplace := p.looks, p.file(), p.mayReplace(p.file())
	return func() tea.Msg {
		replaces, err := p.files.Replaces(file, mayReplace)
		return replacesMsg{p, look, replaces, err}
	}
}

// explained says an error with what to do about it.
func explained(err error) string {
	if problem, ok := errors.AsType[*model.ProblemError](err); ok && problem.Advice != "" {
		return problem.Text + "; " + problem.Advice
	}
	return err.Error()
}

func (p *Export) choose(by int) tea.Cmd {
	p.format = (p.format + by + len(export.Formats)) % len(export.Formats)
	p.said, p.use, p.outcome, p.scroll = "", "", "", scroll{}
	if !p.named {
		p.path.SetValue(export.Formats[p.format].File)
	}
	p.render()
	return p.look()
}

// render writes the plans in the chosen format.
func (p *Export) render() {
	if p.plans == nil {
		return
	}
	var text bytes.Buffer
	notes, err := export.Formats[p.format].Write(&text, p.subject.Stack, p.plans)
	p.err, p.text = err, text.Bytes()
	p.lines = clean.Lines(text.String())
	if len(notes) > 0 && p.said == "" {
		p.said, p.failed = model.Plural(len(notes), "thing")+" that this format cannot say: "+notes[0], true
	}
}
