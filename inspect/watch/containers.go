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
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return w.engine.Stat(ctx, container, paths)
}

// Compare reads a changed file beside the image's original. The engine may have
// to write out the whole image for it, so only ctx ends it.
func (w *Watcher) Compare(ctx context.Context, container, path string) (model.Comparison, error) {
	if err := w.away(); err != nil {
		return model.Comparison{}, err
	}
	if found, err := w.readers.read(ctx, container); err == nil {
		w.engine.KeepChanges(container, found.Changes)
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
	woken, leave := w.waiters.wait(container)
	defer leave()
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
		_, explained := errors.AsType[*model.ProblemError](err)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case engine.IsGone(err):
			return nil
		case explained:
			return err
		case err != nil:
			return fmt.Errorf("follow the logs: %w", err)
		}
		select {
		case <-woken:
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

// waiters are those who wait for something new of a container: it started, it is gone,
// or nobody knows because the engine was away. The engine's next answer tells which.
type waiters struct {
	mu sync.Mutex
	of map[string]map[chan struct{}]bool // by container
}

// wait returns a channel with one slot that is filled when there is something new,
// until leave is called.
func (w *waiters) wait(container string) (woken <-chan struct{}, leave func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	own := make(chan struct{}, 1)
	if w.of == nil {
		w.of = map[string]map[chan struct{}]bool{}
	}
	if w.of[container] == nil {
		w.of[container] = map[chan struct{}]bool{}
	}
	w.of[container][own] = true
	return own, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.of[container], own)
		if len(w.of[container]) == 0 {
			delete(w.of, container)
		}
	}
}

func (w *waiters) wake(container string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wakeLocked(container)
}

func (w *waiters) wakeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for container := range w.of {
		w.wakeLocked(container)
	}
}

func (w *waiters) wakeLocked(container string) {
	for woken := range w.of[container] {
		select {
		case woken <- struct{}{}:
		default: // it has not looked since the last time
		}
	}
}
