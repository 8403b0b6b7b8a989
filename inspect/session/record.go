package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"petrify/inspect/engine"
	"petrify/inspect/record"
	"petrify/inspect/record/helper"
	"petrify/inspect/record/store"
	"petrify/model"
)

// tape records what a stack writes, and keeps it. The zero tape refuses to.
type tape struct {
	engine *engine.Engine // nil where nothing runs that could be recorded
	store  *store.Store
	told   recorded

	mu      sync.Mutex
	name    string // of the project, once its files are read
	session *record.Session
	stopped sync.WaitGroup
}

// recorded is who is told of recordings: the watcher of the stack.
type recorded interface {
	Kept([]*model.Recording)
	Recorded([]*model.Recording, model.Recorder)
}

var (
	errReplayed  = errors.New("this stack is a recording itself: nothing runs that could be recorded")
	errNameless  = errors.New("the project is not known yet")
	errRecording = errors.New("it is being recorded already")
)

// kept returns the recordings of a project. What cannot be read is left out: the
// list of recordings tells of it.
func (t *tape) kept(project string) []*model.Recording {
	t.mu.Lock()
	t.name = project
	t.mu.Unlock()
	recordings, _ := t.store.Project(project)
	return recordings
}

// Recorder says what recording would start.
func (t *tape) Recorder(ctx context.Context) (model.RecorderOffer, error) {
	offer, _, err := t.way(ctx)
	return offer, err
}

// way finds out how this engine's containers can be recorded.
func (t *tape) way(ctx context.Context) (model.RecorderOffer, func(context.Context) (*record.Talk, error), error) {
	if t.engine == nil {
		return model.RecorderOffer{}, nil, errReplayed
	}
	about, dataRoot, err := t.engine.About(ctx)
	if err != nil {
		return model.RecorderOffer{}, nil, explained(err)
	}
	if problem := impossible(about); problem != nil {
		return model.RecorderOffer{Problem: problem}, nil, nil
	}
	if record.Direct(ctx, t.engine, about.Address, dataRoot) {
		return model.RecorderOffer{}, record.OpenDirect, nil
	}
	h := helper.New(t.engine.Client())
	container, err := h.Check(ctx)
	if err != nil {
		//nolint:nilerr // that it cannot be made is the answer
		return model.RecorderOffer{Problem: &model.Problem{Text: err.Error(), Advice: onlyChanges}}, nil, nil
	}
	return model.RecorderOffer{Container: container}, func(ctx context.Context) (*record.Talk, error) {
		talk, err := h.Start(ctx)
		if err != nil {
			return nil, err
		}
		return &record.Talk{In: talk.In, Out: talk.Out, Wait: talk.Wait}, nil
	}, nil
}

const onlyChanges = "changes remain the evidence: what came and went is not seen, nor who wrote"

// impossible says why the containers of an engine cannot be recorded; nil when they
// can. To watch a file system takes rights over it that no user namespace gives.
func impossible(about model.Engine) *model.Problem {
	switch {
	case about.Rootless:
		return &model.Problem{Text: "the engine runs without root, and Linux lets only root watch writes", Advice: onlyChanges}
	case about.Product == "podman":
		return &model.Problem{Text: "recording is not known to work with Podman", Advice: onlyChanges}
	case strings.HasPrefix(about.OS, "Windows") || strings.HasPrefix(about.OS, "Microsoft"):
		return &model.Problem{Text: "the engine runs Windows containers, and only Linux tells who writes", Advice: onlyChanges}
	default:
		return nil
	}
}

// Record starts or stops recording, all services or those that are named. What was
// recorded is kept when it stops.
func (t *tape) Record(ctx context.Context, on bool, services ...string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !on {
		t.finish()
		return nil
	}
	switch {
	case t.engine == nil:
		return errReplayed
	case t.name == "":
		return errNameless
	case t.session != nil:
		return errRecording
	}
	offer, open, err := t.way(ctx)
	if err != nil {
		return err
	}
	if offer.Problem != nil {
		return &Explained{*offer.Problem, errors.New(offer.Problem.Text)}
	}
	session := record.Start(context.WithoutCancel(ctx), record.Options{
		Engine: t.engine, Project: t.name, Services: services, Open: open, Each: t.told.Recorded,
	})
	t.session = session
	t.stopped.Go(func() { t.keepWhenDone(session) })
	return nil
}

// finish tells a session to end; keepWhenDone does the rest.
func (t *tape) finish() {
	if session := t.session; session != nil {
		t.session = nil
		t.stopped.Go(func() { _, _ = session.Stop() })
	}
}

// keepWhenDone keeps what was recorded once a session has ended, by itself or not.
func (t *tape) keepWhenDone(session *record.Session) {
	<-session.Done()
	t.mu.Lock()
	if t.session == session {
		t.session = nil // it ended by itself
	}
	project := t.name
	t.mu.Unlock()
	recordings, failed := session.Stop()
	state := model.Recorder{}
	if failed != nil {
		state = model.Recorder{State: model.RecorderFails, Reason: failed.Error()}
	}
	if err := t.keep(recordings); err != nil {
		state = model.Recorder{State: model.RecorderFails, Reason: err.Error(), Advice: "look at the folder's rights and room; the recording is lost when petrify ends"}
		t.told.Recorded(recordings, state)
		return
	}
	t.told.Kept(t.kept(project))
	t.told.Recorded(nil, state)
}

func (t *tape) keep(recordings []*model.Recording) error {
	var problems []error
	for _, r := range recordings {
		if _, err := t.store.Save(r); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", r.Service, err))
		}
	}
	return errors.Join(problems...)
}

// Settled ends what is recorded, and waits until it is kept.
func (t *tape) Settled() {
	t.mu.Lock()
	t.finish()
	t.mu.Unlock()
	t.stopped.Wait()
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
