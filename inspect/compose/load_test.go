package compose_test

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"petrify/inspect/compose"
	"petrify/model"
)

var update = flag.Bool("update", false, "rewrite what the cases in testdata want")

// TestLoad reads the projects in testdata. Each is an archive of its files, with
// a comment that gives the options and a last file, "want", that says what is
// read: a project, or what is wrong with it.
func TestLoad(t *testing.T) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range cases {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := unpack(t, archive)
			t.Setenv("HOME", filepath.Join(dir, "home"))
			got := strings.ReplaceAll(read(t, options(t, archive, dir)), dir, "DIR")
			got = strings.ReplaceAll(got, filepath.Dir(dir), "UP")
			want := &archive.Files[len(archive.Files)-1]
			if want.Name != "want" {
				t.Fatal("the last file of a case is not its want")
			}
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			} else if got != string(want.Data) {
				t.Errorf("got\n%s\nwant\n%s", got, want.Data)
			}
		})
	}
}

// unpack writes the files of a case into a folder of its own, called shop.
func unpack(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	for _, f := range archive.Files[:len(archive.Files)-1] {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if f.Name == "stdin" {
			continue
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// options reads the lines of a comment that start with a word and a colon; any
// other is for the reader.
func options(t *testing.T, archive *txtar.Archive, dir string) compose.Options {
	t.Helper()
	o := compose.Options{Dir: dir, Environ: []string{}}
	for line := range strings.Lines(string(archive.Comment)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch word {
		case "in":
			o.Dir = filepath.Join(dir, rest)
		case "files":
			o.Files = strings.Fields(rest)
		case "name":
			o.ProjectName = rest
		case "profiles":
			o.Profiles = strings.Fields(rest)
		case "env-files":
			o.EnvFiles = strings.Fields(rest)
		case "project-directory":
			o.ProjectDir = rest
		case "env":
			o.Environ = strings.Fields(strings.ReplaceAll(rest, "DIR", dir))
		}
	}
	for _, f := range archive.Files {
		if f.Name == "stdin" {
			o.Stdin = func() ([]byte, error) { return f.Data, nil }
		}
	}
	return o
}

func read(t *testing.T, o compose.Options) string {
	t.Helper()
	p, err := compose.Load(t.Context(), o)
	if err == nil {
		return describe(p)
	}
	problem := compose.Explain(err)
	var b strings.Builder
	if problem.File != "" {
		fmt.Fprintf(&b, "%s:%d: ", problem.File, problem.Line)
	}
	fmt.Fprintf(&b, "%s\n%s\n", problem.Text, problem.Advice)
	fmt.Fprintf(&b, "name %s\n", compose.Name(t.Context(), o))
	return b.String()
}

// describe writes a project down, so that two can be compared line by line.
func describe(p *model.Project) string {
	var b bytes.Buffer
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("project %s in %s", p.Name, p.WorkingDir)
	line("files %s", strings.Join(p.Files, " "))
	if len(p.Profiles) > 0 {
		line("profiles %s", strings.Join(p.Profiles, " "))
	}
	if len(p.Inactive) > 0 {
		names := make([]string, len(p.Inactive))
		for i, s := range p.Inactive {
			names[i] = s.Name
		}
		line("inactive %s", strings.Join(names, " "))
	}
	for _, w := range p.Warnings {
		line("warning %s", w)
	}
	for _, s := range slices.Concat(p.Services, p.Inactive) {
		line("%s", strings.TrimSpace(fmt.Sprintf("%s x%d %s %s", s.Name, s.Replicas, s.Image, words(
			word(s.Build, "build"), word(s.ReadOnly, "read-only"), word(s.User != "", "user="+s.User),
			word(s.WorkingDir != "", "dir="+s.WorkingDir), word(s.Memory > 0, "memory="+model.SizeText(s.Memory)), word(s.Line > 0, fmt.Sprintf("at %s:%d", filepath.Base(s.File), s.Line))))))
		if s.Entrypoint != nil {
			line("  entrypoint %q", s.Entrypoint)
		}
		if s.Command != nil {
			line("  command %q", s.Command)
		}
		for _, m := range s.Mounts {
			line("  %s", words(string(m.Kind), m.Source, "->", m.Target, word(m.ReadOnly, "ro"), word(m.Anonymous, "anonymous"),
				word(m.Copied, "copied"), word(m.Driver != "", "driver="+m.Driver), word(m.Options != "", "["+m.Options+"]")))
		}
		for _, p := range s.Ports {
			line("  port %s:%s:%d/%s", p.HostIP, p.Host, p.Target, p.Protocol)
		}
		for _, name := range slices.Sorted(maps.Keys(s.Env)) {
			line("  env %s=%s", name, s.Env[name].Reveal())
		}
		if len(s.DependsOn) > 0 {
			line("  after %s", strings.Join(s.DependsOn, " "))
		}
		if len(s.Profiles) > 0 {
			line("  profiles %s%s", strings.Join(s.Profiles, " "), word(s.Inactive, ", inactive"))
		}
		if len(s.Synced) > 0 {
			line("  synced %s", strings.Join(s.Synced, " "))
		}
	}
	return b.String()
}

func word(is bool, text string) string {
	if is {
		return text
	}
	return ""
}

func words(list ...string) string {
	return strings.Join(slices.DeleteFunc(list, func(s string) bool { return s == "" }), " ")
}
