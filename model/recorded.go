package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// What follows from a recording:
//
//   - What was seen on the root is a write like those of `docker diff`, also when it
//     came and went: a read-only root refuses it. So it does an open for writing
//     without a write, and a mode that is set to what it was.
//   - What was seen in a mount is the mount's.
//   - The files that the engine binds over /etc/hosts and its like are read-only on a
//     read-only root: they count as the root.
//   - A recording that saw a start, lasted a minute and lost nothing is thorough: only
//     then it says something that a place was not written.
//   - Recordings of other images say nothing of this one.

// leastThorough is how long a recording lasts that may say that nothing is needed.
const leastThorough = time.Minute

// blindToRecording is what no recording can see.
var blindToRecording = []string{"writes that failed", "what the service does when nobody asks it to"}

// Thorough reports whether what a recording did not see counts.
func (r *Recording) Thorough() bool {
	return r != nil && r.Starts > 0 && r.Took >= leastThorough && r.Lost == 0
}

// evidence says how far a recording can be relied on.
func (r *Recording) evidence() string {
	text := "recorded " + lasting(r.Took)
	if r.Starts > 0 {
		text += " from its start"
	}
	text += ", " + processes(len(r.Processes))
	if r.Lost > 0 {
		text += fmt.Sprintf(", %d writes lost", r.Lost)
	}
	return text
}

// Lasted says how long was recorded, to the second.
func (r *Recording) Lasted() string { return lasting(r.Took) }

func processes(n int) string {
	if n == 1 {
		return "1 process"
	}
	return fmt.Sprintf("%d processes", n)
}

// blind is what a recording could not see.
func (r *Recording) blind() []string {
	blind := slices.Clone(blindToRecording)
	if r.Starts == 0 {
		blind = append(blind, "what came and went before the recording began: restart the service while it is recorded")
	}
	if r.Lost > 0 {
		blind = append(blind, fmt.Sprintf("%d writes that came too fast", r.Lost))
	}
	return append(blind, r.Blind...)
}

