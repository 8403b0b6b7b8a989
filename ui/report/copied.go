package report

import (
	"fmt"
	"slices"
	"strings"

	"petrify/model"
)

// written are the blocked paths that a service wrote itself: not those that Compose
// copied in, nor the directories that were made for them.
func written(svc *model.Service) []model.Change {
	copied := svc.CopiedIn()
	var own []model.Change
	for _, change := range svc.Verdict.Blocked {
		if !slices.ContainsFunc(copied, func(c model.Change) bool { return model.Within(c.Path, change.Path) }) {
			own = append(own, change)
		}
	}
	return own
}

// copiedIn finds what Compose copies into the containers of a service: when it makes
// them, and while somebody watches.
func copiedIn(_ *Check, svc *model.Service) []Finding {
	var found []Finding
	for _, change := range svc.CopiedIn() {
		found = append(found, Finding{
			Subject: change.Path,
			Message: fmt.Sprintf("Compose copies %s into its containers, which it refuses on a read-only root", change.Path),
		})
	}
	if svc.Declared == nil || len(svc.Declared.Synced) == 0 {
		return found
	}
	f := Finding{
		Severity: Note, Subject: svc.Declared.Synced[0],
		Message: "docker compose watch copies files to " + strings.Join(svc.Declared.Synced, ", ") + ", which the engine refuses on a read-only root",
	}
	if svc.NextRoot() == model.RootReadOnly {
		f.Severity = Warning
	}
	return append(found, f)
}

// mountPoints finds mounts that keep their container from starting.
func mountPoints(_ *Check, svc *model.Service) []Finding {
	var found []Finding
	for _, c := range svc.Standing() {
		if missing, ok := missingPoint(svc, c); ok {
			found = append(found, Finding{Subject: missing.target, Message: fmt.Sprintf(
				"%s cannot start: nothing is at %s, where it has a mount, and %s is read-only: make the folder %s, or mount %s writable",
				c.Name, missing.target, missing.inside.Target, missing.place(), missing.inside.Target,
			)})
		}
	}
	return found
}

// missingMountPoint is the target of a mount that lies in a read-only one without it.
type missingMountPoint struct {
	target string
	inside model.Mount
}

// missingPoint finds the mount point that an engine could not make when it was to start
// a container, as its error says.
func missingPoint(svc *model.Service, c model.Container) (missingMountPoint, bool) {
	if !model.ReadOnlyFailure(c.Error) {
		return missingMountPoint{}, false
	}
	var best missingMountPoint
	for _, m := range c.Mounts {
		target := model.Canonical(m.Target)
		inside, ok := svc.Takes(model.Parent(target))
		if ok && inside.ReadOnly && strings.Contains(c.Error, target) && len(target) > len(best.target) {
			best = missingMountPoint{target, inside}
		}
	}
	return best, best.target != ""
}

// place is where the folder has to be made.
func (m missingMountPoint) place() string {
	below := strings.TrimPrefix(m.target, model.Canonical(m.inside.Target))
	if m.inside.Kind == model.Bind {
		return strings.TrimSuffix(m.inside.Source, "/") + below
	}
	return fmt.Sprintf("%s in %s %s", strings.TrimPrefix(below, "/"), m.inside.Kind, m.inside.Source)
}
