package report

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"petrify/ui/clean"
)

// page lays plain text out in lines of at most its width. What is written to it
// is clean already.
type page struct {
	strings.Builder
	width int
	color bool
}

// The styles of the report, in the terminal's own sixteen colours. They repeat
// what the words say.
var (
	plain  = ansi.Style{}
	strong = ansi.Style{}.Bold()
	quiet  = ansi.Style{}.Faint()
	good   = ansi.Style{}.ForegroundColor(ansi.Green)
	doubt  = ansi.Style{}.ForegroundColor(ansi.Yellow)
	bad    = ansi.Style{}.Bold().ForegroundColor(ansi.Red)
)

// labelWidth is the column in which the text beside a label starts.
const labelWidth = 12

// maxLines bounds one text: an error of a megabyte should not bury the report.
const maxLines = 8

func (p *page) blank() { p.WriteByte('\n') }

// row writes a label and, beside it, a text in as many lines as it needs.
func (p *page) row(label string, style ansi.Style, text string) {
	p.paragraph("  "+pad(label, labelWidth-2), quiet, style, text)
}

// paragraph writes a text with a lead before its first line and the lead's width
// before the others.
func (p *page) paragraph(lead string, leadStyle, style ansi.Style, text string) {
	indent := ansi.StringWidth(lead)
	lines := wrap(text, p.width-indent)
	if len(lines) > maxLines {
		// Together they are too long for a line, so that the cut shows.
		last := lines[maxLines-1] + " " + lines[maxLines]
		lines = append(lines[:maxLines-1], clean.Fit(last, p.width-indent))
	}
	for i, line := range lines {
		if i > 0 {
			lead = strings.Repeat(" ", indent)
		}
		p.put(leadStyle, lead)
		p.put(style, line)
		p.blank()
	}
}

// put writes a piece of a line.
func (p *page) put(style ansi.Style, text string) {
	if p.color && strings.TrimSpace(text) != "" {
		text = style.Styled(text)
	}
	p.WriteString(text)
}

// pad fills a text with spaces up to a width in cells.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s)))
}

// wrap breaks a text between words into lines of at most a width, and within
// words that are wider than a line. ansi.Wrap would break at hyphens too, which
// the names of rules and many paths have.
func wrap(s string, width int) []string {
	width = max(width, 8)
	if ansi.StringWidth(s) <= width {
		return []string{s}
	}
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		if line != "" && ansi.StringWidth(line)+1+ansi.StringWidth(word) <= width {
			line += " " + word
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		pieces := strings.Split(ansi.Hardwrap(word, width, true), "\n")
		lines = append(lines, pieces[:len(pieces)-1]...)
		line = pieces[len(pieces)-1]
	}
	return append(lines, line)
}
