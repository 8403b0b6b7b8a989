package watch

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
	"petrify/inspect/layer"
	"petrify/model"

	"github.com/containerd/errdefs"
)

// scripted is an engine whose answers, delays and failures a test sets. It notes
// each call with the time since its start, and fails the test when an inspect
// and a diff of one container overlap, or too many calls do.
type scripted struct {
	t     *testing.T
	began time.Time

	mu             sync.Mutex
	containers     map[string]model.Container
	takes          map[string]time.Duration // by "list", "inspect", "inspect a" ...
	fails          map[string]error
	away           error // every call fails with it
	ignoresContext bool  // calls do not end with their context
	calls          []string
	inFlight       map[string]int
	streams        map[chan engine.Event]chan error
	lines          map[string][]model.LogLine
	holds          map[string]layer.Result
	forgotten      []string // containers, by the layers
}

func newScripted(t *testing.T, containers ...model.Container) *scripted {
	e := &scripted{
		t: t, began: time.Now(),
		containers: map[string]model.Container{},
		takes:      map[string]time.Duration{},
		fails:      map[string]error{},
		inFlight:   map[string]int{},
		streams:    map[chan engine.Event]chan error{},
		lines:      map[string][]model.LogLine{},
		holds:      map[string]layer.Result{},
	}
	for _, c := range containers {
		e.containers[c.ID] = c
	}
	return e
}

// runs is a running container of a service of the project shop.
func runs(id, service string) model.Container {
	return model.Container{ID: id, Name: "shop-" + service + "-" + id, Project: "shop", Service: service, State: model.Running, ImageID: "img"}
}

// call notes a call, takes its time and says how it ends.
func (e *scripted) call(ctx context.Context, op, subject string) error {
	name := strings.TrimSpace(op + " " + subject)
	e.mu.Lock()
	e.calls = append(e.calls, fmt.Sprintf("%v %s", time.Since(e.began), name))
	e.inFlight[op]++
	if subject != "" {
		e.inFlight[name]++
	}
	e.check(op, subject)
	done := ctx.Done()
	if e.ignoresContext {
		done = nil
	}
	takes, ok := e.takes[name]
	if !ok {
		takes = e.takes[op]
	}
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.inFlight[op]--
		if subject != "" {
			e.inFlight[name]--
		}
	}()
	select {
	case <-time.After(takes):
	case <-done:
		return ctx.Err()
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.away != nil {
		return e.away
	}
	if err := e.fails[name]; err != nil {
		return err
	}
	return e.fails[op]
}

func (e *scripted) check(op, subject string) {
	if e.ignoresContext {
		return // what the watcher has given up still counts here
	}
	for op, most := range map[string]int{"list": 1, "about": 1, "inspect": 8, "changes": 2, "read": 2} {
		if e.inFlight[op] > most {
			e.t.Errorf("%v: %d %s calls at once", time.Since(e.began), e.inFlight[op], op)
		}
	}
	if op == "inspect" || op == "changes" {
		if e.inFlight["inspect "+subject]+e.inFlight["changes "+subject] > 1 {
			e.t.Errorf("%v: more than one inspect or diff of %s at once", time.Since(e.began), subject)
		}
	}
}

func (e *scripted) About(ctx context.Context) (model.Engine, string, error) {
	return model.Engine{Product: "docker", Version: "20.10"}, "/var/lib/docker", e.call(ctx, "about", "")
}

func (e *scripted) List(ctx context.Context) ([]model.Container, error) {
	e.mu.Lock()
	var all []model.Container
	for _, c := range e.containers { // as they were when it was asked
		c.Inspected = false
		all = append(all, c)
	}
	e.mu.Unlock()
	slices.SortFunc(all, func(a, b model.Container) int { return strings.Compare(a.ID, b.ID) })
	return all, e.call(ctx, "list", "")
}

