package draw

import uv "github.com/charmbracelet/ultraviolet"

// underline draws the line under a cell in the style that it asks for.
func (p *page) underline(c cell, at rect) {
	top := at.y + 17*px
	line := func(x, y, endX length) {
		p.fore = append(p.fore, rect{x, y, endX, y + px, c.line})
	}
	switch c.underline {
	case uv.UnderlineSingle:
		line(at.x, top, at.endX)
	case uv.UnderlineDouble:
		line(at.x, top-px, at.endX)
		line(at.x, top+px, at.endX)
	case uv.UnderlineDotted:
		for x := at.x; x < at.endX; x += 2 * px {
			line(x, top, x+px)
		}
	case uv.UnderlineDashed:
		for x := at.x; x < at.endX; x += cellWidth / 2 {
			line(x, top, x+3*px)
		}
	case uv.UnderlineCurly:
		for x := at.x; x < at.endX; x += cellWidth {
			c.fore = c.line
			p.mark(c, x, "curl", curl())
		}
	}
}

// curl is one wave under a cell.
func curl() string {
	const y, thick, step = 2 * px, px, cellWidth / 4
	var p path
	p.move(point{0, y})
	p.curve(point{step, y - 2*px}, point{2 * step, y})
	p.curve(point{3 * step, y + 2*px}, point{cellWidth, y})
	p.line(point{cellWidth, y + thick})
	p.curve(point{3 * step, y + 2*px + thick}, point{2 * step, y + thick})
	p.curve(point{step, y - 2*px + thick}, point{0, y + thick})
	return p.String()
}
