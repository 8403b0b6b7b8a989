package pane

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
)

// scroll is a window on a list of lines, with a cursor in it.
type scroll struct {
	top, cursor, height, count int
}

// set adapts the window to a list of another length or a pane of another height,
// and keeps the cursor in both.
func (s *scroll) set(count, height int) {
	s.count, s.height = count, max(height, 0)
	s.to(s.cursor)
}

// to moves the cursor, and the window only as far as it must.
func (s *scroll) to(line int) {
	s.cursor = min(max(line, 0), max(s.count-1, 0))
	s.top = min(s.top, s.cursor, max(s.count-s.height, 0))
	s.top = max(s.top, s.cursor-max(s.height, 1)+1, 0)
}

// visible returns the range of lines in the window.
func (s *scroll) visible() (from, until int) {
	return s.top, min(s.top+s.height, s.count)
}

// key moves the cursor as the bindings say; false when none of them matches.
func (s *scroll) key(msg tea.KeyPressMsg, k MoveKeys) bool {
	switch {
	case key.Matches(msg, k.Up):
		s.to(s.cursor - 1)
	case key.Matches(msg, k.Down):
		s.to(s.cursor + 1)
	case key.Matches(msg, k.PageUp):
		s.to(s.cursor - max(s.height-1, 1))
	case key.Matches(msg, k.PageDown):
		s.to(s.cursor + max(s.height-1, 1))
	case key.Matches(msg, k.Home):
		s.to(0)
	case key.Matches(msg, k.End):
		s.to(s.count - 1)
	default:
		return false
	}
	return true
}

// text moves the window itself, for text without a cursor.
func (s *scroll) text(msg tea.KeyPressMsg, k MoveKeys) bool {
	switch {
	case key.Matches(msg, k.Up):
		s.scrollBy(-1)
	case key.Matches(msg, k.Down):
		s.scrollBy(1)
	case key.Matches(msg, k.PageUp):
		s.scrollBy(-max(s.height-1, 1))
	case key.Matches(msg, k.PageDown):
		s.scrollBy(max(s.height-1, 1))
	case key.Matches(msg, k.Home):
		s.scrollBy(-s.count)
	case key.Matches(msg, k.End):
		s.scrollBy(s.count)
	default:
		return false
	}
	return true
}

// scrollBy moves the window; the cursor goes with it.
func (s *scroll) scrollBy(lines int) {
	s.top = min(max(s.top+lines, 0), max(s.count-s.height, 0))
	s.cursor = min(max(s.cursor, s.top), max(s.top+s.height-1, s.top))
}

// MoveKeys move within a list or a text.
type MoveKeys struct{ Up, Down, PageUp, PageDown, Home, End key.Binding }

// DefaultMoveKeys are the arrows and those of vim.
func DefaultMoveKeys() MoveKeys {
	return MoveKeys{
		Up:       key.NewBinding(key.WithKeys("up", "k"), key.WithHelp("↑/k", "up")),
		Down:     key.NewBinding(key.WithKeys("down", "j"), key.WithHelp("↓/j", "down")),
		PageUp:   key.NewBinding(key.WithKeys("pgup", "ctrl+b"), key.WithHelp("pgup", "page up")),
		PageDown: key.NewBinding(key.WithKeys("pgdown", "ctrl+f", "space"), key.WithHelp("pgdn", "page down")),
		Home:     key.NewBinding(key.WithKeys("home", "g"), key.WithHelp("g", "first")),
		End:      key.NewBinding(key.WithKeys("end", "G"), key.WithHelp("G", "last")),
	}
}

// List returns the bindings for the help.
func (k MoveKeys) List() []key.Binding {
	return []key.Binding{k.Up, k.Down, k.PageUp, k.PageDown, k.Home, k.End}
}
