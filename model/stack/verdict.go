package stack

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"petrify/model"
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
//   - A service on a read-only root is read-only, also where it is refused what it wants
//     to write: that is told with it.
//   - A service of which a thorough recording saw no such write would run: see
//     recorded.go.
//   - Everything else is unknown. Seeing no write proves no absence of need: a
//     diff misses what was created and deleted again, and every failed write.

// judge returns the verdict on a service whose mounts and writes are laid.
func judge(s *model.Service) model.Verdict {
	v := model.Verdict{Watched: s.Evidence.Watched, Evidence: describe(s), Blind: s.Evidence.Blind}
	if !s.Evidence.Looked() {
		v.Blind = blindToDiff
	}
	live := s.LiveRoot()
	readOnly := s.NextRoot() == model.RootReadOnly
	copied := s.CopiedIn()
	if readOnly && live != model.RootWritable && len(copied) == 0 {
		return judgeReadOnly(s, v)
	}
	v.Blocked, v.Allowed = s.Refused()
	v.Blocked = with(v.Blocked, copied)
	switch {
	case len(v.Blocked) > 0:
		v.Outcome = model.WouldBreak
		v.Reason = breaks(v.Blocked, copied)
		if readOnly && live == model.RootWritable {
			v.Reason = "declared read-only but runs on a writable root: " + v.Reason
		}
	case readOnly:
		v.Outcome = model.IsReadOnly
		v.Reason = "declared read-only but runs on a writable root: create its containers again"
	case live == model.RootReadOnly:
		v.Outcome = model.NotKnown
		v.Reason = "runs on a read-only root, but its files declare a writable one"
	case s.Evidence.Thorough():
		v.Outcome = model.WouldRun
		v.Reason = "recorded for " + model.DurationText(s.Evidence.Recorded().FromStart) + " from its start on, it wrote nothing that a read-only root would refuse"
	default:
		v.Outcome = model.NotKnown
		v.Reason = nothingSeen(s, v)
	}
	return v
}

// judgeReadOnly returns the verdict on a service that is read-only already.
func judgeReadOnly(s *model.Service, v model.Verdict) model.Verdict {
	v.Outcome, v.Blind = model.IsReadOnly, s.Evidence.LogLimits()
	for _, w := range s.RefusedWrites() {
		v.Blocked = append(v.Blocked, w.Change())
	}
	switch {
	case len(v.Blocked) > 0:
		v.Reason, v.Blind = "runs read-only, and was refused "+model.Plural(len(v.Blocked), "write"), s.Evidence.Blind
		return v
	case s.UnplacedRefusals() > 0:
		v.Reason = "its root is read-only, and its log tells of " + model.Plural(s.UnplacedRefusals(), "refused write") + " without a path"
	case s.LiveRoot() == model.RootUnknown:
		v.Reason = "declared with a read-only root"
	default:
		v.Reason = "its root is read-only"
	}
	v.Evidence = ""
	return v
}

// breaks says why a service would break.
func breaks(blocked, copied []model.Change) string {
	own := 0
	for _, change := range blocked {
		// Not the copied file, nor a directory made for it.
		if !slices.ContainsFunc(copied, func(c model.Change) bool { return change.Kind == model.Added && model.Within(c.Path, change.Path) }) {
			own++
		}
	}
	wrote := "wrote to " + model.Plural(own, "path") + " of its root"
	copies := "Compose copies " + model.Plural(len(copied), "file") + " into its root, which it refuses on a read-only one"
	switch {
	case len(copied) == 0:
		return wrote
	case own == 0:
		return copies
	default:
		return wrote + ", and " + copies
	}
}

// with adds those of some changes whose paths are not there yet.
func with(changes, some []model.Change) []model.Change {
	for _, change := range some {
		if !slices.ContainsFunc(changes, func(c model.Change) bool { return c.Path == change.Path }) {
			changes = append(changes[:len(changes):len(changes)], change)
		}
	}
	return changes
}

// briefly is how short a run says next to nothing.
const briefly = time.Minute

func nothingSeen(s *model.Service, v model.Verdict) string {
	switch {
	case len(s.Evidence.Sittings) > 0:
		return "nothing was recorded that a read-only root would refuse, " + notThorough(s.Evidence.Recorded())
	case !s.Evidence.Looked():
		return s.NotSeen()
	case len(v.Allowed) > 0:
		return "all it wrote in " + roughly(v.Watched) + " goes to declared mounts"
	case v.Watched < briefly:
		return "has run for " + roughly(v.Watched) + " only"
	default:
		return "nothing seen in " + roughly(v.Watched) + " is not nothing needed"
	}
}

// notThorough says why what was not recorded does not count.
func notThorough(sum model.SittingSum) string {
	switch {
	case sum.Starts == 0:
		return "but its start was not: restart it while it is recorded"
	case sum.Lost > 0:
		return "but writes were lost " + model.Times(int(sum.Lost))
	case sum.Garbled > 0:
		return "but " + model.Plural(sum.Garbled, "report") + " could not be read"
	default:
		return "in " + model.DurationText(sum.FromStart) + " from its start only"
	}
}

// describe says what a verdict stands on. What was found in one way does not hide
// what was found in another.
func describe(s *model.Service) string {
	var parts []string
	recorded := s.Evidence.Has(model.FromRecording)
	if s.Evidence.Has(model.FromChanges) || !recorded {
		parts = append(parts, describeChanges(s))
	}
	if recorded {
		parts = append(parts, s.Evidence.Recorded().String()+", "+model.ProcessCount(len(s.Evidence.Processes)))
	}
	if s.Evidence.Has(model.FromTrial) {
		parts = append(parts, "a trial of "+model.DurationText(s.Trial.Took))
	}
	if s.Evidence.Has(model.FromLogs) {
		parts = append(parts, "its log")
	}
	return strings.Join(parts, "; ")
}

func describeChanges(s *model.Service) string {
	switch s.Unseen() {
	case model.NotListed, model.NotAsked:
		return "not asked yet"
	case model.NotMade:
		return "not created"
	case model.NeverStarted:
		return "never ran"
	case model.Unreadable:
		return "not read"
	}
	asked := len(answered(s.Changes))
	over := s.Layers.Watched
	text := "changes over " + roughly(over)
	if len(s.Layers.Root) == 0 {
		text = "no changes in " + roughly(over)
	}
	if asked < len(s.Containers) {
		text += fmt.Sprintf(", %d of %d containers asked", asked, len(s.Containers))
	}
	return text
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
		return model.Plural(int(d/(24*time.Hour)), "day")
	}
}
