package trial

import (
	"context"
	"errors"
	"sync"

	"petrify/inspect/engine"
	"petrify/inspect/record"
	"petrify/model"
	"petrify/model/stack"
)

// watched follows the copy of a service: it is the engine of a recording that knows no
// other container, and tells of what the trial does with it.
type watched struct {
	Engine
	project, service string
	told             chan engine.Event
	placed           chan struct{} // something was sent each time that the copy was looked at

	mu    sync.Mutex
	known model.Container // as it was looked at last
}

// Events hands over what is told.
func (w *watched) Events(ctx context.Context, each func(engine.Event)) error {
	for {
		select {
		case e := <-w.told:
			each(e)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// List has nothing to tell: each container is told of when it is made.
func (w *watched) List(context.Context) ([]model.Container, error) { return nil, nil }

// Place says where the copy is, as a container of the project.
func (w *watched) Place(ctx context.Context, id string) (engine.Place, error) {
	place, err := w.Engine.Place(ctx, id)
	place.Container.Project, place.Container.Service = w.project, w.service
	if err == nil {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.known = place.Container
	}
	select {
	case w.placed <- struct{}{}:
	default:
	}
	return place, err
}

// recorded is a recording of one run.
type recorded struct {
	*watched
	stop  context.CancelFunc
	ended chan struct{}
	all   []*model.Recording
	err   error
}

// record starts to record a run, and waits until everything is seen. What cannot be
// recorded is a blind spot.
func (c *Copies) record(ctx context.Context) *recorded {
	recording, stop := context.WithCancel(context.WithoutCancel(ctx))
	r := &recorded{
		watched: &watched{Engine: c.t.engine, project: c.name(""), service: c.service(), told: make(chan engine.Event), placed: make(chan struct{}, 1)},
		stop:    stop, ended: make(chan struct{}),
	}
	if c.recorder == nil {
		r.err = errors.New(c.blind)
		close(r.ended)
		return r
	}
	ready := make(chan struct{})
	var once sync.Once
	go func() {
		defer close(r.ended)
		r.all, r.err = record.Run(recording, record.Options{
			Engine: r.watched, Project: r.project, Open: c.recorder,
			Each: func(_ []*model.Recording, state model.Recorder) {
				if state.State == model.JobRunning {
					once.Do(func() { close(ready) })
				}
			},
		})
	}()
	select {
	case <-ready:
	case <-r.ended:
	case <-ctx.Done():
	}
	return r
}

// tell tells the recording, as long as it goes on.
func (r *recorded) tell(ctx context.Context, action engine.Action, id string) {
	e := engine.Event{Action: action, ID: id, Project: r.project, Service: r.service}
	select {
	case r.told <- e:
	case <-r.ended:
	case <-ctx.Done():
	}
}

// made tells of the copy before it starts, and waits until the recorder knows where it is:
// its first program would else have begun unseen.
func (r *recorded) made(ctx context.Context, id string) {
	r.tell(ctx, engine.Create, id)
	select {
	case <-r.placed:
	case <-r.ended:
	case <-ctx.Done():
	}
}

// evidence ends the recording, and is what it says, with how much was in each tmpfs.
func (r *recorded) evidence(used map[string]int64) model.Evidence {
	r.stop()
	<-r.ended
	var e model.Evidence
	for _, one := range r.all {
		e.Merge(stack.EvidenceOf(one, r.known))
		for target, bytes := range one.Used {
			used[target] = max(used[target], bytes)
		}
	}
	if r.err != nil {
		e.Blind = append(e.Blind, model.BlindSpot{Kind: model.BlindRefusals, Detail: r.err.Error()})
	}
	return e
}