// lasting says a duration to the second, which is what a recording takes.
func lasting(d time.Duration) string {
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

// OnRoot reports whether a path was written on the root, where a read-only one
// would refuse it.
func (w *Written) OnRoot() bool {
	if slices.Contains(boundFiles, w.Path) {
		return true
	}
	return w.Mount == "" && !within(w.Path, "/dev") && !within(w.Path, "/proc") && !within(w.Path, "/sys")
}

// boundFiles are those that the engine binds over the image's.
var boundFiles = []string{"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}

// kind is what the writable layer would have of a write, had it been kept.
func (w *Written) kind() ChangeKind {
	switch {
	case w.Inside > 0:
		return Modified
	case w.Acts&Made != 0, w.Transient():
		return Added
	case w.Acts&Removed != 0:
		return Deleted
	default:
		return Modified
	}
}

// TransientCount is the number of paths that came and went, on the root and in
// mounts.
func (r *Recording) TransientCount() int {
	n := 0
	if r != nil {
		for i := range r.Writes {
			if r.Writes[i].Transient() {
				n++
			}
		}
	}
	return n
}

// Find returns what was recorded of a path; nil for nothing.
func (r *Recording) Find(path string) *Written {
	if r == nil {
		return nil
	}
	i, ok := slices.BinarySearchFunc(r.Writes, path, func(w Written, path string) int { return comparePaths(w.Path, path) })
	if !ok {
		return nil
	}
	return &r.Writes[i]
}

// Who names the processes behind a write, as "apache2 (www-data)".
func (r *Recording) Who(w *Written) []string {
	names := make([]string, 0, len(w.By))
	for _, i := range w.By {
		if i >= 0 && i < len(r.Processes) {
			names = append(names, r.Processes[i].Name())
		}
	}
	return names
}

// Name is a process's command and user.
func (p Process) Name() string {
	command := p.Command
	if command == "" {
		command = "a process that was gone"
	}
	switch {
	case p.User != "":
		return command + " (" + p.User + ")"
	case p.UID >= 0:
		return fmt.Sprintf("%s (%d)", command, p.UID)
	default:
		return command
	}
}

// beyond returns what a recording saw that is not among the changes: what came and
// went, what left no trace, and what was written in mounts.
func beyond(changes []Change, s *Service) []Change {
	if s.Recording == nil || len(s.Recording.Writes) == 0 {
		return nil
	}
	known := make(map[string]bool, len(changes))
	for _, change := range changes {
		known[change.Path] = true
	}
	made := enginePaths(s)
	var all []Change
	for i := range s.Recording.Writes {
		w := &s.Recording.Writes[i]
		if !known[w.Path] && (w.Mount != "" || !made[w.Path]) {
			all = append(all, Change{Path: w.Path, Kind: w.kind()})
		}
	}
	return all
}

// onRoot keeps the recorded paths that a read-only root would refuse.
func (s *Service) onRoot(recorded []Change) []Change {
	var refused []Change
	for _, change := range recorded {
		if w := s.Recording.Find(change.Path); w != nil && w.OnRoot() {
			refused = append(refused, change)
		}
	}
	return refused
}

// enginePaths are the paths that the engine made in a service's containers.
func enginePaths(s *Service) map[string]bool {
	made := map[string]bool{}
	for _, changes := range s.Changes {
		for _, change := range changes.EngineMade {
			made[change.Path] = true
		}
	}
	for _, pair := range s.Mounts {
		made[canonical(pair.Target)] = true
	}
	for _, file := range engineFiles {
		made[file] = !slices.Contains(boundFiles, file)
	}
	return made
}

// recordingsOf finds the recordings of a service, of the image that it runs.
func recordingsOf(all []*Recording, s *Service) []*Recording {
	var found []*Recording
	for _, r := range all {
		if r.Service == s.Name && s.runsImage(r.ImageID) {
			found = append(found, r)
		}
	}
	return found
}

func joinAll(all []*Recording) *Recording {
	if len(all) == 0 {
		return nil
	}
	joined := all[0]
	for _, r := range all[1:] {
		joined = Join(joined, r)
	}
	return joined
}

func (s *Service) runsImage(id string) bool {
	if len(s.Containers) == 0 {
		return s.Image != nil && s.Image.ID == id
	}
	return slices.ContainsFunc(s.Containers, func(c Container) bool { return c.ImageID == id })
}

// Join makes one recording of two of the same service and image.
func Join(a, b *Recording) *Recording {
	joined := *a
	if b.Began.Before(a.Began) {
		joined.Began = b.Began
	}
	if b.Ended.After(a.Ended) {
		joined.Ended = b.Ended
	}
	joined.Took += b.Took
	joined.Starts += b.Starts
	joined.Lost += b.Lost
	joined.Live = a.Live || b.Live
	joined.PerSecond += b.PerSecond
	joined.Blind = slices.Clone(a.Blind)
	for _, what := range b.Blind {
		if !slices.Contains(joined.Blind, what) {
			joined.Blind = append(joined.Blind, what)
		}
	}
	joined.Processes = slices.Clone(a.Processes)
	index := make([]int, len(b.Processes)) // of b's processes in the joined ones
	for i, p := range b.Processes {
		at := slices.IndexFunc(joined.Processes, p.same)
		if at < 0 {
			at = len(joined.Processes)
			joined.Processes = append(joined.Processes, Process{Command: p.Command, User: p.User, UID: p.UID})
		}
		into := &joined.Processes[at]
		into.PID, into.Count = p.PID, into.Count+p.Count
		if p.Line != "" {
			into.Line = p.Line
		}
		index[i] = at
	}
	joined.Writes = joinWrites(a.Writes, b.Writes, index)
	return &joined
}

func (p Process) same(q Process) bool {
	return p.Command == q.Command && p.User == q.User && p.UID == q.UID
}

// joinWrites merges two lists by path; processes of the second one have other
// numbers in the result.
func joinWrites(a, b []Written, index []int) []Written {
	joined := make([]Written, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && comparePaths(a[0].Path, b[0].Path) < 0:
			joined, a = append(joined, a[0]), a[1:]
		case len(a) == 0 || comparePaths(a[0].Path, b[0].Path) > 0:
			joined, b = append(joined, b[0].renumbered(index)), b[1:]
		default:
			joined = append(joined, a[0].joined(b[0].renumbered(index)))
			a, b = a[1:], b[1:]
		}
	}
	return joined
}

func (w Written) renumbered(index []int) Written {
	by := make([]int, 0, len(w.By))
	for _, i := range w.By {
		if i >= 0 && i < len(index) {
			by = append(by, index[i])
		}
	}
	w.By = by
	return w
}

// joined adds what another recording saw of the same path. The later one knows
// whether it is there.
func (w Written) joined(other Written) Written {
	if other.Last.After(w.Last) {
		w.Gone, w.Type, w.Mount = other.Gone, other.Type, other.Mount
	}
	w.Acts |= other.Acts
	w.Count += other.Count
	w.Inside = max(w.Inside, other.Inside)
	w.Bytes = max(w.Bytes, other.Bytes)
	if other.First.Before(w.First) {
		w.First = other.First
	}
	if other.Last.After(w.Last) {
		w.Last = other.Last
	}
	by := slices.Clone(w.By)
	for _, i := range other.By {
		if !slices.Contains(by, i) {
			by = append(by, i)
		}
	}
	w.By = by
	return w
}

// CompareWrites orders writes by path, as a recording holds them.
func CompareWrites(a, b Written) int { return comparePaths(a.Path, b.Path) }

// String describes a recording for tests and their differences.
func (r *Recording) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s: %s\n", r.Service, r.Project, r.evidence())
	for i := range r.Writes {
		w := &r.Writes[i]
		fmt.Fprintf(&b, "  %s\n", w)
		for _, who := range r.Who(w) {
			fmt.Fprintf(&b, "    %s\n", who)
		}
	}
	return b.String()
}

// String describes a write.
func (w *Written) String() string {
	text := fmt.Sprintf("%s %s ×%d", w.Path, w.Acts, w.Count)
	if w.Mount != "" {
		text += " in " + w.Mount
	}
	if w.Inside > 0 {
		text += fmt.Sprintf(", %d inside", w.Inside)
	}
	if w.Transient() {
		text += ", transient"
	}
	return text
}

var actNames = []struct {
	act  Acts
	name string
}{{Made, "made"}, {Stored, "written"}, {Opened, "opened for writing"}, {Removed, "removed"}, {Set, "attributes set"}}

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
