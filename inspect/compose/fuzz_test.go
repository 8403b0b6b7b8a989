package compose_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"petrify/inspect/compose"
)

var manyPorts = regexp.MustCompile(`-\d{4}`)

// FuzzLoad reads one file that may hold anything: it is a project or a problem.
func FuzzLoad(f *testing.F) {
	cases, _ := filepath.Glob("testdata/*.txtar")
	for _, name := range cases {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Add([]byte("a: &a [*a]\nservices: {web: {<<: *a}}"))
	f.Add([]byte("services: {web: {image: a, ports: [\"1-50:1-50\"], expose: [\"1-9\"]}}"))
	f.Add([]byte("services: {web: !reset {image: a}, db: !override [a]}\n---\n- a"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if bytes.Contains(content, []byte("/dev")) || bytes.Contains(content, []byte("/proc")) {
			t.Skip("it may read without end")
		}
		if manyPorts.Match(content) {
			t.Skip("compose-go takes seconds over some ten thousand ports")
		}
		o := compose.Options{
			Dir:     t.TempDir(),
			Files:   []string{"-"},
			Stdin:   func() ([]byte, error) { return content, nil },
			Environ: []string{},
		}
		p, err := compose.Load(t.Context(), o)
		compose.Name(t.Context(), o)
		if err != nil {
			if problem := compose.Explain(err); problem.Text == "" || problem.Advice == "" {
				t.Errorf("nothing is said about %q: %+v", err, problem)
			}
			return
		}
		for _, s := range p.Services {
			if s.Name == "" {
				t.Error("a service has no name")
			}
			for i, m := range s.Mounts {
				if !filepath.IsAbs(m.Target) || filepath.Clean(m.Target) != m.Target {
					t.Errorf("%s mounts something at %q", s.Name, m.Target)
				}
				if i > 0 && s.Mounts[i-1].Target >= m.Target {
					t.Errorf("%s mounts are not in order at %q", s.Name, m.Target)
				}
			}
		}
	})
}

// FuzzExplain explains errors in any words.
func FuzzExplain(f *testing.F) {
	for _, words := range []string{
		"failed to parse a: yaml: construct errors:\n  line 1: line 4: mapping key \"image\" already defined at line 3",
		"yaml: while parsing a block mapping at line 1, column 3: line 3, column 4: did not find expected key",
		"yaml: offset 99999999999999999999: control characters are not allowed",
		"validating a: services.web.imgae false schema",
		"services additional properties 'we b', 'c' not allowed",
		"service \"web\" refers to undefined volume data: invalid compose project",
		"services[web].a[[.]: must be",
	} {
		f.Add(words)
	}
	f.Fuzz(func(t *testing.T, words string) {
		p := compose.Explain(errors.New(words))
		if p.Line < 0 || p.Advice == "" {
			t.Errorf("%q gives %+v", words, p)
		}
	})
}
