package draw

import (
	"strconv"
	"strings"
)

// length is a distance in hundredths of a pixel, the finest that a picture
// tells apart: whole numbers come out the same on every machine.
type length int

// px is one pixel.
const px length = 100

// String writes a length as SVG does, as short as can be.
func (l length) String() string {
	s := strconv.FormatFloat(float64(l)/float64(px), 'f', -1, 64)
	if rest, ok := strings.CutPrefix(s, "0."); ok {
		return "." + rest
	}
	if rest, ok := strings.CutPrefix(s, "-0."); ok {
		return "-." + rest
	}
	return s
}

type point struct{ x, y length }

// path writes the outline of a shape, each step relative to the last one,
// which is shorter. Its shapes are closed before the next one starts.
type path struct {
	strings.Builder
	at, start point
	open      bool
}

func (p *path) move(to point) {
	p.close()
	p.step('m', to)
	p.start, p.open = to, true
}

func (p *path) line(to point) {
	switch {
	case to == p.at:
	case to.y == p.at.y:
		p.WriteString("h" + (to.x - p.at.x).String())
	case to.x == p.at.x:
		p.WriteString("v" + (to.y - p.at.y).String())
	default:
		p.step('l', to)
	}
	p.at = to
}

func (p *path) curve(control, to point) { p.step('q', control, to) }

// arc draws a part of a circle, no more than half of it, turning right or left.
func (p *path) arc(radius length, right bool, to point) {
	sweep := "0"
	if right {
		sweep = "1"
	}
	r := radius.String()
	p.WriteString("a" + r + " " + r + " 0 0 " + sweep)
	p.numbers(false, to)
	p.at = to
}

func (p *path) close() {
	if p.open {
		p.WriteByte('z')
		p.at, p.open = p.start, false
	}
}

func (p *path) step(command byte, points ...point) {
	p.WriteByte(command)
	p.numbers(true, points...)
	p.at = points[len(points)-1]
}

// numbers writes points relative to where the path is. A minus sign separates
// as well as a space does.
func (p *path) numbers(first bool, points ...point) {
	for _, pt := range points {
		for _, n := range [2]length{pt.x - p.at.x, pt.y - p.at.y} {
			if !first && n >= 0 {
				p.WriteByte(' ')
			}
			p.WriteString(n.String())
			first = false
		}
	}
}

// String closes the path and gives what was written.
func (p *path) String() string {
	p.close()
	return p.Builder.String()
}
