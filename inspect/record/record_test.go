package record

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/helper"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// id makes a container's ID of a digit.
func id(digit string) string { return strings.Repeat(digit, 64) }

// fakeEngine has containers, and events that a test makes.
type fakeEngine struct {
	mu         sync.Mutex
	containers map[string]engine.Place
	events     chan engine.Event
}

func newFakeEngine(places ...engine.Place) *fakeEngine {
	e := &fakeEngine{containers: map[string]engine.Place{}, events: make(chan engine.Event)}
	for _, p := range places {
		e.containers[p.Container.ID] = p
	}
	return e
}

func place(id, service string, pid int) engine.Place {
	return engine.Place{Container: model.Container{ID: id, Project: "shop", Service: service, ImageID: "sha256:" + service}, PID: pid, Root: "/merged", Upper: "/diff"}
}

func (e *fakeEngine) Events(ctx context.Context, each func(engine.Event)) error {
	each(engine.Event{Action: engine.Connected})
	for {
		select {
		case event := <-e.events:
			each(event)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (e *fakeEngine) List(context.Context) ([]model.Container, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var all []model.Container
	for _, p := range e.containers {
		all = append(all, p.Container)
	}
	return all, nil
}

func (e *fakeEngine) Place(_ context.Context, id string) (engine.Place, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	p, ok := e.containers[id]
	if !ok {
		return p, errors.New("no such container")
	}
	return p, nil
}

// busyEngine does not say where a container is: it compares it with its image.
type busyEngine struct{ *fakeEngine }

func (e busyEngine) Place(ctx context.Context, _ string) (engine.Place, error) {
	<-ctx.Done()
	return engine.Place{}, ctx.Err()
}

// fakeRecorder notes what it is told, and says what a test wants.
type fakeRecorder struct {
	told chan wire.Command
	*wire.Encoder
	out *io.PipeWriter
}

func openFake() (*fakeRecorder, func(context.Context) (*helper.Talk, error)) {
	commands, in := io.Pipe()
	out, reports := io.Pipe()
	r := &fakeRecorder{told: make(chan wire.Command, 64), Encoder: wire.NewEncoder(reports), out: reports}
	return r, func(context.Context) (*helper.Talk, error) {
		ended := make(chan error, 1)
		go func() {
			err := wire.Decode(commands, func(c wire.Command) error { r.told <- c; return nil }, nil)
			reports.Close()
			ended <- err
		}()
		return helper.NewTalk(in, out, func() error { return <-ended }), nil
	}
}

// next waits for a command, as "follow 1 pid 7".
func (r *fakeRecorder) next(t *testing.T) wire.Command {
	t.Helper()
	select {
	case c := <-r.told:
		return c
	case <-time.After(10 * time.Second):
		t.Fatal("the recorder is told nothing")
		return wire.Command{}
	}
}

func (r *fakeRecorder) say(t *testing.T, report wire.Report) {
	t.Helper()
	if err := r.Encode(report); err != nil {
		t.Fatal(err)
	}
}

// running is a recording beside the test.
type running struct {
	cancel     context.CancelFunc
	done       chan struct{}
	recordings []*model.Recording
	err        error
}

func start(t *testing.T, o Options) *running {
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.recordings, r.err = Run(ctx, o)
	}()
	return r
}

// stop ends the recording and waits for what comes of it.
func (r *running) stop() ([]*model.Recording, error) {
	r.cancel()
	<-r.done
	return r.recordings, r.err
}

func TestSessionFollowsContainers(t *testing.T) {
	web, later := place(id("1"), "web", 7), place(id("2"), "web", 0)
	stranger := place(id("3"), "web", 9)
	stranger.Container.Project = "other"
	e := newFakeEngine(web, stranger)
	r, open := openFake()
	s := start(t, Options{Engine: e, Project: "shop", Open: open})
	if c := r.next(t); c.Hello == nil || c.Hello.Version != wire.Version {
		t.Fatalf("%+v", c)
	}
	r.say(t, wire.Report{Hello: &wire.Hello{Version: wire.Version}})
	r.say(t, wire.Report{Ready: true})
	if c := r.next(t); c.Follow == nil || c.Follow.Container != web.Container.ID || c.Follow.PID != 7 || c.Follow.Upper != "/diff" {
		t.Fatalf("%+v", c.Follow)
	}
	e.mu.Lock()
	e.containers[later.Container.ID] = later
	e.mu.Unlock()
	e.events <- engine.Event{Action: "create", ID: stranger.Container.ID, Project: "other"}
	e.events <- engine.Event{Action: "create", ID: later.Container.ID, Project: "shop", Service: "web"}
	if c := r.next(t); c.Follow == nil || c.Follow.Container != later.Container.ID || c.Follow.PID != 0 {
		t.Fatalf("%+v", c)
	}
	e.events <- engine.Event{Action: "die", ID: web.Container.ID, Project: "shop", Service: "web"}
	if c := r.next(t); c.Ended != web.Container.ID {
		t.Fatalf("%+v", c)
	}
	e.events <- engine.Event{Action: "destroy", ID: web.Container.ID, Project: "shop", Service: "web"}
	if c := r.next(t); c.Forget != web.Container.ID {
		t.Fatalf("%+v", c)
	}

	now := time.Now()
	seen := func(container, path string) wire.Report {
		return wire.Report{Seen: &wire.Seen{Container: container, Writes: []wire.Write{{
			Path: []byte(path), Acts: model.Made, Count: 1, Bytes: -1, First: now, Last: now,
		}}}}
	}
	r.say(t, wire.Report{Joined: &wire.Joined{Container: web.Container.ID, Early: true}})
	r.say(t, seen(web.Container.ID, "/tmp/x"))
	r.say(t, seen(later.Container.ID, "/tmp/y"))
	r.say(t, seen(id("9"), "/etc/shadow")) // nobody asked about it
	r.say(t, wire.Report{Lost: 2})
	recordings, err := s.stop()
	if err != nil || len(recordings) != 1 {
		t.Fatalf("%v, %d recordings", err, len(recordings))
	}
	got := recordings[0]
	if len(got.Writes) != 2 || got.Find("/tmp/x") == nil || got.Find("/tmp/y") == nil || got.Sum().Starts != 1 || got.Sum().Lost != 2 || got.Live {
		t.Errorf("%s", got)
	}
}

func TestSessionOfNamedServices(t *testing.T) {
	e := newFakeEngine(place(id("1"), "web", 7), place(id("2"), "db", 8))
	r, open := openFake()
	s := start(t, Options{Engine: e, Project: "shop", Services: []string{"db"}, Open: open})
	r.next(t)
	if c := r.next(t); c.Follow.Container != id("2") {
		t.Errorf("%+v", c.Follow)
	}
	_, _ = s.stop()
	if len(r.told) != 0 {
		t.Errorf("it is told more: %+v", <-r.told)
	}
}

func TestSessionsThatFail(t *testing.T) {
	refused := errors.New("no room")
	for name, test := range map[string]struct {
		act  func(t *testing.T, r *fakeRecorder)
		open func(context.Context) (*helper.Talk, error)
		want string
	}{
		"does not start": {open: func(context.Context) (*helper.Talk, error) { return nil, refused }, want: "no room"},
		"of another version": {act: func(t *testing.T, r *fakeRecorder) {
			r.say(t, wire.Report{Hello: &wire.Hello{Version: wire.Version + 1}})
		}, want: "update this one"},
		"ends by itself": {act: func(t *testing.T, r *fakeRecorder) {
			r.say(t, wire.Report{Hello: &wire.Hello{Version: wire.Version}})
			r.out.Close()
		}, want: "ended by itself"},
		"says nothing but garbage": {act: func(_ *testing.T, r *fakeRecorder) {
			_, _ = r.out.Write([]byte(strings.Repeat("garbage\n", 2000)))
		}, want: "garbage"},
	} {
		t.Run(name, func(t *testing.T) {
			r, open := openFake()
			if test.open != nil {
				open = test.open
			}
			s := start(t, Options{Engine: newFakeEngine(), Project: "shop", Open: open})
			if test.act != nil {
				r.next(t)
				go test.act(t, r)
			}
			select {
			case <-s.done:
			case <-time.After(10 * time.Second):
				t.Fatal("it goes on")
			}
			if _, err := s.stop(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

// Whoever stops a recording waits for it, so that nothing in it may wait for ever.
func TestStoppingDoesNotHang(t *testing.T) {
	const long = 24 * time.Hour
	for name, test := range map[string]struct {
		open  func(ctx context.Context) (*helper.Talk, error)
		stops bool // somebody stops it; else it has to give up by itself
		limit time.Duration
		want  string // "" for no error
	}{
		"while it starts": {
			open:  func(ctx context.Context) (*helper.Talk, error) { <-ctx.Done(); return nil, ctx.Err() },
			stops: true, limit: time.Second,
		},
		"while it starts, deaf": {
			open:  func(context.Context) (*helper.Talk, error) { time.Sleep(long); return nil, errors.New("late") },
			stops: true, limit: endLimit + time.Second,
		},
		"it never starts": {
			open:  func(context.Context) (*helper.Talk, error) { time.Sleep(long); return nil, errors.New("late") },
			limit: openLimit + endLimit + time.Second, want: "did not start in time",
		},
		"its recorder does not end": {
			open: func(context.Context) (*helper.Talk, error) {
				commands, in := io.Pipe()
				out, _ := io.Pipe()
				go func() { _, _ = io.Copy(io.Discard, commands) }()
				time.AfterFunc(long, func() { out.Close() })
				return helper.NewTalk(in, out, func() error { time.Sleep(long); return nil }), nil
			},
			stops: true, limit: 2*endLimit + time.Second, want: "did not end in time",
		},
		"its recorder's container does not go": {
			open: func(context.Context) (*helper.Talk, error) {
				commands, in := io.Pipe()
				out, reports := io.Pipe()
				go func() { _, _ = io.Copy(io.Discard, commands); reports.Close() }()
				return helper.NewTalk(in, out, func() error { time.Sleep(long); return nil }), nil
			},
			stops: true, limit: 2*endLimit + time.Second, want: "did not end in time",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := start(t, Options{Engine: newFakeEngine(), Project: "shop", Open: test.open})
				synctest.Wait()
				began := time.Now()
				if test.stops {
					s.cancel()
				}
				<-s.done
				if took := time.Since(began); took > test.limit {
					t.Errorf("it took %v, want at most %v", took, test.limit)
				}
				if test.want == "" && s.err != nil || test.want != "" && (s.err == nil || !strings.Contains(s.err.Error(), test.want)) {
					t.Errorf("%v", s.err)
				}
				s.cancel()
				time.Sleep(2 * long) // whatever is left ends
			})
		})
	}
}

// A recorder that starts when nobody wants it any more is told to end.
func TestRecorderThatStartsLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, open := openFake()
		ended := false
		s := start(t, Options{Engine: newFakeEngine(), Project: "shop", Open: func(ctx context.Context) (*helper.Talk, error) {
			time.Sleep(time.Second)
			talk, err := open(ctx)
			return helper.NewTalk(talk.In, talk.Out, func() error { err := talk.Wait(); ended = true; return err }), err
		}})
		synctest.Wait()
		if recordings, err := s.stop(); err != nil || len(recordings) > 0 {
			t.Errorf("%v, %v", recordings, err)
		}
		if !ended {
			t.Error("it goes on")
		}
	})
}

// One that takes no commands any more must not hold up what it reports.
func TestRecorderThatTakesNoCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		commands, in := io.Pipe()
		out, reports := io.Pipe()
		many := make([]engine.Place, mostCommands+10)
		for i := range many {
			many[i] = place(fmt.Sprintf("%064x", i), "web", 7)
		}
		s := start(t, Options{Engine: newFakeEngine(many...), Project: "shop", Open: func(ctx context.Context) (*helper.Talk, error) {
			context.AfterFunc(ctx, func() { commands.Close(); reports.Close() })
			return helper.NewTalk(in, out, func() error { return nil }), nil
		}})
		<-s.done
		if !errors.Is(s.err, errBusy) {
			t.Errorf("%v", s.err)
		}
	})
}

