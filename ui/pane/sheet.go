package pane

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"petrify/ui/row"
	"petrify/ui/theme"
)

// sheet is a text of labelled facts and sentences, wrapped to a width.
type sheet struct {
	width  int
	indent int
	paint  theme.Theme
	lines  []string
}

// labelWidth is the column of labels at the left.
const labelWidth = 13

// narrowest keeps wrapped text readable; what does not fit is cut.
const narrowest = 8

func (s *sheet) row() *row.Row { return row.New(s.width, s.paint.Plain).Space(s.indent) }

func (s *sheet) add(r *row.Row) { s.lines = append(s.lines, r.String()) }

func (s *sheet) heading(text string) {
	if len(s.lines) > 0 {
		s.lines = append(s.lines, row.Blank(s.width))
	}
	s.add(s.row().Add(s.paint.Strong, text))
}

// fact writes a label and a text of any length beside it.
func (s *sheet) fact(label string, paint row.Paint, text string) {
	width := max(s.width-labelWidth-s.indent-1, narrowest)
	for _, line := range strings.Split(wrapPaths(text, width), "\n") {
		s.add(s.row().Cell(s.paint.Faint, label, labelWidth).Add(paint, line))
		label = ""
	}
}

// wrapPaths breaks a text between words and, where a word is longer than a line, within it.
func wrapPaths(text string, width int) string {
	lines := strings.Split(wrapWords(text, width), "\n")
	for i, line := range lines {
		if row.Width(line) > width {
			lines[i] = ansi.Wrap(line, width, "/,")
		}
	}
	return strings.Join(lines, "\n")
}

// prose writes sentences over the whole width.
func (s *sheet) prose(paint row.Paint, text string) {
	width := max(s.width-s.indent-1, narrowest)
	for _, line := range strings.Split(wrapWords(text, width), "\n") {
		s.add(s.row().Add(paint, line))
	}
}

// wrapWords breaks a text between words only: a flag and a path stay whole.
func wrapWords(text string, width int) string {
	const hyphen, unbroken = "-", "\u2011"
	return strings.ReplaceAll(ansi.Wordwrap(strings.ReplaceAll(text, hyphen, unbroken), width, ""), unbroken, hyphen)
}
