package draw

import (
	"image/color"

	"charm.land/lipgloss/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// cell is one character on the screen with everything about it decided.
type cell struct {
	column, row, width int
	text               string // one grapheme cluster; "" where nothing is to be seen
	face               face
	fore, back, line   color.RGBA // line is the underline's colour
	underline          uv.Underline
	struck             bool
}

// faintness is how much of a faint character's colour is left over its background.
const faintness = 58

// size is what a frame takes of a terminal.
func size(frame string) (columns, rows int) {
	b := uv.NewStyledString(frame).Bounds()
	return b.Dx(), b.Dy()
}

// read lays a frame out on a screen and gives its cells row by row, without the
// second halves of wide characters.
func read(frame string, columns, rows int, pal palette) []cell {
	canvas := lipgloss.NewCanvas(columns, rows)
	canvas.Compose(uv.NewStyledString(frame))
	cells := make([]cell, 0, columns*rows)
	for y := range rows {
		for x := range columns {
			c := canvas.CellAt(x, y)
			if c == nil || c.Width < 1 {
				continue
			}
			cells = append(cells, decide(c, x, y, min(c.Width, columns-x), pal))
		}
	}
	return cells
}

// decide says what the attributes of a cell mean for its looks.
func decide(c *uv.Cell, x, y, width int, pal palette) cell {
	has := func(attr uint8) bool { return c.Style.Attrs&attr != 0 }
	fore := pal.resolve(c.Style.Fg, pal.foreground)
	back := pal.resolve(c.Style.Bg, pal.background)
	if has(uv.AttrReverse) {
		fore, back = back, fore
	}
	if has(uv.AttrFaint) {
		fore = mix(fore, back, faintness)
	}
	out := cell{
		column: x, row: y, width: width,
		fore: fore, back: back,
		line:      pal.resolve(c.Style.UnderlineColor, fore),
		underline: c.Style.Underline,
		struck:    has(uv.AttrStrikethrough),
	}
	if has(uv.AttrBold) {
		out.face |= bold
	}
	if has(uv.AttrItalic) {
		out.face |= italic
	}
	if has(uv.AttrConceal) {
		return out
	}
	// A cell also carries sequences that a terminal would swallow, and letters
	// with their accents apart, which the font has as one.
	if text := norm.NFC.String(ansi.Strip(c.Content)); text != " " {
		out.text = text
	}
	return out
}
