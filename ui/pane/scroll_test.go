package pane

import (
	"fmt"
	"testing"
)

// String shows the window on its list: the cursor, and the lines that are visible.
func (s scroll) String() string {
	from, until := s.visible()
	return fmt.Sprintf("%d in [%d,%d) of %d", s.cursor, from, until, s.count)
}

func TestScroll(t *testing.T) {
	for _, test := range []struct {
		name string
		do   func(*scroll)
		want string
	}{
		{"down moves the window only at its end", func(s *scroll) { s.to(3); s.to(4) }, "4 in [1,5) of 10"},
		{"up moves it only at its top", func(s *scroll) { s.to(9); s.to(7); s.to(5) }, "5 in [5,9) of 10"},
		{"beyond the end", func(s *scroll) { s.to(99) }, "9 in [6,10) of 10"},
		{"before the start", func(s *scroll) { s.to(-99) }, "0 in [0,4) of 10"},
		{"a shorter list", func(s *scroll) { s.to(9); s.set(3, 4) }, "2 in [0,3) of 3"},
		{"no list", func(s *scroll) { s.to(9); s.set(0, 4) }, "0 in [0,0) of 0"},
		{"no room", func(s *scroll) { s.to(5); s.set(10, -1) }, "5 in [5,5) of 10"},
		{"room again", func(s *scroll) { s.to(5); s.set(10, 0); s.set(10, 4) }, "5 in [5,9) of 10"},
		{"a higher window shows no lines behind the end", func(s *scroll) { s.to(9); s.set(10, 8) }, "9 in [2,10) of 10"},
		{"scrolling takes the cursor along", func(s *scroll) { s.scrollBy(3) }, "3 in [3,7) of 10"},
		{"scrolling back", func(s *scroll) { s.scrollBy(6); s.scrollBy(-4) }, "5 in [2,6) of 10"},
		{"scrolling ends with the list", func(s *scroll) { s.scrollBy(99) }, "6 in [6,10) of 10"},
		{"scrolling back ends with it as well", func(s *scroll) { s.scrollBy(99); s.scrollBy(-99) }, "3 in [0,4) of 10"},
		{"scrolling a list that is shorter than the window", func(s *scroll) { s.set(2, 4); s.scrollBy(1) }, "0 in [0,2) of 2"},
	} {
		s := &scroll{}
		s.set(10, 4)
		test.do(s)
		if got := s.String(); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}
