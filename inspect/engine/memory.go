package engine

import (
	"sync"

	"petrify/model"
)

// rememberedContainers bounds the memory; the oldest goes first.
const rememberedContainers = 256

// memory is what need not be asked of a container twice.
type memory struct {
	mu    sync.Mutex
	notes map[string]*note
	order []string
}

// note is what is remembered of one container.
type note struct {
	known    bool // it was inspected: tty and image hold for its life
	tty      bool
	image    string
	owners   map[int]string         // nil until its passwd was read
	users    map[string]*model.User // who it starts as, by what is written
	accounts []model.Account        // nil until its passwd was read for them
	changes  []model.Change         // those found last, shared with whoever found them
	read     bool                   // they were found without asking the engine
}

// of gives look the note on a container, which is empty at first; look must
// be quick.
func (m *memory) of(id string, look func(*note)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.notes[id]
	if n == nil {
		if len(m.order) >= rememberedContainers {
			delete(m.notes, m.order[0])
			m.order = m.order[1:]
		}
		if m.notes == nil {
			m.notes = make(map[string]*note)
		}
		n = new(note)
		m.notes[id] = n
		m.order = append(m.order, id)
	}
	look(n)
}

// forget drops the note on a container that is gone.
func (m *memory) forget(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.notes[id]; !ok {
		return
	}
	delete(m.notes, id)
	for i, other := range m.order {
		if other == id {
			m.order = append(m.order[:i], m.order[i+1:]...)
			break
		}
	}
}
