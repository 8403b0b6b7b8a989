package watch

import (
	"context"
	"errors"
	"maps"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
)

// flushing is what events marked, and what is being asked because of it.
type flushing struct {
	marks    map[string]mark // by container ID
	relist   bool            // a list is wanted
	listing  bool            // a list is in flight
	queue    []*watched      // to inspect
	inspects int             // in flight
	flushed  time.Time       // when the last flush began

	imageQueue []string
	imageAsked map[string]bool // queued, in flight or answered on this connection
	imageOpen  map[string]bool // queued or in flight
}

// mark is what events said of one container since the last flush.
type mark struct {
	project, service string
	effect           effect
}

func (f *flushing) forget() {
	*f = flushing{
		flushed:    f.flushed,
		marks:      map[string]mark{},
		imageAsked: map[string]bool{},
		imageOpen:  map[string]bool{},
	}
}

// takeEvent takes one event.
func (k *keeper) takeEvent(e engine.Event) {
	effect := effects[e.Action]
	c := k.containers[e.ID]
	switch {
	case e.Action == engine.Connected:
		k.relist = true
	case effect == 0:
	case e.Action == engine.Destroy && c != nil:
		k.drop(e.ID)
	default:
		if effect&onUses != 0 {
			k.places.forget(e.ID) // its process is another, or none
		}
		k.mark(e.ID, mark{project: e.Project, service: e.Service, effect: effect})
		if c != nil && c.diffing {
			k.relist = true // its inspect has to wait, a list does not
		}
	}
	if e.Action == engine.Start || e.Action == engine.Destroy {
		k.waiters.wake(e.ID)
	}
}

func (k *keeper) mark(id string, m mark) {
	m.effect |= k.marks[id].effect
	k.marks[id] = m
}

// flush asks for what was marked. Until the project's name and the first list are
// known, nobody can say whose a container is, and the marks wait.
func (k *keeper) flush(now time.Time) {
	if !k.listed || !k.loaded || k.listing || !k.relist && !k.ready() {
		return
	}
	if k.answering(now) || !k.due(now, k.flushed.Add(pace)) {
		return
	}
	k.flushed = now
	for id, m := range k.marks {
		c := k.containers[id]
		switch {
		case c != nil && c.busy():
			continue // stays marked until it can be asked
		case c == nil && (m.project != k.name || k.name == ""):
			k.relist = k.relist || m.effect&onUses != 0
		case c == nil && !k.names(m.service), c != nil && !k.inScope(c):
			k.relist = true // all that is known of it is from lists
		default:
			if c == nil {
				c = &watched{Container: model.Container{ID: id, Service: m.service}, changesWanted: true, searching: searching{logWanted: true}}
				k.containers[id] = c
			}
			if m.effect&onLayer != 0 {
				c.changesWanted, c.unread = true, unread{}
				// What has just started gets a moment to write.
				c.notBefore = later(c.notBefore, now.Add(k.shortestRest(c)))
			}
			if m.effect&onLog != 0 {
				c.wantLog(now)
			}
			k.queueInspect(c)
		}
		delete(k.marks, id)
	}
	if k.relist {
		k.askList()
	}
}

// answering reports whether the last flush is still being answered.
func (k *keeper) answering(now time.Time) bool {
	return len(k.queue) > 0 || k.inspects > 0 && !k.due(now, k.flushed.Add(lateLimit))
}

// ready reports whether a mark is there whose container can be asked.
func (k *keeper) ready() bool {
	for id := range k.marks {
		if c := k.containers[id]; c == nil || !c.busy() {
			return true
		}
	}
	return false
}

// busy reports whether the engine is already asked about a container: an inspect waits
// for a diff, and two of a kind are one too many.
func (c *watched) busy() bool { return c.asked || c.diffing }

func (k *keeper) askList() {
	k.relist, k.listing = false, true
	ask(k, callLimit, k.engine.List, func(all []model.Container, err error) {
		k.listing = false
		if err != nil {
			k.lost(err)
			return
		}
		k.allContainers, k.usesOld = all, true
		first := !k.listed
		if first {
			k.flushed = time.Now()
			k.held()
			for _, c := range k.containers {
				c.changesWanted, c.logWanted = true, true
				k.queueInspect(c)
			}
		}
		k.takeList()
	})
}

