package watch

import (
	"context"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
)

// diffNext starts the diffs that are due, within the budget: first the service
// that is looked at, then whoever has waited longest.
func (k *keeper) diffNext(now time.Time) {
	if !k.listed || k.answering(now) {
		return // states come before changes
	}
	view := *k.looked.Load()
	for k.diffs < diffsAtOnce {
		var next *watched
		for _, c := range k.containers {
			if k.wantsDiff(c, view) && k.due(now, c.notBefore) && (next == nil || sooner(c, next, view)) {
				next = c
			}
		}
		if next == nil {
			return
		}
		k.askChanges(next)
	}
}

func (k *keeper) wantsDiff(c *watched, view view) bool {
	if !c.shown || c.busy() || k.imageOpen[c.ImageID] {
		return false
	}
	if _, marked := k.marks[c.ID]; marked {
		return false // inspect first
	}
	switch c.State {
	case model.Running, model.Restarting:
		return c.diffWanted || view.changes && view.service == c.Service
	case model.Paused, model.Exited: // nobody writes there: once is enough
		return c.diffWanted
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
// more: an engine goes on walking when its client has hung up.
func (c *watched) endDiff(now time.Time) {
	c.diffing = false
	c.notBefore = now.Add(rest(now.Sub(c.diffBegan)))
}

func (k *keeper) askChanges(c *watched) {
	k.diffs++
	c.diffing, c.diffWanted, c.diffBegan = true, false, time.Now()
	id, seen, taken, began := c.ID, c.Container, k.opt.Now(), c.diffBegan
	var image *model.Image
	if known, ok := k.images[c.ImageID]; ok {
		image = &known
	}
	ask(k, 0, func(ctx context.Context) (model.Changes, error) {
		paths, err := k.engine.Changes(ctx, id)
		if err != nil {
			return model.Changes{}, err
		}
		return model.NewChanges(paths, seen, image, taken, time.Since(began)), nil
	}, func(changes model.Changes, err error) {
		k.diffs--
		c.endDiff(time.Now())
		if k.containers[id] != c {
			return // destroyed meanwhile
		}
		k.news = true
		switch {
		case err == nil:
			c.changes = &changes
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
