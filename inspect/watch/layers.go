package watch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/layer"
	"petrify/model"
	"petrify/model/stack"
)

// Layers reads writable layers where they lie. That takes the time that the changes take,
// and asks the engine at most once where a container is.
type Layers interface {
	// Read returns what a container's writable layer holds. An error means that the
	// engine has to be asked: as long as the container is where it is, where it is
	// layer.ErrNotHere.
	Read(ctx context.Context, container string) (layer.Result, error)
	// Forget forgets a container that is gone.
	Forget(container string)
}

// readers are those who can read layers.
type readers struct {
	mu     sync.Mutex
	own    Layers // petrify's own; nil where it cannot
	helper Layers // that of a helper which runs; nil without one
	number int    // of changes among them
}

// ReadLayers has a helper read the layers that petrify cannot read itself, as long as it
// runs; nil says that it does not any more. It never waits.
func (w *Watcher) ReadLayers(helper Layers) {
	w.readers.mu.Lock()
	w.readers.helper = helper
	w.readers.number++
	w.readers.mu.Unlock()
	w.notify()
}

// all returns the readers in the order in which they are asked.
func (r *readers) all() (readers []Layers, number int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, one := range []Layers{r.own, r.helper} {
		if one != nil {
			readers = append(readers, one)
		}
	}
	return readers, r.number
}

func (r *readers) read(ctx context.Context, container string) (layer.Result, error) {
	err := layer.ErrNotHere
	readers, _ := r.all()
	for _, one := range readers {
		var result layer.Result
		if result, err = one.Read(ctx, container); err == nil || !errors.Is(err, layer.ErrNotHere) {
			return result, err
		}
	}
	return layer.Result{}, err
}

func (r *readers) forget(container string) {
	readers, _ := r.all()
	for _, one := range readers {
		one.Forget(container)
	}
}

// unread is why a layer could not be read.
type unread struct {
	why    string // "" while that is not known
	once   bool   // only this time: the engine is asked, and the layer read the next time
	number int    // of the readers that tried
}

// readable reports whether a container's layer is to be read, and the engine not asked.
func (k *keeper) readable(c *watched) bool {
	readers, number := k.readers.all()
	return len(readers) > 0 && (c.unread.why == "" || c.unread.number != number)
}

func (k *keeper) readLayer(c *watched) {
	k.reads++
	c.reading, c.unread = true, unread{}
	k.beginChanges(c)
	_, number := k.readers.all()
	id, seen, image, taken, began := c.ID, c.Container, k.imageOf(c), c.changesSince, c.changesBegan
	ask(k, 0, func(ctx context.Context) (model.Changes, error) {
		found, err := k.readers.read(ctx, id)
		if err != nil {
			return model.Changes{}, err
		}
		k.engine.KeepChanges(id, found.Changes)
		seen.Behind = behind(ctx, k.engine, seen, image, found.Changes)
		changes := stack.NewChanges(found.Changes, seen, image, taken, time.Since(began))
		changes.CopiedUp, changes.Cut = stack.WithoutEngines(found.CopiedUp, seen, image), found.Truncated
		return changes, nil
	}, func(changes model.Changes, err error) {
		k.reads--
		c.endRead(time.Now())
		switch {
		case k.containers[id] != c: // destroyed meanwhile
		case err == nil:
			k.news = true
			c.takeChanges(changes, seen.Behind)
		case engine.IsGone(err):
			k.drop(id)
		default:
			c.unread = unread{why: err.Error(), once: !errors.Is(err, layer.ErrNotHere), number: number}
			c.changesWanted, c.notBefore = true, time.Time{}
		}
	})
}

// takeChanges takes an answer, and keeps the lists of the one before where they are the
// same: then nothing that follows from them is found out again.
func (c *watched) takeChanges(changes model.Changes, behind map[string]string) {
	if before := c.changes; before != nil && slices.Equal(before.Paths, changes.Paths) &&
		slices.Equal(before.EngineMade, changes.EngineMade) && slices.Equal(before.CopiedUp, changes.CopiedUp) {
		changes.Paths, changes.EngineMade, changes.CopiedUp = before.Paths, before.EngineMade, before.CopiedUp
	}
	c.changes, c.Behind = &changes, behind
}
