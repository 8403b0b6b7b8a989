package session

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"petrify/inspect/compose"
	"petrify/inspect/engine"
	"petrify/inspect/replay"
	"petrify/inspect/watch"
	"petrify/model"
)

// Replayed is the stack of a capture: it is watched, planned and, where the capture has
// trials, tried. Nothing runs that could be recorded.
type Replayed struct {
	Watched
	*trying
}

// Finish ends what is tried.
func (r *Replayed) Finish() error { return r.trying.Finish() }

// Replay plays a capture: its stack from the captured engine, and its clock.
func Replay(ctx context.Context, capture *replay.Capture, now func() time.Time) (*Replayed, func() time.Time, error) {
	api, err := capture.Client(now)
	if err != nil {
		return nil, nil, err
	}
	files := compose.Options{
		ProjectName: capture.Project,
		ProjectDir:  capture.Dir,
		Environ:     append([]string{"COMPOSE_DISABLE_ENV_FILE=1"}, capture.Environ...),
		ReadFile:    capture.ReadFile,
	}
	for _, f := range capture.Files {
		files.Files = append(files.Files, filepath.Join(capture.Dir, f.Name))
	}
	about := model.Engine{Address: replay.Address, Capture: capture.Name}
	clock := capture.Clock(now)
	captured := engine.New(api, about)
	w := watch.Start(ctx, watch.Options{
		Engine: captured,
		Load: func(ctx context.Context) (string, *model.Project, *model.Problem) {
			return load(ctx, files)
		},
		Now:   clock,
		Known: about,
	})
	planner := planner{from: captured}
	trials := &playedTrials{capture: capture}
	tried := newTrying(ctx, trials, planner, &playedProofs{}, w)
	tried.now = trials.now
	return &Replayed{Watched{Watcher: w, planner: planner}, tried}, clock, nil
}

// playedTrials plays the trials of a capture. Nothing is made for them.
type playedTrials struct {
	capture *replay.Capture

	mu   sync.Mutex
	took time.Duration // what was played of the last one, as it was captured
}

// now is when what is played was done: the trials were made at the end of the capture.
func (p *playedTrials) now() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.capture.Captured.Add(p.capture.Duration() + p.took)
}

func (p *playedTrials) pass(took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.took += took
}

func (p *playedTrials) Consent(_ context.Context, _ *model.Stack, services []string, o model.TrialOptions) (model.Consent, error) {
	all := model.Consent{Notes: []string{"This is a capture: the trial that was made at its end is played, and nothing is created."}}
	for _, name := range services {
		t, err := p.of(name, o)
		if err != nil {
			return model.Consent{}, err
		}
		all.Containers = append(all.Containers, t.Consent.Containers...)
		all.Networks = append(all.Networks, t.Consent.Networks...)
		all.Volumes = append(all.Volumes, t.Consent.Volumes...)
		all.Notes = append(all.Notes, t.Consent.Notes...)
		for _, image := range t.Consent.Images {
			if !slices.Contains(all.Images, image) {
				all.Images = append(all.Images, image)
			}
		}
	}
	return all, nil
}

// of is the trial of a service as it was captured.
func (p *playedTrials) of(service string, o model.TrialOptions) (*replay.Trial, error) {
	t := p.capture.Trial(service)
	switch {
	case t == nil:
		return nil, fmt.Errorf("no trial of %s was captured", service)
	case len(o.Without) > 0:
		return nil, errors.New("no trial without some of the mounts was captured: take them in again")
	default:
		return t, nil
	}
}

// Open plays one trial.
func (p *playedTrials) Open(_ context.Context, _ *model.Stack, service string, o model.TrialOptions, _ func(string)) (copies, error) {
	t, err := p.of(service, o)
	if err != nil {
		return nil, err
	}
	longest := longestStep
	if p.capture.Held() {
		longest = 0
	}
	return &playedCopies{t.Runs, longest, p.pass}, nil
}

// Sweep finds nothing.
func (*playedTrials) Sweep(context.Context) error { return nil }

// Start is the plan that the captured trial began with: the one at the end of the capture.
func (p *playedTrials) Start(service string) *model.Plan {
	if t := p.capture.Trial(service); t != nil {
		return &t.Plan
	}
	return nil
}

// playedCopies plays runs, in their order.
type playedCopies struct {
	runs    []model.Run
	longest time.Duration       // that a step is played
	played  func(time.Duration) // is told how long each run took
}

// longestStep is how long a step is played at most: nobody waits for what is known. Where
// the capture is held, no time passes.
const longestStep = 2 * time.Second

func (c *playedCopies) Run(ctx context.Context, _ *model.Plan, step func(model.TrialStep)) (model.Run, error) {
	if len(c.runs) == 0 {
		return model.Run{}, errors.New("the capture has no more runs")
	}
	run := c.runs[0]
	c.runs = c.runs[1:]
	for _, s := range run.Steps {
		step(model.TrialStep{Kind: s.Kind, What: s.What, Again: s.Again})
		select {
		case <-time.After(min(s.Took, c.longest)):
		case <-ctx.Done():
			return model.Run{}, ctx.Err()
		}
	}
	c.played(run.Took)
	return run, nil
}

// Close has nothing to remove.
func (*playedCopies) Close() error { return nil }

// playedProofs are the trials that were played: they are kept nowhere else.
type playedProofs struct{ trials []*model.Trial }

func (p *playedProofs) Save(t *model.Trial) error {
	p.trials = append(slices.DeleteFunc(slices.Clone(p.trials), func(other *model.Trial) bool { return other.Service == t.Service }), t)
	return nil
}

func (p *playedProofs) Project(string) []*model.Trial { return slices.Clone(p.trials) }
