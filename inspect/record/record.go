// Package record watches what the containers of a project write, from where it is
// asked to until it is told to stop.
package record

import (
	"context"
	"errors"
	"io"
	"slices"
	"time"

	"petrify/inspect/engine"
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

// Talk is a recorder that runs: commands go in, reports come out. Closing In ends
// it; Wait says how it ended, when nothing of it is left.
type Talk struct {
	In   io.WriteCloser
	Out  io.Reader
	Wait func() error
}

// Options say what is recorded.
type Options struct {
	Engine   Engine
	Project  string
	Services []string // all when there are none
	// Open starts a recorder.
	Open func(context.Context) (*Talk, error)
	// Each is told how it goes, at once when the state changes and else at most twice
	// a second. It must not wait.
	Each func([]*model.Recording, model.Recorder)
}

const (
	pace     = 500 * time.Millisecond // between two snapshots
	patience = 15 * time.Second       // with a recorder that was told to end

	mostCommands = 4096 // that wait for a recorder; there are two for each container
)

// Session is a recording under way.
type Session struct {
	options Options
	inbox   chan func()
	stop    chan struct{}
	done    chan struct{}

	// What follows belongs to one goroutine.
	talk     *Talk
	commands chan wire.Command // to the recorder; nil when it was told to end
	state    model.Recorder
	places   map[string]engine.Place // of the containers that are followed
	watched  map[string]bool
	tallies  map[subject]*tally.Tally
	dirty    bool
	handed   time.Time
	failed   error
	finished []*model.Recording
}

// subject is what a recording is of.
type subject struct{ service, image string }

// Start begins to record; Stop ends it, and so does the end of ctx.
func Start(ctx context.Context, o Options) *Session {
	s := &Session{
		options: o, inbox: make(chan func()), stop: make(chan struct{}), done: make(chan struct{}),
		places: map[string]engine.Place{}, watched: map[string]bool{}, tallies: map[subject]*tally.Tally{},
	}
	go s.run(ctx)
	return s
}

// Stop ends the recording, and returns what was recorded when all of it is known.
// The error says why it ended by itself.
func (s *Session) Stop() ([]*model.Recording, error) {
	select {
	case s.stop <- struct{}{}:
	case <-s.done:
	}
	<-s.done
	return s.finished, s.failed
}

// Done is closed when the recording has ended, by itself or not.
func (s *Session) Done() <-chan struct{} { return s.done }

// errEnded is said of a recorder that ends without having been told to.
var errEnded = errors.New("the recorder ended by itself")

func (s *Session) run(ctx context.Context) {
	defer close(s.done)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.become(model.RecorderComes)
	// The recorder outlives ctx for as long as it takes to hear the last of it.
	talk, err := s.options.Open(context.WithoutCancel(ctx))
	if err != nil {
		s.fail(err)
		return
	}
	s.talk, s.commands = talk, make(chan wire.Command, mostCommands)
	go speak(talk.In, s.commands)
	reports := make(chan error, 1)
	go func() {
		_, err := wire.Decode(talk.Out, func(r wire.Report) error { s.post(func() { s.hear(r) }); return nil })
		reports <- err
	}()
	s.tell(wire.Command{Hello: &wire.Hello{Version: wire.Version}})
	go s.follow(ctx)

	clock := time.NewTicker(pace)
	defer clock.Stop()
	for s.failed == nil {
		select {
		case do := <-s.inbox:
			do()
		case <-clock.C:
			s.hand(false)
		case err := <-reports:
			s.failed = errors.Join(errEnded, err)
			reports <- nil
		case <-s.stop:
			s.become(model.RecorderEnds)
			s.failed = s.end(reports)
			s.settle()
			return
		case <-ctx.Done():
			s.failed = s.end(reports)
			s.settle()
			return
		}
	}
	s.failed = errors.Join(s.failed, s.end(reports))
	s.settle()
}

// speak passes commands on, and ends the recorder's input after the last one. The
// recorder may be waiting to be heard meanwhile, so nobody waits for it here.
func speak(in io.WriteCloser, commands <-chan wire.Command) {
	out := wire.NewEncoder(in)
	for c := range commands {
		// A recorder that does not listen any more is heard of by the end of its reports.
		_ = out.Encode(c)
	}
	_ = in.Close()
}

// end closes the recorder's input and hears the last of it.
func (s *Session) end(reports <-chan error) error {
	close(s.commands)
	s.commands = nil
	limit := time.After(patience)
	for {
		select {
		case do := <-s.inbox:
			do()
		case err := <-reports:
			return errors.Join(err, s.talk.Wait())
		case <-limit:
			return errors.New("the recorder did not end in time: what it saw last is missing")
		}
	}
}

// settle hands over the last of it.
func (s *Session) settle() {
	s.finished = s.snapshot(false)
	if s.failed != nil {
		s.fail(s.failed)
		return
	}
	s.become(model.NotRecording)
}

func (s *Session) fail(err error) {
	s.failed = err
	s.state.Reason = err.Error()
	s.become(model.RecorderFails)
}

// post hands something to the session's goroutine.
func (s *Session) post(do func()) {
	select {
	case s.inbox <- do:
	case <-s.done:
	}
}

func (s *Session) tell(c wire.Command) {
	if s.commands != nil {
		s.commands <- c
	}
}

func (s *Session) become(state model.RecorderState) {
	if s.state.State != state {
		s.state.State, s.state.Since = state, time.Now()
	}
	s.hand(true)
}

// hand tells how it goes, when there is news.
func (s *Session) hand(now bool) {
	live := s.state.State == model.IsRecording
	if !now && !(live && (s.dirty || time.Since(s.handed) > 2*time.Second)) {
		return
	}
	s.dirty, s.handed = false, time.Now()
	if s.options.Each != nil {
		s.state.Containers = len(s.watched)
		s.options.Each(s.snapshot(live), s.state)
	}
}

func (s *Session) snapshot(live bool) []*model.Recording {
	now := time.Now()
	var all []*model.Recording
	for _, t := range s.tallies {
		if !t.Empty() {
			all = append(all, t.Snapshot(now, live))
		}
	}
	slices.SortFunc(all, func(a, b *model.Recording) int {
		if a.Service != b.Service {
			return compareText(a.Service, b.Service)
		}
		return compareText(a.ImageID, b.ImageID)
	})
	return all
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	default:
		return 0
	}
}
