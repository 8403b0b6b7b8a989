// Package job runs what takes long: once at a time, with its states told as they come,
// and over only when it has cleaned up.
package job

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"petrify/model"
)

// ErrUnderWay is returned to whoever starts a job while the one before goes on.
var ErrUnderWay = errors.New("it is under way already: stop it first, or wait until it has ended")

// finishLimit is how long a job may take to end and to clean up. All that a recording waits for
// has shorter bounds, which together are below it: one that takes longer hangs.
const finishLimit = time.Minute

// Work does a job until it is done or ctx is, cleans up, and returns. That ctx ended is
// no failure. With update it says how far it is.
type Work func(ctx context.Context, update Update) error

// Update changes what is told of a job under way.
type Update func(change func(*model.Job))

// Runner runs the jobs of one kind.
type Runner struct {
	kind model.JobKind
	told func(model.Job)

	// The mutex is held while somebody is told, so that states are told in their order,
	// and never while work is done.
	mu     sync.Mutex
	job    model.Job
	cancel context.CancelFunc // nil when nothing is under way
	over   chan struct{}      // closed when the last one has ended; nil before the first one
	hangs  bool               // Finish has waited for it in vain
}

// New returns a runner that runs nothing yet. Each state is told; told must not wait
// and must not call the runner.
func New(kind model.JobKind, told func(model.Job)) *Runner {
	return &Runner{kind: kind, told: told}
}

// Start does some work until it is done, Stop is called or ctx ends. It refuses while
// the work before goes on, also while that cleans up.
func (r *Runner) Start(ctx context.Context, work Work) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		return ErrUnderWay
	}
	ctx, cancel := context.WithCancel(ctx)
	over := make(chan struct{})
	r.cancel, r.over, r.hangs = cancel, over, false
	r.tell(model.Job{State: model.JobStarting})
	go func() {
		defer close(over)
		defer cancel()
		r.end(ctx, work(ctx, r.update))
	}()
	return nil
}

// UnderWay reports whether a job goes on.
func (r *Runner) UnderWay() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cancel != nil
}

// Stop tells the job to end. It does not wait until it has.
func (r *Runner) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel == nil || r.job.State == model.JobStopping {
		return
	}
	r.cancel()
	r.tell(model.Job{State: model.JobStopping, Step: r.job.Step})
}

// Finish tells the job to end, and waits until it has cleaned up. Its error says that a
// minute was not enough for that: nobody waits for this job any more.
func (r *Runner) Finish() error {
	r.Stop()
	r.mu.Lock()
	over, hangs := r.over, r.hangs
	r.mu.Unlock()
	if over == nil {
		return nil
	}
	limit := finishLimit
	if hangs {
		limit = 0
	}
	if !endsWithin(over, limit) {
		return r.giveUp(over)
	}
	return nil
}

func endsWithin(over <-chan struct{}, limit time.Duration) bool {
	select {
	case <-over:
		return true
	default:
	}
	select {
	case <-over:
		return true
	case <-time.After(limit):
		return false
	}
}

func (r *Runner) giveUp(on <-chan struct{}) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.hangs = r.over == on
	return &model.ProblemError{Problem: model.Problem{
		Text:   fmt.Sprintf("the %s did not end within a minute: the last of it may be missing", r.kind),
		Advice: "what it started ends with petrify; the next one removes what is left",
	}}
}

func (r *Runner) update(change func(*model.Job)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel == nil {
		return // it has ended, and what it began besides has not heard of that
	}
	job := r.job
	change(&job)
	if r.job.State == model.JobStopping {
		job.State = model.JobStopping
	}
	r.tell(job)
}

func (r *Runner) end(ctx context.Context, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cancel = nil
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		r.tell(model.Job{})
		return
	}
	failed := model.Job{State: model.JobFailed, Reason: err.Error()}
	if problem, ok := errors.AsType[*model.ProblemError](err); ok {
		failed.Advice = problem.Advice
	}
	r.tell(failed)
}

// tell keeps since when the job has been in its state.
func (r *Runner) tell(job model.Job) {
	job.Kind = r.kind
	if job.Since = r.job.Since; job.State != r.job.State {
		job.Since = time.Now()
	}
	r.job = job
	r.told(job)
}
