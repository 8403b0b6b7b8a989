package pane

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
)

// Services lists the services of the stack: state, root, writable mounts,
// changes and verdict.
type Services struct {
	canvas
	scroll
	KeyMap ServicesKeyMap

	planned, records bool // the source can plan, and record

	shown    []*model.Service // those that the filter lets through, in their order
	byName   bool             // and not the worst first
	selected string           // by name, so that live updates do not move the cursor
	touched  bool             // somebody uses the program: nothing else is selected by itself
	filter   textinput.Model
	restore  string // what was selected before the filter, as long as nobody has moved since
	all      allWrites
}

// ServicesKeyMap are the bindings of the list.
type ServicesKeyMap struct {
	MoveKeys
	Open, Filter, Order key.Binding
}

// OpenMsg asks the frame to move the focus to the pane of the selected service.
type OpenMsg struct{}

// SelectedMsg says that another service was selected.
type SelectedMsg struct{}

// NewServices returns an empty list of services that can be planned for and recorded, or not.
func NewServices(planned, records bool) *Services {
	return &Services{
		planned: planned, records: records,
		filter: newFilter(),
		KeyMap: ServicesKeyMap{
			MoveKeys: DefaultMoveKeys(),
			Open:     key.NewBinding(key.WithKeys("enter", "right", "l"), key.WithHelp("enter", "look inside")),
			Filter:   key.NewBinding(key.WithKeys("/"), key.WithHelp("/", "filter")),
			Order:    key.NewBinding(key.WithKeys("s"), key.WithHelp("s", "worst first, or by name")),
		},
	}
}

// Selected returns the name of the selected service; "" when there is none.
func (p *Services) Selected() string { return p.selected }

// Touch keeps the selection where it is. Before, the worst service is selected.
func (p *Services) Touch() { p.touched = true }

// SetByName orders the services by their names, or the worst first.
func (p *Services) SetByName(byName bool) {
	p.byName = byName
	p.arrange()
}

// ByName reports whether the services are in the order of their names.
func (p *Services) ByName() bool { return p.byName }

// First is the first service in the list's order that fits; nil without one.
func (p *Services) First(fits func(*model.Service) bool) *model.Service {
	if i := slices.IndexFunc(p.shown, fits); i >= 0 {
		return p.shown[i]
	}
	return nil
}

// Listed are all services of the stack, in the list's order.
func (p *Services) Listed() []*model.Service {
	var all []*model.Service
	if p.subject.Stack != nil {
		for i := range p.subject.Stack.Services {
			all = append(all, &p.subject.Stack.Services[i])
		}
	}
	if !p.byName {
		slices.SortStableFunc(all, worseFirst)
	}
	return all
}

// Choose selects a service by its name, also one that the filter hides.
func (p *Services) Choose(service string) {
	p.touched, p.selected = true, service
	p.filter.Reset()
	p.arrange()
}

// Select moves the cursor by that many services.
func (p *Services) Select(by int) tea.Cmd {
	p.to(p.cursor + by)
	return p.follow()
}

// Show takes a newer stack. The selection stays with its service.
func (p *Services) Show(s Subject) tea.Cmd {
	p.subject, p.drawn = s, nil
	if s.Stack != nil {
		p.all.take(s.Stack, s.Now)
	}
	p.arrange()
	return nil
}

func (p *Services) arrange() {
	want := strings.ToLower(p.filter.Value())
	p.shown = slices.DeleteFunc(p.Listed(), func(s *model.Service) bool { return !strings.Contains(strings.ToLower(s.Name), want) })
	p.set(len(p.shown), p.listHeight())
	cursor := slices.IndexFunc(p.shown, func(s *model.Service) bool { return s.Name == p.selected })
	if !p.touched {
		cursor = 0
	}
	if cursor >= 0 {
		p.to(cursor)
	}
	if len(p.shown) > 0 {
		p.selected = p.shown[p.cursor].Name
	}
	p.drawn = nil
}

// listHeight is how many services fit: one line goes to the titles, one to a filter.
func (p *Services) listHeight() int {
	lines := p.canvas.height - 1
	if p.filtering() {
		lines--
	}
	return lines
}

func (p *Services) filtering() bool { return p.filter.Focused() || p.filter.Value() != "" }

// SetSize fits the list into its part of the screen.
func (p *Services) SetSize(width, height int) {
	p.canvas.SetSize(width, height)
	p.set(len(p.shown), p.listHeight())
}

// Named is the selected service.
func (p *Services) Named() string { return p.selected }

// Typing reports whether a filter is being typed.
func (p *Services) Typing() bool { return p.filter.Focused() }

// Back clears the filter.
func (p *Services) Back() bool {
	if !p.filtering() {
		return false
	}
	p.filter.SetValue("")
	p.filter.Blur()
	p.unfiltered()
	return true
}

// unfiltered shows all services, and what was selected among them before.
func (p *Services) unfiltered() {
	if p.restore != "" {
		p.selected, p.restore = p.restore, ""
	}
	p.arrange()
}

// Keys are the bindings of the list.
func (p *Services) Keys() []key.Binding {
	return append([]key.Binding{p.KeyMap.Open, p.KeyMap.Filter, p.KeyMap.Order}, p.KeyMap.List()...)
}

// Update answers to keys and to the mouse's wheel.
func (p *Services) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.to(p.cursor + wheel(msg))
		return p.follow()
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return nil
}

func (p *Services) press(msg tea.KeyPressMsg) tea.Cmd {
	if p.filter.Focused() {
		typeInto(&p.filter, msg)
		if p.filtering() {
			p.arrange()
		} else {
			p.unfiltered()
		}
		return selected
	}
	switch {
	case key.Matches(msg, p.KeyMap.Filter):
		p.filter.Focus()
		p.restore = p.selected
		p.arrange()
	case key.Matches(msg, p.KeyMap.Order):
		p.byName = !p.byName
		p.arrange()
	case key.Matches(msg, p.KeyMap.Open) && len(p.shown) > 0:
		return opened
	case p.key(msg, p.KeyMap.MoveKeys):
		return p.follow()
	}
	return nil
}

func opened() tea.Msg   { return OpenMsg{} }
func selected() tea.Msg { return SelectedMsg{} }

// follow makes the service under the cursor the selected one.
func (p *Services) follow() tea.Cmd {
	if len(p.shown) == 0 || p.shown[p.cursor].Name == p.selected {
		return nil
	}
	p.selected, p.restore, p.drawn = p.shown[p.cursor].Name, "", nil
	return selected
}

// wheel says how far one turn of the mouse's wheel goes.
func wheel(msg tea.MouseWheelMsg) int {
	if msg.Button == tea.MouseWheelUp {
		return -3
	}
	return 3
}

// Click selects a service; on the selected one it looks inside.
func (p *Services) Click(line int) tea.Cmd {
	at := p.top + line - (p.canvas.height - p.listHeight())
	if line < 1 || at < p.top || at >= len(p.shown) {
		return nil
	}
	if at == p.cursor {
		return opened
	}
	p.to(at)
	return p.follow()
}
