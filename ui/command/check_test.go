package command

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

func TestCheckExits(t *testing.T) {
	away := shop()
	away.Link.State = model.Stale
	for name, test := range map[string]struct {
		engine   fakeEngine
		args     []string
		code     int
		out, err string
	}{
		"findings":             {fakeEngine{stack: shop()}, nil, 1, "would break", ""},
		"nothing found":        {fakeEngine{stack: shop()}, []string{"worker"}, 0, "worker", ""},
		"only what is named":   {fakeEngine{stack: shop()}, []string{"web", "worker"}, 1, "web", ""},
		"no container":         {fakeEngine{stack: &model.Stack{Name: "shop", Link: model.Link{State: model.Live}}}, nil, 2, "shop", ""},
		"no answer any more":   {fakeEngine{stack: away}, nil, 2, "shop", ""},
		"no answer":            {fakeEngine{fails: errors.New("no answer")}, nil, 2, "", "petrify: no answer\n"},
		"service there is not": {fakeEngine{stack: shop()}, []string{"wokrer"}, 2, "", "did you mean worker?\n"},
		"format there is not":  {fakeEngine{opening: errors.New("it was opened")}, []string{"--format", "xml"}, 2, "", `unknown format "xml"; use text, json or sarif`},
		"schema":               {fakeEngine{opening: errors.New("it was opened")}, []string{"--schema"}, 0, "petrify.check/v1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			run(t, program(&test.engine), append([]string{"check"}, test.args...)...).expect(t, test.code, test.out, test.err)
		})
	}
}

func TestCheckAsJSON(t *testing.T) {
	got := run(t, program(&fakeEngine{stack: shop()}), "check", "--format", "json")
	got.expect(t, 1, "would break", "")
	if !json.Valid([]byte(got.out)) {
		t.Errorf("this is no JSON:\n%s", got.out)
	}
}

func TestCheckJudgesByPlan(t *testing.T) {
	pid := []model.Change{{Path: "/run/web.pid", Kind: model.Added}}
	run1 := model.PlannedMount{Kind: model.Tmpfs, Target: "/run", Serves: pid}
	opens := run1
	opens.OpensProgram = true
	for name, test := range map[string]struct {
		plan     model.Plan
		planless error
		args     []string
		code     int
		out      string
	}{
		"mended":                  {model.Plan{Mounts: []model.PlannedMount{run1}}, nil, []string{"--planned"}, 0, "shop: with the plan: nothing found"},
		"mended, but not now":     {model.Plan{Mounts: []model.PlannedMount{run1}}, nil, nil, 1, "with plan mended by 1 mount\n"},
		"mended in part":          {model.Plan{Mounts: []model.PlannedMount{run1}, Unsolved: []model.Unsolved{{Writes: pid}}}, nil, []string{"--planned"}, 1, "with its plan: 1 write not solved"},
		"program files opened":    {model.Plan{Mounts: []model.PlannedMount{opens}}, nil, []string{"--planned"}, 1, "makes program files writable at /run"},
		"not planned":             {model.Plan{}, errors.New("no answer"), []string{"--planned"}, 1, "the plan could not be made: no answer"},
		"not planned, nor needed": {model.Plan{}, errors.New("no answer"), []string{"--planned", "worker"}, 0, "nothing found"},
	} {
		t.Run(name, func(t *testing.T) {
			test.plan.Service = "web"
			e := &fakeEngine{stack: shop(), plans: []model.Plan{test.plan}, planless: test.planless}
			run(t, program(e), append([]string{"check"}, test.args...)...).expect(t, test.code, test.out, "")
			if slices.Contains(e.planned, "worker") {
				t.Errorf("planned for %q, but worker would not break", e.planned)
			}
		})
	}
}

func TestCheckAsSARIF(t *testing.T) {
	e := &fakeEngine{stack: shop()}
	got := run(t, program(e), "check", "--format", "sarif", "-f", "a b.yaml")
	got.expect(t, 1, `"command": "petrify plan -f 'a b.yaml' web"`, "")
	if !json.Valid([]byte(got.out)) {
		t.Errorf("this is no JSON:\n%s", got.out)
	}
}

// A planner that never answers keeps nobody waiting for ever, and an interrupt ends it.
func TestCheckIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, over := time.Now(), make(chan struct{})
		e := &fakeEngine{stack: shop(), planHangs: over}
		run(t, program(e), "check").expect(t, 1, "the plan could not be made: what images", "")
		if took := time.Since(began); took != planTime {
			t.Errorf("it took %s", took)
		}
		e = &fakeEngine{stack: shop(), planHangs: over} // the other one still hangs
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		stopping, stop := context.WithCancel(context.Background())
		context.AfterFunc(ctx, stop)
		if got := runIn(stopping, program(e), strings.NewReader(""), "check"); got.code != exitInterrupted || got.out != "" {
			t.Errorf("after an interrupt: %d, %s", got.code, got.out)
		}
		close(over)
	})
}
