package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Evidence is what was found out about the writes of a service, by one way of looking
// or by several together. It is never changed once it has been handed over.
type Evidence struct {
	From []Source
	// Root are the paths that a read-only root would refuse to write, each once, with
	// what became of them in the writable layer. Directories that an engine lists only
	// for what changed below them are not among them. They are in no order.
	Root []Change
	// InMounts are the paths that a mount took or refused, and those on the root that were
	// only tried: a read-only root makes no difference to them.
	InMounts []Change
	// Sets has the same paths as they were found: one set for each container, where
	// several were asked, and the last for what no writable layer keeps.
	Sets [][]Change

	CopiedUp  []CopiedUp // what the writable layers hold that is as in the image, by path
	Writes    []Write    // what more is known of some of the paths, by path
	Processes []Process  // that Writes are by

	Watched  time.Duration // how long the service has run under watch of its writable layers
	Sittings []Sitting     // in which it was recorded
	Blind    []BlindSpot   // what could not be seen

	Live      bool    // it is being recorded now
	PerSecond float64 // writes in each of the last seconds, while it is Live
}

// Source is a way of looking for writes.
type Source string

// The ways of looking.
const (
	FromChanges   Source = "changes"
	FromRecording Source = "recording"
	FromLogs      Source = "logs"  // what services say of writes that were refused
	FromTrial     Source = "trial" // what an unmodified copy wrote
)

// Empty reports whether nothing is known of any path.
func (e *Evidence) Empty() bool { return len(e.Root) == 0 && len(e.InMounts) == 0 }

// Looked reports whether anybody has looked for writes at all.
func (e *Evidence) Looked() bool { return len(e.From) > 0 }

// OnlyChanges reports whether nothing but changes in writable layers was looked at.
func (e *Evidence) OnlyChanges() bool {
	return !slices.ContainsFunc(e.From, func(s Source) bool { return s != FromChanges })
}

// TellsOfPaths reports whether more may be known of single paths than that they changed, such
// as when, or who wrote them.
func (e *Evidence) TellsOfPaths() bool { return e.Has(FromRecording) || len(e.CopiedUp) > 0 }

// Has reports whether a way of looking is part of the evidence.
func (e *Evidence) Has(source Source) bool { return slices.Contains(e.From, source) }

// Find returns what more is known of a path; nil for nothing.
func (e *Evidence) Find(path string) *Write { return findWrite(e.Writes, path) }

func findWrite(writes []Write, path string) *Write {
	i, ok := slices.BinarySearchFunc(writes, path, func(w Write, path string) int { return ComparePaths(w.Path, path) })
	if !ok {
		return nil
	}
	return &writes[i]
}

// Who names the processes behind a write, as "apache2 (www-data)".
func (e *Evidence) Who(w *Write) []string {
	names := make([]string, 0, len(w.By))
	for _, p := range e.By(w) {
		names = append(names, p.Name())
	}
	return names
}

// By returns the processes behind a write.
func (e *Evidence) By(w *Write) []Process {
	processes := make([]Process, 0, len(w.By))
	for _, i := range w.By {
		if i >= 0 && i < len(e.Processes) {
			processes = append(processes, e.Processes[i])
		}
	}
	return processes
}

// TransientCount is the number of paths that came and went, on the root and in
// mounts.
func (e *Evidence) TransientCount() int {
	n := 0
	for i := range e.Writes {
		if e.Writes[i].Transient() {
			n++
		}
	}
	return n
}

// Thorough reports whether what was not seen counts: one sitting has seen it all.
func (e *Evidence) Thorough() bool { return slices.ContainsFunc(e.Sittings, Sitting.Thorough) }

// Recorded sums up the sittings.
func (e *Evidence) Recorded() SittingSum { return sumOf(e.Sittings) }

// Merge adds the evidence of another way of looking. Of a path that both know, the kind
// of change stays that of the first.
func (e *Evidence) Merge(other Evidence) {
	if !e.Looked() {
		*e = other
		return
	}
	for _, source := range other.From {
		if !e.Has(source) {
			e.From = append(slices.Clip(e.From), source)
		}
	}
	beyond := missing(e.Root, other.Root)
	inMounts := missing(e.InMounts, other.InMounts)
	e.Sets = mergeSets(e, beyond, inMounts)
	e.Root = concat(e.Root, beyond)
	e.InMounts = concat(e.InMounts, inMounts)
	processes, index := mergeProcesses(e.Processes, other.Processes)
	e.Processes, e.Writes = processes, mergeWrites(e.Writes, other.Writes, index)
	e.CopiedUp = concat(e.CopiedUp, other.CopiedUp)
	e.Watched = max(e.Watched, other.Watched)
	e.Sittings = slices.Concat(e.Sittings, other.Sittings)
	e.Blind = mergeBlind(e.Blind, other.Blind)
	e.Live = e.Live || other.Live
	e.PerSecond += other.PerSecond
}

// missing returns those of some changes whose paths are not among others.
func missing(known, changes []Change) []Change {
	if len(changes) == 0 || len(known) == 0 {
		return changes
	}
	paths := make(map[string]bool, len(known))
	for _, change := range known {
		paths[change.Path] = true
	}
	var found []Change
	for _, change := range changes {
		if !paths[change.Path] {
			found = append(found, change)
		}
	}
	return found
}

// mergeSets keeps one set as long as one container was asked: a tree of one set takes
// half the memory.
func mergeSets(e *Evidence, beyond, inMounts []Change) [][]Change {
	switch {
	case len(beyond) == 0 && len(inMounts) == 0:
		return e.Sets
	case len(e.Sets) <= 1:
		return [][]Change{slices.Concat(e.Root, e.InMounts, beyond, inMounts)}
	default:
		return append(slices.Clip(e.Sets), slices.Concat(beyond, inMounts))
	}
}

// concat shares what needs no copy.
func concat[T any](a, b []T) []T {
	switch {
	case len(b) == 0:
		return a
	case len(a) == 0:
		return b
	default:
		return slices.Concat(a, b)
	}
}

// String writes evidence for tests and their differences.
func (e *Evidence) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "evidence from %v", e.From)
	if len(e.Sittings) > 0 {
		fmt.Fprintf(&b, ", %s", e.Recorded())
	}
	b.WriteByte('\n')
	sorted := sortedChanges(slices.Concat(e.Root, e.InMounts))
	for _, change := range sorted {
		fmt.Fprintf(&b, "  %s\n", change)
		if w := e.Find(change.Path); w != nil {
			fmt.Fprintf(&b, "    %s by %s\n", w, strings.Join(e.Who(w), ", "))
		}
	}
	for _, spot := range e.Blind {
		fmt.Fprintf(&b, "  blind to %s\n", spot)
	}
	return b.String()
}
