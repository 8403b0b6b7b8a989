// Package watch keeps a Compose project's stack current from an engine's event
// stream, asking the engine as little as it can.
package watch

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
)

// Engine is what watching needs of an engine.
type Engine interface {
	About(ctx context.Context) (about model.Engine, root string, err error)
	List(ctx context.Context) ([]model.Container, error)
	Place(ctx context.Context, id string) (engine.Place, error)
	Image(ctx context.Context, id string) (model.Image, error)
	Changes(ctx context.Context, id string) ([]model.Change, error)
	KeepChanges(id string, changes []model.Change)
	Behind(ctx context.Context, id, path string) (string, error)
	Stat(ctx context.Context, id string, paths []string) ([]model.FileInfo, error)
	User(ctx context.Context, id, spec string) (*model.User, error)
	MountPoints(ctx context.Context, id string, targets []string) (map[string]model.MountPoint, error)
	Compare(ctx context.Context, id, path string) (model.Comparison, error)
	Logs(ctx context.Context, id string, tail int, each func(model.LogLine)) error
	SearchLog(ctx context.Context, id string, after time.Time, each func(model.LogLine)) (cut bool, err error)
	Events(ctx context.Context, each func(engine.Event)) error
}

// Options say what is watched.
type Options struct {
	Engine Engine
	// Load reads the Compose files: the project's name, which is known also when
	// they are broken, the project, or why there is none.
	Load func(context.Context) (name string, p *model.Project, problem *model.Problem)
	// Services are those that are asked about; the project's others are only listed.
	// None named: all.
	Services []string
	// Now is the clock of what is seen; a capture has its own. Nil: time.Now.
	Now func() time.Time
	// Recorded returns the recordings that are kept of a project. Nil: there are none.
	Recorded func(project string) []*model.Recording
	// Tried returns the trials that are kept of a project. Nil: there are none.
	Tried func(project string) []*model.Trial
	// Layers reads the containers' layers. Nil: the engine is asked for all changes.
	Layers Layers
	// Known is what is known of the engine before it answers, such as its address.
	Known model.Engine
}

// Watcher hands out stacks, and passes on what is asked of single containers.
type Watcher struct {
	ctx     context.Context
	engine  Engine
	box     chan *model.Stack // one slot: the newest stack that nobody took yet
	told    chan struct{}     // one slot: something below was set
	looked  atomic.Pointer[view]
	refresh atomic.Bool
	askNew  atomic.Bool // AskChanges was called
	link    atomic.Pointer[model.Link]
	name    atomic.Pointer[string] // of the project
	waiters waiters
	readers readers
	places  places

	recordings recordings
}

// view is what somebody looks at.
type view struct {
	service string
	changes bool
}

// Start watches until ctx is done; then nothing of it is left running.
func Start(ctx context.Context, opt Options) *Watcher {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	w := &Watcher{
		ctx:    ctx,
		engine: opt.Engine,
		box:    make(chan *model.Stack, 1),
		told:   make(chan struct{}, 1),
	}
	w.looked.Store(&view{})
	w.name.Store(new(string))
	w.readers.own = opt.Layers
	k := newKeeper(w, opt)
	go k.run()
	return w
}

// Next waits for a stack newer than the last one it returned. When watching has
// ended, so has Next.
func (w *Watcher) Next(ctx context.Context) (*model.Stack, error) {
	select {
	case s := <-w.box:
		return s, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-w.ctx.Done():
		return nil, fmt.Errorf("watching has ended: %w", context.Cause(w.ctx))
	}
}

// Look says which service is on screen, and whether its changes are. It never waits.
func (w *Watcher) Look(service string, changes bool) {
	w.looked.Store(&view{service: service, changes: changes})
	w.notify()
}

// Refresh reads the Compose files and asks the engine for everything again. It
// never waits.
func (w *Watcher) Refresh() {
	w.refresh.Store(true)
	w.notify()
}

// AskChanges asks for the changes of all containers again, also of those that rest:
// somebody wants to compare with what there is now. It never waits.
func (w *Watcher) AskChanges() {
	w.askNew.Store(true)
	w.notify()
}

// Project is the name of the project; "" as long as its files were not read.
func (w *Watcher) Project() string { return *w.name.Load() }

// ShowRecording takes what is being recorded, and how that goes. What was kept before
// stays beside it. It never waits.
func (w *Watcher) ShowRecording(live []*model.Recording, r model.Recorder) {
	w.recordings.set(func(s *recorded) { s.live, s.recorder = live, r })
	w.notify()
}

// ShowRecorded replaces the recordings that are kept, in which there is now what was
// being recorded. It never waits.
func (w *Watcher) ShowRecorded(kept []*model.Recording) {
	w.recordings.set(func(s *recorded) { s.live, s.kept = nil, kept })
	w.notify()
}

// ShowTrying takes how a trial goes. It never waits.
func (w *Watcher) ShowTrying(t model.Trying) {
	w.recordings.set(func(s *recorded) { s.trying = t })
	w.notify()
}

// ShowTried replaces the trials that are kept. It never waits.
func (w *Watcher) ShowTried(trials []*model.Trial) {
	w.recordings.set(func(s *recorded) { s.trials = trials })
	w.notify()
}

func (w *Watcher) notify() {
	select {
	case w.told <- struct{}{}:
	default:
	}
}
