package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/compose-spec/compose-go/v2/types"

	"petrify/inspect/compose"
	"petrify/inspect/job"
	"petrify/inspect/trial"
	"petrify/model"
	"petrify/model/plan"
)

// trials is what makes throw-away copies of services.
type trials interface {
	// Consent lists all that trials of some services would create.
	Consent(ctx context.Context, stack *model.Stack, services []string, o model.TrialOptions) (model.Consent, error)
	// Open makes the copies of one service and of what it depends on. Each step that takes
	// time is told as it begins, for a reader.
	Open(ctx context.Context, stack *model.Stack, service string, o model.TrialOptions, step func(string)) (copies, error)
	// Sweep removes what a petrify left that was killed.
	Sweep(ctx context.Context) error
	// Start is the plan that a trial of a service has to begin with; nil for the one of now.
	Start(service string) *model.Plan
}

// copyMaker makes copies on an engine.
type copyMaker struct{ *trial.Trials }

// Open makes the copies of one service.
func (c copyMaker) Open(ctx context.Context, stack *model.Stack, service string, o model.TrialOptions, step func(string)) (copies, error) {
	made, err := c.Trials.Open(ctx, stack, service, o, step)
	if err != nil {
		return nil, err
	}
	return made, nil
}

// Start leaves it to the plan of now.
func (copyMaker) Start(string) *model.Plan { return nil }

// filesOf reads the files of a stack again, for services that have no container yet.
func filesOf(flags compose.Options) trial.Files {
	return func(ctx context.Context, stack *model.Stack) (*types.Project, error) {
		flags.Files, flags.ProjectName = stack.Files, stack.Name
		return compose.Read(ctx, flags)
	}
}

// copies are the throw-away copies for one service.
type copies interface {
	// Run runs them with a plan, or unmodified (nil). Each step is told as it begins. The
	// error says why there is no run; what failed in one is among its steps.
	Run(ctx context.Context, p *model.Plan, step func(model.TrialStep)) (model.Run, error)
	// Close removes all that was made, also when ctx of the others has ended.
	Close() error
}

// trying is the job that tries plans, one service after the other, and keeps the proofs.
type trying struct {
	ctx     context.Context // of the stack that is watched; trials end with it
	trials  trials
	planner planner
	store   keptTrials
	stack   triedStack
	job     *job.Runner
	now     func() time.Time

	mu    sync.Mutex // never held while anybody is asked or waited for
	state model.Trying
}

// keptTrials keeps the last trial of each service.
type keptTrials interface {
	Save(t *model.Trial) error
	Project(name string) []*model.Trial
}

// triedStack shows how trials go.
type triedStack interface {
	Project() string
	ShowTrying(model.Trying)
	ShowTried([]*model.Trial)
}

func newTrying(ctx context.Context, from trials, p planner, store keptTrials, stack triedStack) *trying {
	t := &trying{ctx: ctx, trials: from, planner: p, store: store, stack: stack, now: time.Now}
	t.job = job.New(model.TrialJob, t.showJob)
	return t
}

// TrialConsent lists all that trials of the services named, or of all, would create.
func (t *trying) TrialConsent(ctx context.Context, stack *model.Stack, o model.TrialOptions, services ...string) (model.Consent, error) {
	names, err := triedServices(stack, services)
	if err != nil {
		return model.Consent{}, err
	}
	if err := t.trials.Sweep(ctx); err != nil {
		return model.Consent{}, explained(err)
	}
	consent, err := t.trials.Consent(ctx, stack, names, o)
	if err != nil {
		return model.Consent{}, explained(err)
	}
	return consent, nil
}

// triedServices are those that are named, or all that a trial can say something of.
func triedServices(stack *model.Stack, services []string) ([]string, error) {
	wanted, err := stack.Only(services...)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(wanted.Services))
	for i := range wanted.Services {
		names = append(names, wanted.Services[i].Name)
	}
	if len(names) == 0 {
		return nil, errors.New("there is no service to try")
	}
	return names, nil
}

// StartTrial tries the plans of the services named, or of all, one after the other.
func (t *trying) StartTrial(_ context.Context, stack *model.Stack, o model.TrialOptions, services ...string) error {
	names, err := triedServices(stack, services)
	if err != nil {
		return err
	}
	return t.job.Start(t.ctx, func(ctx context.Context, update job.Update) error {
		return t.tryAll(ctx, update, stack, o, names)
	})
}

// StopTrial tells the trials to end. It does not wait until they have.
func (t *trying) StopTrial() { t.job.Stop() }

// Finish ends the trials, and waits until all that they made is removed. Its error says
// that they do not end.
func (t *trying) Finish() error { return t.job.Finish() }

