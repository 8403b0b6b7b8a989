package pane

import (
	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// Target is a place that one can jump to, or a command.
type Target struct {
	Label, Detail string
	Go            tea.Msg // asks the frame to go there
}

// Jump goes to a service, a pane, a path of any service, or does what a command does.
type Jump struct {
	canvas
	scroll
	KeyMap JumpKeyMap

	input textinput.Model
	find  func(text string) []Target
	found []Target
}

// JumpKeyMap are the bindings of the jump. Letters are typed.
type JumpKeyMap struct {
	MoveKeys
	Go, Close key.Binding
}

// NewJump returns a jump to what a function finds for a text.
func NewJump(find func(text string) []Target) *Jump {
	bind := func(help, does string, keys ...string) key.Binding {
		return key.NewBinding(key.WithKeys(keys...), key.WithHelp(help, does))
	}
	input := newFilter()
	input.Prompt = ""
	input.Focus()
	return &Jump{canvas: canvas{focus: true}, input: input, find: find, found: find(""), KeyMap: JumpKeyMap{
		Go: bind("enter", "go there", "enter"), Close: bind("esc", "close", "esc"),
		MoveKeys: MoveKeys{
			Up: bind("↑", "up", "up", "ctrl+p"), Down: bind("↓", "down", "down", "ctrl+n", "tab"),
			PageUp: bind("pgup", "page up", "pgup"), PageDown: bind("pgdn", "page down", "pgdown"),
		},
	}}
}

// Title names the dialog.
func (p *Jump) Title() string { return "Jump" }

// Start asks for nothing.
func (p *Jump) Start() tea.Cmd { return nil }

// Close has nothing to give up on.
func (p *Jump) Close() {}

// Typing reports that every key is text.
func (p *Jump) Typing() bool { return true }

// Keys are the bindings of the jump.
func (p *Jump) Keys() []key.Binding {
	k := p.KeyMap
	return []key.Binding{k.Go, k.Close, k.Up, k.Down, k.PageUp, k.PageDown}
}

// Update takes the text, and goes to what is chosen.
func (p *Jump) Update(msg tea.Msg) (tea.Cmd, bool) {
	p.drawn = nil
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.to(p.cursor + wheel(msg))
	case tea.KeyPressMsg:
		switch {
		case key.Matches(msg, p.KeyMap.Close):
			return nil, true
		case key.Matches(msg, p.KeyMap.Go):
			if p.cursor >= len(p.found) {
				return nil, false
			}
			to := p.found[p.cursor].Go
			return func() tea.Msg { return to }, true
		case p.key(msg, p.KeyMap.MoveKeys):
		default:
			p.typed(msg)
		}
	}
	return nil, false
}

func (p *Jump) typed(msg tea.KeyPressMsg) {
	before := p.input.Value()
	p.input, _ = p.input.Update(msg)
	if p.input.Value() != before {
		p.found, p.scroll = p.find(p.input.Value()), scroll{}
	}
}

// jumpWidth is as wide as the dialog gets: paths are long.
const jumpWidth = 90

// SetSize takes no more of the width than paths need.
func (p *Jump) SetSize(width, height int) { p.canvas.SetSize(min(width, jumpWidth), height) }

// Lines draws the text and what it finds.
func (p *Jump) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	t, width := p.paint, p.canvas.width
	p.set(len(p.found), p.canvas.height-2)
	hint := "a service, pane, command, or /path: who writes there"
	r := row.New(width, t.Plain).Add(t.Key, ":").Add(t.Strong, clean.Line(p.input.Value())).Add(t.Match, " ")
	if p.input.Value() == "" {
		r.Add(t.Faint, hint)
	} else {
		r.Right(t.Faint, model.Plural(len(p.found), "place"))
	}
	lines := []string{r.String(), row.Blank(width)}
	from, until := p.visible()
	for i := from; i < until; i++ {
		lines = append(lines, p.line(p.found[i], i == p.cursor))
	}
	if len(p.found) == 0 {
		lines = append(lines, row.New(width, t.Plain).Space(1).Add(t.Faint, "nothing is called so, and nobody was seen to write there").String())
	}
	p.drawn = lines
	return lines
}

func (p *Jump) line(to Target, chosen bool) string {
	detail := clean.Line(to.Detail)
	room := max(p.canvas.width-3-row.Width(detail), p.canvas.width/2)
	return p.start(chosen).Cell(p.paint.Text, clean.FitPath(clean.Path(to.Label), room-1), room).Add(p.paint.Faint, detail).String()
}
