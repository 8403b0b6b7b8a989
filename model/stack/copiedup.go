package stack

import (
	"maps"
	"slices"
	"time"

	"petrify/model"
)

// What a path says that was copied up, and is as in the image:
//
//   - Something wrote there, which a read-only root would have refused: so it is a write.
//     It is no change, and not counted among those.
//   - Nobody knows what was written in a directory, nor by whom. Where a recording knows,
//     its word counts.
//   - What the engine copies up is its own: see enginemade.go.

// mostCopiedUp is how many such paths are told one by one; of more than that, those of the
// busiest directories are one each.
const mostCopiedUp = 5000

// addCopiedUp adds what the writable layers of a service hold that left no trace.
func addCopiedUp(s *model.Service) {
	e := model.Evidence{From: []model.Source{model.FromChanges}, CopiedUp: copiedUp(s), Blind: blindToDiff}
	if len(e.CopiedUp) == 0 || s.NeverRan() {
		return
	}
	recorded := lastWritten(&s.Evidence)
	for _, c := range e.CopiedUp {
		if last, known := recorded[c.Path]; known && !last.Before(c.Changed) {
			continue
		}
		w := model.Write{Path: c.Path, Acts: model.Passed, Count: 1, Bytes: -1, First: c.Changed, Last: c.Changed}
		if c.Directory {
			w.Type, w.Inside = model.Directory, 1
		}
		e.Writes = append(e.Writes, w)
	}
	e.Writes = model.Fold(e.Writes, mostCopiedUp)
	for i := range e.Writes {
		e.Root = append(e.Root, e.Writes[i].Change())
	}
	if len(e.Root) > 0 {
		e.Sets = [][]model.Change{e.Root}
	}
	s.Evidence.Merge(e)
}

// copiedUp are the paths of all containers of a service, each once.
func copiedUp(s *model.Service) []model.CopiedUp {
	newest := map[string]model.CopiedUp{}
	for i := range s.Changes {
		for _, c := range s.Changes[i].CopiedUp {
			if known, ok := newest[c.Path]; !ok || known.Changed.Before(c.Changed) {
				newest[c.Path] = c
			}
		}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b model.CopiedUp) int { return model.ComparePaths(a.Path, b.Path) })
}

// lastWritten says when paths were last written, or something right in them.
func lastWritten(e *model.Evidence) map[string]time.Time {
	last := map[string]time.Time{}
	for i := range e.Writes {
		w := &e.Writes[i]
		if !w.Wrote() || !w.OnRoot() {
			continue
		}
		for _, p := range []string{w.Path, model.Parent(w.Path)} {
			if w.Last.After(last[p]) {
				last[p] = w.Last
			}
		}
	}
	return last
}