func (e *scripted) Place(ctx context.Context, id string) (engine.Place, error) {
	if err := e.call(ctx, "inspect", id); err != nil {
		return engine.Place{}, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	c, ok := e.containers[id]
	if !ok {
		return engine.Place{}, gone(id)
	}
	c.Inspected = true
	return engine.Place{Container: c, PID: 7}, nil
}

func (e *scripted) Image(ctx context.Context, id string) (model.Image, error) {
	return model.Image{ID: id}, e.call(ctx, "image", id)
}

func (e *scripted) Changes(ctx context.Context, id string) ([]model.Change, error) {
	err := e.call(ctx, "changes", id)
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.containers[id]; !ok && err == nil {
		err = gone(id)
	}
	return []model.Change{{Path: "/data/" + id, Kind: model.Added}}, err
}

// KeepChanges forgets them.
func (e *scripted) KeepChanges(string, []model.Change) {}

func (e *scripted) Behind(_ context.Context, _, path string) (string, error) {
	return strings.Replace(path, "/lib/", "/usr/lib/", 1), nil
}

func (e *scripted) Stat(ctx context.Context, id string, paths []string) ([]model.FileInfo, error) {
	return make([]model.FileInfo, len(paths)), e.call(ctx, "stat", id)
}

func (e *scripted) Compare(ctx context.Context, id, path string) (model.Comparison, error) {
	return model.Comparison{Path: path}, e.call(ctx, "compare", id)
}

// Logs tells the lines so far, as an engine does for a container that has ended.
func (e *scripted) Logs(ctx context.Context, id string, tail int, each func(model.LogLine)) error {
	if err := e.call(ctx, "logs", id); err != nil {
		return err
	}
	e.mu.Lock()
	lines := slices.Clone(e.lines[id])
	_, there := e.containers[id]
	e.mu.Unlock()
	if !there {
		return gone(id)
	}
	for _, line := range lines[max(0, len(lines)-tail):] {
		each(line)
	}
	return nil
}

// User knows everybody by number only.
func (e *scripted) User(ctx context.Context, id, spec string) (*model.User, error) {
	if err := e.call(ctx, "user", id); err != nil {
		return nil, err
	}
	var u model.User
	_, err := fmt.Sscanf(spec, "%d:%d", &u.UID, &u.GID)
	return &u, err
}

// MountPoints are all root's and empty.
func (e *scripted) MountPoints(ctx context.Context, id string, targets []string) (map[string]model.MountPoint, error) {
	points := map[string]model.MountPoint{}
	for _, target := range targets {
		points[target] = model.MountPoint{Mode: 0o755, Empty: true}
	}
	return points, e.call(ctx, "points", id)
}

// SearchLog tells the lines so far that came after a moment.
func (e *scripted) SearchLog(ctx context.Context, id string, after time.Time, each func(model.LogLine)) (bool, error) {
	if err := e.call(ctx, "search", id); err != nil {
		return false, err
	}
	e.mu.Lock()
	lines := slices.Clone(e.lines[id])
	e.mu.Unlock()
	for _, line := range lines {
		if line.At.After(after) {
			each(line)
		}
	}
	return false, nil
}

func (e *scripted) Events(ctx context.Context, each func(engine.Event)) error {
	if err := e.call(ctx, "events", ""); err != nil {
		return err
	}
	events, ended := make(chan engine.Event, 2000), make(chan error, 1)
	e.mu.Lock()
	e.streams[events] = ended
	e.mu.Unlock()
	defer func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		delete(e.streams, events)
	}()
	each(engine.Event{Action: engine.Connected})
	for {
		select {
		case event := <-events:
			each(event)
		case err := <-ended:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// set makes a container what a test says, and tells the event that goes with it.
func (e *scripted) set(c model.Container, action engine.Action) {
	e.mu.Lock()
	if action == engine.Destroy {
		delete(e.containers, c.ID)
	} else {
		e.containers[c.ID] = c
	}
	e.mu.Unlock()
	e.tell(c, action)
}

func (e *scripted) tell(c model.Container, action engine.Action) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for events := range e.streams {
		events <- engine.Event{Action: action, ID: c.ID, Project: c.Project, Service: c.Service}
	}
}

// disconnect ends the streams and fails every call until comeBack.
func (e *scripted) disconnect(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away = err
	for _, ended := range e.streams {
		ended <- io.ErrUnexpectedEOF
	}
}

func (e *scripted) comeBack() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away = nil
}

func (e *scripted) slow(takes time.Duration, names ...string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, name := range names {
		e.takes[name] = takes
	}
}

func (e *scripted) ignoreContexts() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.ignoresContext = true
}

