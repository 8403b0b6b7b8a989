package draw

import (
	"fmt"
	"strings"
	"testing"
)

// edges says in boxArms' words what a character shows at the edges of its cell.
func edges(parts []rect) string {
	var found [4][]rect
	for _, r := range parts {
		for side, there := range [4]bool{r.y == 0, r.endX == cellWidth, r.endY == cellHeight, r.x == 0} {
			if there {
				found[side] = append(found[side], r)
			}
		}
	}
	var s strings.Builder
	for side, at := range found {
		switch {
		case len(at) == 2:
			s.WriteByte('3')
		case len(at) == 0:
			s.WriteByte('0')
		default:
			wide := at[0].endX - at[0].x
			if side%2 == 1 {
				wide = at[0].endY - at[0].y
			}
			fmt.Fprint(&s, int(wide/px))
		}
	}
	return s.String()
}

func TestBoxMeetsItsNeighbours(t *testing.T) {
	for i, arms := range boxArms {
		if arms == "" {
			continue
		}
		r := rune(0x2500 + i)
		if got := edges(box(r)); got != arms {
			t.Errorf("%c: at its edges %s, want %s", r, got, arms)
		}
	}
}

// TestBoxCorners draws cells with a character for every half pixel, which shows
// how lines meet.
func TestBoxCorners(t *testing.T) {
	for _, tc := range []struct {
		r    rune
		want string
	}{
		{'┌', "........../........../....aaaaaa/....a...../....a....."},
		{'╝', "...a.a..../aaaa.a..../.....a..../aaaaaa..../.........."},
		{'╬', "...a.a..../aaaa.aaaaa/........../aaaa.aaaaa/...a.a...."},
		{'╤', "........../aaaaaaaaaa/........../aaaaaaaaaa/....a....."},
		{'╒', "........../....aaaaaa/....a...../....aaaaaa/....a....."},
		{'╢', "...a.a..../...a.a..../aaaa.a..../...a.a..../...a.a...."},
		{'╴', "........../........../aaaaa...../........../.........."},
	} {
		var rows []string
		// Of the 20 rows only the five around the middle tell anything.
		for y := middleY - half - 2*px; y <= middleY-half+2*px; y += px {
			var row strings.Builder
			for x := length(0); x < cellWidth; x += px {
				dot := byte('.')
				for _, part := range box(tc.r) {
					if part.x <= x+half-1 && x+half-1 < part.endX && part.y <= y+half && y+half < part.endY {
						dot = 'a'
					}
				}
				row.WriteByte(dot)
			}
			rows = append(rows, row.String())
		}
		if got := strings.Join(rows, "/"); got != tc.want {
			t.Errorf("%c:\n got %s\nwant %s", tc.r, got, tc.want)
		}
	}
}

func TestBlocks(t *testing.T) {
	for r, want := range map[rune]string{
		'█': "0 0 10 20 100%",
		'▀': "0 0 10 10 100%",
		'▁': "0 17.5 10 20 100%",
		'▏': "0 0 1.25 20 100%",
		'▐': "5 0 10 20 100%",
		'▕': "8.75 0 10 20 100%",
		'░': "0 0 10 20 25%",
		'▓': "0 0 10 20 75%",
		'▞': "5 0 10 10, 0 10 5 20 100%",
		'x': " 100%",
	} {
		parts, percent := block(r)
		var all []string
		for _, p := range parts {
			all = append(all, fmt.Sprint(p.x, p.y, p.endX, p.endY))
		}
		if got := fmt.Sprintf("%s %d%%", strings.Join(all, ", "), percent); got != want {
			t.Errorf("%c: got %s, want %s", r, got, want)
		}
	}
}

func TestMerge(t *testing.T) {
	a, b := hex(0x111111), hex(0x222222)
	at := func(x, y length) rect { return rect{x: x, y: y, endX: x + 1, endY: y + 1, fill: a} }
	other := at(1, 0)
	other.fill = b
	for _, tc := range []struct {
		name string
		in   []rect
		want []rect
	}{
		{"a row", []rect{at(0, 0), at(1, 0), at(2, 0)}, []rect{{0, 0, 3, 1, a}}},
		{"a column", []rect{at(0, 1), at(0, 0)}, []rect{{0, 0, 1, 2, a}}},
		{"a square", []rect{at(0, 0), at(1, 0), at(0, 1), at(1, 1)}, []rect{{0, 0, 2, 2, a}}},
		{"a gap", []rect{at(0, 0), at(2, 0)}, []rect{{0, 0, 1, 1, a}, {2, 0, 3, 1, a}}},
		{"two colours", []rect{at(0, 0), other}, []rect{{0, 0, 1, 1, a}, {1, 0, 2, 1, b}}},
		{"one within another", []rect{{0, 0, 9, 1, a}, at(3, 0), at(9, 0)}, []rect{{0, 0, 10, 1, a}}},
	} {
		if got := merge(tc.in); fmt.Sprint(got) != fmt.Sprint(tc.want) {
			t.Errorf("%s: got %v, want %v", tc.name, got, tc.want)
		}
	}
}

func TestLength(t *testing.T) {
	for l, want := range map[length]string{0: "0", 5: ".05", -50: "-.5", 100: "1", 1230: "12.3", -205: "-2.05"} {
		if l.String() != want {
			t.Errorf("%d: got %s, want %s", int(l), l, want)
		}
	}
}
