// Package row lays out one styled terminal line of a fixed width.
package row

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// Paint colours a run of text. The zero Paint leaves it plain. It is a style
// reduced to its escape sequences, since lines are painted by the thousand.
type Paint struct{ start, end string }

// NewPaint reduces a style without padding, borders or width to a Paint.
func NewPaint(s lipgloss.Style) Paint {
	const mark = "x"
	start, end, _ := strings.Cut(s.Render(mark), mark)
	return Paint{start: start, end: end}
}

// Text returns s in this paint.
func (p Paint) Text(s string) string {
	if p.start == "" || s == "" {
		return s
	}
	return p.start + s + p.end
}

// Row is a line under construction. All text that enters it must be clean: it is
// measured and cut, not checked.
type Row struct {
	line  strings.Builder
	base  Paint
	width int
	used  int
}

// New returns an empty line of the given width, in cells. Base lies under all of
// it, such as the background of a selected line.
func New(width int, base Paint) *Row {
	r := &Row{base: base, width: max(width, 0)}
	r.line.Grow(r.width + 64)
	return r
}

// Left returns how many cells are still free.
func (r *Row) Left() int { return r.width - r.used }

// Add appends text, cut with an ellipsis where the line ends.
func (r *Row) Add(p Paint, s string) *Row { return r.put(p, s, r.Left()) }

// Cell appends text in a column of the given width: cut when longer, filled up
// with spaces when shorter.
func (r *Row) Cell(p Paint, s string, width int) *Row {
	end := min(r.used+width, r.width)
	r.put(p, s, min(width, r.Left()))
	return r.Space(end - r.used)
}

// CellRight is Cell with its text at the column's right edge.
func (r *Row) CellRight(p Paint, s string, width int) *Row {
	width = min(width, r.Left())
	r.Space(width - Width(s))
	return r.put(p, s, width)
}

// Within lets draw add what it likes to a column of the given width.
func (r *Row) Within(width int, draw func()) *Row {
	whole := r.width
	r.width = min(r.used+width, whole)
	draw()
	r.Space(r.Left())
	r.width = whole
	return r
}

// Right puts text at the end of the line, when it fits behind what is there.
func (r *Row) Right(p Paint, s string) *Row {
	if gap := r.Left() - Width(s); gap >= 0 {
		r.Space(gap).put(p, s, r.Left())
	}
	return r
}

// Space appends n empty cells.
func (r *Row) Space(n int) *Row {
	if n = min(n, r.Left()); n > 0 {
		r.write(Paint{}, spaces(n))
		r.used += n
	}
	return r
}

// String returns the line, filled to its width.
func (r *Row) String() string {
	r.Space(r.Left())
	return r.line.String()
}

func (r *Row) put(p Paint, s string, room int) *Row {
	width := Width(s)
	if width > room {
		s = ansi.Truncate(s, max(room, 0), "…")
		width = Width(s)
	}
	if s != "" {
		r.write(p, s)
		r.used += width
	}
	return r
}

func (r *Row) write(p Paint, s string) {
	if p.start == "" && r.base.start == "" {
		r.line.WriteString(s)
		return
	}
	r.line.WriteString(r.base.start)
	r.line.WriteString(p.start)
	r.line.WriteString(s)
	// Both end by resetting everything, so one reset is enough.
	if p.end != "" {
		r.line.WriteString(p.end)
	} else {
		r.line.WriteString(r.base.end)
	}
}

// Width returns how many cells clean text takes.
func Width(s string) int {
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return ansi.StringWidth(s)
		}
	}
	return len(s)
}

// Pad cuts or fills a line that is styled already.
func Pad(line string, width int) string {
	have := ansi.StringWidth(line)
	if have > width {
		return ansi.Truncate(line, max(width, 0), "…")
	}
	return line + spaces(width-have)
}

// Blank returns an empty line.
func Blank(width int) string { return spaces(max(width, 0)) }

// Fill returns exactly height lines: those given, cut or followed by blank ones.
func Fill(lines []string, width, height int) []string {
	height = max(height, 0)
	if len(lines) > height {
		return lines[:height]
	}
	for len(lines) < height {
		lines = append(lines, Blank(width))
	}
	return lines
}

const blank = "                                                                                                                                "

func spaces(n int) string {
	if n <= len(blank) {
		return blank[:n]
	}
	return strings.Repeat(" ", n)
}
