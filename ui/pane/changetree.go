package pane

import (
	"slices"
	"strings"
	"time"

	"petrify/model"
)

// ChangeTree is what a service changed, by directory, with what is new since a mark.
type ChangeTree struct {
	*model.Tree           // nil until built
	Taken       time.Time // when the newest of its containers was asked
	// Fresh counts the paths at or below a node that changed since the mark.
	Fresh map[model.Node]int
	Mark  *Mark // nil without one

	service   string
	paths     [][]model.Change
	recording *model.Recording // nil without one
}

// NewChangeTree returns the tree of a service's changes, which has still to be built.
func NewChangeTree(s *model.Service, mark *Mark) *ChangeTree {
	return &ChangeTree{Taken: LastTaken(s), Mark: mark, service: s.Name, paths: changeSets(s), recording: s.Recording}
}

// Build rolls the changes up, and returns the tree itself. It walks all of them,
// so it belongs into a command where they may be many.
func (t *ChangeTree) Build() *ChangeTree {
	t.Tree = model.NewTree(t.paths...)
	if t.Mark == nil {
		return t
	}
	t.Fresh = map[model.Node]int{}
	old := t.Mark.paths(t.service)
	for _, set := range t.paths {
		for _, change := range set {
			if kind, known := old[change.Path]; known && kind == change.Kind {
				continue
			}
			if n, ok := t.Find(change.Path); ok && t.Fresh[n] == 0 {
				t.freshen(n)
			}
		}
	}
	t.freshenRecorded()
	return t
}

// freshenRecorded adds what a recording saw since the mark, which tells also of
// paths that had changed before.
func (t *ChangeTree) freshenRecorded() {
	if t.recording == nil {
		return
	}
	for i := range t.recording.Writes {
		if w := &t.recording.Writes[i]; w.Last.After(t.Mark.At) {
			if n, ok := t.Find(w.Path); ok && t.Fresh[n] == 0 {
				t.freshen(n)
			}
		}
	}
}

// freshen counts a path for itself and for all directories above it.
func (t *ChangeTree) freshen(n model.Node) {
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
	narrowed := &ChangeTree{Taken: t.Taken, Mark: t.Mark, service: t.service, paths: found, recording: t.recording}
	return narrowed.Build()
}

// Mark remembers what had changed at a moment, to tell what came after it.
type Mark struct {
	At   time.Time
	seen map[string][][]model.Change // by service
}

// NewMark marks the stack as it is. It copies nothing: changes never change.
func NewMark(stack *model.Stack, at time.Time) *Mark {
	m := &Mark{At: at, seen: make(map[string][][]model.Change, len(stack.Services))}
	for i := range stack.Services {
		m.seen[stack.Services[i].Name] = changeSets(&stack.Services[i])
	}
	return m
}

func (m *Mark) paths(service string) map[string]model.ChangeKind {
	known := map[string]model.ChangeKind{}
	for _, set := range m.seen[service] {
		for _, change := range set {
			known[change.Path] = change.Kind
		}
	}
	return known
}

// changeSets are the changed paths of each container of a service, and behind them
// those that only a recording saw.
func changeSets(s *model.Service) [][]model.Change {
	sets := make([][]model.Change, len(s.Changes), len(s.Changes)+1)
	for i := range s.Changes {
		sets[i] = s.Changes[i].Paths
	}
	return append(sets, s.Recorded)
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
func (t *ChangeTree) Fits(s *model.Service, mark *Mark) bool {
	return t != nil && t.service == s.Name && t.Mark == mark && t.Taken.Equal(LastTaken(s)) &&
		(t.recording == s.Recording || t.Mark == nil) &&
		slices.EqualFunc(t.paths, changeSets(s), sameAnswer)
}

// sameAnswer compares answers by where they are kept: they are never changed.
func sameAnswer(a, b []model.Change) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// Few reports whether a service's changes are so few that rolling them up takes
// no longer than drawing a frame does.
func Few(s *model.Service) bool { return s.Counts.Total()+len(s.Recorded) < 2000 }

// Of reports whether the tree shows this service, if perhaps as it was before.
func (t *ChangeTree) Of(s *model.Service) bool { return t != nil && t.service == s.Name }
