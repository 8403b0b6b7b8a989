package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

// noon is when the stacks of the tests were looked at.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// fakeEngine is a session and the stack that it watches. What a test does not set
// answers with nothing.
type fakeEngine struct {
	Live    // what no test asks for
	options Options
	opening error

	stack     *model.Stack
	fails     error           // of Complete
	waits     []model.Waiting // of which Complete tells
	hangs     bool            // no call ends
	watched   []string        // the services that were asked about
	projects  []model.ProjectSummary
	services  []string
	plans     []model.Plan
	byName    map[string]model.Plan // the same by service, where they differ
	planless  error                 // of Plans
	planHangs chan struct{}         // Plans returns when it is closed
	planned   []string              // the services that were asked for
	kept      []*model.Recording
	unread    error // of the recordings that are kept
	cleared   []string

	consent    model.Consent
	recorded   []string // what was started and stopped
	tried      []string
	starts     func() // is called when a trial starts
	stacks     chan *model.Stack
	finished   bool
	neverEnds  bool  // what is recorded
	unfinished error // of Finish
}

func (e *fakeEngine) HasProject() bool { return true }

func (e *fakeEngine) HasServices(_ context.Context, names ...string) error {
	_, err := e.stack.Only(names...)
	return err
}

func (e *fakeEngine) Watch(_ context.Context, services ...string) Live {
	e.watched = services
	return e
}

func (e *fakeEngine) WatchProject(context.Context, model.ProjectSummary) Live { return e }

func (e *fakeEngine) Services(context.Context) ([]string, error) { return e.services, nil }

func (e *fakeEngine) Projects(context.Context) ([]model.ProjectSummary, error) {
	return e.projects, e.fails
}

func (e *fakeEngine) Complete(ctx context.Context, each func([]model.Waiting)) (*model.Stack, error) {
	if each(e.waits); e.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return e.stack, e.fails
}

func (e *fakeEngine) Plans(_ context.Context, stack *model.Stack, _ model.PlanOptions, services ...string) ([]model.Plan, error) {
	e.planned = append(e.planned, services...)
	if e.planHangs != nil {
		<-e.planHangs
	}
	if _, err := stack.Only(services...); err != nil {
		return nil, err
	}
	if e.byName != nil {
		var plans []model.Plan
		for _, name := range services {
			plans = append(plans, e.byName[name])
		}
		return plans, e.planless
	}
	return e.plans, e.planless
}

func (e *fakeEngine) Recordings() ([]*model.Recording, error) { return e.kept, e.unread }

func (e *fakeEngine) ClearRecordings(_ context.Context, services ...string) (string, int, error) {
	e.cleared = services
	return "shop", 2, nil
}

func (e *fakeEngine) RecordingConsent(context.Context) (model.Consent, error) { return e.consent, nil }

func (e *fakeEngine) StartRecording(_ context.Context, services ...string) error {
	e.recorded = append(e.recorded, "start "+strings.Join(services, " "))
	return nil
}

func (e *fakeEngine) StopRecording() {
	e.recorded = append(e.recorded, "stop")
	if !e.neverEnds {
		e.stacks <- e.recording(model.NoJob)
	}
}

func (e *fakeEngine) TrialConsent(_ context.Context, _ *model.Stack, o model.TrialOptions, services ...string) (model.Consent, error) {
	e.tried = append(e.tried, fmt.Sprintf("ask %v %+v", services, o))
	return e.consent, nil
}

func (e *fakeEngine) StartTrial(_ context.Context, _ *model.Stack, _ model.TrialOptions, services ...string) error {
	e.tried = append(e.tried, fmt.Sprintf("start %v", services))
	if e.starts != nil {
		e.starts()
	}
	return nil
}

func (e *fakeEngine) StopTrial() {
	e.tried = append(e.tried, "stop")
	e.stacks <- e.trying(model.NoJob, nil)
}

// trying is the stack with a trial of web in some state, or with one that has ended.
func (e *fakeEngine) trying(state model.JobState, ended *model.Trial) *model.Stack {
	stack := *e.stack
	stack.Services = append([]model.Service(nil), stack.Services...)
	stack.Trying = model.Trying{Job: model.Job{Kind: model.TrialJob, State: state}, Service: "web", Trial: sampleTrial(model.TrialUnfinished)}
	stack.Services[0].Trial = ended
	return &stack
}