// What is known is followed at once, and a question that the engine lets wait keeps
// nobody else: it compares a container with its image meanwhile.
func TestNoContainerWaitsForAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := id("a")
		e := slowEngine{newFakeEngine(place(slow, "web", 7), place(id("b"), "db", 8), place(id("c"), "cache", 9)), slow}
		rec, open := openFake()
		stale := place(slow, "web", 5)
		r := start(t, Options{Engine: e, Project: "shop", Open: open, Known: func() []engine.Place {
			return []engine.Place{stale, place(id("d"), "other", 4)}
		}, Services: []string{"web", "db", "cache"}})
		began := time.Now()
		var told []string
		for range 5 {
			c := rec.next(t)
			if c.Follow != nil {
				told = append(told, fmt.Sprintf("%s %d after %v", c.Follow.Container[:1], c.Follow.PID, time.Since(began)))
			}
			synctest.Wait()
		}
		slices.Sort(told[1:3])
		want := []string{"a 5 after 0s", "b 8 after 0s", "c 9 after 0s", "a 7 after 5s"}
		if !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		if _, err := r.stop(); err != nil {
			t.Error(err)
		}
	})
}

// slowEngine keeps the answer about one container back.
type slowEngine struct {
	*fakeEngine
	slow string
}

func (e slowEngine) Place(ctx context.Context, id string) (engine.Place, error) {
	if id == e.slow {
		time.Sleep(5 * time.Second)
	}
	return e.fakeEngine.Place(ctx, id)
}

