package plan

import (
	"maps"
	"slices"

	"petrify/model"
)

// What a plan assumes, since a diff misses what is created and deleted again:
//
//   - /tmp and /var/tmp, where the image has them: programs of all kinds make files
//     there that leave no trace.
//   - The directories that a known program needs, where the image has them.
//   - Directories below /run that the image ships for the service's own user, who
//     could not make them.
//   - What a tmpfs on /run or /var/log hides of all these, and of the directories where
//     the service's programs have their logs.
//   - A volume where the service will have its data: see datadirs.go.
//   - A named volume in place of an anonymous one that may hold data: what is
//     written there is in no diff, and a new container gets another volume.
//
// A thorough recording sees what comes and goes. Where it saw nothing, only two things
// are assumed: what a planned mount hides, and a volume for data as long as the service
// was never seen to stop or to start again.
//
// Nothing is assumed below a mount that is there, on content of the image, or where the
// service may not write anyway. Each assumption says why.

// assumption is why a mount is planned that no write seen calls for.
type assumption struct {
	kind assumptionKind
	sign string // what tells that a program needs it
}

type assumptionKind int

const (
	assumedTemp assumptionKind = iota + 1
	assumedRun
	assumedHidden
	assumedData
	assumedOwn
	assumedNeed
)

// String says it to a reader.
func (a assumption) String() string {
	switch a.kind {
	case assumedTemp:
		return "the image has it, and files that are created and deleted there leave no trace"
	case assumedRun:
		return "the image ships it for the service's user, and pid files, sockets and locks come and go there"
	case assumedHidden:
		return "the image ships it, and the mount above hides it"
	case assumedData:
		return "it is an anonymous volume, where nobody sees what is written, and which is lost with its container"
	case assumedOwn:
		return "the image ships it empty for the service's user, so that its data will be there"
	default:
		return a.sign + " needs it"
	}
}

// assume adds what nothing seen calls for.
func (p *planner) assume() {
	thorough := p.service.Evidence.Thorough()
	assumed := p.assumptions()
	if !thorough {
		for _, dir := range slices.Sorted(maps.Keys(assumed)) {
			p.assumeTmpfs(dir, assumed[dir])
		}
	}
	p.assumeHidden(slices.AppendSeq(logsOf(p.service), maps.Keys(assumed)))
	for _, dir := range p.anonymous() {
		if !p.sureOfNothing() || p.recordedIn(dir) {
			p.plan.Mounts = append(p.plan.Mounts, p.named(dir))
		}
	}
	for _, dir := range p.dataDirs {
		p.assumeData(dir)
	}
}

// assumptions are the directories that a service may need as a tmpfs.
func (p *planner) assumptions() map[string]assumption {
	assumed := needsOf(p.service)
	for _, dir := range []string{"/tmp", "/var/tmp"} {
		if p.facts[dir].Known && p.facts[dir].Exists {
			assumed[dir] = assumption{kind: assumedTemp}
		}
	}
	for _, dir := range usualRunDirectories {
		fact, ok := p.facts.Owner(dir)
		_, known := assumed[dir]
		if ok && fact.Exists && p.user.known && !p.user.root && fact.UID == p.user.uid && !known {
			assumed[dir] = assumption{kind: assumedRun}
		}
	}
	return assumed
}

// assumeHidden adds what a planned tmpfs hides of these directories.
func (p *planner) assumeHidden(dirs []string) {
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		if above, ok := p.plan.Takes(dir); ok && above.Kind == model.Tmpfs && above.Mends == "" && above.Target != dir && p.facts[dir].Exists {
			p.add(dir, assumption{kind: assumedHidden})
		}
	}
}

// recordedIn says whether a recording saw writes in a mount.
func (p *planner) recordedIn(target string) bool {
	return slices.ContainsFunc(p.service.Evidence.Writes, func(w model.Write) bool { return w.Mount == target })
}

// assumeTmpfs adds a tmpfs, where it is of use and hides nothing.
func (p *planner) assumeTmpfs(dir string, why assumption) {
	dir = p.facts.Resolve(dir)
	fact := p.facts[dir]
	if fact.Known && (!fact.Exists || fact.Type != model.Directory || !p.mayWrite(fact)) {
		return
	}
	if !volatile(dir) && p.facts.HasContent(dir) || p.runsFrom(dir) {
		return
	}
	if _, planned := p.plan.Takes(dir); planned || p.plannedBelow(dir) {
		return
	}
	p.add(dir, why)
}