// sampleTrial is a trial of web with one round that was mended and one that was not.
func sampleTrial(result model.TrialResult) *model.Trial {
	steps := []model.TrialStep{{Kind: model.StartStep}, {Kind: model.ReadyStep, Answer: "healthy"}}
	refused := model.Evidence{
		Writes:    []model.Write{{Path: "/run/web.pid", Refused: 1, By: []int{0}, Refusal: model.Refusal{Acts: model.Made, Err: model.ReadOnlyError, Call: "openat"}}},
		Processes: []model.Process{{Command: "web\x1b[2J", UID: 33}},
	}
	return &model.Trial{
		Project: "shop", Service: "web", Began: noon, Took: 41 * time.Second, Result: result, Baseline: model.Run{Steps: steps, Took: 4 * time.Second},
		Plan: model.Plan{Service: "web", Mounts: []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run", Mode: 0o755, Size: 1 << 20}}},
		Rounds: []model.Round{
			{
				Run:    model.Run{Took: 3 * time.Second, Evidence: refused, Steps: []model.TrialStep{{Kind: model.StartStep, Err: "it ended with exit code 1"}}, Log: []string{"cannot write\x1b[2J"}},
				Mended: []model.Mending{{Target: "/run", Kind: model.MountAdded, Why: "openat of /run/web.pid was refused to web (33)"}},
			},
			{Run: model.Run{Took: 4 * time.Second, Steps: steps}},
		},
	}
}

func (e *fakeEngine) Next(ctx context.Context) (*model.Stack, error) {
	select {
	case stack := <-e.stacks:
		return stack, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (e *fakeEngine) Finish() error {
	e.finished = true
	return e.unfinished
}

// recording is the stack with a recording in some state.
func (e *fakeEngine) recording(state model.JobState) *model.Stack {
	stack := *e.stack
	stack.Services = append([]model.Service(nil), stack.Services...)
	stack.Recorder.State = state
	stack.Recorder.Containers = 1
	stack.Services[0].Evidence = model.Evidence{
		From:      []model.Source{model.FromRecording},
		Sittings:  []model.Sitting{{Began: noon, Ended: noon.Add(time.Hour), Ran: time.Minute}},
		Live:      state == model.JobRunning,
		Writes:    []model.Write{{Path: "/run/web.pid", Acts: model.Made, Count: 1}, {Path: "/data/x", Mount: "/data", Acts: model.Made, Count: 1}},
		Processes: []model.Process{{Command: "web\x1b[2J", Count: 2}},
	}
	return &stack
}

// shop is a stack of two services that run; web wrote.
func shop() *model.Stack {
	asked := func(id string) []model.ContainerChanges { return []model.ContainerChanges{{Container: id}} }
	container := func(id string) []model.Container {
		return []model.Container{{ID: id, Name: "shop-" + id + "-1", State: model.Running, Inspected: true}}
	}
	declared := func(name string) *model.Declared { return &model.Declared{Name: name, Image: "shop/" + name} }
	blocked := []model.Change{{Path: "/run/web.pid", Kind: model.Added}}
	stack := &model.Stack{
		Name: "shop", At: noon, Link: model.Link{State: model.Live},
		Services: []model.Service{
			{Name: "web", Declared: declared("web"), Containers: container("web"), Changes: asked("web"), Verdict: model.Verdict{Outcome: model.WouldBreak, Blocked: blocked}, Evidence: model.Evidence{Root: blocked}},
			{Name: "worker", Declared: declared("worker"), Containers: container("worker"), Changes: asked("worker"), Verdict: model.Verdict{Outcome: model.IsReadOnly}},
		},
	}
	stack.Totals = model.TotalsOf(stack.Services)
	return stack
}

// fakeFiles notes what is written.
type fakeFiles struct {
	refuses error
	written map[string]string
}

func (f *fakeFiles) MayReplace(string, func([]byte) bool, bool) error { return f.refuses }

func (f *fakeFiles) Read(name string) ([]byte, error) { return []byte(f.written[name]), nil }

func (f *fakeFiles) Replace(name string, content []byte) error {
	f.written[name] = string(content)
	return nil
}

// fakeDemo notes what is played.
type fakeDemo struct {
	*fakeEngine
	held time.Duration
}

func (d *fakeDemo) Duration() time.Duration { return 3 * time.Minute }

func (d *fakeDemo) Hold(_ context.Context, at time.Duration) (Source, func() time.Time, error) {
	d.held = at
	return d, func() time.Time { return noon }, nil
}

func (d *fakeDemo) Play(context.Context, time.Duration) (Source, func() time.Time, error) {
	return nil, nil, errors.New("nobody looks")
}

// ran is what a command did.
type ran struct {
	code     int
	out, err string
}

// run runs a command without a terminal.
func run(t *testing.T, p *Program, args ...string) ran {
	t.Helper()
	return runIn(t.Context(), p, strings.NewReader(""), args...)
}

func runIn(ctx context.Context, p *Program, in io.Reader, args ...string) ran {
	var out, err bytes.Buffer
	code := p.Run(ctx, args, Streams{In: in, Out: &out, Err: &err})
	return ran{code, out.String(), err.String()}
}

func program(e *fakeEngine) *Program {
	return &Program{
		Open: func(o Options) (Session, error) {
			e.options = o
			return e, e.opening
		},
		Demo:     func() (Demo, error) { return &fakeDemo{fakeEngine: e}, nil },
		Contexts: func() ([]string, error) { return []string{"default", "desktop"}, nil },
		Files:    &fakeFiles{written: map[string]string{}},
		Now:      func() time.Time { return noon },
	}
}

// expect compares what a command did: its code, and words of its streams. A stream
// of which nothing is expected has to be empty.
func (r ran) expect(t *testing.T, code int, out, err string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	for _, s := range []struct{ name, got, want string }{{"output", r.out, out}, {"error", r.err, err}} {
		if s.want == "" && s.got != "" || !strings.Contains(s.got, s.want) {
			t.Errorf("standard %s is\n%s\nwant %q", s.name, s.got, s.want)
		}
		if strings.Contains(s.got, "\x1b") {
			t.Errorf("standard %s has control characters: %q", s.name, s.got)
		}
	}
}