// A recording begins before the engine has said where containers are.
func TestNoContainerWaitsForItsPlace(t *testing.T) {
	runs := place(id("1"), "web", 7)
	runs.Container.State = model.Running
	ended := place(id("2"), "job", 0)
	ended.Container.State = model.Exited
	r, open := openFake()
	s := start(t, Options{Engine: busyEngine{newFakeEngine(runs, ended)}, Project: "shop", Open: open})
	r.next(t)
	if c := r.next(t); c.Follow == nil || *c.Follow != (wire.Follow{Container: id("1"), Runs: true}) {
		t.Errorf("%+v", c)
	}
	now := time.Now()
	r.say(t, wire.Report{Hello: &wire.Hello{Version: wire.Version}})
	r.say(t, wire.Report{Ready: true})
	r.say(t, wire.Report{Joined: &wire.Joined{Container: id("1"), Directories: 1}})
	r.say(t, wire.Report{Seen: &wire.Seen{Container: id("1"), Writes: []wire.Write{{
		Path: []byte("/tmp/x"), Acts: model.Made, Count: 1, Bytes: -1, First: now, Last: now,
	}}}})
	recordings, err := s.stop()
	if err != nil || len(recordings) != 1 || recordings[0].Service != "web" || recordings[0].Find("/tmp/x") == nil {
		t.Errorf("%v, %v", err, recordings)
	}
	if len(r.told) > 0 {
		t.Errorf("it is told more: %+v", <-r.told)
	}
}
