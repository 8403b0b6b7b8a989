package session

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"petrify/inspect/compose"
	"petrify/inspect/replay"
	"petrify/model"
)

// The recorded stack takes the way of a live one, files and all.
func TestReplaySettles(t *testing.T) {
	rec, err := replay.Demo()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	source, clock, err := Replay(ctx, rec.At(rec.Duration()), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	stack, err := Settle(ctx, source)
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
			t.Errorf("%s drifts from the files that it was recorded with: %v", s.Name, s.Drift)
		}
	}
	if at := clock(); at.Before(rec.Recorded) || at.Sub(rec.Recorded) > rec.Duration()+time.Second {
		t.Errorf("the clock shows %v, the recording began at %v", at, rec.Recorded)
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

type oneStack struct{ stack *model.Stack }

func (s oneStack) Next(context.Context) (*model.Stack, error) { return s.stack, nil }

func TestSettleDoesNotWaitForAnEngineThatIsAway(t *testing.T) {
	stack := &model.Stack{Link: model.Link{State: model.Connecting, Reason: "nobody listens", Advice: "start it"}}
	_, err := Settle(t.Context(), oneStack{stack})
	var explained *Explained
	if !errors.As(err, &explained) || explained.Text != "nobody listens" || explained.Advice != "start it" {
		t.Errorf("got %#v", err)
	}
}

// One container that the engine cannot tell of must not hold up a report for ever.
func TestSettleWithWhatCouldNotBeTold(t *testing.T) {
	asked := []model.ContainerChanges{{Container: "1"}}
	for _, test := range []struct {
		name      string
		container model.Container
		changes   []model.ContainerChanges
		settled   bool
	}{
		{"not asked yet", model.Container{ID: "1", State: model.Running}, nil, false},
		{"inspected", model.Container{ID: "1", State: model.Running, Inspected: true}, nil, false},
		{"all told", model.Container{ID: "1", State: model.Running, Inspected: true}, asked, true},
		{"not to be inspected", model.Container{ID: "1", State: model.Running, Err: "garbage"}, asked, true},
		{"never ran", model.Container{ID: "1", State: model.Created, Inspected: true}, nil, true},
	} {
		stack := &model.Stack{Name: "shop", Link: model.Link{State: model.Live}, Services: []model.Service{
			{Containers: []model.Container{test.container}, Changes: test.changes},
		}}
		if got := settled(stack); got != test.settled {
			t.Errorf("%s: settled %v, want %v", test.name, got, test.settled)
		}
	}
}
