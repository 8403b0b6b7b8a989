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
	for _, line := range strings.Split(ansi.Wrap(text, width, "/,"), "\n") {
		s.add(s.row().Cell(s.paint.Faint, label, labelWidth).Add(paint, line))
		label = ""
	}
}

// prose writes sentences over the whole width.
func (s *sheet) prose(paint row.Paint, text string) {
	width := max(s.width-s.indent-1, narrowest)
	for _, line := range strings.Split(ansi.Wordwrap(text, width, ""), "\n") {
		s.add(s.row().Add(paint, line))
	}
}
