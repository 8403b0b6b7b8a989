package pane

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"petrify/ui/clean"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// newFilter returns the one-line input that all filters and searches use.
func newFilter() textinput.Model {
	input := textinput.New()
	input.Prompt = "/"
	input.CharLimit = 200
	input.SetVirtualCursor(false)
	return input
}

// typeInto passes a key to a focussed input; enter and esc leave it. The commands
// of inputs are dropped: they only make a cursor blink.
func typeInto(input *textinput.Model, msg tea.KeyPressMsg) {
	switch msg.String() {
	case "enter":
		input.Blur()
	case "esc":
		input.SetValue("")
		input.Blur()
	default:
		*input, _ = input.Update(msg)
	}
}

// filterLine draws an input and what it found.
func filterLine(width int, input *textinput.Model, t theme.Theme, found string) string {
	r := row.New(width, row.Paint{}).Space(1).Add(t.Key, "/").Add(t.Strong, clean.Line(input.Value()))
	if input.Focused() {
		r.Add(t.Match, " ")
	}
	return r.Right(t.Faint, found+" ").String()
}
