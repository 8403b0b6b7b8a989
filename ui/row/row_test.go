package row

import (
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

var (
	plain  = Paint{}
	bold   = NewPaint(lipgloss.NewStyle().Bold(true))
	marked = NewPaint(lipgloss.NewStyle().Background(lipgloss.Color("4")))
)

func TestRow(t *testing.T) {
	for _, test := range []struct {
		name  string
		width int
		build func(*Row)
		want  string
	}{
		{"empty", 4, func(*Row) {}, "    "},
		{"filled up", 6, func(r *Row) { r.Add(plain, "web") }, "web   "},
		{"cut", 6, func(r *Row) { r.Add(plain, "wordpress") }, "wordp…"},
		{"nothing fits behind", 3, func(r *Row) { r.Add(plain, "web").Add(plain, "db").Space(2) }, "web"},
		{"wide runes", 7, func(r *Row) { r.Add(plain, "名前").Add(plain, "!") }, "名前!  "},
		{"a wide rune on the edge", 4, func(r *Row) { r.Add(plain, "a名前") }, "a名…"},
		{"half of a wide rune", 3, func(r *Row) { r.Add(plain, "名前") }, "名…"},
		{"a mark takes no cell", 4, func(r *Row) { r.Add(plain, "e\u0301e") }, "e\u0301e  "},
		{"cells", 9, func(r *Row) { r.Cell(plain, "web", 4).Cell(plain, "running", 5) }, "web runn…"},
		{"a cell beyond the edge", 5, func(r *Row) { r.Cell(plain, "web", 4).Cell(plain, "running", 5) }, "web …"},
		{"a cell of no width", 5, func(r *Row) { r.Cell(plain, "web", 0).Cell(plain, "db", -3).Add(plain, "x") }, "x    "},
		{"at a column's right", 8, func(r *Row) { r.CellRight(plain, "12 kB", 6).Add(plain, "|") }, " 12 kB| "},
		{"too long for it", 8, func(r *Row) { r.CellRight(plain, "123456789", 4).Add(plain, "|") }, "123…|   "},
		{"at the line's right", 8, func(r *Row) { r.Add(plain, "web").Right(plain, "live") }, "web live"},
		{"no room for it", 6, func(r *Row) { r.Add(plain, "web").Right(plain, "live") }, "web   "},
		{"within", 9, func(r *Row) {
			r.Within(5, func() { r.Add(plain, "+12").Space(1).Add(plain, "~345") }).Add(plain, "|")
		}, "+12 …|   "},
		{"within too much", 4, func(r *Row) { r.Within(9, func() { r.Add(plain, "+1") }).Add(plain, "|") }, "+1  "},
		{"no width", 0, func(r *Row) { r.Add(plain, "web").Space(3).Cell(plain, "db", 2) }, ""},
		{"less than none", -2, func(r *Row) { r.Add(plain, "web") }, ""},
	} {
		for _, base := range []Paint{plain, marked} {
			for _, paint := range []Paint{plain, bold} {
				r := New(test.width, base)
				r.Add(paint, "") // paints nothing
				test.build(r)
				if got := ansi.Strip(r.String()); got != test.want {
					t.Errorf("%s: %q, want %q", test.name, got, test.want)
				}
				if r.Left() != 0 {
					t.Errorf("%s: %d cells are left of a whole line", test.name, r.Left())
				}
			}
		}
	}
}

// The base lies under every cell, and nothing of a row reaches the next line.
func TestPaints(t *testing.T) {
	got := New(6, marked).Add(bold, "a").Add(plain, "b").Space(1).String()
	want := "\x1b[44m\x1b[1ma\x1b[m\x1b[44mb\x1b[m\x1b[44m \x1b[m\x1b[44m   \x1b[m"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := plain.Text("a") + bold.Text("") + bold.Text("b"); got != "a\x1b[1mb\x1b[m" {
		t.Errorf("painted %q", got)
	}
}

func TestPad(t *testing.T) {
	for _, test := range []struct {
		line  string
		width int
		want  string
	}{
		{"ab", 4, "ab  "},
		{"abcd", 3, "ab…"},
		{bold.Text("ab"), 3, bold.Text("ab") + " "},
		{"名前", 3, "名…"},
		{"ab", 0, ""},
		{"ab", -1, ""},
	} {
		got := Pad(test.line, test.width)
		if got != test.want || ansi.StringWidth(got) != max(test.width, 0) {
			t.Errorf("Pad(%q, %d) = %q, want %q", test.line, test.width, got, test.want)
		}
	}
}

func TestFill(t *testing.T) {
	for _, test := range []struct {
		lines  []string
		height int
		want   string
	}{
		{[]string{"ab"}, 3, "ab|  |  "},
		{[]string{"ab", "cd", "ef"}, 2, "ab|cd"},
		{nil, 1, "  "},
		{[]string{"ab"}, 0, ""},
		{[]string{"ab"}, -1, ""},
	} {
		if got := strings.Join(Fill(test.lines, 2, test.height), "|"); got != test.want {
			t.Errorf("Fill(%q, %d) = %q, want %q", test.lines, test.height, got, test.want)
		}
	}
	if got := Blank(300); len(got) != 300 || strings.Trim(got, " ") != "" {
		t.Errorf("Blank(300) is %d long", len(got))
	}
}
