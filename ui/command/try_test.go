package command

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"petrify/model"
)

var copyOfWeb = model.Consent{
	Containers: []model.NewContainer{{Service: "web", Image: "shop/web\x1b[2J"}},
	Networks:   []model.NewNetwork{{Name: "petrify-try-1"}},
	Volumes:    []model.NewVolume{{Service: "web", Target: "/data", From: "shop_data", Bytes: 12 << 20}},
	Notes:      []string{"network_mode: host is replaced"},
}

func tryable() *fakeEngine {
	e := recordable()
	e.consent = copyOfWeb
	return e
}

// What is tried, how it went and what came of it is told.
func TestTryProves(t *testing.T) {
	e := tryable()
	e.stacks <- e.trying(model.JobStarting, nil)
	e.stacks <- e.trying(model.JobRunning, nil)
	e.stacks <- e.trying(model.NoJob, sampleTrial(model.TrialProved))
	got := run(t, program(e), "try", "-y", "--exercise", `web=curl -f "a b"`, "--exercise", "true", "--without", "*", "web")
	got.expect(t, 0, "web       proved   2        41 s   0               1       0         0", "container     a copy of web, of shop/web")
	for _, want := range []string{
		"network       petrify-try-1, which leads nowhere", "volume        web /data, a copy of shop_data (12MiB)", "note          network_mode: host is replaced",
		"web: unmodified copy: ready: healthy, 4 s\n",
		"web: round 1: start failed: it ended with exit code 1, 1 path refused, 3 s\nweb:   + mount at /run: openat of /run/web.pid was refused to web (33)\n",
		"web: round 2: as the unmodified copy, 4 s\nweb: proved: 2 rounds, 41 s, 0 refused, 0 tolerated\n",
	} {
		if strings.Count(got.err, want) != 1 {
			t.Errorf("standard error has not once %q:\n%s", want, got.err)
		}
	}
	want := []string{
		"ask [web] {Data:copy Egress:false Exercise:[{Service:web Command:[curl -f a b]} {Service: Command:[sh -c true]}] For:0s Publish:false Minimise:false Without:[*]}",
		"start [web]",
	}
	if !slices.Equal(e.tried, want) || !e.finished {
		t.Errorf("did %q, finished: %t; want %q", e.tried, e.finished, want)
	}
}

func TestTryExitCodes(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(*fakeEngine) *model.Stack
		code int
		out  string
		err  string
	}{
		"not proved": {func(e *fakeEngine) *model.Stack {
			failed := sampleTrial(model.TrialFailed)
			failed.Reason = "start failed"
			failed.Rounds = failed.Rounds[:1]
			return e.trying(model.NoJob, failed)
		}, 1, "✗ web: start failed\n  │ cannot write", "web: failed: 1 round"},
		"could not": {func(e *fakeEngine) *model.Stack {
			stack := e.trying(model.JobFailed, nil)
			stack.Trying.Reason, stack.Trying.Advice = "no room on the disk", "free some"
			return stack
		}, 2, "not tried", "petrify: no room on the disk\nfree some\n"},
	} {
		t.Run(name, func(t *testing.T) {
			e := tryable()
			e.stacks <- e.trying(model.JobRunning, nil)
			e.stacks <- test.end(e)
			run(t, program(e), "try", "-y", "web").expect(t, test.code, test.out, test.err)
			if !e.finished {
				t.Error("what was created may still be there")
			}
		})
	}
}

// An older stack than the trial's start says nothing of its end.
func TestTryWaitsForItsOwnEnd(t *testing.T) {
	e := tryable()
	before := sampleTrial(model.TrialFailed)
	before.Began = noon.Add(-1)
	e.stacks <- e.trying(model.NoJob, before)
	e.stacks <- e.trying(model.JobRunning, before)
	e.stacks <- e.trying(model.NoJob, sampleTrial(model.TrialProved))
	run(t, program(e), "try", "-y", "web").expect(t, 0, "proved", "proved")
}

func TestAnInterruptEndsATrialAndCleansUp(t *testing.T) {
	e := tryable()
	ctx, interrupt := context.WithCancel(t.Context())
	e.starts = interrupt
	got := runIn(ctx, program(e), strings.NewReader(""), "try", "-y")
	got.expect(t, exitInterrupted, "web", "the trial ends, and what was created is removed")
	if !slices.Contains(e.tried, "stop") || !e.finished {
		t.Errorf("did %q, finished: %t", e.tried, e.finished)
	}
}

