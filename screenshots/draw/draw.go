// Package draw turns a terminal frame into an SVG picture that needs no font.
package draw

import (
	"fmt"
	"image/color"
	"io"
)

// Options say how a frame is drawn.
type Options struct {
	// Columns and Rows are the size of the terminal; 0 takes the frame's own.
	// What lies outside is cut off, as a terminal does.
	Columns, Rows int
	Title         string // in the window's title bar; may be empty
	Dark          bool   // which palette stands behind the 16 named colours
	// Background and Foreground replace the palette's own where they are not nil.
	Background, Foreground color.Color
}

// largest is the most columns or rows that a picture may have: a frame comes
// from a program, and a mistake in it should not fill the memory.
const largest = 1000

// Frame is what a terminal shows, a string with ANSI styling, and for how long.
type Frame struct {
	Text    string
	Seconds int // in a picture of several frames
}

// SVG draws frames as a window on a transparent ground: one, or several that follow each
// other over and over. The same frames and options give the same bytes.
func SVG(w io.Writer, opt Options, frames ...Frame) error {
	columns, rows := opt.Columns, opt.Rows
	for _, frame := range frames {
		wide, high := size(frame.Text)
		if opt.Columns == 0 {
			columns = max(columns, wide)
		}
		if opt.Rows == 0 {
			rows = max(rows, high)
		}
	}
	if min(columns, rows) < 1 || max(columns, rows) > largest {
		return fmt.Errorf("a frame of %d columns and %d rows cannot be drawn: both must be from 1 to %d", columns, rows, largest)
	}

	pal := choose(opt)
	p := picture{palette: pal, columns: columns, rows: rows, title: opt.Title, shapes: make(map[string]string)}
	for _, frame := range frames {
		shown := page{palette: pal, marks: make([][]mark, rows), shapes: p.shapes}
		for _, c := range read(frame.Text, columns, rows, pal) {
			shown.add(c)
		}
		p.pages, p.seconds = append(p.pages, shown), append(p.seconds, frame.Seconds)
	}
	_, err := w.Write(p.svg())
	return err
}
