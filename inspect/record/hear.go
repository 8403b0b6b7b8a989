package record

import (
	"time"

	"petrify/inspect/record/tally"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// hear takes one report. What it says of containers that nobody asked about is
// not believed.
func (s *Session) hear(r wire.Report) {
	s.dirty = true
	switch {
	case r.Hello != nil:
		if err := r.Hello.Check(); err != nil {
			s.failed = err
			return
		}
		s.become(model.IsRecording)
	case r.Joined != nil:
		s.watched[r.Joined.Container] = true
		s.with(r.Joined.Container, func(t *tally.Tally) { t.Joined(*r.Joined) })
	case r.Left != "":
		delete(s.watched, r.Left)
		s.with(r.Left, func(t *tally.Tally) { t.Left(r.Left) })
	case r.Process != nil:
		s.with(r.Process.Container, func(t *tally.Tally) { t.Process(*r.Process) })
	case r.Seen != nil:
		s.with(r.Seen.Container, func(t *tally.Tally) { t.Seen(*r.Seen, time.Now()) })
	case r.Lost > 0:
		// The kernel does not say whose they were: they may be anybody's.
		s.state.Lost += r.Lost
		for _, t := range s.tallies {
			t.Lost(r.Lost)
		}
	}
}

func (s *Session) with(container string, do func(*tally.Tally)) {
	if t := s.tally(container); t != nil {
		do(t)
	}
}
