package model

import (
	"slices"
	"strings"
)

// What a plan assumes, since a diff misses what is created and deleted again:
//
//   - /tmp, where the image has it: programs of all kinds make files there that
//     leave no trace.
//   - The directories that a known program needs, where the image has them.
//   - Directories below /run that the image ships for the service's own user, who
//     could not make them.
//   - What a tmpfs on /run hides of all these, and of /run/lock, which is there for
//     everybody.
//   - A named volume in place of an anonymous one that may hold data: what is
//     written there is in no diff, and a new container gets another volume.
//
// A thorough recording sees what comes and goes: where it saw none, nothing is
// assumed but what a planned mount hides.
//
// Nothing is assumed below a mount that is there, nor over content of the image,
// nor where the service may not write anyway. Each assumption says why.

const (
	assumedTemp = "the image has /tmp, and files that are created and deleted there leave no trace"
	assumedRun  = "the image ships it for the service's user, and pid files, sockets and locks come and go there"
	assumedHid  = "the image ships it, and the mount above hides it"
	assumedData = "it is an anonymous volume, where nobody sees what is written, and which is lost with its container"
)

// assume adds what nothing seen calls for.
func (p *planner) assume() {
	thorough := p.service.Recording.Thorough()
	known := needsOf(p.service)
	if p.facts["/tmp"].Known && p.facts["/tmp"].Exists {
		known["/tmp"] = assumedTemp
	}
	for _, dir := range usualRunDirectories {
		fact, ok := p.facts.owner(dir)
		if ok && fact.Exists && p.user.known && !p.user.root && fact.UID == p.user.uid && known[dir] == "" {
			known[dir] = assumedRun
		}
	}
	for _, dir := range sortedKeys(known) {
		why := known[dir]
		if thorough {
			break
		}
		if why != assumedTemp && why != assumedRun {
			why += " needs it"
		}
		p.assumeTmpfs(dir, strings.TrimSpace(why))
	}
	known["/run/lock"] = assumedHid
	for _, dir := range sortedKeys(known) {
		if above, ok := p.plan.Takes(dir); ok && above.Kind == Tmpfs && above.Target != dir && p.facts[dir].Exists {
			p.add(dir, assumedHid)
		}
	}
	for _, dir := range p.anonymous() {
		if !thorough || p.recordedIn(dir) {
			p.plan.Mounts = append(p.plan.Mounts, p.named(dir))
		}
	}
}

// recordedIn says whether a recording saw writes in a mount.
func (p *planner) recordedIn(target string) bool {
	return slices.ContainsFunc(p.service.Recording.Writes, func(w Written) bool { return w.Mount == target })
}

// assumeTmpfs adds a tmpfs, where it is of use and hides nothing.
func (p *planner) assumeTmpfs(dir, why string) {
	dir = p.facts.resolve(dir)
	fact := p.facts[dir]
	if fact.Known && (!fact.Exists || fact.Type != Directory || !p.mayWrite(fact)) {
		return
	}
	if !volatile(dir) && p.facts.content(dir) || p.runsFrom(dir) {
		return
	}
	if _, planned := p.plan.Takes(dir); planned || p.plannedBelow(dir) {
		return
	}
	p.add(dir, why)
}

// add adds a tmpfs that is assumed, unless a mount of the service is there.
func (p *planner) add(dir, why string) {
	dir = p.facts.resolve(dir)
	if _, ok := p.service.takes(dir); ok || p.planned(dir) {
		return
	}
	class := Classify(dir, Modified, p.service.Image).Class
	m := PlannedMount{
		Kind: Tmpfs, Target: dir, Class: class, Size: leastSize(class), Assumed: why,
		Reason: "what is written there may vanish with the container", Better: "a recording that shows that nothing is written there",
	}
	p.own(&m)
	if p.facts.files(dir) {
		m.addWarning(hidesFiles)
	}
	p.hand(&m)
	p.plan.Mounts = append(p.plan.Mounts, m)
}

// hand gives a mount what lands in it and was served by one above.
func (p *planner) hand(m *PlannedMount) {
	for i := range p.plan.Mounts {
		above := &p.plan.Mounts[i]
		if !within(m.Target, above.Target) {
			continue
		}
		kept := make([]Change, 0, len(above.Serves))
		for _, change := range above.Serves {
			if within(change.Path, m.Target) {
				m.Serves = append(m.Serves, change)
			} else {
				kept = append(kept, change)
			}
		}
		above.Serves = kept
	}
}

func (p *planner) planned(dir string) bool {
	return slices.ContainsFunc(p.plan.Mounts, func(m PlannedMount) bool { return m.Target == dir })
}

// plannedBelow says whether what a service wrote in a directory has mounts deeper
// down, so that nothing calls for one on the whole.
func (p *planner) plannedBelow(dir string) bool {
	return slices.ContainsFunc(p.plan.Mounts, func(m PlannedMount) bool { return m.Assumed == "" && within(m.Target, dir) })
}

// mayWrite says whether the service may write to a directory as it is: where it
// may not, a tmpfs with the same owner is of no use.
func (p *planner) mayWrite(dir ImagePath) bool {
	return p.user.root || dir.UID != 0 || dir.Mode&0o022 != 0
}

// anonymous returns the targets of anonymous volumes that may hold data.
func (p *planner) anonymous() []string {
	found := map[string]bool{}
	for _, pair := range p.service.Mounts {
		m, ok := pair.surface(p.service.Declared != nil)
		if ok && m.Kind == Volume && (m.Anonymous || m.FromImage || m.Source == "") && !m.ReadOnly {
			found[p.facts.resolve(pair.Target)] = true
		}
	}
	if p.service.Image != nil && len(p.service.Containers) == 0 {
		for _, target := range p.service.Image.Volumes {
			if m, ok := p.service.takes(canonical(target)); !ok || m.Target != canonical(target) {
				found[p.facts.resolve(target)] = true
			}
		}
	}
	var targets []string
	for _, target := range sortedKeys(found) {
		if Classify(target, Modified, nil).Class.Keeps() && !p.planned(target) {
			targets = append(targets, target)
		}
	}
	return targets
}

// named is a named volume in place of an anonymous one.
func (p *planner) named(target string) PlannedMount {
	class := Classify(target, Modified, nil).Class
	m := PlannedMount{
		Kind: Volume, Target: target, Class: class, Assumed: assumedData, CopiesUp: p.facts[target].Known && p.facts.content(target),
		Reason: "what is written there might have to survive the container", Better: "a volume that the Compose file names",
	}
	m.addWarning("it starts without what the anonymous volume holds, which stays behind: copy it first (docker cp)")
	return m
}

// sayAnonymous tells of anonymous volumes where no assumption may name them.
func (p *planner) sayAnonymous() {
	for _, target := range p.anonymous() {
		p.plan.Blind = append(slices.Clip(p.plan.Blind), "what is in the anonymous volume at "+target+", which is lost with its container")
	}
}
