package export

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	yamlv4 "go.yaml.in/yaml/v4"
	kubeyaml "sigs.k8s.io/yaml"
)

// FuzzYAML expects that what is written means what it was to readers of YAML 1.1
// and 1.2, as a key and as a value, and that a terminal may see it.
func FuzzYAML(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, text)
	}
	for _, text := range []string{"yes", "NO", "1e3", "0x1f", "1:20", "12", "<<", "=", "2001-01-01", ".inf", "a:", "a: b", "a #b", "", "---", "/x:mode=0755,size=1m"} {
		f.Add(text, "key")
	}
	f.Fuzz(func(t *testing.T, text, comment string) {
		if !isExpressible(text) {
			t.Skip("no YAML says what is not UTF-8")
		}
		var p page
		p.comment(sentence(comment))
		p.in("a", func() {
			p.pair("value", text)
			p.pair(text, "key")
			p.in("items", func() {
				p.comment(sentence(comment))
				p.entry(text)
			})
			p.list("flow", []string{text, text})
		})
		safe(t, p.String())
		want := map[string]any{"value": text, "items": []any{text}, "flow": []any{text, text}}
		want[text] = "key"
		if text == "value" || text == "items" || text == "flow" {
			t.Skip("a key that is there already")
		}
		for reader, read := range map[string]func([]byte, any) error{
			"1.2": func(b []byte, v any) error { return yamlv4.Unmarshal(b, v) },
			"1.1": func(b []byte, v any) error { return kubeyaml.UnmarshalStrict(b, v) },
		} {
			var got struct{ A map[string]any }
			if err := read([]byte(p.String()), &got); err != nil {
				t.Fatalf("%s: %v\n%s", reader, err, p.String())
			}
			if len(got.A) != len(want) || got.A["value"] != text || got.A[text] != "key" ||
				got.A["items"].([]any)[0] != text || got.A["flow"].([]any)[1] != text {
				t.Errorf("%s: %q reads as %q\n%s", reader, want, got.A, p.String())
			}
		}
	})
}

// FuzzShell expects that a shell makes one word of what is written, and of a
// comment nothing.
func FuzzShell(f *testing.F) {
	for _, text := range hostile {
		f.Add(text, text)
	}
	f.Add("it's\\", "a\nid")
	f.Add("\x01"+"1", "")
	f.Fuzz(func(t *testing.T, text, comment string) {
		if strings.Contains(text, "\x00") {
			t.Skip("no program has such an argument")
		}
		var p page
		p.comment(sentence(comment))
		p.line("docker " + ShellWord(text) + " " + ShellWord(text+text))
		safe(t, p.String())
		calls := runShell(t, p.String())
		if len(calls) != 1 || len(calls[0]) != 2 || calls[0][0] != text || calls[0][1] != text+text {
			t.Errorf("%q reads as %q\n%s", text, calls, p.String())
		}
	})
}

// safe expects no character that a terminal would act upon.
func safe(t *testing.T, text string) {
	t.Helper()
	if !utf8.ValidString(text) {
		t.Errorf("not UTF-8: %q", text)
	}
	for _, char := range text {
		if char != '\n' && unicode.In(char, unicode.C, unicode.Zl, unicode.Zp) {
			t.Errorf("%q is in %q", char, text)
		}
	}
}

func TestFold(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""},
		{"short", "short"},
		{"one two three", "one two|three"},
		{"  - one two three", "  - one|    two|    three"},
		{"averyveryverylongword and", "averyveryverylongword|and"},
		{"and averyveryverylongword", "and|averyveryverylongword"},
	}
	for _, tt := range tests {
		if got := strings.Join(fold(tt.text, 9), "|"); got != tt.want {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestSizes(t *testing.T) {
	tests := []struct {
		bytes      int64
		kubernetes string
	}{
		{0, "0"},
		{1, "1"},
		{1024, "1Ki"},
		{1025, "1025"},
		{64 << 20, "64Mi"},
		{3 << 30, "3Gi"},
		{2 << 40, "2048Gi"},
	}
	for _, tt := range tests {
		if got := kubernetesSize(tt.bytes); got != tt.kubernetes {
			t.Errorf("%d: got %s, want %s", tt.bytes, got, tt.kubernetes)
		}
	}
}

func TestNamesStayApart(t *testing.T) {
	long := strings.Repeat("x", 80)
	keys := []string{"a b", "a-b", "A b", "a_b", "", "/", long, long + "y"}
	n := newNamer(labelName, labelLimit, keys)
	given := map[string]string{}
	for _, key := range keys {
		name := n.name(key)
		if other, ok := given[name]; ok {
			t.Errorf("%q and %q are both %q", key, other, name)
		}
		given[name] = key
		if len(name) > labelLimit || name != n.name(key) {
			t.Errorf("%q is %q", key, name)
		}
	}
	if given["a-b"] != "a-b" {
		t.Errorf("a good name was given to %q", given["a-b"])
	}
}
