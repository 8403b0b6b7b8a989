package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Write is one path that a service wrote to, with all that is known of it.
type Write struct {
	Path  string // as the container sees it: absolute, any bytes
	Mount string // target of the mount that took it; "" for the root
	Acts  Acts
	Type  FileType // "" where it was gone before anybody could look
	Count int      // acts seen, without those that were refused; the kernel joins what comes in quick succession
	// Refused counts the acts that failed. Where no other act was seen, it is a write
	// that the service wants and cannot have.
	Refused int
	Refusal Refusal // what more is known of those
	// Inside counts paths that are known by their directory only, which is Path then:
	// unnamed temporary files, what came and went unwatched, and what is folded as
	// there were too many.
	Inside      int
	Bytes       int64 // the largest size seen of a file; -1 where it is not known
	First, Last time.Time
	By          []int // indices of the processes that it comes with
	Gone        bool  // it was not there any more when it was last looked for
}

// Acts are what was done to a path.
type Acts uint8

// The acts that a recorder tells apart.
const (
	Made    Acts = 1 << iota // created, linked, or the target of a rename
	Stored                   // content was written
	Opened                   // opened for writing and closed, without a write seen: also a write through mmap
	Removed                  // deleted, or the source of a rename
	Set                      // mode, owner, times or attributes, also to what they were
	Ran                      // run as a program, or mapped as part of one
	Passed                   // written in a way that left no trace, as the writable layer shows
)

// AllActs are all that there are.
const AllActs = Made | Stored | Opened | Removed | Set | Ran | Passed

var actNames = []struct {
	act  Acts
	name string
}{{Made, "made"}, {Stored, "written"}, {Opened, "opened for writing"}, {Removed, "removed"}, {Set, "attributes set"}, {Ran, "run"}, {Passed, "written without a trace"}}

// Transient reports whether a path came and went: `docker diff` never shows it. One
// that is gone without having been seen to be removed never was among the files of
// the image: it was made before it was watched, and removed while it was open.
func (w *Write) Transient() bool {
	return w.Gone && w.Wrote() && (w.Acts&Made != 0 || w.Acts&Removed == 0)
}

// OnRoot reports whether a path was written on the root, where a read-only one
// would refuse it.
func (w *Write) OnRoot() bool {
	if slices.Contains(BoundFiles, w.Path) {
		return true
	}
	return w.Mount == "" && !Within(w.Path, "/dev") && !Within(w.Path, "/proc") && !Within(w.Path, "/sys")
}

// BoundFiles are those that the engine binds over the image's. They are read-only on
// a read-only root.
var BoundFiles = []string{"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}

// Change is what the writable layer would have of a write, had it been kept, or allowed.
func (w *Write) Change() Change {
	kind, acts := Modified, w.Acts
	if !w.Wrote() {
		acts = w.Refusal.Acts
	}
	switch {
	case w.Inside > 0:
	case acts&Made != 0, w.Transient():
		kind = Added
	case acts&Removed != 0:
		kind = Deleted
	}
	return Change{Path: w.Path, Kind: kind}
}

// Merge adds what else was seen of the same path, by processes of the same list. The
// later one knows whether the path is there. A type that was known stays known.
func (w *Write) Merge(other Write) {
	// What was refused says nothing of what was written.
	newer := !other.Last.Before(w.Last)
	if w.Wrote() != other.Wrote() && other.Wrote() || w.Wrote() == other.Wrote() && newer {
		w.Gone, w.Mount = other.Gone, other.Mount
		if other.Type != "" {
			w.Type = other.Type
		}
	}
	if newer {
		w.Last = other.Last
	}
	if w.Type == "" {
		w.Type = other.Type
	}
	if other.First.Before(w.First) {
		w.First = other.First
	}
	w.Acts |= other.Acts
	w.Count += other.Count
	w.Inside += other.Inside
	w.Bytes = max(w.Bytes, other.Bytes)
	w.mergeRefusal(other)
	for _, process := range other.By {
		if !slices.Contains(w.By, process) {
			// Lists are shared with what was handed out before.
			w.By = append(slices.Clip(w.By), process)
		}
	}
}

// InDirectory is a write as its directory stands for it, where there are too many to
// keep them all.
func (w Write) InDirectory() Write {
	w.Path, w.Inside, w.Type, w.Bytes, w.Gone = Parent(w.Path), max(w.Inside, 1), Directory, -1, false
	return w
}

// CompareWrites orders writes by path, as evidence holds them.
func CompareWrites(a, b Write) int { return ComparePaths(a.Path, b.Path) }

// mergeWrites merges two lists by path; index has the numbers of the second list's
// processes in the merged one.
func mergeWrites(a, b []Write, index []int) []Write {
	merged := make([]Write, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && ComparePaths(a[0].Path, b[0].Path) < 0:
			merged, a = append(merged, a[0]), a[1:]
		case len(a) == 0 || ComparePaths(a[0].Path, b[0].Path) > 0:
			merged, b = append(merged, b[0].renumbered(index)), b[1:]
		default:
			both := a[0]
			both.Merge(b[0].renumbered(index))
			merged, a, b = append(merged, both), a[1:], b[1:]
		}
	}
	return merged
}

func (w Write) renumbered(index []int) Write {
	by := make([]int, 0, len(w.By))
	for _, i := range w.By {
		if i >= 0 && i < len(index) {
			by = append(by, index[i])
		}
	}
	w.By = by
	return w
}

// String describes a write.
func (w *Write) String() string {
	text := w.Path
	if w.Acts != 0 {
		text += fmt.Sprintf(" %s ×%d", w.Acts, w.Count)
	}
	if w.Mount != "" {
		text += " in " + w.Mount
	}
	if w.Inside > 0 {
		text += fmt.Sprintf(", %d inside", w.Inside)
	}
	if w.Transient() {
		text += ", transient"
	}
	if w.Refused > 0 {
		text += fmt.Sprintf(", %d refused", w.Refused)
		if words := w.RefusalText(); words != "" {
			text += " (" + words + ")"
		}
	}
	return text
}

// Words names what was done, in the order of a file's life.
func (a Acts) Words() []string {
	var words []string
	for _, n := range actNames {
		if a&n.act != 0 && (n.act != Opened || a&Stored == 0) {
			words = append(words, n.name)
		}
	}
	return words
}

// String joins the words.
func (a Acts) String() string { return strings.Join(a.Words(), ", ") }
