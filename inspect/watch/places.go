package watch

import (
	"maps"
	"slices"
	"sync"

	"petrify/inspect/engine"
)

// places are where the project's containers are, as they were inspected last. What an
// event makes doubtful is forgotten until it is known again.
type places struct {
	mu sync.Mutex
	of map[string]engine.Place // by container ID
}

// Places says where containers are, as far as that is known without asking.
func (w *Watcher) Places() []engine.Place {
	w.places.mu.Lock()
	defer w.places.mu.Unlock()
	return slices.Collect(maps.Values(w.places.of))
}

func (p *places) set(place engine.Place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of = map[string]engine.Place{}
	}
	p.of[place.Container.ID] = place
}

func (p *places) forget(container string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.of, container)
}