// add adds a tmpfs that is assumed, unless a mount of the service is there.
func (p *planner) add(dir string, why assumption) {
	dir = p.facts.Resolve(dir)
	if _, ok := p.service.Takes(dir); ok || p.planned(dir) {
		return
	}
	class := Classify(dir, model.Modified, p.service.Image).Class
	m := model.PlannedMount{
		Kind: model.Tmpfs, Target: dir, Class: class, Size: leastSize(class), Assumed: why.String(),
		Reason: "what is written there may vanish with the container", Better: "a recording that shows that nothing is written there",
	}
	p.setOwner(&m)
	if p.facts.HasFiles(dir) {
		m.AddWarning(hidesFiles)
	}
	p.takeOver(&m)
	p.plan.Mounts = append(p.plan.Mounts, m)
}

// takeOver gives a mount what lands in it and was served by one above.
func (p *planner) takeOver(m *model.PlannedMount) {
	for i := range p.plan.Mounts {
		above := &p.plan.Mounts[i]
		if !model.Within(m.Target, above.Target) {
			continue
		}
		kept := make([]model.Change, 0, len(above.Serves))
		for _, change := range above.Serves {
			if model.Within(change.Path, m.Target) {
				m.Serves = append(m.Serves, change)
			} else {
				kept = append(kept, change)
			}
		}
		above.Serves = kept
	}
}

func (p *planner) planned(dir string) bool {
	return slices.ContainsFunc(p.plan.Mounts, func(m model.PlannedMount) bool { return m.Target == dir })
}

// plannedBelow says whether what a service wrote in a directory has mounts deeper
// down, so that nothing calls for one on the whole.
func (p *planner) plannedBelow(dir string) bool {
	return slices.ContainsFunc(p.plan.Mounts, func(m model.PlannedMount) bool { return m.Assumed == "" && model.Within(m.Target, dir) })
}

// mayWrite says whether the service may write to a directory as it is: where it
// may not, a tmpfs with the same owner is of no use.
func (p *planner) mayWrite(dir model.ImagePath) bool {
	return p.user.root || dir.UID != 0 || dir.OwnerUnknown || dir.Mode&0o022 != 0
}

// anonymous returns the targets of anonymous volumes that may hold data.
func (p *planner) anonymous() []string {
	found := map[string]bool{}
	for _, pair := range p.service.Mounts {
		m, ok := pair.InForce(p.service.Declared != nil)
		if ok && m.Kind == model.Volume && (m.Anonymous || m.FromImage || m.Source == "") && !m.ReadOnly {
			found[p.facts.Resolve(pair.Target)] = true
		}
	}
	if p.service.Image != nil && len(p.service.Containers) == 0 {
		for _, target := range p.service.Image.Volumes {
			if m, ok := p.service.Takes(model.Canonical(target)); !ok || m.Target != model.Canonical(target) {
				found[p.facts.Resolve(target)] = true
			}
		}
	}
	var targets []string
	for _, target := range slices.Sorted(maps.Keys(found)) {
		if Classify(target, model.Modified, nil).Class.Keeps() && !p.planned(target) {
			targets = append(targets, target)
		}
	}
	return targets
}

// named is a named volume in place of an anonymous one.
func (p *planner) named(target string) model.PlannedMount {
	class := Classify(target, model.Modified, nil).Class
	m := model.PlannedMount{
		Kind: model.Volume, Target: target, Class: class, Assumed: assumption{kind: assumedData}.String(), CopiesUp: p.facts[target].Known && p.facts.HasContent(target),
		Reason: "what is written there might have to survive the container", Better: "a volume that the Compose file names",
	}
	m.AddWarning("it starts without what the anonymous volume holds, which stays behind: copy it first (docker cp)")
	return m
}

// sayAnonymous tells of anonymous volumes where no assumption may name them.
func (p *planner) sayAnonymous() {
	for _, target := range p.anonymous() {
		p.plan.Blind = append(slices.Clip(p.plan.Blind), model.BlindSpot{Kind: model.BlindAnonymous, Detail: target})
	}
}
