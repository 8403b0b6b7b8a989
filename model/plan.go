package model

import (
	"slices"
	"strings"
	"time"
)

// PlanSignature begins every file of a plan that petrify writes for people, so that
// petrify recognises it: it may be replaced, and among the files of a project it is a
// plan in use.
const PlanSignature = "# petrify plan v1"

// Plan is the set of mounts with which a service runs on a read-only root.
type Plan struct {
	Service   string
	Already   bool           // its root is read-only as declared: left alone
	NotSeen   string         // why nothing is known of its writes, so that nothing is planned; "" otherwise
	Stays     StayReason     // why its root stays writable under Compose; "" where the plan makes it read-only
	StartsAs  *User          // nil where it is not known by number
	Mounts    []PlannedMount // ordered by target, so that nested ones come after what holds them
	Unsolved  []Unsolved     // writes that no mount is proposed for, with why
	Alarms    []Unsolved     // code changes: never made writable silently
	Evidence  string
	Thorough  bool        // the evidence has seen all of a start and a minute of running
	At, Since time.Time   // of the evidence: its last look, and when the oldest container began to write
	Blind     []BlindSpot // what the evidence could not see
	Hints     []Hint      // what would tell more

	off []string // targets of mounts that were left out
}

// Planned reports whether a plan says with which mounts its service runs.
func (p *Plan) Planned() bool { return !p.Already && p.NotSeen == "" }

// Hint is something to do before a plan is made again.
type Hint string

// HintRestart is for a service that was never seen to stop or to start again.
const HintRestart Hint = "restart"

// String says a hint to a reader.
func (h Hint) String() string {
	if h == HintRestart {
		return "restart it once, then plan again: some write only then"
	}
	return string(h)
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
	Serves   []Change  // the writes it takes; empty only when Assumed, or when it Mends
	By       []string  // processes that wrote there, where a recording tells
	Assumed  string    // why it is there without a write seen; "" otherwise
	Mends    string    // what is wrong with the declared mount that it stands in for; "" where it is a new one
	Reason   string    // one sentence
	Better   string    // what would make it unnecessary
	Warning  string    // such as that it hides what a newer image ships
	Unused   string    // says that a thorough recording saw no need of it; "" otherwise
	CopiesUp bool      // the image has content there, which the volume copies
	// OpensProgram says that it makes program files writable, which a read-only root
	// is there to prevent.
	OpensProgram bool
}

// Unsolved is what a plan proposes no mount for: writes of one class in one
// place.
type Unsolved struct {
	Class  Class
	Reason OpenReason
	Path   string   // the place: a directory, or the path itself where it is one
	Writes []Change // by path, as Alarming relies on
	Why    string   // one sentence: why no mount is proposed
	Advice string   // what to do instead
	// Harmless says that the service runs on without them.
	Harmless bool
}

// OpenReason is why no mount is proposed for a write.
type OpenReason string

// The reasons for no mount.
const (
	OpenCodeChange    OpenReason = "code-change"     // the alarm
	OpenCodeRefused   OpenReason = "code-refused"    // the same, refused
	OpenCopiedIn      OpenReason = "copied-in"       // Compose copies it into the container
	OpenSynced        OpenReason = "synced"          // docker compose watch copies files there
	OpenReadOnlyMount OpenReason = "read-only-mount" // it lies in a mount that is declared read-only
	OpenBound         OpenReason = "bound"           // the engine binds its own file there
	OpenWritable      OpenReason = "writable"        // every container can write it
	OpenPerson        OpenReason = "person"          // left by somebody in a shell
	OpenUnneeded      OpenReason = "unneeded"        // the service runs on without it
	OpenBelowRoot     OpenReason = "below-root"      // no mount can stand directly below /
	OpenAmongFiles    OpenReason = "among-files"     // a volume would open what the image has around it
	OpenPidFile       OpenReason = "pid-file"        // no reason for a volume
	OpenLog           OpenReason = "log"             // no reason for a volume
	OpenNoTrace       OpenReason = "no-trace"        // nobody knows what was written
	OpenMountFault    OpenReason = "mount-fault"     // a declared mount that no plan mends
	OpenInMount       OpenReason = "in-mount"        // a declared mount refused it
	OpenLeftOut       OpenReason = "left-out"        // somebody left its mount out
)

// StayReason is why Compose cannot give a service a read-only root. It does not hold for
// anything else that a plan may be written for.
type StayReason string

// The reasons for a root to stay writable.
const (
	StaysCopiedIn StayReason = "copied-in" // Compose copies files into its containers, and would be refused
)

