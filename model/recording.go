package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What follows from a recording:
//
//   - Anything seen on the root counts as a write, even if it is gone again: a read-only
//     root refuses it. It also refuses opening a file for writing, and setting a mode
//     that the file has already.
//   - What was refused on the root counts as a write as well, unless the service is known
//     to go on without it.
//   - What was seen in a mount counts for the mount.
//   - The files that the engine binds over /etc/hosts and its like are read-only on a
//     read-only root: they count as the root.
//   - A sitting that saw a start, a minute of running and lost nothing is thorough: only
//     then it means something that a place was not written. Two sittings do not add up to
//     one: a start in one and a minute in another are no minute from a start on.
//   - Recordings of other images say nothing of this one.

// Recording is what a service was seen to write while it was recorded: by all of
// its containers, each path once. It is never changed once it has been handed over.
type Recording struct {
	Project, Service string
	ImageID          string           // of the containers that were recorded
	Sittings         []Sitting        // the oldest first
	Writes           []Write          // by path
	Processes        []Process        // that wrote, in the order of their first write
	Used             map[string]int64 // the most bytes that were in each tmpfs, by target; not kept
	Live             bool             // it is being recorded now
	PerSecond        float64          // writes in each of the last seconds, while it is Live
}

// Sitting is one stretch of time in which a service was recorded.
type Sitting struct {
	Began, Ended time.Time
	// Ran is how long the container that ran longest was watched while it ran.
	Ran time.Duration
	// Starts counts the containers that were watched from before their first instruction
	// on. Of all others, files that came and went at the start may have been missed.
	Starts  int
	Lost    uint64      // events that the kernel dropped, as too many came at once
	Garbled int         // reports, or writes in them, that could not be read
	Blind   []BlindSpot // what could not be watched, and why
	// Refusals says that writes which the kernel refused were watched, too.
	Refusals bool
}

// leastThorough is how long a service runs in a sitting that may say that nothing is
// needed.
const leastThorough = time.Minute

// Thorough reports whether what a sitting did not see counts.
func (s Sitting) Thorough() bool {
	return s.Starts > 0 && s.Ran >= leastThorough && s.Lost == 0 && s.Garbled == 0
}

// SittingSum is what several sittings come to.
type SittingSum struct {
	Began, Ended time.Time
	Ran          time.Duration
	Starts       int
	// FromStart is the longest that one sitting saw the service run from a start on.
	FromStart time.Duration
	Lost      uint64
	Garbled   int
}

func sumOf(sittings []Sitting) SittingSum {
	var sum SittingSum
	for i, s := range sittings {
		if i == 0 || s.Began.Before(sum.Began) {
			sum.Began = s.Began
		}
		if s.Ended.After(sum.Ended) {
			sum.Ended = s.Ended
		}
		sum.Ran += s.Ran
		if s.Starts > 0 {
			sum.FromStart = max(sum.FromStart, s.Ran)
		}
		sum.Starts += s.Starts
		sum.Lost += s.Lost
		sum.Garbled += s.Garbled
	}
	return sum
}

// Sum sums up the sittings of a recording.
func (r *Recording) Sum() SittingSum { return sumOf(r.Sittings) }

// String says how long was recorded, and how far that can be relied on.
func (s SittingSum) String() string {
	text := "recorded " + DurationText(s.Ran)
	switch {
	case s.Starts == 0:
	case s.FromStart == s.Ran:
		text += " from its start"
	default:
		text += ", " + DurationText(s.FromStart) + " of it from a start"
	}
	if s.Lost > 0 {
		text += ", writes lost " + Times(int(s.Lost))
	}
	if s.Garbled > 0 {
		text += fmt.Sprintf(", %s unreadable", Plural(s.Garbled, "report"))
	}
	return text
}

// DurationText says a duration to the second, which is what a recording takes.
func DurationText(d time.Duration) string {
	d = d.Round(time.Second)
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", d/time.Minute, d%time.Minute/time.Second)
	default:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
}

// blindToRecording is what no recording can see.
var blindToRecording = []BlindSpot{{Kind: BlindIdle}}

// Evidence returns what a recording says of the writes of its service, without the paths
// in leaveOut, which the engine made.
func (r *Recording) Evidence(leaveOut func(Write) bool) Evidence {
	e := Evidence{
		From: []Source{FromRecording}, Writes: r.Writes, Processes: r.Processes, Sittings: r.Sittings,
		Blind: r.blind(), Live: r.Live, PerSecond: r.PerSecond,
	}
	for i := range r.Writes {
		w := &r.Writes[i]
		switch {
		case leaveOut(*w), !w.Wrote() && w.Refused == 0 && w.OnRoot():
		case w.OnRoot() && (w.Wrote() || w.Blocked()):
			e.Root = append(e.Root, w.Change())
		default:
			e.InMounts = append(e.InMounts, w.Change())
		}
	}
	if !e.Empty() {
		e.Sets = [][]Change{concat(e.Root, e.InMounts)}
	}
	return e
}

