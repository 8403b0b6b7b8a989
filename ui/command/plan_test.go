package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"petrify/model"
	"petrify/ui/export"
)

func planned() *fakeEngine {
	return &fakeEngine{stack: shop(), plans: []model.Plan{{Service: "web", Mounts: []model.PlannedMount{
		{Kind: model.Tmpfs, Target: "/run", Mode: 0o755, Size: 1 << 20, Reason: "it writes its pid there"},
	}}}}
}

func TestPlanIsPrinted(t *testing.T) {
	for _, f := range export.Formats {
		t.Run(f.Name, func(t *testing.T) {
			e := planned()
			got := run(t, program(e), "plan", "-o", f.Name, "web")
			if got.code != 0 || !strings.Contains(got.out, "/run") || !export.Ours([]byte(got.out)) {
				t.Errorf("exit code %d: %s%s", got.code, got.out, got.err)
			}
			if !slices.Equal(e.planned, []string{"web"}) {
				t.Errorf("planned %v", e.planned)
			}
		})
	}
}

func TestPlanIsWritten(t *testing.T) {
	p := program(planned())
	files := &fakeFiles{written: map[string]string{}}
	p.Files = files
	run(t, p, "plan", "-w", "out.yaml", "web").expect(t, 0, "", "")
	if text := files.written["out.yaml"]; !strings.Contains(text, "read_only: true") {
		t.Errorf("wrote %q", text)
	}
}

// What somebody changed in a plan is not lost: neither from the command line nor from the screen.
func TestPlanThatWasChangedByHandStays(t *testing.T) {
	p := program(planned())
	files := &fakeFiles{written: map[string]string{}}
	p.Files = files
	run(t, p, "plan", "-w", "out.yaml", "web").expect(t, 0, "", "")
	run(t, p, "plan", "-w", "out.yaml", "web").expect(t, 0, "", "")
	changed := strings.Replace(files.written["out.yaml"], "read_only: true", "read_only: true\n    user: app", 1)
	files.written["out.yaml"] = changed
	run(t, p, "plan", "-w", "out.yaml", "web").expect(t, 2, "", "out.yaml was changed by hand since petrify wrote it")
	err := (planFiles{p}).Keep("out.yaml", []byte("x"), func([]byte) error { return nil })
	if err == nil || !strings.Contains(err.Error(), "--force") || files.written["out.yaml"] != changed {
		t.Errorf("%v: the screen wrote %q", err, files.written["out.yaml"])
	}
	run(t, p, "plan", "-w", "out.yaml", "--force", "web").expect(t, 0, "", "")
	if strings.Contains(files.written["out.yaml"], "user: app") {
		t.Error("--force does not replace it")
	}
}

// Nobody waits for an engine to hear that a file is not overwritten.
func TestPlanIsRefusedBeforeAnythingIsAsked(t *testing.T) {
	p := program(&fakeEngine{opening: errors.New("it was opened")})
	files := &fakeFiles{refuses: errors.New("out.yaml is somebody else's"), written: map[string]string{}}
	p.Files = files
	run(t, p, "plan", "-w", "out.yaml").expect(t, 2, "", "petrify: out.yaml is somebody else's\n")
	if err := (planFiles{p}).Keep("out.yaml", []byte("x"), func([]byte) error { return nil }); err == nil || len(files.written) > 0 {
		t.Errorf("%v: the screen wrote %v", err, files.written)
	}
	run(t, p, "plan", "-o", "helm").expect(t, 2, "", `unknown format "helm"; use compose, compose-v2, `)
	run(t, p, "plan", "--schema").expect(t, 0, "petrify.plan/v1", "")
}

