package record

import (
	"time"

	"petrify/inspect/record/tally"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// takeReport takes one report. What it says of containers that nobody asked about is
// not believed.
func (rec *recording) takeReport(r wire.Report) {
	if r.Layer != nil {
		rec.takeLayer(r.Layer)
		return
	}
	rec.dirty = true
	switch {
	case r.Hello != nil:
		if err := r.Hello.Check(); err != nil {
			rec.failed = err
			return
		}
		if rec.options.Layers != nil {
			rec.options.Layers(&Layers{rec})
		}
	case r.Ready:
		rec.state.State = model.JobRunning
		rec.publish(true)
	case r.Used != nil:
		rec.with(r.Used.Container, func(t *tally.Tally) { t.Used(*r.Used) })
	case r.Joined != nil:
		rec.watched[r.Joined.Container] = true
		rec.with(r.Joined.Container, func(t *tally.Tally) { t.Joined(*r.Joined, time.Now()) })
	case r.Left != "":
		delete(rec.watched, r.Left)
		rec.with(r.Left, func(t *tally.Tally) { t.Left(r.Left, time.Now()) })
	case r.Process != nil:
		rec.with(r.Process.Container, func(t *tally.Tally) { t.Process(*r.Process) })
	case r.Seen != nil:
		rec.with(r.Seen.Container, func(t *tally.Tally) { t.Seen(*r.Seen, time.Now()) })
		rec.state.Garbled += r.Seen.Dropped
	case r.Unseen > 0:
		for _, t := range rec.tallies {
			t.Unseen(r.Unseen)
		}
	case r.Lost > 0:
		// The kernel does not say whose they were: they may be anybody's.
		rec.state.Lost += r.Lost
		for _, t := range rec.tallies {
			t.Lost(r.Lost)
		}
	}
}

// garbled takes that reports could not be read: nobody knows whose they were.
func (rec *recording) garbled(n int) {
	rec.dirty = true
	rec.state.Garbled += n
	for _, t := range rec.tallies {
		t.Garbled(n)
	}
}

func (rec *recording) with(container string, do func(*tally.Tally)) {
	if t := rec.tally(container); t != nil {
		do(t)
	}
}