// blind is what a recording could not see.
func (r *Recording) blind() []BlindSpot {
	blind := slices.Clone(blindToRecording)
	sum := r.Sum()
	refusals := slices.ContainsFunc(r.Sittings, func(s Sitting) bool { return s.Refusals })
	why := slices.ContainsFunc(r.Sittings, func(s Sitting) bool {
		return slices.ContainsFunc(s.Blind, func(b BlindSpot) bool { return b.Kind == BlindRefusals })
	})
	if !refusals && !why {
		blind = append([]BlindSpot{{Kind: BlindFailed}}, blind...)
	}
	if sum.Starts == 0 {
		blind = append(blind, BlindSpot{Kind: BlindBeforeStart})
	}
	if !slices.ContainsFunc(r.Sittings, Sitting.Thorough) {
		if sum.Lost > 0 {
			blind = append(blind, BlindSpot{Kind: BlindLost, Count: int(sum.Lost)})
		}
		if sum.Garbled > 0 {
			blind = append(blind, BlindSpot{Kind: BlindGarbled, Count: sum.Garbled})
		}
	}
	for _, s := range r.Sittings {
		for _, spot := range s.Blind {
			if !slices.Contains(blind, spot) && !(spot.Kind == BlindRefusals && refusals) {
				blind = append(blind, spot)
			}
		}
	}
	return blind
}

// Join makes one recording of two of the same service and image.
func Join(a, b *Recording) *Recording {
	joined := *a
	joined.Sittings = slices.SortedStableFunc(slices.Values(slices.Concat(a.Sittings, b.Sittings)), func(a, b Sitting) int {
		return a.Began.Compare(b.Began)
	})
	joined.Live = a.Live || b.Live
	joined.PerSecond += b.PerSecond
	processes, index := mergeProcesses(a.Processes, b.Processes)
	joined.Processes, joined.Writes = processes, mergeWrites(a.Writes, b.Writes, index)
	return &joined
}

// Fold keeps the number of paths below a limit: those of the busiest directories
// become one line each, until the rest fits.
func Fold(writes []Write, most int) []Write {
	for len(writes) > most {
		folded := foldBusiest(writes, most)
		if len(folded) == len(writes) {
			return folded
		}
		writes = folded
	}
	return writes
}

func foldBusiest(writes []Write, most int) []Write {
	children := map[string]int{}
	for i := range writes {
		children[Parent(writes[i].Path)]++
	}
	dirs := make([]string, 0, len(children))
	for dir := range children {
		dirs = append(dirs, dir)
	}
	slices.SortFunc(dirs, func(a, b string) int {
		if children[a] != children[b] {
			return children[b] - children[a]
		}
		return strings.Compare(a, b)
	})
	busy := map[string]bool{}
	for excess := len(writes) - most; excess > 0 && len(dirs) > 0; dirs = dirs[1:] {
		busy[dirs[0]] = true
		excess -= children[dirs[0]] - 1
	}
	kept := make([]Write, 0, len(writes))
	for _, w := range writes {
		if busy[Parent(w.Path)] && w.Path != "/" {
			w = w.InDirectory()
		}
		kept = append(kept, w)
	}
	return MergeSamePaths(kept)
}

// MergeSamePaths sorts writes and merges those of the same path, in place.
func MergeSamePaths(writes []Write) []Write {
	slices.SortStableFunc(writes, CompareWrites)
	kept := writes[:0]
	for _, w := range writes {
		if n := len(kept); n > 0 && kept[n-1].Path == w.Path {
			kept[n-1].Merge(w)
			continue
		}
		kept = append(kept, w)
	}
	return kept
}

// Find returns what was recorded of a path; nil for nothing.
func (r *Recording) Find(path string) *Write { return findWrite(r.Writes, path) }

// String describes a recording for tests and their differences.
func (r *Recording) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s: %s, %s\n", r.Service, r.Project, r.Sum(), ProcessCount(len(r.Processes)))
	e := Evidence{Processes: r.Processes}
	for i := range r.Writes {
		w := &r.Writes[i]
		fmt.Fprintf(&b, "  %s\n", w)
		for _, who := range e.Who(w) {
			fmt.Fprintf(&b, "    %s\n", who)
		}
	}
	return b.String()
}

// ProcessCount counts processes in words.
func ProcessCount(n int) string {
	if n == 1 {
		return "1 process"
	}
	return fmt.Sprintf("%d processes", n)
}
