// Package theme holds the colours of the screen, for dark and for light backgrounds.
package theme

import (
	"charm.land/bubbles/v2/help"
	"charm.land/lipgloss/v2"

	"petrify/ui/row"
)

// Theme names paints by what they mean. What can be written is the loudest;
// what is locked recedes. No meaning is carried by colour alone: a word or a
// glyph always stands beside it.
type Theme struct {
	Dark bool

	Text   row.Paint // what is read
	Strong row.Paint // what is read first
	Faint  row.Paint // labels, and what recedes
	Rule   row.Paint // lines of the frame
	Brand  row.Paint
	Key    row.Paint // a key to press

	Writable row.Paint // can be written
	Locked   row.Paint // cannot
	Alarm    row.Paint // breaks, risky, unhealthy
	Warn     row.Paint // stale, odd, drifting
	Good     row.Paint // healthy, live, already read-only

	Added, Modified, Deleted row.Paint // kinds of changes
	Fresh                    row.Paint // changed since the mark
	Match                    row.Paint // found by a search

	Tab, TabActive       row.Paint
	Selected, Unfocussed row.Paint // under the selected line of a focussed and of another pane
	Plain                row.Paint // under every other line

	Help    help.Styles // of the keys in the help
	HelpKey row.Paint   // a key in the last line

	Preview     row.Paint // the frame while previewing
	PreviewText row.Paint // its banner
}

// New returns the theme for a dark or a light background.
func New(dark bool) Theme {
	pick := lipgloss.LightDark(dark)
	fg := func(light, dark string) lipgloss.Style {
		return lipgloss.NewStyle().Foreground(pick(lipgloss.Color(light), lipgloss.Color(dark)))
	}
	paint := row.NewPaint
	helpKey := fg("#24292f", "#d0d7de").Bold(true)
	return Theme{
		Dark: dark,

		Text:   paint(fg("#24292f", "#d0d7de")),
		Strong: paint(fg("#0b0f14", "#f6f8fa").Bold(true)),
		Faint:  paint(fg("#6b7480", "#7d8590")),
		Rule:   paint(fg("#c4cad1", "#3d444d")),
		Brand:  paint(fg("#8a5a00", "#e3b341").Bold(true)),
		Key:    paint(fg("#57606a", "#adb5bd").Bold(true)),

		Writable: paint(fg("#b34700", "#ffb454").Bold(true)),
		Locked:   paint(fg("#8c959f", "#59636e")),
		Alarm:    paint(fg("#cf222e", "#ff7b72").Bold(true)),
		Warn:     paint(fg("#9a6700", "#d4a72c")),
		Good:     paint(fg("#1a7f37", "#57ab5a")),

		Added:    paint(fg("#1a7f37", "#6bc46d")),
		Modified: paint(fg("#8a5a00", "#e3b341")),
		Deleted:  paint(fg("#cf222e", "#ff7b72")),
		Fresh:    paint(fg("#0550ae", "#79c0ff").Bold(true)),
		Match:    paint(lipgloss.NewStyle().Reverse(true)),

		Tab:        paint(fg("#6b7480", "#8b949e")),
		TabActive:  paint(fg("#0b0f14", "#f6f8fa").Bold(true).Underline(true)),
		Selected:   paint(lipgloss.NewStyle().Background(pick(lipgloss.Color("#dbe9f9"), lipgloss.Color("#24344d")))),
		Unfocussed: paint(lipgloss.NewStyle().Background(pick(lipgloss.Color("#eef1f4"), lipgloss.Color("#21262d")))),

		Help:    helpStyles(helpKey, fg("#6b7480", "#8b949e"), fg("#c4cad1", "#3d444d")),
		HelpKey: paint(helpKey),

		Preview: paint(fg("#0969a8", "#56a8c7")),
		PreviewText: paint(lipgloss.NewStyle().Bold(true).
			Foreground(pick(lipgloss.Color("#ffffff"), lipgloss.Color("#0b1a22"))).
			Background(pick(lipgloss.Color("#0969a8"), lipgloss.Color("#56a8c7")))),
	}
}

func helpStyles(key, does, separator lipgloss.Style) help.Styles {
	return help.Styles{
		ShortKey: key, FullKey: key,
		ShortDesc: does, FullDesc: does,
		ShortSeparator: separator, FullSeparator: separator, Ellipsis: separator,
	}
}