// stayTexts say why, and what to do about it.
var stayTexts = map[StayReason]struct{ why, advice string }{
	StaysCopiedIn: {
		"Compose copies configs or secrets into its containers, which it refuses on a read-only root",
		"put their content into files and refer to them with file: instead of content: or environment:, then plan again",
	},
}

// String says to a reader why a root stays writable.
func (r StayReason) String() string { return stayTexts[r].why }

// Advice says what to do for a read-only root.
func (r StayReason) Advice() string { return stayTexts[r].advice }

// PlanOptions choose what goes into a plan.
type PlanOptions struct {
	NoAssumptions bool  // only mounts that a write seen calls for
	OrLast        bool  // where nothing is known of a service's writes, its last plan
	Earlier       *Plan // the last one of the service and image; nil where none is known
}

// Takes returns the planned mount that takes writes to a path: the deepest one that holds
// it, or the one whose mount point a directory leads to. Where a mount was left out, no
// other one takes what it held: a mount above lacks the directory, or does not keep what
// must survive.
func (p *Plan) Takes(path string) (PlannedMount, bool) {
	path = Canonical(path)
	deepest, leads := -1, -1
	for i, m := range p.Mounts {
		if _, ok := holding(m.Target, path); ok && (deepest < 0 || len(m.Target) > len(p.Mounts[deepest].Target)) {
			deepest = i
		}
		if leads < 0 && Within(m.Target, path) && m.serves(path) {
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

// Hinted reports whether a plan has a hint.
func (p *Plan) Hinted(h Hint) bool { return slices.Contains(p.Hints, h) }

// serves says whether a path is among those that a mount is there for.
func (m *PlannedMount) serves(path string) bool {
	_, ok := slices.BinarySearchFunc(m.Serves, path, func(c Change, path string) int { return ComparePaths(c.Path, path) })
	return ok
}

// Alarming reports whether a path belongs to the program's own code: a mount that happens
// to take it mends nothing.
func (p *Plan) Alarming(path string) bool {
	for i := range p.Alarms {
		if _, ok := slices.BinarySearchFunc(p.Alarms[i].Writes, Change{Path: path}, ByPath); ok {
			return true
		}
	}
	return false
}

// Left counts what a plan leaves open that its service may need: code changes, with the first
// of them, and other writes. Those that are judged otherwise do not count.
func (p *Plan) Left(judged func(path string) bool) (code, unsolved int, firstCode string) {
	for i := range p.Alarms {
		for _, w := range p.Alarms[i].Writes {
			if judged(w.Path) {
				continue
			}
			if code++; firstCode == "" || ComparePaths(w.Path, firstCode) < 0 {
				firstCode = w.Path
			}
		}
	}
	for i := range p.Unsolved {
		u := &p.Unsolved[i]
		if u.Harmless || u.Reason == OpenPerson || u.Reason == OpenSynced {
			continue
		}
		for _, w := range u.Writes {
			if !judged(w.Path) {
				unsolved++
			}
		}
	}
	return code, unsolved, firstCode
}

// Without returns the plan with the mount at a target left out. What that mount
// served is unsolved in it.
func (p Plan) Without(target string) Plan {
	target = Canonical(target)
	i := slices.IndexFunc(p.Mounts, func(m PlannedMount) bool { return m.Target == target })
	if i < 0 {
		return p
	}
	left := p.Mounts[i]
	p.Mounts = slices.Concat(p.Mounts[:i], p.Mounts[i+1:])
	p.off = append(slices.Clip(p.off), target)
	if len(left.Serves) > 0 {
		p.Unsolved = append(slices.Clip(p.Unsolved), Unsolved{
			Class: left.Class, Reason: OpenLeftOut, Path: target, Writes: left.Serves,
			Why: "the mount at " + target + " is left out", Advice: left.Better,
		})
	}
	return p
}

// Restored returns the plan as if nothing had been left out of it.
func (p Plan) Restored() Plan {
	p.off = nil
	return p
}

const warningsBetween = "; "

// SameMounts reports whether two plans have the same mounts, whatever their reasons.
func (p *Plan) SameMounts(other *Plan) bool {
	return slices.EqualFunc(p.Mounts, other.Mounts, func(a, b PlannedMount) bool {
		return a.Kind == b.Kind && a.Target == b.Target && a.Mode == b.Mode && a.UID == b.UID && a.GID == b.GID && a.Size == b.Size && a.Exec == b.Exec
	})
}

// AddWarning adds a sentence to the warnings of a mount, unless it is there already: a
// mount of a plan in use has its warnings already.
func (m *PlannedMount) AddWarning(text string) {
	if slices.Contains(strings.Split(m.Warning, warningsBetween), text) {
		return
	}
	if m.Warning != "" {
		m.Warning += warningsBetween
	}
	m.Warning += text
}
