package record

import (
	"context"
	"slices"
	"sync"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/record/tally"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// follow tells the recorder of the project's containers: of those that are there,
// and of each that comes. Where a container is has to be asked, beside everything
// else, for it may live only for a moment.
func (rec *recording) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := rec.options.Engine.Events(ctx, func(e engine.Event) {
			switch {
			case e.Action == engine.Connected:
				go rec.followAll(ctx)
			case e.Project != rec.options.Project || !rec.wants(e.Service):
			case e.Action == engine.Create || e.Action == engine.Start:
				go rec.place(ctx, e.ID)
			case e.Action == engine.Die:
				rec.post(func() { rec.send(wire.Command{Ended: e.ID}) })
			case e.Action == engine.Destroy:
				rec.post(func() { rec.forget(e.ID) })
			}
		})
		if ctx.Err() != nil {
			return
		}
		rec.post(func() {
			rec.state.Reason = "the engine does not tell of new containers: " + engine.Explain(err).Text
			rec.dirty = true
		})
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

func (rec *recording) wants(service string) bool {
	return len(rec.options.Services) == 0 || slices.Contains(rec.options.Services, service)
}

// asksAtOnce is how many containers are asked for at once where they are.
const asksAtOnce = 8

// followAll follows all containers that are there: at once as they are known or listed, and
// again as the engine answers. That lets a question about a container wait while it compares
// that one with its image.
func (rec *recording) followAll(ctx context.Context) {
	if rec.options.Known != nil {
		for _, p := range rec.options.Known() {
			if rec.ours(p.Container) {
				rec.found(p)
			}
		}
	}
	containers, err := rec.options.Engine.List(ctx)
	if err != nil {
		return // the event stream has the same trouble, and says so
	}
	containers = slices.DeleteFunc(containers, func(c model.Container) bool { return !rec.ours(c) })
	for _, c := range containers {
		rec.listed(c)
	}
	var asks sync.WaitGroup
	turns := make(chan struct{}, asksAtOnce)
	for _, c := range containers {
		turns <- struct{}{}
		asks.Go(func() {
			rec.place(ctx, c.ID)
			<-turns
		})
	}
	asks.Wait()
	rec.post(func() { rec.state.Reason = "" })
}

func (rec *recording) ours(c model.Container) bool {
	return c.Project == rec.options.Project && rec.wants(c.Service)
}

// place asks where a container is, and has it watched.
func (rec *recording) place(ctx context.Context, id string) {
	p, err := rec.options.Engine.Place(ctx, id)
	if err != nil {
		return // it is gone
	}
	rec.found(p)
}

// listed has a container watched of which not more is known than that it runs.
func (rec *recording) listed(c model.Container) {
	rec.post(func() {
		if _, known := rec.containers[c.ID]; known || !c.Runs() {
			return
		}
		rec.containers[c.ID] = c
		rec.tally(c.ID)
		rec.send(wire.Command{Follow: &wire.Follow{Container: c.ID, Runs: true}})
	})
}

// found has a container watched.
func (rec *recording) found(p engine.Place) {
	id := p.Container.ID
	rec.post(func() {
		rec.containers[id], rec.places[id] = p.Container, p
		rec.tally(id)
		follow := followOf(p)
		rec.send(wire.Command{Follow: &follow})
	})
}

func (rec *recording) forget(id string) {
	rec.send(wire.Command{Forget: id})
}

// tally returns the sum that a container counts in; nil where it is not one of the project.
func (rec *recording) tally(id string) *tally.Tally {
	c, ok := rec.containers[id]
	if !ok {
		return nil
	}
	of := subject{c.Service, c.ImageID}
	if rec.tallies[of] == nil {
		rec.tallies[of] = tally.New(rec.options.Project, of.service, of.image, time.Now())
	}
	return rec.tallies[of]
}
