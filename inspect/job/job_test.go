package job

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

// states collects what is told, as "running 1/2 copy: reason".
type states []string

func (s *states) add(j model.Job) {
	text := string(j.State)
	if j.Step != "" {
		text += fmt.Sprintf(" %s %d/%d", j.Step, j.Done, j.Total)
	}
	if j.Reason != "" {
		text += ": " + j.Reason
	}
	if j.Advice != "" {
		text += " | " + j.Advice
	}
	*s = append(*s, text)
}

func (s *states) expect(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(*s, want) {
		t.Errorf("told %q\nwant %q", *s, want)
	}
}

func TestJobThatIsDone(t *testing.T) {
	var told states
	r := New(model.RecordingJob, told.add)
	if err := r.Start(t.Context(), func(_ context.Context, update Update) error {
		update(func(j *model.Job) { j.State = model.JobRunning })
		update(func(j *model.Job) { j.Step, j.Done, j.Total = "copy", 1, 2 })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	<-r.over
	told.expect(t, "starting", "running", "running copy 1/2", "")
	if r.UnderWay() || r.job.Kind != model.RecordingJob {
		t.Errorf("%+v", r.job)
	}
}

func TestJobThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"by itself":   {errors.New("no room"), "failed: no room"},
		"with advice": {fmt.Errorf("start: %w", &model.ProblemError{Problem: model.Problem{Text: "no room", Advice: "make some"}}), "failed: start: no room | make some"},
	} {
		t.Run(name, func(t *testing.T) {
			var told states
			r := New(model.RecordingJob, told.add)
			if err := r.Start(t.Context(), func(context.Context, Update) error { return test.err }); err != nil {
				t.Fatal(err)
			}
			<-r.over
			told.expect(t, "starting", test.want)
		})
	}
}

// A second job waits its turn, also while the first one cleans up; whoever finishes
// waits for that.
func TestJobIsStoppedAndCleansUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told states
		r := New(model.RecordingJob, told.add)
		clean := false
		work := func(ctx context.Context, update Update) error {
			update(func(j *model.Job) { j.State = model.JobRunning })
			<-ctx.Done()
			time.Sleep(finishLimit - 1)
			update(func(j *model.Job) { j.State, j.Step = model.JobRunning, "late" })
			clean = true
			return ctx.Err()
		}
		if err := r.Start(t.Context(), work); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		r.Stop()
		r.Stop()
		if err := r.Start(t.Context(), work); !errors.Is(err, ErrUnderWay) {
			t.Errorf("a second one: %v", err)
		}
		if err := r.Finish(); err != nil {
			t.Error(err)
		}
		if !clean {
			t.Error("Finish did not wait for what was to be cleaned up")
		}
		told.expect(t, "starting", "running", "stopping", "stopping late 0/0", "")
		if err := r.Start(t.Context(), func(context.Context, Update) error { return nil }); err != nil {
			t.Errorf("the next one: %v", err)
		}
		if err := r.Finish(); err != nil {
			t.Error(err)
		}
	})
}

// A job that does not end holds nobody up for ever, and a second one to finish it not at all.
func TestJobThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told states
		r := New(model.RecordingJob, told.add)
		hung := make(chan struct{})
		if err := r.Start(t.Context(), func(context.Context, Update) error { <-hung; return nil }); err != nil {
			t.Fatal(err)
		}
		for _, wait := range []time.Duration{finishLimit, 0} {
			began := time.Now()
			err := r.Finish()
			if err == nil || !strings.Contains(err.Error(), "the recording did not end within a minute") || time.Since(began) != wait {
				t.Errorf("after %s: %v", time.Since(began), err)
			}
		}
		told.expect(t, "starting", "stopping")
		close(hung)
		synctest.Wait()
		if err := r.Finish(); err != nil {
			t.Errorf("it has ended after all: %v", err)
		}
		told.expect(t, "starting", "stopping", "")
	})
}

func TestJobEndsWithItsContext(t *testing.T) {
	var told states
	r := New(model.RecordingJob, told.add)
	ctx, cancel := context.WithCancel(t.Context())
	if err := r.Start(ctx, func(ctx context.Context, _ Update) error { <-ctx.Done(); return context.Cause(ctx) }); err != nil {
		t.Fatal(err)
	}
	cancel()
	<-r.over
	told.expect(t, "starting", "")
}

func TestFinishWithoutAJob(t *testing.T) {
	r := New(model.RecordingJob, func(model.Job) { t.Error("told") })
	r.Stop()
	if err := r.Finish(); err != nil {
		t.Error(err)
	}
}
