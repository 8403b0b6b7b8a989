package pane

import (
	"slices"
	"strings"
	"time"

	"petrify/model"
	"petrify/model/stack"
)

// ChangeTree is what a service changed, by directory, with what is new since a mark.
type ChangeTree struct {
	*model.Tree           // nil until built
	Taken       time.Time // when the newest of its containers was asked
	// Fresh counts the paths at or below a node that changed since the mark.
	Fresh  map[model.Node]int
	Marked bool      // there is a mark, and the service answered since it was wanted
	Since  time.Time // when it was Marked

	mark    *stack.Mark // nil without one
	service *model.Service
	paths   [][]model.Change
}

// NewChangeTree returns the tree of a service's changes, which has still to be built.
func NewChangeTree(s *model.Service, mark *stack.Mark) *ChangeTree {
	t := &ChangeTree{Taken: LastTaken(s), mark: mark, service: s, paths: s.Evidence.Sets}
	t.Since, t.Marked = mark.Since(s.Name)
	return t
}

// Build rolls the changes up, and returns the tree itself. It walks all of them,
// so it belongs into a command where they may be many.
func (t *ChangeTree) Build() *ChangeTree {
	t.Tree = model.NewTree(t.paths...)
	if !t.Marked {
		return t
	}
	t.Fresh = map[model.Node]int{}
	for _, path := range t.mark.New(t.service) {
		if n, ok := t.Find(path); ok {
			t.countFresh(n)
		}
	}
	return t
}

// countFresh counts a path for itself and for all directories above it.
func (t *ChangeTree) countFresh(n model.Node) {
	for above := true; above; n, above = t.Parent(n) {
		t.Fresh[n]++
	}
}

// filtered keeps the paths that contain a text, in small or capital letters.
func (t *ChangeTree) filtered(text string) *ChangeTree {
	text = strings.ToLower(text)
	found := make([][]model.Change, len(t.paths))
	for i, set := range t.paths {
		for _, change := range set {
			if strings.Contains(strings.ToLower(change.Path), text) {
				found[i] = append(found[i], change)
			}
		}
	}
	narrowed := NewChangeTree(t.service, t.mark)
	narrowed.paths = found
	return narrowed.Build()
}

// LastTaken is when a service's containers were last asked for their changes.
func LastTaken(s *model.Service) time.Time {
	var last time.Time
	for i := range s.Changes {
		if t := s.Changes[i].Taken; t.After(last) {
			last = t
		}
	}
	return last
}

// Fits reports whether the tree is, or will be once built, that of a service's
// changes as they are. The time of the last answer alone does not tell: of two
// containers the one asked first may answer last.
func (t *ChangeTree) Fits(s *model.Service, mark *stack.Mark) bool {
	return t != nil && t.service.Name == s.Name && t.mark == mark && t.Taken.Equal(LastTaken(s)) &&
		(!t.Marked || sameList(t.service.Evidence.Writes, s.Evidence.Writes)) &&
		slices.EqualFunc(t.paths, s.Evidence.Sets, sameList)
}

// sameList compares lists by where they are kept: they are never changed.
func sameList[T any](a, b []T) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Few reports whether a service's changes are so few that rolling them up takes
// no longer than drawing a frame does.
func Few(s *model.Service) bool { return len(s.Evidence.Root)+len(s.Evidence.InMounts) < 2000 }

// Of reports whether the tree shows this service, if perhaps as it was before.
func (t *ChangeTree) Of(s *model.Service) bool { return t != nil && t.service.Name == s.Name }
