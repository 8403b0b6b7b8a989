package model

import "slices"

// Plan is the set of mounts with which a service runs on a read-only root.
type Plan struct {
	Service  string
	Already  bool           // its root is read-only as declared: left alone
	Mounts   []PlannedMount // ordered by target, so that nested ones come after what holds them
	Unsolved []Unsolved     // writes that no mount is proposed for, with why
	Alarms   []Unsolved     // changes of code or packages: never made writable silently
	Evidence string
	Blind    []string // what the evidence could not see

	off []string // targets of mounts that were left out
}

// PlannedMount is one mount of a plan, with its reasons.
type PlannedMount struct {
	Kind     MountKind // Tmpfs or Volume
	Target   string    // canonical
	Volume   string    // its key in the Compose file; "" for tmpfs
	Mode     uint32    // permission bits; tmpfs only
	UID, GID int       // tmpfs only
	Size     int64     // bytes; tmpfs only, always set
	Exec     bool      // executables or shared objects were written
	Class    Class     // of what it is there for
	Serves   []Change  // the writes it takes; empty only when Assumed
	By       []string  // processes that wrote there, where a recording tells
	Assumed  string    // why it is there without a write seen; "" otherwise
	Reason   string    // one sentence
	Better   string    // what would make it unnecessary
	Warning  string    // such as that it hides what a newer image ships
	CopiesUp bool      // the image has content there, which the volume copies
}

// Unsolved is what a plan proposes no mount for: writes of one class in one
// place.
type Unsolved struct {
	Class  Class
	Path   string   // the place: a directory, or the path itself where it is one
	Writes []Change // by path, as Alarming relies on
	Why    string   // one sentence: why no mount is proposed
	Advice string   // what to do instead
	// Harmless says that the service runs on without them.
	Harmless bool
}

// PlanOptions choose what goes into a plan.
type PlanOptions struct {
	NoAssumptions bool // only mounts that a write seen calls for
}

// Takes returns the planned mount that takes writes to a path: the deepest one
// that holds it, or the one whose mount point a directory leads to. What a mount
// that was left out held is taken by none: a mount above lacks the directory, or
// does not keep what must survive.
func (p *Plan) Takes(path string) (PlannedMount, bool) {
	path = canonical(path)
	deepest, leads := -1, -1
	for i, m := range p.Mounts {
		if _, ok := holding(m.Target, path); ok && (deepest < 0 || len(m.Target) > len(p.Mounts[deepest].Target)) {
			deepest = i
		}
		if leads < 0 && within(m.Target, path) && m.serves(path) {
			leads = i
		}
	}
	switch {
	case deepest < 0 && leads < 0:
		return PlannedMount{}, false
	case deepest < 0:
		return p.Mounts[leads], true
	}
	m := p.Mounts[deepest]
	for _, target := range p.off {
		if _, ok := holding(target, path); ok && len(target) > len(m.Target) {
			return PlannedMount{}, false
		}
	}
	return m, true
}

// serves says whether a path is among those that a mount is there for.
func (m *PlannedMount) serves(path string) bool {
	_, ok := slices.BinarySearchFunc(m.Serves, path, func(c Change, path string) int { return comparePaths(c.Path, path) })
	return ok
}

// Alarming reports whether a path is of the program's own code, of which a mount
// that happens to take it is no mending.
func (p *Plan) Alarming(path string) bool {
	for i := range p.Alarms {
		if _, ok := slices.BinarySearchFunc(p.Alarms[i].Writes, Change{Path: path}, byPath); ok {
			return true
		}
	}
	return false
}

// Without returns the plan with the mount at a target left out. What that mount
// served is unsolved in it.
func (p Plan) Without(target string) Plan {
	target = canonical(target)
	i := slices.IndexFunc(p.Mounts, func(m PlannedMount) bool { return m.Target == target })
	if i < 0 {
		return p
	}
	left := p.Mounts[i]
	p.Mounts = slices.Concat(p.Mounts[:i], p.Mounts[i+1:])
	p.off = append(slices.Clip(p.off), target)
	if len(left.Serves) > 0 {
		p.Unsolved = append(slices.Clip(p.Unsolved), Unsolved{
			Class: left.Class, Path: target, Writes: left.Serves,
			Why: "the mount at " + target + " is left out", Advice: left.Better,
		})
	}
	return p
}
