package stack

import (
	"maps"
	"slices"
	"time"

	"petrify/model"
)

// What counts as changed since a mark:
//
//   - A service is marked by the first answers of all its containers that were asked
//     for after somebody wanted the mark. What was written before that, and had not
//     been asked for, is in those answers: it is not new. So the mark's time is that of
//     the answers.
//   - A changed path is new where its container had not changed it, or not in this
//     way. The order of the engine's answers, and which container was asked first, say
//     nothing.
//   - In a container that the mark did not see, everything is new.
//   - A recorded write is new by its own time, also in a path that had changed before,
//     and so is one that was refused.
//   - A container with a read-only root is marked at once: it changes nothing.
//   - What counts are files, and directories in which nothing else is new: those that
//     only lead to something new do not count.

// Mark remembers what each service had changed at a moment, to tell what came after
// it. It is never changed: [Mark.With] returns another one.
type Mark struct {
	Wanted   time.Time
	services map[string]marked
}

// marked is what a service had changed when it was marked.
type marked struct {
	at         time.Time
	containers map[string][]model.Change // by ID; shared with the stack, whose changes never change
}

// NewMark returns a mark that still waits for answers. With no time any answer will do.
func NewMark(wanted time.Time) *Mark { return &Mark{Wanted: wanted} }

// With adds the services of a stack that have answered since the mark was wanted. It
// returns the mark itself where there is none to add.
func (m *Mark) With(s *model.Stack) *Mark {
	if m == nil {
		return nil
	}
	added := map[string]marked{}
	for i := range s.Services {
		svc := &s.Services[i]
		if _, known := m.services[svc.Name]; known {
			continue
		}
		if state, answered := m.mark(svc); answered {
			if state.at.IsZero() {
				state.at = s.At
			}
			added[svc.Name] = state
		}
	}
	if len(added) == 0 {
		return m
	}
	maps.Copy(added, m.services)
	return &Mark{Wanted: m.Wanted, services: added}
}

// mark takes the state of a service, once all its containers that may have written
// have answered.
func (m *Mark) mark(svc *model.Service) (marked, bool) {
	if svc.Unlisted {
		return marked{}, false
	}
	state := marked{at: m.Wanted, containers: map[string][]model.Change{}}
	for _, c := range svc.Containers {
		var changes model.Changes
		if i := slices.IndexFunc(svc.Changes, func(changes model.ContainerChanges) bool { return changes.Container == c.ID }); i >= 0 {
			changes = svc.Changes[i].Changes
		}
		readOnly := c.Inspected && c.ReadOnly // nothing comes to its layer, and what it is refused is told at once
		if (changes.Taken.IsZero() || changes.Taken.Before(m.Wanted)) && c.HasLayer() && !readOnly {
			return marked{}, false
		}
		state.containers[c.ID] = changes.Paths
		if changes.Taken.After(state.at) && !readOnly {
			state.at = changes.Taken
		}
	}
	return state, true
}

// Since returns when a service was marked; false while it is not.
func (m *Mark) Since(service string) (time.Time, bool) {
	if m == nil {
		return time.Time{}, false
	}
	state, known := m.services[service]
	return state.at, known
}

// New returns the paths that a service changed since it was marked, in the order of
// [model.ComparePaths], each once.
func (m *Mark) New(svc *model.Service) []string {
	state, known := m.services[svc.Name]
	if !known {
		return nil
	}
	var paths []string
	for i := range svc.Changes {
		before := make(map[model.Change]bool, len(state.containers[svc.Changes[i].Container]))
		for _, change := range state.containers[svc.Changes[i].Container] {
			before[change] = true
		}
		for _, change := range svc.Changes[i].Paths {
			if !before[change] {
				paths = append(paths, change.Path)
			}
		}
	}
	for i := range svc.Evidence.Writes {
		if w := &svc.Evidence.Writes[i]; w.Last.After(state.at) {
			paths = append(paths, w.Path)
		}
	}
	return deepestPaths(paths)
}

// deepestPaths sorts paths, and leaves out those that lead to another one.
func deepestPaths(paths []string) []string {
	slices.SortFunc(paths, model.ComparePaths)
	paths = slices.Compact(paths)
	kept := paths[:0]
	for i, p := range paths {
		// What lies below a path comes right behind it.
		if i+1 == len(paths) || !model.Within(paths[i+1], p) {
			kept = append(kept, p)
		}
	}
	return kept
}
