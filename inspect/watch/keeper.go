package watch

import (
	"context"
	"time"

	"petrify/model"
)

// keeper owns the observation. All its fields belong to one goroutine, run;
// calls to the engine are made beside it and post their answers to its inbox.
// After each message it looks at what is due and asks for it.
type keeper struct {
	*Watcher
	opt   Options
	inbox chan func()
	wake  time.Time // when something is due without a message; zero: nothing is

	connection
	flushing
	reads    int // of layers, in flight
	diffs    int // in flight
	searches int // of logs, in flight

	known         model.Engine
	root          string // the engine's data directory
	name          string
	project       *model.Project
	problem       *model.Problem
	recorded      recorded
	written       map[subject]int // writes seen in what is being recorded
	loaded        bool            // the files were read once
	loading       bool
	loadSince     time.Time // when the files began to be read
	loadAgain     bool
	containers    map[string]*watched // of the project, by ID
	allContainers []model.Container   // of the engine, as last listed
	images        map[string]model.Image

	publishing
}

// watched is what the keeper knows of one container of the project.
type watched struct {
	model.Container
	shown      bool      // more than its ID is known
	failed     string    // why the last inspect did; "" when it did not
	asked      bool      // an inspect is queued or in flight
	askedSince time.Time // when its inspect was sent; zero while none is in flight

	changesWanted bool
	reading       bool           // its layer is being read
	diffing       bool           // its diff is in flight
	changesBegan  time.Time      // when either began
	changesSince  time.Time      // the same, by the clock of what is seen
	told          bool           // a stack left since it became a slow one
	notBefore     time.Time      // when it has rested from the last one
	noRest        bool           // what is in flight began before somebody asked for another one
	written       bool           // the recorder told of a write since the last one began
	unread        unread         // why the engine is asked
	changes       *model.Changes // nil until first found
	searching
}

func newKeeper(w *Watcher, opt Options) *keeper {
	k := &keeper{
		Watcher:    w,
		opt:        opt,
		inbox:      make(chan func()),
		known:      opt.Known,
		containers: map[string]*watched{},
		images:     map[string]model.Image{},
	}
	k.connection.retry = firstRetry
	k.flushing.forget()
	k.news, k.urgent = true, true
	k.setLink(model.Link{State: model.Connecting})
	return k
}

func (k *keeper) run() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	k.load()
	for k.ctx.Err() == nil {
		k.step()
		if k.wake.IsZero() {
			timer.Stop()
		} else {
			timer.Reset(time.Until(k.wake))
		}
		select {
		case answer := <-k.inbox:
			answer()
		case <-k.told:
			if k.refresh.Swap(false) {
				k.again()
			}
			if k.askNew.Swap(false) {
				k.askAllChanges()
			}
			k.takeRecordings()
		case <-timer.C:
		case <-k.ctx.Done():
			// And with ctx ends all that was started under it.
		}
	}
}

// step starts whatever is due, and leaves in k.wake when to come again.
func (k *keeper) step() {
	k.wake = time.Time{}
	now := time.Now()
	k.connect(now)
	k.flush(now)
	k.askNext()
	k.searchNext(now)
	k.changesNext(now)
	k.tellSlow(now)
	k.publish(now)
}

// due reports whether a moment has come, and if not sees to it that step comes
// again when it has.
func (k *keeper) due(now, at time.Time) bool {
	if !now.Before(at) {
		return true
	}
	if k.wake.IsZero() || at.Before(k.wake) {
		k.wake = at
	}
	return false
}

// post hands an answer to the keeper's goroutine.
func (k *keeper) post(answer func()) {
	select {
	case k.inbox <- answer:
	case <-k.ctx.Done():
	}
}

// ask makes a call beside the keeper and has its answer taken by the keeper,
// unless the connection it was made on has been given up meanwhile. A limit of
// zero is none.
func ask[T any](k *keeper, limit time.Duration, call func(context.Context) (T, error), take func(T, error)) {
	generation, ctx, cancel := k.generation, k.live, context.CancelFunc(func() {})
	if limit > 0 {
		ctx, cancel = context.WithTimeout(ctx, limit)
	}
	go func() {
		value, err := call(ctx)
		cancel()
		k.post(func() {
			if generation == k.generation {
				take(value, err)
			}
		})
	}()
}

// load reads the Compose files beside everything else.
func (k *keeper) load() {
	if k.loading {
		k.loadAgain = true
		return
	}
	k.loading, k.loadAgain, k.loadSince = true, false, k.opt.Now()
	go func() {
		name, project, problem := k.opt.Load(k.ctx)
		var kept []*model.Recording
		if k.opt.Recorded != nil && name != "" {
			kept = k.opt.Recorded(name)
		}
		var trials []*model.Trial
		if k.opt.Tried != nil && name != "" {
			trials = k.opt.Tried(name)
		}
		k.post(func() {
			k.recordings.set(func(s *recorded) { s.kept, s.trials = kept, trials })
			k.takeRecordings()
			k.takeFiles(name, project, problem)
		})
	}()
}

func (k *keeper) takeFiles(name string, project *model.Project, problem *model.Problem) {
	k.loading = false
	k.urgent = k.urgent || !k.loaded
	k.news = true
	k.project, k.problem = project, problem
	if !k.loaded || name != k.name {
		k.name, k.loaded = name, true
		k.Watcher.name.Store(&name)
		clear(k.containers)
		k.usesOld = true
		k.takeList()
	}
	if k.loadAgain {
		k.load()
	}
}

// takeRecordings takes what was recorded since it last looked.
func (k *keeper) takeRecordings() {
	if recorded, changed := k.recordings.take(); changed {
		k.recorded, k.news = recorded, true
		k.markWritten()
	}
}

// again is Refresh: everything is asked anew, and no rest is kept.
func (k *keeper) again() {
	k.load()
	if !k.connected {
		k.retryAt = time.Time{}
		return
	}
	k.askAbout()
	k.relist = true
	for id, c := range k.containers {
		k.mark(id, mark{project: c.Project, effect: onState})
	}
	k.askAllChanges()
}