// takeList takes the project's containers from the list. One that is missing there
// may be newer than the list; the engine's word that it is gone comes by an event
// or as the answer to an inspect.
func (k *keeper) takeList() {
	if !k.listed || !k.loaded {
		return
	}
	k.urgent = k.urgent || !k.populated
	k.populated, k.news = true, true
	missing := maps.Clone(k.containers)
	for _, seen := range k.allContainers {
		if seen.Project != k.name || k.name == "" {
			continue
		}
		delete(missing, seen.ID)
		c := k.containers[seen.ID]
		if c == nil {
			c = &watched{Container: seen, shown: true, changesWanted: true, searching: searching{logWanted: true}}
			k.containers[seen.ID] = c
			k.queueInspect(c)
			k.wantImageOf(c)
			continue
		}
		k.overlay(c, seen)
	}
	for id, c := range missing {
		switch {
		case c.failed != "", !k.inScope(c): // neither knows it, or only lists are asked
			k.drop(id)
		case !c.asked:
			k.mark(id, mark{project: k.name, effect: onState})
		}
	}
}

// overlay takes from a list what it knows of a container that was inspected before.
func (k *keeper) overlay(c *watched, seen model.Container) {
	if !c.shown {
		c.Container, c.shown = seen, true
		k.wantImageOf(c)
		return
	}
	if c.State == seen.State && c.Name == seen.Name && (seen.Health == model.NoHealth || c.Health == seen.Health) {
		return
	}
	c.State, c.Name = seen.State, seen.Name
	if seen.Health != model.NoHealth {
		c.Health = seen.Health
	}
	if seen.State == model.Exited {
		c.ExitCode = seen.ExitCode
	}
	if !c.asked && k.inScope(c) {
		k.mark(c.ID, mark{project: k.name, effect: onState})
	}
}

func (k *keeper) queueInspect(c *watched) {
	if !c.asked && k.inScope(c) {
		c.asked = true
		k.queue = append(k.queue, c)
	}
}

// askNext sends what is queued, inspects first.
func (k *keeper) askNext() {
	for len(k.queue) > 0 && k.asking() < asksAtOnce {
		c := k.queue[0]
		k.queue = k.queue[1:]
		if k.containers[c.ID] == c { // not destroyed meanwhile
			k.askInspect(c)
		}
	}
	for len(k.imageQueue) > 0 && k.asking() < asksAtOnce {
		id := k.imageQueue[0]
		k.imageQueue = k.imageQueue[1:]
		k.askImage(id)
	}
}

func (k *keeper) asking() int {
	return k.inspects + len(k.imageOpen) - len(k.imageQueue)
}

func (k *keeper) askInspect(c *watched) {
	k.inspects++
	c.askedSince = k.opt.Now()
	id := c.ID
	ask(k, callLimit, func(ctx context.Context) (engine.Place, error) {
		return k.engine.Place(ctx, id)
	}, func(place engine.Place, err error) {
		k.inspects--
		k.lookComplete()
		c.asked, c.askedSince, c.failed = false, time.Time{}, ""
		if k.containers[id] != c {
			return // destroyed meanwhile
		}
		switch {
		case err == nil:
			k.places.set(place)
			seen := place.Container
			seen.Behind, seen.StartsAs, seen.MountPoints = c.Behind, c.StartsAs, c.MountPoints
			c.Container, c.shown = seen, true
			k.usesOld, k.news = true, true
			k.wantImage(seen.ImageID)
		case engine.IsGone(err):
			k.drop(id)
		default:
			c.failed = engine.Explain(err).Text
			k.relist, k.news = true, true
			if errors.Is(err, context.DeadlineExceeded) {
				k.mark(id, mark{project: k.name, effect: onState})
			}
		}
	})
}

// drop forgets a container that the engine has no more.
func (k *keeper) drop(id string) {
	k.readers.forget(id)
	k.places.forget(id)
	delete(k.containers, id)
	delete(k.marks, id)
	k.usesOld, k.news = true, true
}
