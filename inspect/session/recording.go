package session

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"petrify/inspect/engine"
	"petrify/inspect/helper"
	"petrify/inspect/job"
	"petrify/inspect/record"
	"petrify/inspect/record/store"
	"petrify/inspect/watch"
	"petrify/model"
)

// recording is the job that records what a stack writes, and keeps it.
type recording struct {
	ctx    context.Context // of the stack that is watched; recording ends with it
	engine recordedEngine
	helper helperMaker
	store  *store.Store
	kept   func(project string) []*model.Recording
	stack  recordedStack
	job    *job.Runner

	mu    sync.Mutex // never held while anybody is asked or waited for
	live  []*model.Recording
	state model.Recorder
}

// recordedEngine is what recording asks of an engine.
type recordedEngine interface {
	record.Engine
	About(ctx context.Context) (about model.Engine, root string, err error)
}

// helperMaker makes a petrify in a container of its own.
type helperMaker interface {
	Consent(context.Context, helper.Task) (model.Consent, error)
	Start(context.Context, helper.Task) (*helper.Talk, error)
}

// recordedStack shows what is recorded of it.
type recordedStack interface {
	Project() string        // "" as long as it is not known
	Places() []engine.Place // of its containers, as far as they are known
	ReadLayers(by watch.Layers)
	ShowRecording(live []*model.Recording, state model.Recorder)
	ShowRecorded(kept []*model.Recording)
}

func (s *Session) newRecording(ctx context.Context, stack recordedStack) *recording {
	r := &recording{ctx: ctx, engine: s.engine, helper: s.helper, store: s.store, kept: s.kept, stack: stack}
	r.job = job.New(model.RecordingJob, r.showJob)
	return r
}

var errNoProjectYet = errors.New("the project is not known yet")

// RecordingConsent says what recording would start.
func (r *recording) RecordingConsent(ctx context.Context) (model.Consent, error) {
	consent, _, err := r.prepare(ctx)
	return consent, err
}

// open starts a recorder.
type open = func(context.Context) (*helper.Talk, error)

// prepare finds out how this engine's containers can be recorded.
func (r *recording) prepare(ctx context.Context) (model.Consent, open, error) {
	about, dataRoot, err := r.engine.About(ctx)
	if err != nil {
		return model.Consent{}, nil, explained(err)
	}
	if problem := unrecordable(about); problem != nil {
		return model.Consent{Problem: problem}, nil, nil
	}
	if record.Direct(ctx, r.engine, r.stack.Places(), about.Address, dataRoot) {
		return model.Consent{}, record.OpenDirect, nil
	}
	consent, err := r.helper.Consent(ctx, record.Task)
	if err != nil {
		//nolint:nilerr // that it cannot be made is the answer
		return model.Consent{Problem: &model.Problem{Text: err.Error(), Advice: onlyChanges}}, nil, nil
	}
	return consent, func(ctx context.Context) (*helper.Talk, error) { return r.helper.Start(ctx, record.Task) }, nil
}

const onlyChanges = "only changes can be used: they do not show what came and went, nor who wrote"

func unrecordable(about model.Engine) *model.Problem {
	if why := about.Unrecordable(); why != "" {
		return &model.Problem{Text: why, Advice: onlyChanges}
	}
	return nil
}

// StartRecording records all services, or those that are named, until StopRecording.
// What was recorded is kept then.
func (r *recording) StartRecording(ctx context.Context, services ...string) error {
	project := r.stack.Project()
	switch {
	case project == "":
		return errNoProjectYet
	case r.job.UnderWay(): // before anybody is asked anything
		return job.ErrUnderWay
	}
	consent, open, err := r.prepare(ctx)
	if err != nil {
		return err
	}
	if consent.Problem != nil {
		return &model.ProblemError{Problem: *consent.Problem}
	}
	o := record.Options{Engine: r.engine, Project: project, Services: services, Open: open, Known: r.stack.Places}
	if len(consent.Containers) > 0 { // the helper reaches what petrify does not
		o.Layers = func(l *record.Layers) { r.stack.ReadLayers(l) }
	}
	return r.job.Start(r.ctx, func(ctx context.Context, update job.Update) error { return r.record(ctx, update, o) })
}

// StopRecording tells the recording to end. It does not wait until it has.
func (r *recording) StopRecording() { r.job.Stop() }

// Finish ends what is recorded, and waits until it is kept. Its error says that it does not
// end.
func (r *recording) Finish() error { return r.job.Finish() }

// record records until ctx is done, and keeps what was recorded.
func (r *recording) record(ctx context.Context, update job.Update, o record.Options) error {
	o.Each = func(live []*model.Recording, state model.Recorder) {
		r.set(live, state)
		update(func(j *model.Job) { j.State, j.Reason = state.State, state.Reason })
	}
	recordings, failed := record.Run(ctx, o)
	if o.Layers != nil {
		r.stack.ReadLayers(nil)
	}
	if err := r.keep(recordings); err != nil {
		r.set(recordings, model.Recorder{})
		return &model.ProblemError{
			Problem: model.Problem{Text: err.Error(), Advice: "look at the folder's rights and room; the recording is lost when petrify ends"}, Cause: err,
		}
	}
	r.set(nil, model.Recorder{})
	r.stack.ShowRecorded(r.kept(o.Project))
	return failed
}

// set notes what is shown with the next state of the job.
func (r *recording) set(live []*model.Recording, state model.Recorder) {
	r.mu.Lock()
	defer r.mu.Unlock()
	state.Job = r.state.Job
	r.live, r.state = live, state
}

func (r *recording) showJob(j model.Job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state.Job = j
	r.stack.ShowRecording(r.live, r.state)
}

func (r *recording) keep(recordings []*model.Recording) error {
	var problems []error
	for _, recorded := range recordings {
		if _, err := r.store.Save(recorded); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", recorded.Service, err))
		}
	}
	return errors.Join(problems...)
}

// kept returns the recordings of a project. What cannot be read is left out: the list
// of recordings tells of it.
func (s *Session) kept(project string) []*model.Recording {
	recordings, _ := s.store.Project(project)
	return recordings
}

// Recordings returns all that is kept, of every project. Its error tells what cannot
// be read; the rest is returned all the same.
func (s *Session) Recordings() ([]*model.Recording, error) { return s.store.All() }

// ClearRecordings forgets what is kept of the project here, or of some services.
func (s *Session) ClearRecordings(ctx context.Context, services ...string) (project string, removed int, err error) {
	project = s.files.ProjectName
	if project == "" {
		if project, _, _ = load(ctx, s.files); project == "" {
			return "", 0, errors.New("there is no Compose project here; name one with -p")
		}
	}
	removed, err = s.store.Clear(project, services...)
	return project, removed, err
}
