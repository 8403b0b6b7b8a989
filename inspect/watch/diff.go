package watch

import (
	"context"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
	"petrify/model/stack"
)

// changesNext starts to read the layers that are due and, of those that cannot be read,
// the diffs: first the service that is looked at, then whoever has waited longest.
func (k *keeper) changesNext(now time.Time) {
	if !k.listed {
		return
	}
	view := *k.looked.Load()
	for k.reads < readsAtOnce {
		next := k.soonest(now, view, k.mayRead)
		if next == nil {
			break
		}
		k.readLayer(next)
	}
	if k.answering(now) {
		return // states come before changes that the engine is asked for
	}
	for k.diffs < diffsAtOnce {
		next := k.soonest(now, view, k.mayDiff)
		if next == nil {
			break
		}
		k.askChanges(next)
	}
}

func (k *keeper) soonest(now time.Time, view view, may func(*watched) bool) *watched {
	var next *watched
	for _, c := range k.containers {
		if may(c) && k.wantsChanges(c, view) && k.due(now, c.notBefore) && (next == nil || sooner(c, next, view)) {
			next = c
		}
	}
	return next
}

// mayRead says whether a layer can be read now. What the engine makes in a container is
// told by what is known of it and its image.
func (k *keeper) mayRead(c *watched) bool {
	return k.readable(c) && (c.Inspected || !c.asked)
}

// mayDiff says whether the engine may be asked for changes now.
func (k *keeper) mayDiff(c *watched) bool {
	_, marked := k.marks[c.ID] // inspect first
	return !k.readable(c) && !c.busy() && !c.inLog && !marked
}

func (k *keeper) wantsChanges(c *watched, view view) bool {
	if !c.shown || !k.inScope(c) || c.reading || c.diffing || k.imageOpen[c.ImageID] {
		return false
	}
	switch c.State {
	case model.Running, model.Restarting:
		return c.changesWanted || view.changes && view.service == c.Service && (c.written || !k.recorderTells(c))
	case model.Paused, model.Exited: // nobody writes there: once is enough
		return c.changesWanted
	default: // never started, or on its way out
		return false
	}
}

// later returns the later of two moments.
func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func sooner(a, b *watched, view view) bool {
	if a, b := a.Service == view.service, b.Service == view.service; a != b {
		return a
	}
	if !a.notBefore.Equal(b.notBefore) {
		return a.notBefore.Before(b.notBefore)
	}
	return a.Name < b.Name
}

// endDiff begins the rest after a diff, also after one that nobody waits for any
// more: an engine goes on walking when its client has gone.
func (c *watched) endDiff(now time.Time) { c.endChanges(now, shortestRest) }

// endRead begins the rest after a layer was read.
func (c *watched) endRead(now time.Time) { c.endChanges(now, shortestPause) }

func (c *watched) endChanges(now time.Time, shortest time.Duration) {
	c.diffing, c.reading = false, false
	c.notBefore = now.Add(rest(shortest, now.Sub(c.changesBegan)))
	if c.noRest {
		c.notBefore, c.noRest = now, false
	}
}

// askAllChanges asks each container once more, and searches its log again, as soon as the budget allows.
func (k *keeper) askAllChanges() {
	for _, c := range k.containers {
		c.unread = unread{}
		c.changesWanted, c.notBefore, c.noRest = true, time.Time{}, c.diffing || c.reading
		c.logWanted, c.logNotYet, c.logNoRest = true, time.Time{}, c.inLog
	}
}

// beginChanges notes that changes of a container are found out from now on.
func (k *keeper) beginChanges(c *watched) {
	c.changesWanted, c.written, c.told = false, false, false
	c.changesBegan, c.changesSince = time.Now(), k.opt.Now()
	k.news = k.news || c.changes == nil // somebody waits for the first answer
}

// imageOf returns what is known of a container's image; nil for nothing.
func (k *keeper) imageOf(c *watched) *model.Image {
	if known, ok := k.images[c.ImageID]; ok {
		return &known
	}
	return nil
}

func (k *keeper) askChanges(c *watched) {
	k.diffs++
	c.diffing = true
	k.beginChanges(c)
	id, seen, image, taken, began, why := c.ID, c.Container, k.imageOf(c), c.changesSince, c.changesBegan, c.unread.why
	ask(k, 0, func(ctx context.Context) (model.Changes, error) {
		paths, err := k.engine.Changes(ctx, id)
		if err != nil {
			return model.Changes{}, err
		}
		seen.Behind = behind(ctx, k.engine, seen, image, paths)
		changes := stack.NewChanges(paths, seen, image, taken, time.Since(began))
		changes.Asked = why
		return changes, nil
	}, func(changes model.Changes, err error) {
		k.diffs--
		c.endDiff(time.Now())
		if c.unread.once {
			c.unread = unread{}
		}
		if k.containers[id] != c {
			return // destroyed meanwhile
		}
		k.news = true
		switch {
		case err == nil:
			c.takeChanges(changes, seen.Behind)
		case engine.IsGone(err):
			k.drop(id)
		default:
			k.relist = true
			failed := model.Changes{}
			if c.changes != nil {
				failed = *c.changes
			}
			failed.Err = engine.Explain(err).Text
			c.changes = &failed
		}
	})
}
