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
				"%s cannot start: nothing is at %s, where it has a mount, and %s is read-only: make %s, or mount %s writable",
				c.Name, missing.target, missing.inside.Target, missing.folders(), missing.inside.Target,
			)})
		}
	}
	return found
}

// missingMountPoint is the target of a mount that lies in a read-only one without it.
type missingMountPoint struct {
	target string
	inside model.Mount
	// beside are all targets in that read-only mount, sorted. The engine names the one that
	// it tried first, in no order, and would name the next one only at the next start.
	beside []string
}

// missingPoint finds the mount point that an engine could not make when it was to start
// a container, as its error says.
func missingPoint(svc *model.Service, c model.Container) (missingMountPoint, bool) {
	if !model.ReadOnlyFailure(c.Error) {
		return missingMountPoint{}, false
	}
	var named missingMountPoint
	targets := make(map[string][]string) // by the read-only mount around them
	for _, m := range c.Mounts {
		target := model.Canonical(m.Target)
		inside, ok := svc.Takes(model.Parent(target))
		if !ok || !inside.ReadOnly {
			continue
		}
		targets[inside.Target] = append(targets[inside.Target], target)
		if strings.Contains(c.Error, target) && len(target) > len(named.target) {
			named = missingMountPoint{target: target, inside: inside}
		}
	}
	named.beside = slices.Sorted(slices.Values(targets[named.inside.Target]))
	return named, named.target != ""
}

// folders says which folders have to be made.
func (m missingMountPoint) folders() string {
	if len(m.beside) == 1 {
		return "the folder " + m.place(m.target)
	}
	places := make([]string, len(m.beside))
	for i, target := range m.beside {
		places[i] = m.place(target)
	}
	return "the folders " + strings.Join(places, " and ") + " where they are missing"
}

// place is where the folder of a target has to be made.
func (m missingMountPoint) place(target string) string {
	below := strings.TrimPrefix(target, model.Canonical(m.inside.Target))
	if m.inside.Kind == model.Bind {
		return strings.TrimSuffix(m.inside.Source, "/") + below
	}
	return fmt.Sprintf("%s in %s %s", strings.TrimPrefix(below, "/"), m.inside.Kind, m.inside.Source)
}
