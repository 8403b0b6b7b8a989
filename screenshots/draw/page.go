package draw

import (
	"fmt"
	"image/color"
	"unicode"
)

// The measures of a picture.
const (
	cellWidth  = 10 * px
	cellHeight = 20 * px

	// From the top of a cell.
	baseline = 15 * px
	strike   = 10 * px
)

// page collects what is seen in a window at one time.
type page struct {
	palette
	back, fore []rect            // behind the text: cells' grounds; lines and blocks
	marks      [][]mark          // by row
	shapes     map[string]string // what the marks of all pages refer to, by name
}

// mark is one place where a shape is seen.
type mark struct {
	x     length
	shape string
	fill  color.RGBA
}

// add draws one cell.
func (p *page) add(c cell) {
	at := rect{x: length(c.column) * cellWidth, y: length(c.row) * cellHeight}
	at.endX, at.endY = at.x+length(c.width)*cellWidth, at.y+cellHeight
	if c.back != p.background {
		at.fill = c.back
		p.back = append(p.back, at)
	}
	if c.struck {
		p.fore = append(p.fore, rect{at.x, at.y + strike, at.endX, at.y + strike + px, c.fore})
	}
	p.underline(c, at)
	for i, r := range c.text {
		// What follows the first rune are its accents, or emoji that the font
		// does not have, let alone joined.
		if i == 0 || unicode.Is(unicode.M, r) {
			p.character(c, r, at)
		}
	}
}

// character draws one rune: as rectangles where it is made of them, else as a
// mark.
func (p *page) character(c cell, r rune, at rect) {
	if invisible(r) {
		return
	}
	parts, percent := block(r)
	parts = append(parts, box(r)...)
	for _, part := range parts {
		part.fill = mix(c.fore, c.back, percent)
		part.x, part.endX = at.x+part.x, at.x+part.endX
		part.y, part.endY = at.y+part.y, at.y+part.endY
		p.fore = append(p.fore, part)
	}
	if parts != nil {
		return
	}
	if shape, ok := bend(r); ok {
		p.mark(c, at.x, fmt.Sprintf("l%x", r), shape)
		return
	}
	// A narrow shape stands in the middle of a wide cell.
	middle := at.x + (at.endX-at.x-cellWidth)/2
	if shape, ok := braille(r); ok {
		p.mark(c, middle, fmt.Sprintf("l%x", r), shape)
	} else if shape, ok := outline(c.face, r); ok {
		p.mark(c, middle, fmt.Sprintf("%s%x", c.face.letter(), r), shape)
	} else if !unicode.Is(unicode.M, r) { // an accent is not worth a box over its letter
		p.mark(c, at.x, fmt.Sprintf("m%d", c.width), missing(c.width))
	}
}

// mark places a shape, and keeps it to be defined once.
func (p *page) mark(c cell, x length, name, shape string) {
	p.shapes[name] = shape
	p.marks[c.row] = append(p.marks[c.row], mark{x, name, c.fore})
}

// invisible tells the runes that leave no trace: spaces, joiners, selectors.
func invisible(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Z, unicode.Variation_Selector) || r == '\u2800' // braille without a dot
}

// missing is the box that stands for a character that the font lacks.
func missing(width int) string {
	const edge = 3 * px / 2
	right, top, bottom := length(width)*cellWidth-edge, -12*px, px
	var p path
	p.move(point{edge, top})
	p.line(point{right, top})
	p.line(point{right, bottom})
	p.line(point{edge, bottom})
	// The hole runs the other way around, which keeps it empty.
	p.move(point{edge + px, top + px})
	p.line(point{edge + px, bottom - px})
	p.line(point{right - px, bottom - px})
	p.line(point{right - px, top + px})
	return p.String()
}
