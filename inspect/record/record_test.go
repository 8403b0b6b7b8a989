package record

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"petrify/inspect/engine"
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
	each(engine.Event{Type: engine.Connected})
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

// fakeRecorder notes what it is told, and says what a test wants.
type fakeRecorder struct {
	told chan wire.Command
	*wire.Encoder
	out *io.PipeWriter
}

func openFake() (*fakeRecorder, func(context.Context) (*Talk, error)) {
	commands, in := io.Pipe()
	out, reports := io.Pipe()
	r := &fakeRecorder{told: make(chan wire.Command, 64), Encoder: wire.NewEncoder(reports), out: reports}
	return r, func(context.Context) (*Talk, error) {
		ended := make(chan error, 1)
		go func() {
			_, err := wire.Decode(commands, func(c wire.Command) error { r.told <- c; return nil })
			reports.Close()
			ended <- err
		}()
		return &Talk{In: in, Out: out, Wait: func() error { return <-ended }}, nil
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

func TestSessionFollowsContainers(t *testing.T) {
	web, later := place(id("1"), "web", 7), place(id("2"), "web", 0)
	stranger := place(id("3"), "web", 9)
	stranger.Container.Project = "other"
	e := newFakeEngine(web, stranger)
	r, open := openFake()
	s := Start(t.Context(), Options{Engine: e, Project: "shop", Open: open})
	if c := r.next(t); c.Hello == nil || c.Hello.Version != wire.Version {
		t.Fatalf("%+v", c)
	}
	r.say(t, wire.Report{Hello: &wire.Hello{Version: wire.Version}})
	if c := r.next(t); c.Follow == nil || c.Follow.Container != web.Container.ID || c.Follow.PID != 7 || c.Follow.Upper != "/diff" {
		t.Fatalf("%+v", c.Follow)
	}
	e.mu.Lock()
	e.containers[later.Container.ID] = later
	e.mu.Unlock()
	e.events <- engine.Event{Type: "container", Action: "create", ID: stranger.Container.ID, Project: "other"}
	e.events <- engine.Event{Type: "container", Action: "create", ID: later.Container.ID, Project: "shop", Service: "web"}
	if c := r.next(t); c.Follow == nil || c.Follow.Container != later.Container.ID || c.Follow.PID != 0 {
		t.Fatalf("%+v", c)
	}
	e.events <- engine.Event{Type: "container", Action: "die", ID: web.Container.ID, Project: "shop", Service: "web"}
	if c := r.next(t); c.Ended != web.Container.ID {
		t.Fatalf("%+v", c)
	}
	e.events <- engine.Event{Type: "container", Action: "destroy", ID: web.Container.ID, Project: "shop", Service: "web"}
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
	recordings, err := s.Stop()
	if err != nil || len(recordings) != 1 {
		t.Fatalf("%v, %d recordings", err, len(recordings))
	}
	got := recordings[0]
	if len(got.Writes) != 2 || got.Find("/tmp/x") == nil || got.Find("/tmp/y") == nil || got.Starts != 1 || got.Lost != 2 || got.Live {
		t.Errorf("%s", got)
	}
}

func TestSessionOfNamedServices(t *testing.T) {
	e := newFakeEngine(place(id("1"), "web", 7), place(id("2"), "db", 8))
	r, open := openFake()
	s := Start(t.Context(), Options{Engine: e, Project: "shop", Services: []string{"db"}, Open: open})
	r.next(t)
	if c := r.next(t); c.Follow.Container != id("2") {
		t.Errorf("%+v", c.Follow)
	}
	_, _ = s.Stop()
	if len(r.told) != 0 {
		t.Errorf("it is told more: %+v", <-r.told)
	}
}

func TestSessionsThatFail(t *testing.T) {
	refused := errors.New("no room")
	for name, test := range map[string]struct {
		act  func(t *testing.T, r *fakeRecorder)
		open func(context.Context) (*Talk, error)
		want string
	}{
		"does not start": {open: func(context.Context) (*Talk, error) { return nil, refused }, want: "no room"},
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
			states := make(chan model.Recorder, 64)
			s := Start(t.Context(), Options{Engine: newFakeEngine(), Project: "shop", Open: open, Each: func(_ []*model.Recording, state model.Recorder) {
				states <- state
			}})
			if test.act != nil {
				r.next(t)
				go test.act(t, r)
			}
			select {
			case <-s.Done():
			case <-time.After(10 * time.Second):
				t.Fatal("it goes on")
			}
			if _, err := s.Stop(); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v", err)
			}
			var last model.Recorder
			for len(states) > 0 {
				last = <-states
			}
			if last.State != model.RecorderFails || !strings.Contains(last.Reason, test.want) {
				t.Errorf("the last state is %+v", last)
			}
		})
	}
}
