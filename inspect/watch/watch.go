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
	Inspect(ctx context.Context, id string) (model.Container, error)
	Image(ctx context.Context, id string) (model.Image, error)
	Changes(ctx context.Context, id string) ([]model.Change, error)
	Stat(ctx context.Context, id string, paths []string) ([]model.FileInfo, error)
	Compare(ctx context.Context, id, path string) (model.Comparison, error)
	Logs(ctx context.Context, id string, tail int, each func(model.LogLine)) error
	Events(ctx context.Context, each func(engine.Event)) error
}

// Options say what is watched.
type Options struct {
	Engine Engine
	// Load reads the Compose files: the project's name, which is known also when
	// they are broken, the project, or why there is none.
	Load func(context.Context) (name string, p *model.Project, problem *model.Problem)
	// Now is the clock of what is seen; a recording has its own. Nil: time.Now.
	Now func() time.Time
	// Recorded returns the recordings that are kept of a project. Nil: there are none.
	Recorded func(project string) []*model.Recording
	// Known is what is known of the engine before it answers, such as its address.
	Known model.Engine
}

// Watcher hands out stacks, and passes on what is asked of single containers.
type Watcher struct {
	ctx     context.Context
	engine  Engine
	box     chan *model.Stack // one slot: the newest stack that nobody took yet
	poke    chan struct{}     // one slot: looked or refresh was set
	looked  atomic.Pointer[view]
	refresh atomic.Bool
	link    atomic.Pointer[model.Link]
	taped   atomic.Pointer[taped]
	kept    atomic.Pointer[[]*model.Recording]
	bells   bells
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
		poke:   make(chan struct{}, 1),
	}
	w.looked.Store(&view{})
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
	w.nudge()
}

// Refresh reads the Compose files and asks the engine for everything again. It
// never waits.
func (w *Watcher) Refresh() {
	w.refresh.Store(true)
	w.nudge()
}

// taped is what records now, beside what is kept.
type taped struct {
	recordings []*model.Recording
	recorder   model.Recorder
}

// Kept replaces the recordings that are kept. It never waits.
func (w *Watcher) Kept(recordings []*model.Recording) {
	w.kept.Store(&recordings)
	w.nudge()
}

// Recorded takes what is being recorded, and how that goes. What was kept before
// stays beside it. It never waits.
func (w *Watcher) Recorded(recordings []*model.Recording, r model.Recorder) {
	w.taped.Store(&taped{recordings, r})
	w.nudge()
}

func (w *Watcher) nudge() {
	select {
	case w.poke <- struct{}{}:
	default:
	}
}
