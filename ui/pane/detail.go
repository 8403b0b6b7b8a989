package pane

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/ui/row"
	"petrify/ui/theme"
)

// detail is the window on what is known of a list's chosen line. It scrolls on its own, so
// that nothing is out of reach on a low screen.
type detail struct {
	of          string // whose details they are
	top, hidden int    // lines above the window, and below
}

// DetailKeys scroll the details.
type DetailKeys struct{ DetailUp, DetailDown key.Binding }

func defaultDetailKeys() DetailKeys {
	return DetailKeys{
		DetailUp:   key.NewBinding(key.WithKeys("K", "shift+up"), key.WithHelp("K", "details up")),
		DetailDown: key.NewBinding(key.WithKeys("J", "shift+down"), key.WithHelp("J", "details down")),
	}
}

// Details are the bindings for the help.
func (k DetailKeys) Details() []key.Binding { return []key.Binding{k.DetailDown, k.DetailUp} }

// press scrolls as the bindings say; false when none of them matches.
func (d *detail) press(msg tea.KeyPressMsg, k DetailKeys) bool {
	switch {
	case key.Matches(msg, k.DetailUp):
		d.top = max(d.top-1, 0)
	case key.Matches(msg, k.DetailDown):
		if d.hidden > 0 {
			d.top++
		}
	default:
		return false
	}
	return true
}

// window is the part of the lines that fits; its last line says that there is more.
func (d *detail) window(of string, lines []string, room int, k DetailKeys, t theme.Theme) []string {
	if d.of != of {
		*d = detail{of: of}
	}
	room = max(room, 0)
	d.top = min(d.top, max(len(lines)-room, 0))
	shown := slices.Clone(lines[d.top:min(d.top+room, len(lines))])
	if d.hidden = len(lines) - d.top - len(shown); d.hidden > 0 && len(shown) > 1 {
		last := len(shown) - 1
		shown[last] = row.New(row.Width(lines[0]), t.Plain).Space(2).
			Add(t.Faint, "↓ more ").Add(t.HelpKey, k.DetailDown.Help().Key).String()
	}
	return shown
}
