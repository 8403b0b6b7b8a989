package ui

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"petrify/ui/clean"
	"petrify/ui/pane"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// dialogs lie over the frame, the last one on top:
//
//   - Keys and the mouse reach the top one only, and nothing behind it, whatever has
//     the focus there.
//   - Answers to what a dialog asked for reach all of them: each knows its own.
//   - They are drawn last, and fit into the frame however small it is.
type dialogs struct {
	open          []pane.Dialog
	width, height int // of the frame
	theme         theme.Theme
	buttons       []button // of the top one, where it was drawn last
}

// button is a key of a dialog where it stands on its border, for the mouse.
type button struct {
	span
	line  int
	press string // the key
}

// top is the dialog that is answered; nil without one.
func (d *dialogs) top() pane.Dialog {
	if len(d.open) == 0 {
		return nil
	}
	return d.open[len(d.open)-1]
}

func (d *dialogs) show(dialog pane.Dialog) tea.Cmd {
	dialog.SetTheme(d.theme)
	d.open = append(d.open, dialog)
	d.setSize(d.width, d.height)
	return dialog.Start()
}

func (d *dialogs) closeTop() {
	d.top().Close()
	d.open = d.open[:len(d.open)-1]
}

// closeAll gives up on everything, when the program ends.
func (d *dialogs) closeAll() {
	for len(d.open) > 0 {
		d.closeTop()
	}
}

// click presses the button under the mouse; elsewhere the dialog gets it.
func (d *dialogs) click(msg tea.MouseClickMsg) tea.Cmd {
	for _, b := range d.buttons {
		if msg.Button == tea.MouseLeft && b.line == msg.Y && b.has(msg.X) {
			return d.press(tea.KeyPressMsg(keyOf(b.press)))
		}
	}
	return d.press(msg)
}

// press answers to a key or the mouse.
func (d *dialogs) press(msg tea.Msg) tea.Cmd {
	cmd, done := d.top().Update(msg)
	if done {
		d.closeTop()
	}
	return cmd
}

// answer passes on what a dialog asked for.
func (d *dialogs) answer(msg tea.Msg) tea.Cmd {
	cmds := make([]tea.Cmd, len(d.open))
	for i, dialog := range d.open {
		cmds[i], _ = dialog.Update(msg)
	}
	return tea.Batch(cmds...)
}

func (d *dialogs) setTheme(t theme.Theme) {
	d.theme = t
	for _, dialog := range d.open {
		dialog.SetTheme(t)
	}
}

func (d *dialogs) setSize(width, height int) {
	d.width, d.height = width, height
	padding := d.padding()
	for _, dialog := range d.open {
		dialog.SetSize(max(width-2-2*padding, 0), max(height-2, 0))
	}
}

// padding is what parts a dialog's text from its border.
func (d *dialogs) padding() int {
	if d.width < 80 {
		return 1
	}
	return 2
}

// over draws the dialogs over the frame.
func (d *dialogs) over(frame string) string {
	for _, dialog := range d.open {
		frame = d.drawOver(frame, dialog)
	}
	return frame
}

func (d *dialogs) drawOver(frame string, dialog pane.Dialog) string {
	box := d.box(dialog)
	x := max((d.width-row.Width(box[0]))/2, 0)
	y := max((d.height-len(box))/2, 0)
	for i := range d.buttons {
		d.buttons[i].from, d.buttons[i].until, d.buttons[i].line = d.buttons[i].from+x, d.buttons[i].until+x, y+len(box)-1
	}
	layers := lipgloss.NewCompositor(lipgloss.NewLayer(frame), lipgloss.NewLayer(strings.Join(box, "\n")).X(x).Y(y).Z(1))
	lines := strings.Split(layers.Render(), "\n")
	for i := range lines {
		lines[i] = row.Pad(lines[i], d.width) // composing drops what is blank at a line's end
	}
	return strings.Join(row.Fill(lines, d.width, d.height), "\n")
}

// box puts a border around a dialog, with its title above and its keys below.
func (d *dialogs) box(dialog pane.Dialog) []string {
	t, padding := d.theme, strings.Repeat(" ", d.padding())
	lines := dialog.Lines()
	inner := 0
	if len(lines) > 0 {
		inner = row.Width(lines[0])
	}
	bindings := fitting(dialog.Keys(), d.width-6, dialogGap)
	keys := helpOf(bindings)
	inner = min(max(inner, keysWidth(keys, dialogGap)+2-2*len(padding), row.Width(dialog.Title())+4-2*len(padding)), d.width-2-2*len(padding))
	width := max(inner, 0) + 2*len(padding) // between the corners

	side := t.Faint.Text("│")
	box := []string{d.edge("╭", "╮", width, func(r *row.Row) {
		r.Space(1).Add(t.Strong, clean.Fit(clean.Line(dialog.Title()), width-4)).Space(1)
	})}
	for _, line := range lines {
		box = append(box, side+padding+row.Pad(line, inner)+padding+side)
	}
	d.buttons = d.buttons[:0]
	box = append(box, d.edge("╰", "╯", width, func(r *row.Row) {
		for i, k := range keys {
			from := 1 + width - r.Left()
			d.buttons = append(d.buttons, button{span: span{from, from + keyWidth(k, dialogGap)}, press: bindings[i].Keys()[0]})
			r.Space(1).Add(t.Key, k.Key).Space(1).Add(t.Faint, k.Desc).Space(1)
		}
	}))
	for i := range box {
		box[i] = row.Pad(box[i], min(row.Width(box[i]), d.width))
	}
	return box[:min(len(box), max(d.height, 1))]
}

// edge is the border above or below, with something written into it.
func (d *dialogs) edge(left, right string, width int, write func(*row.Row)) string {
	r := row.New(width, d.theme.Plain).Add(d.theme.Faint, "─")
	write(r)
	return d.theme.Faint.Text(left) + r.Add(d.theme.Faint, strings.Repeat("─", max(r.Left(), 0))).String() + d.theme.Faint.Text(right)
}

// What parts two keys.
const (
	dialogGap = 2
	footerGap = 3
)

// fitting are the first enabled bindings that fit into a width, with a gap after each.
func fitting(bindings []key.Binding, width, gap int) []key.Binding {
	fit := make([]key.Binding, 0, len(bindings))
	for _, b := range bindings {
		if !b.Enabled() {
			continue
		}
		if width -= keyWidth(b.Help(), gap); width < 0 {
			break
		}
		fit = append(fit, b)
	}
	return fit
}

func helpOf(bindings []key.Binding) []key.Help {
	keys := make([]key.Help, len(bindings))
	for i, b := range bindings {
		keys[i] = b.Help()
	}
	return keys
}

func keysWidth(keys []key.Help, gap int) int {
	width := 0
	for _, k := range keys {
		width += keyWidth(k, gap)
	}
	return width
}

func keyWidth(k key.Help, gap int) int { return row.Width(k.Key) + 1 + row.Width(k.Desc) + gap }
