package compose_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sirupsen/logrus"

	"petrify/inspect/compose"
)

func TestLoadAgainFromStandardInput(t *testing.T) {
	reads := 0
	o := compose.Options{
		Dir:     t.TempDir(),
		Files:   []string{"-"},
		Environ: []string{},
		Stdin: sync.OnceValues(func() ([]byte, error) {
			reads++
			return one()
		}),
	}
	for range 2 {
		p, err := compose.Load(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Services) != 1 {
			t.Errorf("%d services", len(p.Services))
		}
	}
	if reads != 1 {
		t.Errorf("standard input was read %d times", reads)
	}
}

func TestWarningsAreReturnedNotPrinted(t *testing.T) {
	var printed bytes.Buffer
	logrus.SetOutput(&printed)
	defer logrus.SetOutput(os.Stderr)
	o := compose.Options{Dir: t.TempDir(), Files: []string{"-"}, Environ: []string{}, Stdin: func() ([]byte, error) {
		return []byte("version: '3'\nservices: {web: {image: \"a:${TAG}\", user: \"$TAG\"}}"), nil
	}}
	for range 2 {
		p, err := compose.Load(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{`The "TAG" variable is not set. Defaulting to a blank string.`}
		if !slices.Equal(p.Warnings, want) {
			t.Errorf("warnings %q, want %q", p.Warnings, want)
		}
	}
	if printed.Len() > 0 {
		t.Errorf("printed %q", printed.String())
	}
	logrus.Warn("from elsewhere")
	if printed.Len() == 0 {
		t.Error("the logger of the process stays silent")
	}
}

func TestExists(t *testing.T) {
	dir := t.TempDir()
	sub := filepath.Join(dir, "sub")
	if err := os.Mkdir(sub, 0o755); err != nil {
		t.Fatal(err)
	}
	o := compose.Options{Dir: sub, Environ: []string{}}
	if compose.Exists(o) {
		t.Error("there is no file")
	}
	if err := os.WriteFile(filepath.Join(dir, "compose.yml"), []byte("services: ["), 0o600); err != nil {
		t.Fatal(err)
	}
	if !compose.Exists(o) {
		t.Error("there is a broken file in the parent folder")
	}
}

func TestLoadEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := compose.Load(ctx, compose.Options{Files: []string{"-"}, Stdin: one})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestName(t *testing.T) {
	broken := func(head string) func() ([]byte, error) {
		return func() ([]byte, error) { return []byte(head + "services: [\n"), nil }
	}
	for _, c := range []struct {
		name string
		o    compose.Options
		want string
	}{
		{"folder", compose.Options{}, "myshop"},
		{"folder of a broken file", compose.Options{Stdin: broken("")}, "myshop"},
		{"in a broken file", compose.Options{Stdin: broken("name: corner # ours\n")}, "corner"},
		{"in quotes", compose.Options{Stdin: broken("\"name\": 'corner'\n")}, "corner"},
		{"with a variable", compose.Options{Stdin: broken("name: ${A:-corner}-${B}\n"), Environ: []string{"B=shop"}}, "corner-shop"},
		{"not that of a volume", compose.Options{Stdin: broken("volumes: {a: {name: b}}\n")}, "myshop"},
		{"by variable", compose.Options{Stdin: broken("name: corner\n"), Environ: []string{"COMPOSE_PROJECT_NAME=shelf"}}, "shelf"},
		{"by flag", compose.Options{Stdin: broken("name: corner\n"), ProjectName: "shelf"}, "shelf"},
		{"with a missing env file", compose.Options{EnvFiles: []string{"gone"}}, "myshop"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.o.Dir = filepath.Join(t.TempDir(), "My Shop!")
			if err := os.Mkdir(c.o.Dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if c.o.Stdin != nil {
				c.o.Files = []string{"-"}
			}
			if c.o.Environ == nil {
				c.o.Environ = []string{}
			}
			if got := compose.Name(t.Context(), c.o); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Loading stands in front of the first frame that shows services.
func BenchmarkLoad(b *testing.B) {
	for _, services := range []int{5, 200} {
		b.Run(fmt.Sprintf("services=%d", services), func(b *testing.B) {
			var file strings.Builder
			file.WriteString("services:\n")
			for i := range services {
				fmt.Fprintf(&file, `  service%d:
    image: example.org/service%d:${TAG}
    read_only: true
    ports: ["%d:80"]
    environment:
      A: "1"
      B: ${TAG}
    volumes:
      - ./data:/data
      - store:/store:ro
    tmpfs: [/tmp]
    depends_on: [service0]
    healthcheck: {test: "true", interval: 10s}
`, i, i, 8000+i)
			}
			content := strings.Replace(file.String(), "    depends_on: [service0]\n", "", 1) + "volumes: {store: }\n"
			o := compose.Options{
				Dir:     b.TempDir(),
				Files:   []string{"-"},
				Stdin:   func() ([]byte, error) { return []byte(content), nil },
				Environ: []string{"TAG=1"},
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := compose.Load(b.Context(), o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func TestFileVersion(t *testing.T) {
	for content, want := range map[string]string{
		"services: {web: {image: a}}":                               "",
		"version: '3.8'\nservices: {web: {image: a}}":               "3.8",
		"x-v: &v {version: '3'}\n<<: *v\nservices: {w: {image: a}}": "3",
	} {
		p, err := compose.Load(t.Context(), compose.Options{
			Files: []string{"-"}, Dir: t.TempDir(), Environ: []string{},
			Stdin: func() ([]byte, error) { return []byte(content), nil },
		})
		if err != nil {
			t.Errorf("%q: %v", content, err)
		} else if p.FileVersion != want {
			t.Errorf("%q: version %q, want %q", content, p.FileVersion, want)
		}
	}
}
