package layer

import (
	"context"
	"errors"
	"sync"

	"petrify/model"
)

// Engine tells where containers are.
type Engine interface {
	Place(ctx context.Context, id string) (model.Place, error)
}

// Reader reads the writable layers of an engine's containers. It asks the engine
// once for each container, and not while the engine walks its files: it remembers
// where they are, also of those that run no more.
type Reader struct {
	engine Engine
	mu     sync.Mutex
	known  map[string]Dirs
}

// NewReader returns a reader of an engine's containers.
func NewReader(e Engine) *Reader { return &Reader{engine: e, known: map[string]Dirs{}} }

// Read returns what the writable layer of a container holds. An error that is
// ErrNotHere means that the engine has to be asked.
func (r *Reader) Read(ctx context.Context, id string) (Result, error) {
	dirs, err := r.find(ctx, id)
	if err != nil {
		return Result{}, err
	}
	result, err := Read(ctx, dirs)
	if errors.Is(err, ErrNotHere) {
		r.Forget(id)
	}
	return result, err
}

// Forget forgets where a container was that is gone.
func (r *Reader) Forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.known, id)
}

func (r *Reader) find(ctx context.Context, id string) (Dirs, error) {
	r.mu.Lock()
	dirs, ok := r.known[id]
	r.mu.Unlock()
	if ok {
		return dirs, nil
	}
	if err := possible(); err != nil {
		return Dirs{}, err
	}
	p, err := r.engine.Place(ctx, id)
	if err != nil {
		return Dirs{}, err
	}
	if dirs, err = Find(p); err != nil {
		return Dirs{}, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known[id] = dirs
	return dirs, nil
}