func (e *scripted) fail(name string, err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.fails[name] = err
}

// newCalls returns the calls since it was last asked, and only those of these
// operations when some are named.
func (e *scripted) newCalls(ops ...string) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	calls := e.calls
	e.calls = nil
	if len(ops) == 0 {
		return calls
	}
	return slices.DeleteFunc(calls, func(call string) bool {
		return !slices.Contains(ops, strings.Fields(call)[1])
	})
}

// reset forgets the calls so far and counts time from now on.
func (e *scripted) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.calls, e.began = nil, time.Now()
}

// scriptedLayers are the layers of a scripted engine's containers: each reading is noted
// and takes its time as a call does, by "read" or "read a".
type scriptedLayers struct{ *scripted }

func (l scriptedLayers) Read(ctx context.Context, id string) (layer.Result, error) {
	err := l.call(ctx, "read", id)
	l.mu.Lock()
	defer l.mu.Unlock()
	if result, ok := l.holds[id]; ok {
		return result, err
	}
	return layer.Result{Changes: []model.Change{{Path: "/data/" + id, Kind: model.Added}}}, err
}

func (l scriptedLayers) Forget(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgotten = append(l.forgotten, id)
}

// hold says what a container's layer holds from now on.
func (e *scripted) hold(id string, result layer.Result) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.holds[id] = result
}

// beside has the layers of all containers read.
func beside(e *scripted) Options { return Options{Layers: scriptedLayers{e}} }

func gone(id string) error { return fmt.Errorf("no such container %s: %w", id, errdefs.ErrNotFound) }

var errBroken = errors.New("layer does not exist")

// shop is what Load says in these tests: a project without files of its own.
func shop(context.Context) (string, *model.Project, *model.Problem) {
	return "shop", &model.Project{Name: "shop"}, nil
}

// watching runs a test on an engine in a bubble of fake time, which ends only
// when nothing that was started there is left.
func watching(t *testing.T, containers []model.Container, test func(t *testing.T, w *Watcher, e *scripted)) {
	t.Helper()
	watchingWith(t, containers, func(*scripted) Options { return Options{} }, test)
}

// watchingWith is watching with options, and the engine prepared, before the start.
func watchingWith(t *testing.T, containers []model.Container, prepare func(*scripted) Options, test func(t *testing.T, w *Watcher, e *scripted)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		e := newScripted(t, containers...)
		opt := prepare(e)
		opt.Engine = e
		if opt.Load == nil {
			opt.Load = shop
		}
		w := Start(ctx, opt)
		test(t, w, e)
		cancel()
	})
}

// newest lets everything come to rest and returns the stack that Next has then.
func newest(t *testing.T, w *Watcher) *model.Stack {
	t.Helper()
	synctest.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	s, err := w.Next(ctx)
	if err != nil {
		t.Fatalf("no stack: %v", err)
	}
	return s
}

// say is a stack in one line: its link, and each container with what is known of it.
func say(s *model.Stack) string {
	var b strings.Builder
	b.WriteString(string(s.Link.State))
	for i := range s.Services {
		for _, c := range s.Services[i].Containers {
			fmt.Fprintf(&b, " %s:%s", c.ID, c.State)
			if c.Health != "" {
				fmt.Fprintf(&b, "/%s", c.Health)
			}
			if c.Inspected {
				b.WriteString(",inspected")
			}
			if c.Err != "" {
				fmt.Fprintf(&b, " (%s)", c.Err)
			}
			for _, changes := range s.Services[i].Changes {
				switch {
				case changes.Container != c.ID:
				case changes.Err != "":
					fmt.Fprintf(&b, ",%d changes (%s)", len(changes.Paths), changes.Err)
				default:
					fmt.Fprintf(&b, ",%d changes", len(changes.Paths))
				}
			}
		}
	}
	return b.String()
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got  %q\n want %q", what, got, want)
	}
}
