package model

import (
	"fmt"
	"slices"
	"time"
)

// Verdicts: what a read-only root would mean for a service.
//
//   - What the files declare is judged, for that is what the next start brings;
//     where nothing is declared, what runs. Where both differ, the reason says so.
//   - A service that wrote to its root, outside every mount that takes its writes,
//     would break. One such path is enough.
//   - A config or secret whose content is in the Compose files is copied into the
//     container's layer. Compose refuses that on a read-only root (v2.40: "`file`
//     is the sole supported option"), so that such a service would break, too.
//   - A service on a read-only root is read-only.
//   - A service of which a thorough recording saw no such write would run: see
//     recorded.go.
//   - Everything else is unknown. Seeing no write proves no absence of need: a
//     diff misses what was created and deleted again, and every failed write.

// blindToDiff is what `docker diff` cannot see.
var blindToDiff = []string{
	"files created and deleted again, such as lock files and lock directories",
	"writes that failed",
	"files opened for writing but not written",
	"permissions or owners set to what they were",
	"a rewrite that keeps size and time",
	"writes in volumes, binds, tmpfs, /dev and /dev/shm",
}

// judge returns the verdict on a service whose mounts and writes are laid.
func judge(s *Service) Verdict {
	v := Verdict{Watched: watched(s), Evidence: evidence(s), Blind: blindToDiff}
	if s.Recording != nil {
		v.Evidence, v.Blind = s.Recording.evidence(), s.Recording.blind()
	}
	live, seen := liveRoot(s)
	readOnly := s.ReadOnlyRoot()
	copied := copiedIn(s)
	if readOnly && (live || !seen) && len(copied) == 0 {
		v.Outcome, v.Evidence, v.Blind = IsReadOnly, "", nil
		v.Reason = "its root is read-only"
		if !seen {
			v.Reason = "declared with a read-only root"
		}
		return v
	}
	v.Blocked, v.Allowed = s.split()
	v.Blocked = with(v.Blocked, copied)
	switch {
	case len(v.Blocked) > 0:
		v.Outcome = WouldBreak
		v.Reason = breaks(v.Blocked, copied)
		if readOnly && seen && !live {
			v.Reason = "declared read-only but runs on a writable root: " + v.Reason
		}
	case readOnly:
		v.Outcome = IsReadOnly
		v.Reason = "declared read-only but runs on a writable root: create its containers again"
	case live:
		v.Outcome = NotKnown
		v.Reason = "runs on a read-only root, but its files declare a writable one"
	case s.Recording.Thorough():
		v.Outcome = WouldRun
		v.Reason = "recorded for " + lasting(s.Recording.Took) + " from its start on, it wrote nothing that a read-only root would refuse"
	default:
		v.Outcome = NotKnown
		v.Reason = nothingSeen(s, v)
	}
	return v
}

// breaks says why a service would break.
func breaks(blocked, copied []Change) string {
	own := 0
	for _, change := range blocked {
		// Not the copied file, nor a directory made for it.
		if !slices.ContainsFunc(copied, func(c Change) bool { return change.Kind == Added && within(c.Path, change.Path) }) {
			own++
		}
	}
	wrote := "wrote to " + Plural(own, "path") + " of its root"
	copies := "Compose copies " + Plural(len(copied), "file") + " into its root, which it refuses on a read-only one"
	switch {
	case len(copied) == 0:
		return wrote
	case own == 0:
		return copies
	default:
		return wrote + ", and " + copies
	}
}

// copiedIn returns the configs and secrets that Compose copies into a service's
// containers, as the changes that they are there.
func copiedIn(s *Service) []Change {
	var copied []Change
	for _, pair := range s.Mounts {
		if pair.Declared != nil && pair.Declared.Copied {
			copied = append(copied, Change{Path: pair.Target, Kind: Added})
		}
	}
	return copied
}

// with adds those of some changes whose paths are not there yet.
func with(changes, some []Change) []Change {
	for _, change := range some {
		if !slices.ContainsFunc(changes, func(c Change) bool { return c.Path == change.Path }) {
			changes = append(changes[:len(changes):len(changes)], change)
		}
	}
	return changes
}

// liveRoot says whether the root of a service's containers is read-only; not
// seen while none was inspected.
func liveRoot(s *Service) (readOnly, seen bool) {
	readOnly = true
	for _, c := range standing(s.Containers) {
		if c.Inspected {
			seen = true
			readOnly = readOnly && c.ReadOnly
		}
	}
	return readOnly && seen, seen
}

