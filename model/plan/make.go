// Package plan finds the mounts with which a service runs on a read-only root, from
// the evidence of what it writes.
package plan

import (
	"maps"
	"slices"

	"petrify/model"
)

// From writes to mounts. The rules, in order:
//
//   - A service that declares a read-only root is left alone, unless it is refused writes:
//     then it gets the mounts that it lacks for them, and no others.
//   - Nothing is planned for a service if nothing is known of its writes.
//   - One into whose containers Compose copies files gets its mounts, and stays on a
//     writable root.
//   - Mounts that are declared take what they take; a plan has only the rest, and what
//     mends those that do not do: see mend.go.
//   - The mounts of a plan in use stay: see inuse.go.
//   - Code and packages never get a mount of their own: they are alarms. What a
//     service runs on without, and what a person left, gets none either.
//   - A mount goes to the deepest directory that takes what was written, and what
//     is likely to be written like it: an uploads folder, not its folder of May;
//     the whole of a directory that the service made itself.
//   - What must survive gets a named volume, and so does a directory that holds
//     something of the image, as only a volume copies that up (Docker never fills
//     a tmpfs). Everything else gets a tmpfs. /tmp and /run may be empty at any
//     start by their definition: a tmpfs goes there whatever the image left in
//     them, unless the service changes or runs it.
//   - A volume where the image has no directory belongs to root (Docker 20.10), so
//     that for other users it goes to the directory above, which the image has.
//   - A mount that another one replaces is not there.
//   - What tmpfs hold counts as memory: see memory.go.
//   - A plan that a trial proved is the plan: see proved.go.
//   - What lies among files of the image may be no reason to open them: see among.go.

// Make returns the mounts with which a service runs on a read-only root. The
// same service, facts and options make the same plan, whatever the order in
// which an engine listed the changes.
func Make(s *model.Service, facts model.Facts, opt model.PlanOptions) model.Plan {
	inUse := s.PlanInUse()
	p := planner{service: s.WithoutPlan(), facts: facts, plan: model.Plan{Service: s.Name, StartsAs: s.StartsAs}}
	p.user = userOf(p.service)
	already := p.service.NextRoot() == model.RootReadOnly
	p.keepInUse(inUse, opt.Earlier)
	p.mendMounts(opt.Earlier)
	if already && len(p.plan.Mounts) == 0 && len(wanted(p.service)) == 0 {
		return p.leftAlone()
	}
	if !s.Evidence.Looked() && len(inUse) == 0 && (!already || len(p.plan.Mounts) == 0) {
		return model.Plan{Service: s.Name, StartsAs: s.StartsAs, NotSeen: s.NotSeen()}
	}
	p.plan.Evidence, p.plan.Blind, p.plan.Thorough = s.Verdict.Evidence, s.Verdict.Blind, s.Evidence.Thorough()
	p.plan.Since, p.plan.At = s.EvidenceSpan()
	if facts.OwnersUnknown() {
		p.plan.Blind = append(slices.Clip(p.plan.Blind), model.BlindSpot{Kind: model.BlindOwners})
	}
	if len(s.CopiedIn()) > 0 {
		p.plan.Stays = model.StaysCopiedIn
	}
	p.leaveSynced()
	p.hint(opt.Earlier)
	if !opt.NoAssumptions && !already {
		p.findDataDirs()
	}
	p.choose(surveyOf(p.service, facts))
	for _, at := range p.sites {
		p.plan.Mounts = append(p.plan.Mounts, p.mount(at))
	}
	switch {
	case already:
		p.assumeHidden(hideable(&p))
	case opt.NoAssumptions:
		p.sayAnonymous()
	default:
		p.assume()
	}
	p.sayUnused()
	slices.SortFunc(p.plan.Mounts, func(a, b model.PlannedMount) int { return model.ComparePaths(a.Target, b.Target) })
	p.fitMemory()
	p.nameVolumes()
	p.warn()
	p.explainOpen()
	p.keepOpen(opt.Earlier)
	if !opt.NoAssumptions {
		p.plan = withProof(s, p.plan)
	}
	if opt.Earlier != nil && sameButForEvidence(p.plan, *opt.Earlier) {
		before := *opt.Earlier
		before.StartsAs = s.StartsAs
		return before
	}
	return p.plan
}

// hideable are the directories that a service may need where a planned tmpfs hides them.
func hideable(p *planner) []string {
	return slices.AppendSeq(logsOf(p.service), maps.Keys(p.assumptions()))
}

// leftAlone is the plan of a service that is read-only already and lacks nothing that a
// plan could add.
func (p *planner) leftAlone() model.Plan {
	p.plan.Already = true
	for _, change := range p.service.CopiedIn() {
		p.leave(write{Change: change}, model.OpenCopiedIn, "")
	}
	p.leaveSynced()
	p.explainOpen()
	return p.plan
}

// choose finds where mounts go.
func (p *planner) choose(seen survey) {
	p.sendToPlaces(seen)
	p.joinSiblings()
	p.joinBroad()
	p.joinPairs()
	p.choosePlaces()
	for p.moveToDisk() {
		p.choosePlaces()
	}
	p.assignLeading(seen.leading)
}

// choosePlaces moves what was written until each site can have the mount that it needs.
func (p *planner) choosePlaces() {
	for p.assignToDeepest() || p.moveUpToImage() {
	}
	p.leaveAmongFiles()
	p.dropCovered()
}

// sureOfNothing says that nothing seen means nothing written, in a directory for data as
// well.
func (p *planner) sureOfNothing() bool {
	return p.service.Evidence.Thorough() && !p.plan.Hinted(model.HintRestart)
}

// hint tells what was never seen. A plan in use has containers of its own: what was seen
// of those before holds as long as it does.
func (p *planner) hint(earlier *model.Plan) {
	inUse := p.kept > 0 || p.service.LiveRoot() == model.RootReadOnly
	if !p.service.SeenToRestart() && (!inUse || earlier == nil || earlier.Hinted(model.HintRestart)) {
		p.plan.Hints = append(p.plan.Hints, model.HintRestart)
	}
}

// planner makes one plan.
type planner struct {
	service *model.Service
	facts   model.Facts
	user    user
	plan    model.Plan
	kept    int              // so many of its mounts are those of the plan in use, before they are sorted
	sites   []*site          // by target
	seen    map[string]int64 // how much was seen in a planned tmpfs, by its target
	// dataDirs are where the service will have its data.
	dataDirs []string
	alarms   []write
	left     []leftOut
	faulty   []model.Unsolved // declared mounts that no plan mends
}