// A file for Compose without any service in it is none; others do not mind what Compose
// copies.
func TestPlanOfServicesThatStayWritable(t *testing.T) {
	e := planned()
	e.plans[0].Stays = model.StaysCopiedIn
	for _, f := range export.Formats {
		p := program(e)
		files := &fakeFiles{written: map[string]string{}}
		p.Files = files
		got := run(t, p, "plan", "-o", f.Name, "-w", "out.yaml", "web")
		if f.Override != (got.code == 2 && len(files.written) == 0 && strings.Contains(got.err, model.StaysCopiedIn.Advice())) {
			t.Errorf("%s: exit code %d, wrote %d files, said %q", f.Name, got.code, len(files.written), got.err)
		}
	}
}

func TestPlanOfAServiceThatThereIsNot(t *testing.T) {
	run(t, program(planned()), "plan", "wbe").expect(t, 2, "", "did you mean web?\n")
}

// The inspector has one line for what is wrong: it says what to do next as well.
func TestTheInspectorSaysWhereAPlanCanGo(t *testing.T) {
	p := program(&fakeEngine{})
	p.Files = &fakeFiles{refuses: &model.FileTakenError{Name: "compose.yaml", Regular: true}}
	err := (planFiles{p}).Keep("compose.yaml", nil, nil)
	if want := "compose.yaml was not written by petrify plan: choose another name, or replace it with `petrify plan --force`"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

// Plans of one service leave those of others in the file as they were planned last.
func TestPlanOfOneServiceKeepsTheOthers(t *testing.T) {
	tmpfs := []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run", Mode: 0o755, Size: 1 << 20, Reason: "it writes its pid there"}}
	web, worker := model.Plan{Service: "web", Mounts: tmpfs}, model.Plan{Service: "worker", Mounts: tmpfs}
	unseen := model.Plan{Service: "worker", NotSeen: "it never ran"}
	for name, test := range map[string]struct {
		last  model.Plan
		flags []string
		code  int
		want  string // what the file plans for
		says  string
	}{
		"known":         {worker, nil, 0, "[web worker]", "worker: stays in out.yaml as it was planned last"},
		"forgotten":     {unseen, nil, 2, "[web worker]", "out.yaml has a plan for worker as well"},
		"and let go of": {unseen, []string{"--force"}, 0, "[web]", "worker: left out"},
	} {
		e := planned()
		e.byName = map[string]model.Plan{"web": web, "worker": worker}
		p := program(e)
		files := &fakeFiles{written: map[string]string{}}
		p.Files = files
		run(t, p, "plan", "-w", "out.yaml").expect(t, 0, "", "")
		e.byName["worker"] = test.last
		got := run(t, p, append([]string{"plan", "-w", "out.yaml", "web"}, test.flags...)...)
		if services := export.Services([]byte(files.written["out.yaml"])); got.code != test.code || fmt.Sprint(services) != test.want || !strings.Contains(got.err, test.says) {
			t.Errorf("%s: exit code %d, planned for %v, said %q", name, got.code, services, got.err)
		}
	}
}

// The screen writes no file without a plan, and none that loses one.
func TestScreenLosesNoPlan(t *testing.T) {
	p := program(planned())
	files := &fakeFiles{written: map[string]string{"out.yaml": "# petrify plan v1"}}
	p.Files = files
	refused := errors.New("it would lose a plan")
	if err := (planFiles{p}).Keep("out.yaml", []byte("x"), func(earlier []byte) error {
		if string(earlier) != "# petrify plan v1" {
			t.Errorf("asked with %q", earlier)
		}
		return refused
	}); !errors.Is(err, refused) || files.written["out.yaml"] == "x" {
		t.Errorf("%v: wrote %v", err, files.written)
	}
}

// What can be completed are the paths that begin so, hidden ones only where they are asked for.
func TestPathsAreCompleted(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"deploy/plan.yaml", "deploy.yaml", ".hidden"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for begin, want := range map[string]string{
		"":        "[deploy/ deploy.yaml]",
		"dep":     "[deploy/ deploy.yaml]",
		"deploy/": "[deploy/plan.yaml]",
		".h":      "[.hidden]",
		"no/":     "[]",
	} {
		got := planFiles{}.Complete(begin)
		if fmt.Sprint(got) != want {
			t.Errorf("%q: %v, want %s", begin, got, want)
		}
	}
}
