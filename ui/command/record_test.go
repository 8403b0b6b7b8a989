package command

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

func recordable() *fakeEngine {
	return &fakeEngine{stack: shop(), stacks: make(chan *model.Stack, 10)}
}

func TestRecordForATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := recordable()
		e.stacks <- e.recording(model.JobStarting)
		e.stacks <- e.recording(model.JobRunning)
		began := time.Now()
		got := run(t, program(e), "record", "--for", "60s", "web")
		got.expect(t, 0, "1 path", "recording; an interrupt ends it")
		if took := time.Since(began); took != time.Minute {
			t.Errorf("it took %s", took)
		}
		if want := []string{"start web", "stop"}; !slices.Equal(e.recorded, want) || !e.finished {
			t.Errorf("%v, finished: %t; want %v", e.recorded, e.finished, want)
		}
	})
}

func TestAnInterruptEndsARecordingAndItsSummaryIsPrinted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := recordable()
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(time.Hour, interrupt)
		e.stacks <- e.recording(model.JobRunning)
		got := runIn(ctx, program(e), strings.NewReader(""), "record")
		got.expect(t, 0, "SERVICE", "recording")
		if !strings.Contains(got.out, "web ") || !slices.Contains(e.recorded, "stop") || !e.finished {
			t.Errorf("%v, finished: %t\n%s", e.recorded, e.finished, got.out)
		}
	})
}

// A recording that does not end is given up, and what is known of it is printed.
func TestARecordingThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := recordable()
		e.neverEnds, e.unfinished = true, &model.ProblemError{Problem: model.Problem{Text: "it did not end within 1 min", Advice: "the next one removes it"}}
		e.stacks <- e.recording(model.JobRunning)
		got := run(t, program(e), "record", "--for", "60s")
		got.expect(t, 2, "web ", "petrify: it did not end within 1 min\nthe next one removes it\n")
	})
}

func TestARecordingThatFailsSaysWhy(t *testing.T) {
	e := recordable()
	failed := e.recording(model.JobFailed)
	failed.Recorder.Reason, failed.Recorder.Advice = "the helper is gone", "look at its log"
	e.stacks <- failed
	run(t, program(e), "record").expect(t, 2, "SERVICE", "petrify: the recording ended: the helper is gone\nlook at its log\n")
	if !e.finished {
		t.Error("what was started may still be there")
	}
}

func TestNothingIsStartedUnasked(t *testing.T) {
	container := model.Consent{Containers: []model.NewContainer{{Image: "petrify\x1b[2J", Capabilities: []string{"SYS_ADMIN"}, Namespaces: []string{"process"}}}}
	for name, test := range map[string]struct {
		consent model.Consent
		args    []string
		err     string
	}{
		"impossible":             {model.Consent{Problem: &model.Problem{Text: "only Linux tells", Advice: "changes remain"}}, nil, "petrify: only Linux tells\nchanges remain\n"},
		"nobody to ask":          {container, nil, "agree to the container with --yes"},
		"service that is not":    {container, []string{"--yes", "wbe"}, "did you mean web?"},
		"listed and cleared too": {container, []string{"--list", "--clear"}, "none of the others can be"},
	} {
		t.Run(name, func(t *testing.T) {
			e := recordable()
			e.consent = test.consent
			run(t, program(e), append([]string{"record"}, test.args...)...).expect(t, 2, "", test.err)
			if len(e.recorded) > 0 {
				t.Errorf("it did %v", e.recorded)
			}
		})
	}
}

func TestAgreedToBeforehand(t *testing.T) {
	e := recordable()
	e.consent.Containers = []model.NewContainer{{Image: "petrify", Capabilities: []string{"SYS_ADMIN", "SYS_PTRACE"}}}
	e.stacks <- e.recording(model.JobRunning)
	e.stacks <- e.recording(model.NoJob) // it ends by itself
	run(t, program(e), "record", "-y").expect(t, 0, "web", "SYS_ADMIN and SYS_PTRACE, no others")
}

func TestRecordingsThatAreKept(t *testing.T) {
	e := recordable()
	e.kept = []*model.Recording{{Project: "shop", Service: "web\x1b[2J", ImageID: "sha256:0123456789abcdef", Sittings: []model.Sitting{{Ended: noon, Ran: time.Minute}}}}
	e.unread = errors.New("x cannot be read")
	run(t, program(e), "record", "--list").expect(t, 2, "0123456789ab ", "petrify: x cannot be read\n")
	run(t, program(e), "record", "--clear", "web").expect(t, 0, "forgot 2 recordings of shop\n", "")
	if !slices.Equal(e.cleared, []string{"web"}) {
		t.Errorf("cleared %v", e.cleared)
	}
}

// The changes of a large stack take minutes; what is written meanwhile is recorded.
func TestRecordingDoesNotWaitForChanges(t *testing.T) {
	e := recordable()
	e.hangs, e.waits = true, changesOf(1, "web", noon)
	e.stacks <- e.recording(model.JobRunning)
	e.stacks <- e.recording(model.NoJob)
	run(t, program(e), "record").expect(t, 0, "web", "recording")
}

// What the engine is and which containers it has is waited for.
func TestRecordingWaitsForTheEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, step := range []model.Step{model.WaitEngine, model.WaitFiles} {
			e := recordable()
			e.hangs, e.waits = true, append(changesOf(1, "web", noon), model.Waiting{Step: step})
			ctx, interrupt := context.WithTimeout(t.Context(), time.Minute)
			if got := runIn(ctx, program(e), strings.NewReader(""), "record"); got.code == 0 || len(e.recorded) > 0 {
				t.Errorf("%s: %+v, %v", step, got, e.recorded)
			}
			interrupt()
		}
	})
}
