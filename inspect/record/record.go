// Package record watches what the containers of a project write, from where it is
// asked to until it is told to stop.
package record

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/helper"
	"petrify/inspect/record/tally"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// Engine is what recording asks of an engine.
type Engine interface {
	Events(ctx context.Context, each func(engine.Event)) error
	List(ctx context.Context) ([]model.Container, error)
	Place(ctx context.Context, id string) (engine.Place, error)
}

// Options say what is recorded.
type Options struct {
	Engine   Engine
	Project  string
	Services []string // all when there are none
	// Known says where containers were when they were last asked for. Nil: nobody knows.
	Known func() []engine.Place
	// Open starts a recorder. It is cancelled with its context; that of a recorder which
	// has started cuts it off.
	Open func(context.Context) (*helper.Talk, error)
	// Layers is given what reads layers through the recorder, once it runs. Nil: nobody
	// needs that. It must not wait.
	Layers func(*Layers)
	// Each is told how it goes, at once when the state changes and else at most ten times
	// a second. It must not wait.
	Each func([]*model.Recording, model.Recorder)
}

const (
	interval  = 100 * time.Millisecond // between two snapshots
	restAfter = 20                     // times what one took, before the next
	openLimit = 3 * time.Minute        // for a recorder to start: its image may have a long way
	endLimit  = 15 * time.Second       // for a recorder to end that was told to

	mostCommands = 4096 // that wait for a recorder; there are two for each container
)

// recording is a recording under way. But for inbox and done it belongs to one goroutine.
type recording struct {
	options Options
	inbox   chan func()
	done    chan struct{}

	talk       *helper.Talk
	cutOff     context.CancelFunc // ends the recorder without its last reports
	commands   chan wire.Command  // to the recorder; nil when it was told to end
	state      model.Recorder
	containers map[string]model.Container // that are followed
	places     map[string]engine.Place    // of those of which it is known
	watched    map[string]bool
	tallies    map[subject]*tally.Tally
	layers     map[int]*layerAnswer // that are waited for, by the numbers of the questions
	asked      int                  // number of the last question
	dirty      bool
	published  time.Time
	took       time.Duration // the snapshot that was published
	failed     error
}

// subject is what a recording is of.
type subject struct{ service, image string }

var (
	errEnded = errors.New("the recorder ended by itself")
	errOpen  = errors.New("the recorder did not start in time")
	errEnd   = errors.New("the recorder did not end in time: what it saw last is missing")
	errBusy  = errors.New("the recorder does not take what it is told any more")
)

// Run records until ctx is done, and returns what was recorded when all of it is known.
// The error says why it ended by itself, or what is missing.
func Run(ctx context.Context, o Options) ([]*model.Recording, error) {
	rec := &recording{
		options: o, inbox: make(chan func()), done: make(chan struct{}),
		containers: map[string]model.Container{}, places: map[string]engine.Place{}, watched: map[string]bool{}, tallies: map[subject]*tally.Tally{},
		layers: map[int]*layerAnswer{},
	}
	defer close(rec.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	// The recorder outlives ctx until its last reports have been read.
	var alive context.Context
	alive, rec.cutOff = context.WithCancel(context.WithoutCancel(ctx))
	defer rec.cutOff()
	talk, err := rec.open(ctx, alive)
	if talk == nil {
		return nil, err
	}
	rec.talk, rec.commands = talk, make(chan wire.Command, mostCommands)
	go sendCommands(talk.In, rec.commands)
	reports := make(chan error, 1)
	go func() {
		reports <- wire.Decode(talk.Out,
			func(r wire.Report) error { rec.post(func() { rec.takeReport(r) }); return nil },
			func() { rec.post(func() { rec.garbled(1) }) })
	}()
	rec.send(wire.Command{Hello: &wire.Hello{Version: wire.Version}})
	go rec.follow(ctx)
	err = errors.Join(rec.record(ctx, reports), rec.end(reports))
	return rec.snapshot(false), err
}

// open starts the recorder. One that comes after nobody wants it any more is ended.
func (rec *recording) open(ctx, alive context.Context) (*helper.Talk, error) {
	type answer struct {
		talk *helper.Talk
		err  error
	}
	opened := make(chan answer, 1)
	go func() {
		talk, err := rec.options.Open(alive)
		opened <- answer{talk, err}
	}()
	limit := time.NewTimer(openLimit)
	defer limit.Stop()
	var failed error
	select {
	case a := <-opened:
		return a.talk, a.err
	case <-ctx.Done():
	case <-limit.C:
		failed = errOpen
	}
	rec.cutOff()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if a := <-opened; a.talk != nil {
			_ = a.talk.In.Close()
			_ = a.talk.Wait()
		}
	}()
	select {
	case <-ended:
	case <-time.After(endLimit):
	}
	return nil, failed
}

