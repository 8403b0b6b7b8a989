package record

import (
	"context"
	"slices"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/record/tally"
	"petrify/inspect/record/wire"
)

// follow tells the recorder of the project's containers: of those that are there,
// and of each that comes. Where a container is has to be asked, beside everything
// else, for it may live only for a moment.
func (s *Session) follow(ctx context.Context) {
	for ctx.Err() == nil {
		err := s.options.Engine.Events(ctx, func(e engine.Event) {
			switch {
			case e.Type == engine.Connected:
				go s.followAll(ctx)
			case e.Project != s.options.Project || !s.wants(e.Service):
			case e.Action == "create" || e.Action == "start":
				go s.place(ctx, e.ID)
			case e.Action == "die":
				s.post(func() { s.tell(wire.Command{Ended: e.ID}) })
			case e.Action == "destroy":
				s.post(func() { s.forget(e.ID) })
			}
		})
		if ctx.Err() != nil {
			return
		}
		s.post(func() {
			s.state.Reason = "the engine does not tell of new containers: " + engine.Explain(err).Text
			s.dirty = true
		})
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
		}
	}
}

func (s *Session) wants(service string) bool {
	return len(s.options.Services) == 0 || slices.Contains(s.options.Services, service)
}

func (s *Session) followAll(ctx context.Context) {
	containers, err := s.options.Engine.List(ctx)
	if err != nil {
		return // the event stream has the same trouble, and says so
	}
	for _, c := range containers {
		if c.Project == s.options.Project && s.wants(c.Service) {
			s.place(ctx, c.ID)
		}
	}
	s.post(func() { s.state.Reason = "" })
}

// place asks where a container is, and has it watched.
func (s *Session) place(ctx context.Context, id string) {
	p, err := s.options.Engine.Place(ctx, id)
	if err != nil {
		return // it is gone
	}
	s.post(func() {
		s.places[id] = p
		s.tally(id)
		s.tell(wire.Command{Follow: &wire.Follow{Container: id, PID: p.PID, Root: p.Root, Upper: p.Upper, Lower: p.Lower}})
	})
}

func (s *Session) forget(id string) {
	s.tell(wire.Command{Forget: id})
}

// tally returns the sum that a container counts in; nil where it is none of ours.
func (s *Session) tally(id string) *tally.Tally {
	p, ok := s.places[id]
	if !ok {
		return nil
	}
	of := subject{p.Container.Service, p.Container.ImageID}
	if s.tallies[of] == nil {
		s.tallies[of] = tally.New(s.options.Project, of.service, of.image, time.Now())
	}
	return s.tallies[of]
}
