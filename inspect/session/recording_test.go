package session

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/helper"
	"petrify/inspect/job"
	"petrify/inspect/record/store"
	"petrify/inspect/watch"
	"petrify/model"
)

// slowEngine is elsewhere, has no containers, and takes its time to tell about itself.
type slowEngine struct{ about time.Duration }

func (e slowEngine) About(ctx context.Context) (model.Engine, string, error) {
	select {
	case <-time.After(e.about):
		return model.Engine{Address: "tcp://far:1", OS: "Debian"}, "", nil
	case <-ctx.Done():
		return model.Engine{}, "", ctx.Err()
	}
}

func (slowEngine) Events(ctx context.Context, _ func(engine.Event)) error {
	<-ctx.Done()
	return ctx.Err()
}
func (slowEngine) List(context.Context) ([]model.Container, error) { return nil, nil }
func (slowEngine) Place(context.Context, string) (engine.Place, error) {
	return engine.Place{}, errors.New("no such container")
}

// makesHelpers starts helpers that take every command and report nothing.
type makesHelpers struct {
	takes   time.Duration
	started *int
}

func (makesHelpers) Consent(context.Context, helper.Task) (model.Consent, error) {
	return model.Consent{Images: []string{"petrify-helper:1"}}, nil
}

func (m makesHelpers) Start(ctx context.Context, _ helper.Task) (*helper.Talk, error) {
	select {
	case <-time.After(m.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	*m.started++
	commands, in := io.Pipe()
	out, reports := io.Pipe()
	go func() { _, _ = io.Copy(io.Discard, commands); reports.Close() }()
	return helper.NewTalk(in, out, func() error { return nil }), nil
}

// shownStack notes what it is told.
type shownStack struct{ states []model.JobState }

func (*shownStack) Project() string                 { return "shop" }
func (*shownStack) ReadLayers(watch.Layers)         {}
func (*shownStack) Places() []engine.Place          { return nil }
func (*shownStack) ShowRecorded([]*model.Recording) {}
func (s *shownStack) ShowRecording(_ []*model.Recording, r model.Recorder) {
	s.states = append(s.states, r.State)
}

// recordingOf is a recording on an engine and with a helper that take so long.
func recordingOf(t *testing.T, about, start time.Duration) (r *recording, stack *shownStack, started *int) {
	stack, started = &shownStack{}, new(int)
	r = &recording{
		ctx: t.Context(), engine: slowEngine{about}, helper: makesHelpers{start, started}, store: store.Open(t.TempDir()), stack: stack,
		kept: func(string) []*model.Recording { return nil },
	}
	r.job = job.New(model.RecordingJob, r.showJob)
	return r, stack, started
}

// Nobody waits for somebody else's question to the engine.
func TestStoppingDoesNotWaitForAQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, started := recordingOf(t, time.Hour, 0)
		asking, cancel := context.WithCancel(t.Context())
		refused := make(chan error)
		go func() { refused <- r.StartRecording(asking) }()
		synctest.Wait()
		began := time.Now()
		r.StopRecording()
		if err := r.Finish(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > 0 {
			t.Errorf("it took %v", took)
		}
		cancel()
		if err := <-refused; !errors.Is(err, context.Canceled) || *started != 0 {
			t.Errorf("%v, %d recorders", err, *started)
		}
	})
}

// Nor for a recorder that takes long to start.
func TestQuittingDoesNotWaitForTheStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, stack, started := recordingOf(t, 0, time.Hour)
		if err := r.StartRecording(t.Context()); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		if err := r.Finish(); err != nil {
			t.Error(err)
		}
		if took := time.Since(began); took > time.Second || *started != 0 {
			t.Errorf("it took %v, %d recorders started", took, *started)
		}
		if last := stack.states[len(stack.states)-1]; last != model.NoJob {
			t.Errorf("it ends %q", last)
		}
	})
}

func TestOneRecordingAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _, started := recordingOf(t, time.Second, time.Second)
		answers := make(chan error, 2)
		for range 2 {
			go func() { answers <- r.StartRecording(t.Context()) }()
		}
		first, second := <-answers, <-answers
		if first != nil {
			first, second = second, first
		}
		if first != nil || !errors.Is(second, job.ErrUnderWay) {
			t.Errorf("%v, %v", first, second)
		}
		time.Sleep(time.Minute)
		if err := r.Finish(); err != nil {
			t.Error(err)
		}
		if *started != 1 {
			t.Errorf("%d recorders were started", *started)
		}
	})
}
