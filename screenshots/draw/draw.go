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

// SVG draws a frame, a string with ANSI styling, as a window on a transparent
// ground. The same frame and options give the same bytes.
func SVG(w io.Writer, frame string, opt Options) error {
	columns, rows := opt.Columns, opt.Rows
	if columns == 0 || rows == 0 {
		wide, high := size(frame)
		if columns == 0 {
			columns = wide
		}
		if rows == 0 {
			rows = high
		}
	}
	if min(columns, rows) < 1 || max(columns, rows) > largest {
		return fmt.Errorf("a frame of %d columns and %d rows cannot be drawn: both must be from 1 to %d", columns, rows, largest)
	}

	pal := choose(opt)
	p := page{
		palette: pal, columns: columns, rows: rows, title: opt.Title,
		marks: make([][]mark, rows), shapes: make(map[string]string),
	}
	for _, c := range read(frame, columns, rows, pal) {
		p.add(c)
	}
	_, err := w.Write(p.svg())
	return err
}
