package draw

// Box-drawing characters are drawn here and not taken from the font, so that
// they meet their neighbours exactly, whatever the height of a line:
//
//   - Lines run through the middle of a cell to its very edge. The middle is
//     half a pixel off, so that a line fills whole pixels.
//   - A line that meets another one at a corner fills the corner.
//   - The two strands of a double line go around what they meet, as in print.
//   - Everything straight is a rectangle, which merge joins with its
//     neighbours; arcs and diagonals are shapes like a letter's.
const (
	middleX = cellWidth/2 - px/2
	middleY = cellHeight/2 - px/2
	half    = px / 2 // of a light line; a heavy one is twice as wide
)

// boxArms says how heavy the four arms of a character from U+2500 are: up,
// right, down, left, each none, light, heavy or double. Those without an arm
// are in dashes and bends.
var boxArms = [128]string{
	"0101", "0202", "1010", "2020", "", "", "", "", "", "", "", "", "0110", "0210", "0120", "0220",
	"0011", "0012", "0021", "0022", "1100", "1200", "2100", "2200", "1001", "1002", "2001", "2002", "1110", "1210", "2110", "1120",
	"2120", "2210", "1220", "2220", "1011", "1012", "2011", "1021", "2021", "2012", "1022", "2022", "0111", "0112", "0211", "0212",
	"0121", "0122", "0221", "0222", "1101", "1102", "1201", "1202", "2101", "2102", "2201", "2202", "1111", "1112", "1211", "1212",
	"2111", "1121", "2121", "2112", "2211", "1122", "1221", "2212", "1222", "2122", "2221", "2222", "", "", "", "",
	"0303", "3030", "0310", "0130", "0330", "0013", "0031", "0033", "1300", "3100", "3300", "1003", "3001", "3003", "1310", "3130",
	"3330", "1013", "3031", "3033", "0313", "0131", "0333", "1303", "3101", "3303", "1313", "3131", "3333", "", "", "",
	"", "", "", "", "0001", "1000", "0100", "0010", "0002", "2000", "0200", "0020", "0201", "1020", "0102", "2010",
}

// box gives the straight lines of a character, within its cell.
func box(r rune) []rect {
	if r < 0x2500 || r > 0x257f {
		return nil
	}
	arms := boxArms[r-0x2500]
	if arms == "" {
		return dashed(r)
	}
	var out []rect
	for side := range 4 {
		own := arms[side]
		right, opposite, left := arms[(side+1)%4], arms[(side+2)%4], arms[(side+3)%4]
		switch own {
		case '1', '2':
			out = append(out, arm(side, -weight(own), weight(own), reach(right, opposite, left)))
		case '3':
			out = append(out,
				arm(side, -3*half, -half, strandReach(left, opposite, right)),
				arm(side, half, 3*half, strandReach(right, opposite, left)))
		}
	}
	return out
}

// arm is a line from one edge of the cell to beyond its middle by reach; from
// and to say where it lies across, counted to the right as seen from outside
// the middle.
func arm(side int, from, to, reach length) rect {
	switch side {
	case 0: // up
		return rect{x: middleX + from, endX: middleX + to, y: 0, endY: middleY + reach}
	case 1: // right
		return rect{y: middleY + from, endY: middleY + to, x: middleX - reach, endX: cellWidth}
	case 2: // down
		return rect{x: middleX - to, endX: middleX - from, y: middleY - reach, endY: cellHeight}
	default: // left
		return rect{y: middleY - to, endY: middleY - from, x: 0, endX: middleX + reach}
	}
}

// weight is half the width of a single line.
func weight(line byte) length {
	switch line {
	case '1':
		return half
	case '2':
		return 2 * half
	}
	return 0
}

// reach says how far beyond the middle a single line goes, by what it meets.
func reach(right, opposite, left byte) length {
	switch {
	case opposite == '0' && right == '3' && left == '3':
		return -half // stops at the near strand
	case opposite == '0' && (right == '3' || left == '3'):
		return 3 * half // the far strand is the corner
	}
	return max(weight(right), weight(left))
}

// strandReach is reach for one of two strands: near is the line on its side.
func strandReach(near, opposite, far byte) length {
	switch {
	case near == '3':
		return -half
	case opposite == '3':
		return 0
	case far == '3':
		return 3 * half
	}
	return max(weight(near), weight(far))
}

// dashed gives the lines that are broken two, three or four times in a cell.
func dashed(r rune) []rect {
	var parts length
	switch {
	case r >= 0x2504 && r <= 0x2507:
		parts = 3
	case r >= 0x2508 && r <= 0x250b:
		parts = 4
	case r >= 0x254c && r <= 0x254f:
		parts = 2
	default:
		return nil
	}
	// Every group counts light, heavy across and then light, heavy down.
	w, down := half*length(1+r%2), r%4 >= 2
	var out []rect
	for i := range parts {
		if down {
			step := cellHeight / parts
			out = append(out, rect{x: middleX - w, endX: middleX + w, y: i*step + step/5, endY: (i+1)*step - step/5})
		} else {
			step := cellWidth / parts
			out = append(out, rect{y: middleY - w, endY: middleY + w, x: i*step + step/5, endX: (i+1)*step - step/5})
		}
	}
	return out
}

// bend gives the shape of a rounded corner or a diagonal.
func bend(r rune) (string, bool) {
	const (
		left, right  = middleX - half, middleX + half // of a line down
		top, bottom  = middleY - half - baseline, middleY + half - baseline
		above, below = -baseline, cellHeight - baseline

		// A corner's outer edge is a quarter of a circle from the line down to the
		// line across; the inner one is a line's width nearer to the centre.
		inner = left
		outer = inner + px
	)
	var p path
	switch r {
	case '╭':
		p.move(point{left, below})
		p.line(point{left, top + outer})
		p.arc(outer, true, point{left + outer, top})
		p.line(point{cellWidth, top})
		p.line(point{cellWidth, bottom})
		p.line(point{right + inner, bottom})
		p.arc(inner, false, point{right, bottom + inner})
		p.line(point{right, below})
	case '╮':
		p.move(point{right, below})
		p.line(point{right, top + outer})
		p.arc(outer, false, point{right - outer, top})
		p.line(point{0, bottom})
		p.arc(inner, true, point{left, bottom + inner})
		p.line(point{left, below})
	case '╰':
		p.move(point{left, above})
		p.line(point{left, bottom - outer})
		p.arc(outer, false, point{left + outer, bottom})
		p.line(point{cellWidth, bottom})
		p.line(point{cellWidth, top})
		p.line(point{right + inner, top})
		p.arc(inner, true, point{right, top - inner})
		p.line(point{right, above})
	case '╯':
		p.move(point{right, above})
		p.line(point{right, bottom - outer})
		p.arc(outer, true, point{right - outer, bottom})
		p.line(point{0, top})
		p.arc(inner, false, point{left, top - inner})
		p.line(point{left, above})
	case '╱', '╲', '╳':
		p.diagonals(r)
	default:
		return "", false
	}
	return p.String(), true
}

// diagonals adds one line from corner to corner, or both.
func (p *path) diagonals(r rune) {
	const (
		above, below = -baseline, cellHeight - baseline
		w            = 3 * px / 4
	)
	if r != '╲' {
		p.move(point{cellWidth - w, above})
		p.line(point{cellWidth, above})
		p.line(point{w, below})
		p.line(point{0, below})
	}
	if r != '╱' {
		p.move(point{0, above})
		p.line(point{w, above})
		p.line(point{cellWidth, below})
		p.line(point{cellWidth - w, below})
	}
}
