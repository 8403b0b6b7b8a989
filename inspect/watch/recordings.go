package watch

import (
	"slices"
	"sync"

	"petrify/model"
)

// recordings are those that are laid into the stacks. Whoever reads the files, whoever
// records and the keeper set and read them from their own goroutines.
type recordings struct {
	mu sync.Mutex
	recorded
	changed bool // since the keeper last looked
}

// recorded is what is kept of a project, and what is being recorded and tried now.
type recorded struct {
	kept, live []*model.Recording
	recorder   model.Recorder
	trials     []*model.Trial
	trying     model.Trying
}

func (r *recordings) set(change func(*recorded)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	change(&r.recorded)
	r.changed = true
}

// take returns what is recorded, and whether that is new.
func (r *recordings) take() (now recorded, changed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	changed, r.changed = r.changed, false
	return r.recorded, changed
}

// all are those that are kept and those under way.
func (r recorded) all() []*model.Recording { return slices.Concat(r.kept, r.live) }

// subject is what a recording is about.
type subject struct{ service, image string }

// markWritten has changes found out again of those containers that were seen to write
// since: their layers are read, and the engine is asked where somebody looks.
func (k *keeper) markWritten() {
	written := map[subject]int{}
	for _, r := range k.recorded.live {
		sum := 0
		for i := range r.Writes {
			sum += r.Writes[i].Count
		}
		written[subject{r.Service, r.ImageID}] = sum
	}
	for _, c := range k.containers {
		of := subject{c.Service, c.ImageID}
		if sum, recorded := written[of]; recorded && sum != k.written[of] {
			c.written = true
			c.changesWanted = c.changesWanted || k.readable(c)
		}
	}
	k.written = written
}

// recorderTells reports whether a container's writes are told as they happen, so that the
// engine need not be asked in order to hear of them.
func (k *keeper) recorderTells(c *watched) bool {
	_, recorded := k.written[subject{c.Service, c.ImageID}]
	return recorded && !k.readable(c)
}