// tryAll tries one service after the other. One that cannot be tried hinders no other.
func (t *trying) tryAll(ctx context.Context, update job.Update, stack *model.Stack, o model.TrialOptions, names []string) error {
	var problems []error
	for i, name := range names {
		if ctx.Err() != nil {
			break
		}
		t.set(model.Trying{Service: name})
		update(func(j *model.Job) {
			j.State, j.Done, j.Total, j.Step = model.JobRunning, i, len(names), "plan"
		})
		trial, err := t.try(ctx, update, stack, o, name)
		if err != nil && ctx.Err() == nil {
			problems = append(problems, fmt.Errorf("%s: %w", name, err))
		}
		if trial != nil {
			if err := t.keep(trial); err != nil {
				problems = append(problems, err)
			}
		}
	}
	t.set(model.Trying{})
	if err := errors.Join(problems...); err != nil {
		told := model.Problem{Text: strings.ReplaceAll(err.Error(), "\n", "; ")}
		if first, ok := errors.AsType[*model.ProblemError](err); ok {
			told.Advice = first.Advice
		}
		return &model.ProblemError{Problem: told, Cause: err}
	}
	return ctx.Err()
}

// keep keeps a trial, and shows it.
func (t *trying) keep(trial *model.Trial) error {
	err := t.store.Save(trial)
	kept := t.store.Project(trial.Project)
	same := func(other *model.Trial) bool { return other.Service == trial.Service && other.ImageID == trial.ImageID }
	if err != nil || trial.Result != model.TrialUnfinished || !slices.ContainsFunc(kept, same) {
		// What is shown has the logs, which are not kept.
		kept = append(slices.DeleteFunc(kept, same), trial)
	}
	t.stack.ShowTried(kept)
	return err
}

// try runs one trial; nil where none came about.
func (t *trying) try(ctx context.Context, update job.Update, stack *model.Stack, o model.TrialOptions, name string) (trial *model.Trial, err error) {
	planned, err := t.start(ctx, stack, name)
	if err != nil {
		return nil, err
	}
	start, err := plan.StartOf(planned, o.Without)
	if err != nil {
		return nil, err
	}
	subject, err := t.planner.withUsers(ctx, stack, *stack.Service(name))
	if err != nil {
		return nil, err
	}
	rounds := plan.NewRounds(&subject, stack.Name, start, o, t.now())
	step := func(text string) { update(func(j *model.Job) { j.Step = text }) }
	copied, err := t.trials.Open(ctx, stack, name, o, step)
	if err != nil {
		return nil, explained(err)
	}
	defer func() {
		step("remove the copies")
		if closed := copied.Close(); closed != nil {
			err = errors.Join(err, fmt.Errorf("remove the copies: %w", closed))
		}
	}()
	if err := t.runRounds(ctx, copied, rounds, stack, &subject, step); err != nil {
		rounds.Stop(stoppedBy(ctx, err))
		if ctx.Err() == nil {
			return rounds.Trial(t.now()), explained(err)
		}
	}
	return rounds.Trial(t.now()), nil
}

// start is the plan that a trial begins with, with all its mounts.
func (t *trying) start(ctx context.Context, stack *model.Stack, name string) (model.Plan, error) {
	if p := t.trials.Start(name); p != nil {
		return *p, nil
	}
	planned, err := t.planner.Plans(ctx, stack, model.PlanOptions{}, name)
	if err != nil {
		return model.Plan{}, err
	}
	return planned[0], nil
}

func stoppedBy(ctx context.Context, err error) string {
	if ctx.Err() != nil {
		return "it was stopped"
	}
	return err.Error()
}

// runRounds runs what is to be run, until the trial is over.
func (t *trying) runRounds(ctx context.Context, copied copies, rounds *plan.Rounds, stack *model.Stack, s *model.Service, step func(string)) error {
	for {
		tried, more := rounds.Next()
		if !more {
			return nil
		}
		t.set(model.Trying{Service: s.Name, Trial: rounds.Trial(t.now())})
		run, err := copied.Run(ctx, tried, func(taken model.TrialStep) { step(taken.String()) })
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err // what was cut off says nothing
		}
		if tried == nil {
			rounds.TakeBaseline(run)
			continue
		}
		facts, err := t.planner.factsOf(ctx, stack, s, rounds.Paths(&run))
		if err != nil {
			return err
		}
		rounds.Take(run, facts)
	}
}

// set notes what is shown with the next state of the job.
func (t *trying) set(state model.Trying) {
	t.mu.Lock()
	defer t.mu.Unlock()
	state.Job = t.state.Job
	t.state = state
	t.stack.ShowTrying(state)
}

func (t *trying) showJob(j model.Job) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state.Job = j
	t.stack.ShowTrying(t.state)
}
