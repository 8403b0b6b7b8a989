package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"image/color"
	"io"
	"strings"
	"testing"

	"github.com/charmbracelet/x/exp/golden"
)

func draw(t *testing.T, frame string, opt Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := SVG(&b, opt, Frame{Text: frame}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestPictures(t *testing.T) {
	for _, tc := range []struct {
		name, frame string
		opt         Options
	}{
		{"words", "a\x1b[1mb\x1b[0m\x1b[3mé\x1b[0m a\nb", Options{Title: "a <&> b", Dark: true}},
		{"frame", "╭─╮\n│\x1b[31m█\x1b[0m│\n╰─╯", Options{}},
		{"colours", "\x1b[41m  \x1b[44m \n\x1b[41m  \x1b[0m\x1b[48;2;1;2;3m ", Options{Dark: true}},
		{"lines", "\x1b[4;9m \x1b[0m\x1b[4:3m ", Options{}},
	} {
		t.Run(tc.name, func(t *testing.T) { golden.RequireEqual(t, draw(t, tc.frame, tc.opt)) })
	}
}

// TestLooks compares what styles do to the colours in which a letter and its
// ground are drawn.
func TestLooks(t *testing.T) {
	for _, tc := range []struct{ name, frame, want string }{
		{"plain", "x", "x r78 #d8dbe2"},
		{"named", "\x1b[31mx", "x r78 #f0717a"},
		{"bright", "\x1b[91mx", "x r78 #ff9096"},
		{"low index is named", "\x1b[38;5;1mx", "x r78 #f0717a"},
		{"256", "\x1b[38;5;196mx", "x r78 #f00"},
		{"true colour", "\x1b[38;2;1;2;3mx", "x r78 #010203"},
		{"ground", "\x1b[42mx", "x r78 #d8dbe2 on #8fca7d"},
		{"reverse", "\x1b[7mx", "x r78 #16181d on #d8dbe2"},
		{"reverse of colours", "\x1b[7;31;42mx", "x r78 #8fca7d on #f0717a"},
		{"faint", "\x1b[2mx", "x r78 #87898f"},
		{"hidden", "\x1b[8mx", "x"},
		{"bold italic", "\x1b[1;3mx", "x z78 #d8dbe2"},
		{"transparent", "\x1b[38;1mx", "x r78 #d8dbe2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := "x"
			for _, c := range read(tc.frame, 1, 1, dark) {
				p := page{palette: dark, marks: make([][]mark, 1), shapes: map[string]string{}}
				p.add(c)
				for _, m := range p.marks[0] {
					got += " " + m.shape + " " + paint(m.fill)
				}
				for _, r := range p.back {
					got += " on " + paint(r.fill)
				}
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestCharacters(t *testing.T) {
	for _, tc := range []struct{ name, frame, want string }{
		{"wide ones that the font lacks", "世x", "m2@0 r78@20"},
		{"a wide one that it has", "⚠️x", "r26a0@5 r78@20"},
		{"joined emoji are one box", "👨‍👩‍👧x", "m2@0 r78@20"},
		{"accent apart from its letter", "e\u0301x", "re9@0 r78@10"},
		{"accent without a joined form", "x\u0301", "r78@0 r301@0"},
		{"cut at the edge", "xxxxx", "r78@0 r78@10 r78@20"},
		{"swallowed by a terminal", "\x1b_secret\x1b\\x\x07\x1b[2J", "r78@0"},
		{"private ones", "\ue0b0x", "m1@0 r78@10"},
		{"braille", "⠁", "l2801@0"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			p := page{palette: dark, marks: make([][]mark, 1), shapes: map[string]string{}}
			for _, c := range read(tc.frame, 3, 1, dark) {
				p.add(c)
			}
			var got []string
			for _, m := range p.marks[0] {
				got = append(got, fmt.Sprintf("%s@%v", m.shape, m.x))
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %q, want %q", strings.Join(got, " "), tc.want)
			}
		})
	}
}

func TestSize(t *testing.T) {
	for _, tc := range []struct {
		opt  Options
		want string // "" for a refusal
	}{
		{Options{}, `viewBox="0 0 110 142"`},
		{Options{Columns: 10}, `viewBox="0 0 180 142"`},
		{Options{Columns: 10, Rows: 5}, `viewBox="0 0 180 202"`},
		{Options{Columns: -1}, ""},
		{Options{Rows: largest + 1}, ""},
	} {
		var b bytes.Buffer
		err := SVG(&b, tc.opt, Frame{Text: "abc\nd"})
		if tc.want == "" {
			if err == nil || b.Len() > 0 {
				t.Errorf("%+v: drawn without an error", tc.opt)
			}
		} else if err != nil || !strings.Contains(b.String(), tc.want) {
			t.Errorf("%+v: want %s, got %.200s %v", tc.opt, tc.want, &b, err)
		}
	}
}

func TestOwnColours(t *testing.T) {
	got := draw(t, "x", Options{Background: color.White, Foreground: color.Black})
	for _, want := range []string{`rx="10" fill="#fff"`, `<g fill="#000"><use href="#r78"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
}

func TestWriteFails(t *testing.T) {
	r, w := io.Pipe()
	r.CloseWithError(io.ErrShortWrite)
	if err := SVG(w, Options{}, Frame{Text: "x"}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("got %v", err)
	}
}

// FuzzSVG checks that a picture is made of anything, always the same, and that
// it holds together.
func FuzzSVG(f *testing.F) {
	f.Add("plain\ntext", "title", 0, 0, true)
	f.Add("\x1b[1;2;3;4;7;8;9;38;5;200;48;2;1;2;3mx\x1b[4:3m╬▚⣿世\x1b[0m", "\x1b]0;<&\x00\xff", 3, 2, false)
	f.Add("a\x1b[31m\u0301\x1b_x\x1b\\\x1b]8;;http://x\x1b\\b", "╭😀", 80, 24, true)
	f.Add("\xff\xfe\x1b[38;2m\x1b[48:5m\u202e\u200d\ufe0f", "", 1, 1, false)
	f.Fuzz(func(t *testing.T, frame, title string, columns, rows int, isDark bool) {
		if len(frame) > 4096 || columns > 200 || rows > 60 {
			t.Skip("more of the same")
		}
		var once, again bytes.Buffer
		opt := Options{Columns: columns, Rows: rows, Title: title, Dark: isDark}
		if err := SVG(&once, opt, Frame{Text: frame}); err != nil {
			return // its size, of which TestSize has the cases
		}
		if err := SVG(&again, opt, Frame{Text: frame}); err != nil || !bytes.Equal(once.Bytes(), again.Bytes()) {
			t.Fatalf("drawn twice it differs (%v)", err)
		}
		check(t, once.Bytes())
	})
}

// check reads a picture as a viewer does: well-formed, and every reference to
// a shape defined once before it.
func check(t *testing.T, picture []byte) {
	t.Helper()
	defined := make(map[string]bool)
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range element.Attr {
			switch a.Name.Local {
			case "id":
				if defined[a.Value] {
					t.Fatalf("%s is defined twice", a.Value)
				}
				defined[a.Value] = true
			case "href":
				if !defined[strings.TrimPrefix(a.Value, "#")] {
					t.Fatalf("%s is not defined", a.Value)
				}
			}
		}
	}
}

// Frames that follow each other are seen one at a time, the first one also by who wants no
// movement.
func TestFramesFollowEachOther(t *testing.T) {
	var b bytes.Buffer
	if err := SVG(&b, Options{}, Frame{"one", 1}, Frame{"twofold", 3}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		".page{visibility:hidden}.page0{visibility:visible}", "prefers-reduced-motion:no-preference",
		"@keyframes page0{0.00%{visibility:visible}25.00%,100%{visibility:hidden}}",
		"@keyframes page1{25.00%{visibility:visible}100.00%,100%{visibility:hidden}}",
		".page1{animation:page1 4s step-end infinite}", `<g class="page page1">`,
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(b.String(), `class="page page2"`) {
		t.Error("there is a third page")
	}
}
