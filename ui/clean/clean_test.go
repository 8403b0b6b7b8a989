package clean

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestLine(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"plain", "web", "web"},
		{"empty", "", ""},
		{"letters of many scripts", "Žluťoučký Ελλάδα שלום 日本語 한국어 ไทย", "Žluťoučký Ελλάδα שלום 日本語 한국어 ไทย"},
		{"emoji", "done 🎉", "done 🎉"},
		{"colour", "\x1b[31mred\x1b[m", `\x1b[31mred\x1b[m`},
		{"title", "a\x1b]0;owned\ab", `a\x1b]0;owned\x07b`},
		{"newline, return, tab", "a\nb\rc\td", `a\nb\rc\td`},
		{"null and delete", "a\x00b\x7f", `a\x00b\x7f`},
		{"C1 as a byte", "a\x9b31m", `a\x9b31m`},
		{"C1 as a character", "a\u009b31m", `a\u009b31m`},
		{"half a character", "caf\xc3", `caf\xc3`},
		{"Latin-1", "caf\xe9s", `caf\xe9s`},
		{"surrogate", "\xed\xa0\x80", `\xed\xa0\x80`},
		{"overlong slash", "\xc0\xaf", `\xc0\xaf`},
		{"the replacement character itself", "a\uFFFDb", "a\uFFFDb"},
		{"direction override", "txt.\u202Egnp.exe", `txt.\u202egnp.exe`},
		{"direction isolates and marks", "\u2066a\u2069\u200f\u061c", `\u2066a\u2069\u200f\u061c`},
		{"zero width", "a\u200bb\u200cc\u200dd\u2060e", `a\u200bb\u200cc\u200dd\u2060e`},
		{"byte order mark", "\uFEFFa", `\ufeffa`},
		{"soft hyphen", "pass\u00adword", `pass\u00adword`},
		{"line and paragraph separators", "a\u2028b\u2029", `a\u2028b\u2029`},
		{"tags", "a\U000E0041\U000E007F", `a\U000e0041\U000e007f`},
		{"variation selectors", "⚠\uFE0F\U000E0100", `⚠\ufe0f\U000e0100`},
		{"blank letters", "\u3164\uFFA0\u115F\u1160\u2800", `\u3164\uffa0\u115f\u1160\u2800`},
		{"joiner that is a mark", "a\u034Fb", `a\u034fb`},
		{"other spaces", "a\u00a0b\u3000c", `a\u00a0b\u3000c`},
		{"private use and unassigned", "\uE0B0\U0010FFFD\u0378", `\ue0b0\U0010fffd\u0378`},
		{"noncharacter", "\uFFFF", `\uffff`},
		{"flag", "🇩🇪", `\U0001f1e9\U0001f1ea`},
		{"skin tone", "👍🏽", `👍\U0001f3fd`},
		{"four marks", "a\u0301\u0302\u0303\u0304", "a\u0301\u0302\u0303\u0304"},
		{"five marks", "a\u0301\u0302\u0303\u0304\u0305b", "a\u0301\u0302\u0303\u0304" + `\u0305b`},
		{"a mark without a character", "\u0301a", `\u0301a`},
		{"a mark after an escape", "\x01\u0301", `\x01\u0301`},
		{"decomposed Hangul", "\u1112\u1161\u11ab", "\u1112\u1161\u11ab"},
		{"backslash", `C:\new`, `C:\new`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Line(tt.in); got != tt.want {
				t.Errorf("Line(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestPathTellsDifferentPathsApart(t *testing.T) {
	seen := map[string]string{}
	for _, p := range []string{
		"/a\nb", `/a\nb`, `/a\\nb`, "/a\x1b", `/a\x1b`, "/a\xe9", "/aé", `/a\xe9`,
		"/a\u0085", "/a\x85", "/a b", "/a\u00a0b", "/ab", "/a\u200bb", "/a\tb",
	} {
		shown := Path(p)
		if other, ok := seen[shown]; ok {
			t.Errorf("%q and %q both show as %s", p, other, shown)
		}
		seen[shown] = p
	}
}

func TestLog(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"colours", "\x1b[1;32mINFO\x1b[0m ready", "INFO ready"},
		{"title", "\x1b]0;owned\x07ready", "ready"},
		{"title with its other end", "\x1b]0;owned\x1b\\ready", "ready"},
		{"link", "\x1b]8;;http://a\x07text\x1b]8;;\x07", "text"},
		{"charset and cursor", "\x1b(B\x1b7\x1b[2J\x1b[Hx", "x"},
		{"a sequence without an end hides nothing", "\x1b]0;secret plans", `\x1b]0;secret plans`},
		{"cut in the middle", "ok \x1b[3", `ok \x1b[3`},
		{"broken by another", "\x1b[3\x1b[4mx", "x"},
		{"escape alone", "a\x1b", `a\x1b`},
		{"C1 as a byte", "a\x9b31mb", `a\x9b31mb`},
		{"line end", "ready\r\n", "ready"},
		{"progress", "10%\r20%", `10%\r20%`},
		{"tab", "a\tb", "a       b"},
		{"emoji with a selector", "⚠\uFE0F careful", "⚠ careful"},
		{"spaces of other scripts", "了。\u3000はい", "了。\u3000はい"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Log(tt.in); got != tt.want {
				t.Errorf("Log(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestLines(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"empty", "", nil},
		{"one empty line", "\n", []string{""}},
		{"with and without a last line end", "a\nb", []string{"a", "b"}},
		{"last line end", "a\nb\n", []string{"a", "b"}},
		{"empty last line", "a\n\n", []string{"a", ""}},
		{"carriage return", "a\r\nb", []string{`a\r`, "b"}},
		{"tab stops", "a\tb\n\tc\n12345678\td", []string{"a       b", "        c", "12345678        d"}},
		{"tabs count cells", "日本\tx\ty", []string{"日本    x       y"}},
		{"tab after an escape", "\x01\tx", []string{`\x01    x`}},
		{"escape sequences stay", "\x1b[31mred", []string{`\x1b[31mred`}},
		{"selectors stay", "⚠\uFE0F", []string{`⚠\ufe0f`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Lines(tt.in); !slices.Equal(got, tt.want) {
				t.Errorf("Lines(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
		})
	}
}

func TestNothingToDoCostsNothing(t *testing.T) {
	for _, s := range []string{"var/www/html/index.php", "Žluťoučký 日本語 🎉 …"} {
		if n := testing.AllocsPerRun(100, func() { Line(s); Path(s); Log(s) }); n != 0 {
			t.Errorf("%q: %v allocations", s, n)
		}
	}
}

// seeds are texts that have broken cleaners before.
var seeds = []string{
	"", "plain", "\x1b[31mred\x1b[0m", "\x1b]0;t\x07x", "\x1b]0;", "\x1bP", "\x9b31m", "\u009b31m", "a\xffb", "\xc3\x1b[31m",
	"\u202Egnp", "a\u0301\u0301\u0301\u0301\u0301\u0301", "\u0301", "👨\u200d👩\u200d👧", "🇩🇪🇩", "👍🏽", "⚠\uFE0F", "1\uFE0F\u20E3",
	"한국", "\u1112\u1161\u11ab\u11ab", "日本\t語", "\t\u0301", `a\b\\c`, "a\r\n\tb", "\U000E0041", "क्षि", "\x1b\x1b[m\x1b", "/a/b/c.txt", "/", "//",
}

func FuzzClean(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		outputs := map[string]string{"Line": Line(s), "Path": Path(s), "Log": Log(s), "Lines": strings.Join(Lines(s), "")}
		for name, out := range outputs {
			if bad := unsafe(out); bad != "" {
				t.Errorf("%s(%q) = %q has %s", name, s, out, bad)
			}
		}
		for name, again := range map[string]string{"Line": Line(outputs["Line"]), "Log": Log(outputs["Log"])} {
			if again != outputs[name] {
				t.Errorf("%s(%q) = %q, and once more %q", name, s, outputs[name], again)
			}
		}
		for _, line := range Lines(s) {
			if again := Lines(line); line != "" && !slices.Equal(again, []string{line}) {
				t.Errorf("Lines(%q) = %q", line, again)
			}
		}
		quoted := `"` + strings.ReplaceAll(outputs["Path"], `"`, `\"`) + `"`
		if back, err := strconv.Unquote(quoted); err != nil || back != s {
			t.Errorf("Path(%q) = %s reads as %q (%v)", s, outputs["Path"], back, err)
		}
		for name, out := range outputs {
			if wc := ansi.StringWidthWc(out); simple(out) && ansi.StringWidth(out) != wc {
				t.Errorf("%s(%q) = %q is %d cells wide, or %d", name, s, out, ansi.StringWidth(out), wc)
			}
		}
	})
}

// unsafe names the first thing in s that must not reach a terminal.
func unsafe(s string) string {
	if !utf8.ValidString(s) {
		return "invalid UTF-8"
	}
	for _, r := range s {
		if unicode.In(r, unicode.C, unicode.Zl, unicode.Zp, unicode.Bidi_Control, unicode.Variation_Selector) {
			return strconv.QuoteRune(r)
		}
	}
	return ""
}

// simple tells whether a text is of scripts in which a character's width does
// not depend on its neighbours: not of India's, nor decomposed Hangul.
func simple(s string) bool {
	for _, r := range s {
		if 0x1100 <= r && r <= 0x11FF || 0xA960 <= r && r <= 0xA97F || 0xD7B0 <= r && r <= 0xD7FF ||
			!unicode.In(r, unicode.Common, unicode.Inherited, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew,
				unicode.Arabic, unicode.Thai, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			return false
		}
	}
	return true
}

func BenchmarkLine(b *testing.B) {
	for name, s := range map[string]string{
		"ascii":   "/var/www/html/wp-content/uploads/2024/06/photo.jpg",
		"unicode": "/srv/Müller/日本語/файл.txt",
		"hostile": "/srv/\x1b[31m\u202eevil\xff.txt",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Line(s)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	tests := []struct{ in, want string }{
		{`{"a":"b\u001b"}`, `{"a":"b\u001b"}`},
		{"\"日本 é\"\n", "\"日本 é\"\n"},
		{"\"a\u202eb\u009b\x7f\"", `"a\u202eb\u009b\u007f"`},
		{"\"\U000E0041\"", `"\udb40\udc41"`},
	}
	for _, tt := range tests {
		if got := string(JSON([]byte(tt.in))); got != tt.want {
			t.Errorf("JSON(%q)\n got %q\nwant %q", tt.in, got, tt.want)
		}
	}
}
