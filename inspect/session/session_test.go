package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/inspect/compose"
	"petrify/inspect/replay"
	"petrify/model"
)

// The captured stack takes the way of a live one, files and all.
func TestReplayIsComplete(t *testing.T) {
	capture, err := replay.Demo()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	source, clock, err := Replay(ctx, capture.At(capture.Duration()), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := source.Complete(ctx, silent)
	if err != nil {
		t.Fatal(err)
	}
	if stack.Problem != nil || len(stack.Services) != 4 {
		t.Errorf("%d services, problem %v", len(stack.Services), stack.Problem)
	}
	for i := range stack.Services {
		s := &stack.Services[i]
		if s.Declared == nil || len(s.Containers) == 0 || len(s.Changes) == 0 {
			t.Errorf("%s: declared %v, %d containers, %d asked", s.Name, s.Declared != nil, len(s.Containers), len(s.Changes))
		}
		if len(s.Drift) > 0 {
			t.Errorf("%s drifts from the files that it was captured with: %v", s.Name, s.Drift)
		}
	}
	if at := clock(); at.Before(capture.Captured) || at.Sub(capture.Captured) > capture.Duration()+time.Second {
		t.Errorf("the clock shows %v, the capture began at %v", at, capture.Captured)
	}
}

func TestFromLabels(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "compose.yaml")
	if err := os.WriteFile(file, []byte("services: {web: {image: nginx}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name    string
		files   []string
		problem string // "" when the project loads
	}{
		{"files still there", []string{file}, ""},
		{"file gone", []string{filepath.Join(dir, "gone.yaml")}, "cannot be read here"},
		{"no labels", nil, "do not name their Compose files"},
	} {
		t.Run(test.name, func(t *testing.T) {
			summary := model.ProjectSummary{Name: "shop", Dir: dir, Files: test.files}
			name, project, problem := fromLabels(t.Context(), summary, compose.Options{})
			switch {
			case name != "shop":
				t.Errorf("the name is %q", name)
			case test.problem == "" && (problem != nil || project.Name != "shop"):
				t.Errorf("project %+v, problem %+v", project, problem)
			case test.problem != "" && (problem == nil || !strings.Contains(problem.Text, test.problem) || problem.Advice == ""):
				t.Errorf("problem %+v, want one about %q, with advice", problem, test.problem)
			}
		})
	}
}

// silent is told what is waited for.
func silent([]model.Waiting) {}

// stacks come one after the other.
type stacks []*model.Stack

func (s *stacks) Next(context.Context) (*model.Stack, error) {
	next := (*s)[0]
	*s = (*s)[1:]
	return next, nil
}

func TestCompleteDoesNotWaitForAnEngineThatIsAway(t *testing.T) {
	away := &stacks{{Link: model.Link{State: model.Connecting, Reason: "nobody listens", Advice: "start it"}}}
	_, err := complete(t.Context(), away, silent)
	var explained *model.ProblemError
	if !errors.As(err, &explained) || explained.Text != "nobody listens" || explained.Advice != "start it" {
		t.Errorf("got %#v", err)
	}
}

func TestCompleteWhenNothingIsWaitedFor(t *testing.T) {
	live := model.Link{State: model.Live}
	again := model.Waiting{Step: model.WaitChanges, Done: 2, Total: 2, On: []model.Asked{{Service: "db"}}}
	all := stacks{
		{Link: model.Link{State: model.Connecting}, Waiting: []model.Waiting{{Step: model.WaitFiles}, {Step: model.WaitEngine}}},
		{Link: live, Name: "shop", Waiting: []model.Waiting{{Step: model.WaitEngine}}}, // its containers are listed, and what it is is not known
		{Link: live, Name: "shop", Waiting: []model.Waiting{{Step: model.WaitChanges, Done: 1, Total: 2}}},
		{Link: live, Name: "shop", Waiting: []model.Waiting{again}},
		nil,
	}
	last := all[3]
	var told []string
	got, err := complete(t.Context(), &all, func(waits []model.Waiting) {
		for _, w := range waits {
			told = append(told, w.Text(time.Time{}))
		}
	})
	if err != nil || got != last {
		t.Errorf("%v, %+v", err, got)
	}
	if want := []string{"the Compose files", "the engine", "the engine", "changes: 1 of 2"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

// Without a project there is nothing to wait for.
func TestCompleteWithoutAProject(t *testing.T) {
	for _, problem := range []*model.Problem{nil, {Text: "no Compose file here"}} {
		none := &stacks{{Link: model.Link{State: model.Live}, Problem: problem}}
		if _, err := complete(t.Context(), none, silent); err == nil || problem != nil && err.Error() != problem.Text {
			t.Errorf("%+v: %v", problem, err)
		}
	}
}