// split parts what a service wrote into what its mounts would take and what a
// read-only root would refuse. Where no mount takes any, nothing is copied.
func (s *Service) split() (blocked []Change, allowed []AllowedPath) {
	if !s.hasWritableMount() {
		return s.written, nil
	}
	for i, change := range s.written {
		m, ok := s.takes(change.Path)
		ok = ok && !m.ReadOnly
		switch {
		case ok && allowed == nil:
			blocked = slices.Clone(s.written[:i])
			fallthrough
		case ok:
			allowed = append(allowed, AllowedPath{Change: change, Mount: m})
		case allowed != nil:
			blocked = append(blocked, change)
		}
	}
	if allowed == nil {
		return s.written, nil
	}
	return blocked, allowed
}

func (s *Service) hasWritableMount() bool {
	return slices.ContainsFunc(s.Mounts, func(p MountPair) bool {
		m, ok := p.surface(s.Declared != nil)
		return ok && !m.ReadOnly
	})
}

// briefly is how short a run says next to nothing.
const briefly = time.Minute

func nothingSeen(s *Service, v Verdict) string {
	switch r := s.Recording; {
	case r != nil && r.Lost > 0:
		return fmt.Sprintf("nothing was recorded that a read-only root would refuse, but %d writes were lost", r.Lost)
	case r != nil && r.Starts == 0:
		return "nothing was recorded that a read-only root would refuse, but its start was not: restart it while it is recorded"
	case r != nil:
		return "nothing was recorded that a read-only root would refuse, in " + lasting(r.Took) + " only"
	case s.Unlisted:
		return "no engine has answered yet"
	case len(s.Containers) == 0:
		return "no container was created yet"
	case neverRan(s):
		return "its containers never ran"
	case len(answered(s.Changes)) == 0:
		for _, changes := range s.Changes {
			if changes.Err != "" {
				return "its changes could not be read: " + changes.Err
			}
		}
		return "its containers have not been asked for their changes yet"
	case len(v.Allowed) > 0:
		return "all it wrote in " + roughly(v.Watched) + " goes to declared mounts"
	case v.Watched < briefly:
		return "has run for " + roughly(v.Watched) + " only"
	default:
		return "nothing seen in " + roughly(v.Watched) + " is not nothing needed"
	}
}

// neverRan reports whether every container of a service was only created: such
// ones are not asked for changes, for nothing in them has written any.
func neverRan(s *Service) bool {
	return len(s.Containers) > 0 && !slices.ContainsFunc(s.Containers, func(c Container) bool { return !c.NeverRan() })
}

// evidence says what a verdict stands on.
func evidence(s *Service) string {
	asked := len(answered(s.Changes))
	over := watched(s)
	switch {
	case s.Unlisted:
		return "not asked yet"
	case len(s.Containers) == 0:
		return "not created"
	case neverRan(s):
		return "never ran"
	case asked == 0:
		return "not asked yet"
	}
	text := "changes over " + roughly(over)
	if len(s.written) == 0 {
		text = "no changes in " + roughly(over)
	}
	if asked < len(s.Containers) {
		text += fmt.Sprintf(", %d of %d containers asked", asked, len(s.Containers))
	}
	return text
}

// watched is the longest time that one of the containers has run before it was
// asked. Earlier runs of a restarted container are not known, though the writable
// layer has kept what they left. Engines note the end of a container that dies at
// once some milliseconds before its start (20.10), so that only its state tells
// whether an end is that of an earlier run.
func watched(s *Service) time.Duration {
	var longest time.Duration
	for _, changes := range s.Changes {
		i := slices.IndexFunc(s.Containers, func(c Container) bool { return c.ID == changes.Container })
		if i < 0 || changes.Taken.IsZero() || s.Containers[i].Started.IsZero() {
			continue
		}
		c := s.Containers[i]
		end := changes.Taken
		if !c.runs() && !c.Finished.IsZero() && c.Finished.Before(end) {
			end = c.Finished
		}
		longest = max(longest, end.Sub(c.Started))
	}
	return longest
}

// roughly says a duration in its largest unit.
func roughly(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", d/time.Hour)
	default:
		return Plural(int(d/(24*time.Hour)), "day")
	}
}
