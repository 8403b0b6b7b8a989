package watch

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
)

// Stat describes paths of a container.
func (w *Watcher) Stat(ctx context.Context, container string, paths []string) ([]model.FileInfo, error) {
	if err := w.away(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return w.engine.Stat(ctx, container, paths)
}

// Compare reads a changed file beside the image's original. The engine may have
// to write out the whole image for it, so only ctx ends it.
func (w *Watcher) Compare(ctx context.Context, container, path string) (model.Comparison, error) {
	if err := w.away(); err != nil {
		return model.Comparison{}, err
	}
	return w.engine.Compare(ctx, container, path)
}

// away says why the engine cannot be asked now.
func (w *Watcher) away() error {
	link := w.link.Load()
	switch {
	case link.State == model.Live:
		return nil
	case link.Reason != "":
		return fmt.Errorf("the engine cannot be asked now: %s", link.Reason)
	default:
		return errors.New("the engine has not answered yet")
	}
}

// resumeTail is how far back a container that was started again is read for
// lines that came before anybody followed.
const resumeTail = 1000

// Logs follows a container's lines, across its restarts. The engine ends the
// stream when the container ends; it is followed again from the last line on when
// the container starts, or when the engine is back, until it is gone.
func (w *Watcher) Logs(ctx context.Context, container string, tail int, each func(model.LogLine)) error {
	if err := w.away(); err != nil {
		return err
	}
	bell, hush := w.bells.listen(container)
	defer hush()
	var last, resumed time.Time
	for {
		err := w.engine.Logs(ctx, container, tail, func(line model.LogLine) {
			if !resumed.IsZero() && !line.At.After(resumed) {
				return
			}
			if line.At.After(last) {
				last = line.At
			}
			each(line)
		})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case engine.IsGone(err):
			return nil
		case err != nil:
			return fmt.Errorf("follow the logs: %w", err)
		}
		select {
		case <-bell:
		case <-ctx.Done():
			return ctx.Err()
		case <-w.ctx.Done():
			return context.Cause(w.ctx)
		}
		if !last.IsZero() {
			tail, resumed = max(tail, resumeTail), last
		}
	}
}

// bells wake who waits for a container: it started, it is gone, or nobody knows
// because the engine was away. The engine's next answer tells which.
type bells struct {
	mu sync.Mutex
	by map[string]map[chan struct{}]bool
}

func (b *bells) listen(id string) (bell <-chan struct{}, hush func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	own := make(chan struct{}, 1)
	if b.by == nil {
		b.by = map[string]map[chan struct{}]bool{}
	}
	if b.by[id] == nil {
		b.by[id] = map[chan struct{}]bool{}
	}
	b.by[id][own] = true
	return own, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.by[id], own)
		if len(b.by[id]) == 0 {
			delete(b.by, id)
		}
	}
}

func (b *bells) ring(id string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for bell := range b.by[id] {
		select {
		case bell <- struct{}{}:
		default: // it rings already
		}
	}
}

func (b *bells) ringAll() {
	b.mu.Lock()
	ids := make([]string, 0, len(b.by))
	for id := range b.by {
		ids = append(ids, id)
	}
	b.mu.Unlock()
	for _, id := range ids {
		b.ring(id)
	}
}
