package draw

import (
	"bytes"
	"cmp"
	"fmt"
	"image/color"
	"slices"
)

// rect is a filled rectangle, from its top left corner up to where it ends.
type rect struct {
	x, y, endX, endY length
	fill             color.RGBA
}

// merge joins rectangles of one colour that touch along a whole side, first
// within rows and then down the columns: a border is then one shape, and no
// viewer that scales the picture can show a seam in it.
func merge(rects []rect) []rect {
	slices.SortFunc(rects, func(a, b rect) int {
		return cmp.Or(compareColours(a.fill, b.fill), cmp.Compare(a.y, b.y), cmp.Compare(a.endY, b.endY), cmp.Compare(a.x, b.x))
	})
	rects = join(rects, func(a *rect, b rect) bool {
		touch := a.fill == b.fill && a.y == b.y && a.endY == b.endY && b.x <= a.endX
		if touch {
			a.endX = max(a.endX, b.endX)
		}
		return touch
	})
	slices.SortFunc(rects, func(a, b rect) int {
		return cmp.Or(compareColours(a.fill, b.fill), cmp.Compare(a.x, b.x), cmp.Compare(a.endX, b.endX), cmp.Compare(a.y, b.y))
	})
	return join(rects, func(a *rect, b rect) bool {
		touch := a.fill == b.fill && a.x == b.x && a.endX == b.endX && b.y <= a.endY
		if touch {
			a.endY = max(a.endY, b.endY)
		}
		return touch
	})
}

// join folds each rectangle into the one before it where grow accepts it.
func join(rects []rect, grow func(*rect, rect) bool) []rect {
	var out []rect
	for _, r := range rects {
		if len(out) == 0 || !grow(&out[len(out)-1], r) {
			out = append(out, r)
		}
	}
	return out
}

func compareColours(a, b color.RGBA) int {
	return cmp.Or(cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
}

// writeRects writes sorted rectangles, one path for each colour.
func writeRects(b *bytes.Buffer, rects []rect) {
	for len(rects) > 0 {
		fill := rects[0].fill
		fmt.Fprintf(b, `<path fill="%s" d="`, paint(fill))
		for len(rects) > 0 && rects[0].fill == fill {
			r := rects[0]
			fmt.Fprintf(b, "M%v %vh%vv%vH%vz", r.x, r.y, r.endX-r.x, r.endY-r.y, r.x)
			rects = rects[1:]
		}
		fmt.Fprintln(b, `"/>`)
	}
}
