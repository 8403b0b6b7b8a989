package pane

import (
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/ui/row"
	"petrify/ui/theme"
)

// Dialog lies over the whole screen: every key and the mouse go to it until it is done.
type Dialog interface {
	Title() string
	// Start asks for what the dialog shows. It is called once, when it is open.
	Start() tea.Cmd
	// SetSize says how much room there is. A dialog may take less.
	SetSize(width, height int)
	SetTheme(theme.Theme)
	// Update answers to keys and the mouse, and takes what was asked for; done
	// closes the dialog.
	Update(tea.Msg) (cmd tea.Cmd, done bool)
	// Lines are never more or wider than there is room, and all of one width.
	Lines() []string
	// Keys are the bindings of the dialog, the most needed ones first.
	Keys() []key.Binding
	// Close gives up on what is still being asked for.
	Close()
}

// DialogMsg asks the frame to open a dialog.
type DialogMsg struct{ Dialog }

func showDialog(d Dialog) tea.Cmd { return func() tea.Msg { return DialogMsg{d} } }

// closeKey leaves a dialog that only shows something.
func closeKey() key.Binding {
	return key.NewBinding(key.WithKeys("esc", "q"), key.WithHelp("esc", "close"))
}

// dialogText is a text in a dialog, which scrolls where it does not fit.
type dialogText struct {
	canvas
	scroll
	lines []string // all of one width
}

// fill takes another text. It is called whenever size or colours change, so that a
// key knows what there is to scroll before anything is drawn.
func (d *dialogText) fill(lines []string) {
	d.lines = lines
	d.set(len(lines), d.canvas.height)
}

// overflows reports whether there is something to scroll.
func (d *dialogText) overflows() bool { return d.count > d.scroll.height }

// Lines are the visible part; the last one says that there is more.
func (d *dialogText) Lines() []string {
	from, until := d.visible()
	shown := slices.Clone(d.lines[from:until])
	if until < len(d.lines) && len(shown) > 1 {
		shown[len(shown)-1] = row.New(row.Width(d.lines[0]), d.paint.Plain).Add(d.paint.Faint, "↓ more").String()
	}
	return shown
}