func TestNothingIsTriedUnasked(t *testing.T) {
	for name, test := range map[string]struct {
		consent model.Consent
		args    []string
		err     string
	}{
		"nobody to ask":         {copyOfWeb, nil, "petrify: nobody can be asked: agree to it with --yes"},
		"impossible":            {model.Consent{Problem: &model.Problem{Text: "no room", Advice: "free some"}}, []string{"-y"}, "petrify: no room\nfree some\n"},
		"service that is not":   {copyOfWeb, []string{"-y", "wbe"}, "did you mean web?"},
		"data of another kind":  {copyOfWeb, []string{"-y", "--data", "old"}, "--data old is neither copy nor fresh"},
		"relative mount":        {copyOfWeb, []string{"-y", "--without", "run"}, "--without takes the absolute path"},
		"no command":            {copyOfWeb, []string{"-y", "--exercise", "web='"}, "the command cannot be read"},
		"published for no time": {copyOfWeb, []string{"-y", "--publish"}, "--for 5m"},
		"format":                {copyOfWeb, []string{"-y", "--format", "yaml"}, "yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			e := tryable()
			e.consent = test.consent
			got := run(t, program(e), append([]string{"try"}, test.args...)...)
			got.expect(t, 2, "", test.err)
			if strings.Contains(strings.Join(e.tried, " "), "start") || strings.Contains(got.err, "\x1b") {
				t.Errorf("it did %v, and wrote %q", e.tried, got.err)
			}
		})
	}
}

// Those that are read-only by their own declaration need no trial, unless they are named.
func TestWhatIsTried(t *testing.T) {
	for args, want := range map[string]string{"": "start [web]", "worker": "start [worker]"} {
		e := tryable()
		e.stack.Services[1].Declared.ReadOnly = true
		e.stack.Services = append(e.stack.Services, model.Service{Name: "backup", Declared: &model.Declared{Name: "backup"}})
		e.stacks <- e.trying(model.JobFailed, nil)
		run(t, program(e), append([]string{"try", "-y"}, strings.Fields(args)...)...)
		if !slices.Contains(e.tried, want) {
			t.Errorf("%q: %q, want %q", args, e.tried, want)
		}
	}
}

func TestTrialsAsJSON(t *testing.T) {
	e := tryable()
	e.stacks <- e.trying(model.JobRunning, nil)
	e.stacks <- e.trying(model.NoJob, sampleTrial(model.TrialProved))
	got := run(t, program(e), "try", "-y", "--format", "json", "web")
	var document struct {
		Schema string
		Trials []struct {
			Service, Result, Text string
			Mounts                []struct{ Kind, Target string }
			Rounds                []struct {
				Refused []string
				Mended  []struct{ Target, Kind string }
			}
		}
	}
	if err := json.Unmarshal([]byte(got.out), &document); err != nil {
		t.Fatalf("%v\n%s", err, got.out)
	}
	if document.Schema != "petrify.trials/v1" || len(document.Trials) != 1 || document.Trials[0].Result != "proved" ||
		document.Trials[0].Rounds[0].Refused[0] != "/run/web.pid" || document.Trials[0].Rounds[0].Mended[0].Target != "/run" || document.Trials[0].Mounts[0].Target != "/run" {
		t.Errorf("%+v", document)
	}
}

// A check that asks for proofs fails until there is one, for the plan as it is.
func TestCheckProved(t *testing.T) {
	e := recordable()
	e.stack.Services[1].Declared.ReadOnly = true
	e.plans = []model.Plan{sampleTrial(model.TrialProved).Plan}
	run(t, program(e), "check", "--proved").expect(t, 1, "its plan is not proved: no trial was made", "")
	proved := sampleTrial(model.TrialProved)
	proved.ImageID, proved.Definition = e.stack.Services[0].ImageID(), e.stack.Services[0].Definition()
	e.stack.Services[0].Trial = proved
	run(t, program(e), "check", "--proved").expect(t, 0, "proved with 1 mount, by a trial of 2 rounds, 41 s", "")
	e.stack.Services[0].Declared.User = "33"
	run(t, program(e), "check", "--proved").expect(t, 1, "its plan is not proved: the service was declared otherwise", "")
	run(t, program(e), "check", "--planned").expect(t, 0, "web", "")
}