// record takes what comes until ctx is done, which is no error, or something fails.
func (rec *recording) record(ctx context.Context, reports chan error) error {
	clock := time.NewTicker(interval)
	defer clock.Stop()
	for rec.failed == nil {
		select {
		case do := <-rec.inbox:
			do()
		case <-clock.C:
			rec.publish(false)
		case err := <-reports:
			reports <- nil // for end, which waits for it
			if err == nil {
				return errEnded
			}
			return fmt.Errorf("%w: %w", errEnded, err)
		case <-ctx.Done():
			return nil
		}
	}
	return rec.failed
}

// sendCommands passes commands on, and ends the recorder's input after the last one. The
// recorder may be waiting for its reports to be read, so nobody waits for it here.
func sendCommands(in io.WriteCloser, commands <-chan wire.Command) {
	out := wire.NewEncoder(in)
	for c := range commands {
		// That a recorder does not read any more shows by the end of its reports.
		_ = out.Encode(c)
	}
	_ = in.Close()
}

// end closes the recorder's input and reads its last reports. A recorder that does not
// end is cut off, and given up when that does not help either.
func (rec *recording) end(reports <-chan error) error {
	close(rec.commands)
	rec.commands = nil
	limit := time.NewTimer(endLimit)
	defer limit.Stop()
	ended := make(chan error, 1)
	var late error
	for {
		select {
		case do := <-rec.inbox:
			do()
		case err := <-reports:
			go func() { ended <- errors.Join(err, rec.talk.Wait()) }()
		case err := <-ended:
			if late != nil {
				return late
			}
			return err
		case <-limit.C:
			if late != nil {
				return late
			}
			late = errEnd
			rec.cutOff()
			limit.Reset(endLimit)
		}
	}
}

// post has something done by the goroutine of the recording.
func (rec *recording) post(do func()) {
	select {
	case rec.inbox <- do:
	case <-rec.done:
	}
}

func (rec *recording) send(c wire.Command) {
	if rec.commands == nil {
		return
	}
	select {
	case rec.commands <- c:
	default:
		rec.failed = errBusy
	}
}

// publish tells how it goes, when there is news.
func (rec *recording) publish(now bool) {
	live := rec.state.State == model.JobRunning
	began := time.Now()
	rested := began.Sub(rec.published) >= restAfter*rec.took
	if !now && !(live && rested && (rec.dirty || began.Sub(rec.published) > 2*time.Second)) {
		return
	}
	rec.dirty = false
	if rec.options.Each != nil {
		rec.state.Containers = len(rec.watched)
		rec.options.Each(rec.snapshot(live), rec.state)
	}
	rec.published = time.Now()
	rec.took = rec.published.Sub(began)
}

func (rec *recording) snapshot(live bool) []*model.Recording {
	now := time.Now()
	var all []*model.Recording
	for _, t := range rec.tallies {
		if !t.Empty() {
			all = append(all, t.Snapshot(now, live))
		}
	}
	slices.SortFunc(all, func(a, b *model.Recording) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.ImageID, b.ImageID))
	})
	return all
}
