package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

func TestErrorsAreSaidOnceWithWhatToDo(t *testing.T) {
	problem := &model.ProblemError{Problem: model.Problem{Text: "nobody listens\x1b[2J", Advice: "start\x1b[2J it"}}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"with advice":        {problem, `petrify: nobody listens\x1b[2J` + "\n" + `start\x1b[2J it` + "\n"},
		"wrapped":            {fmt.Errorf("ask: %w", problem), `petrify: ask: nobody listens\x1b[2J` + "\n" + `start\x1b[2J it` + "\n"},
		"without advice":     {errors.New("no"), "petrify: no\n"},
		"of another service": {&model.UnknownServiceError{Project: "shop", Service: "wbe", Known: []string{"web", "db"}}, "petrify: project \"shop\" has no service \"wbe\"; it has web, db\ndid you mean web?\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, program(&fakeEngine{opening: test.err}), "ls")
			if got.code != 2 || got.out != "" || got.err != test.want {
				t.Errorf("got %+v\nwant %q", got, test.want)
			}
		})
	}
}

func TestUnknownCommand(t *testing.T) {
	run(t, program(&fakeEngine{}), "chekc").expect(t, 2, "", "did you mean check?\n")
	if got := run(t, program(&fakeEngine{}), "recordr"); strings.Contains(got.err, "recorder") {
		t.Errorf("a hidden command is suggested: %s", got.err)
	}
}

func TestNearest(t *testing.T) {
	known := []string{"web", "web-admin", "worker", "db", "cache"}
	for name, want := range map[string]string{
		"wbe": "web", "wb": "web db", "WEB": "web web-admin", "cahce": "cache", "workers": "worker",
		"web-a": "web-admin", "d": "", "x": "", "postgres": "", "": "",
	} {
		if got := strings.Join(nearest(name, known), " "); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestFlagsArePlainValues(t *testing.T) {
	e := &fakeEngine{stack: shop()}
	got := runIn(t.Context(), program(e), strings.NewReader("services: {}"),
		"-f", "-", "-f", "b.yaml", "-p", "shop", "--profile", "x", "--env-file", "e", "--project-directory", "d", "-c", "ctx", "-H", "h", "ls")
	got.expect(t, 0, "NAME", "")
	o := e.options
	first, err := o.Stdin()
	again, errAgain := o.Stdin()
	if string(first) != "services: {}" || string(again) != string(first) || err != nil || errAgain != nil {
		t.Errorf("standard input is %q, then %q: %v, %v", first, again, err, errAgain)
	}
	o.Stdin = nil
	if got, want := fmt.Sprint(o), "{[- b.yaml] shop [x] [e] d ctx h <nil>}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestListProjects(t *testing.T) {
	e := &fakeEngine{projects: []model.ProjectSummary{{
		Name: "shop\x1b[2J", Files: []string{"/src/a\n.yaml", "/src/b.yaml"}, States: map[model.State]int{model.Running: 2},
	}}}
	got := run(t, program(e), "ls")
	got.expect(t, 0, "2 running", "")
	if lines := strings.Count(got.out, "\n"); lines != 2 {
		t.Errorf("%d lines:\n%s", lines, got.out)
	}
	e.fails = errors.New("no answer")
	run(t, program(e), "ls").expect(t, 2, "", "no answer")
}

func TestDemoIsPrintedAsOfItsEnd(t *testing.T) {
	for _, test := range []struct {
		args []string
		held time.Duration
	}{{nil, 3 * time.Minute}, {[]string{"--at", "90s"}, 90 * time.Second}} {
		demo := &fakeDemo{fakeEngine: &fakeEngine{stack: shop()}}
		p := program(demo.fakeEngine)
		p.Demo = func() (Demo, error) { return demo, nil }
		run(t, p, append([]string{"demo"}, test.args...)...).expect(t, 0, "shop: 2 services", "")
		if demo.held != test.held {
			t.Errorf("%v: held at %s, want %s", test.args, demo.held, test.held)
		}
	}
}

func TestWithoutATerminalTheReportIsPrinted(t *testing.T) {
	run(t, program(&fakeEngine{stack: shop()})).expect(t, 0, "web  would break on a read-only root", "")
}

func TestRecorderSpeaksToItsStreams(t *testing.T) {
	p := program(&fakeEngine{})
	p.Record = func(_ context.Context, in io.Reader, out io.Writer) error {
		_, err := io.Copy(out, in)
		return err
	}
	got := runIn(t.Context(), p, strings.NewReader("hello"), "recorder")
	got.expect(t, 0, "hello", "")
}

// Each command says what it does, and belongs to a table that names it once.
func TestCommandsAreNamedOnce(t *testing.T) {
	root := program(&fakeEngine{}).root()
	var names []string
	for _, c := range root.Commands() {
		names = append(names, c.Name())
		if c.Short == "" {
			t.Errorf("%s does not say what it does", c.Name())
		}
	}
	if slices.Sort(names); len(slices.Compact(names)) != len(commands) {
		t.Errorf("%d commands have the names %v", len(commands), names)
	}
}
