package plan

import (
	"slices"
	"strings"

	"petrify/model"
)

// A plan in use, and what becomes of it:
//
//   - Its mounts are kept, for the writes that they take are not seen any more: they do
//     not reach the root. Their reasons are those of the plan that made them, where it is
//     known.
//   - What is found to be written beside them gets mounts of its own.
//   - Where a thorough recording saw nothing written to one of them, it is kept as well,
//     with a note that it is unused: the user may leave it out.
//   - A plan that comes to the same as the one before is the one before, with its dates:
//     planning twice gives the same bytes.

const reasonInUse = "the plan in use has it, and what it takes is not seen any more"

// keepInUse starts the plan with the mounts of the one in use.
func (p *planner) keepInUse(inUse []model.Mount, earlier *model.Plan) {
	for _, m := range inUse {
		kept := p.inUse(m, earlier)
		if p.planned(kept.Target) {
			continue
		}
		p.plan.Mounts = append(p.plan.Mounts, kept)
	}
	p.kept = len(p.plan.Mounts)
}

// inUse is a mount as it was planned or, where nobody knows that, as it is.
func (p *planner) inUse(m model.Mount, earlier *model.Plan) model.PlannedMount {
	target := p.facts.Resolve(m.Target)
	if earlier != nil {
		i := slices.IndexFunc(earlier.Mounts, func(e model.PlannedMount) bool { return e.Target == target && e.Kind == m.Kind })
		if i >= 0 {
			return earlier.Mounts[i]
		}
	}
	kept := model.PlannedMount{
		Kind: m.Kind, Target: target, Class: Classify(target, model.Modified, nil).Class,
		Assumed: reasonInUse, Reason: "it may be written to again", Better: "a recording that shows that nothing is written there",
	}
	if m.Instead != nil {
		kept.Mends = "the plan in use declares it anew"
	}
	if m.Kind == model.Volume {
		kept.Volume = strings.TrimPrefix(m.Source, p.projectName()+"_")
		return kept
	}
	settings := m.TmpfsSettings()
	p.setOwner(&kept)
	if settings.HasMode {
		kept.Mode, kept.UID, kept.GID = settings.Mode, settings.UID, settings.GID
	}
	kept.Size, kept.Exec = settings.Size, settings.Exec
	if kept.Size == 0 {
		kept.Size = leastSize(kept.Class)
	}
	return kept
}

func (p *planner) projectName() string {
	if len(p.service.Containers) == 0 {
		return ""
	}
	return p.service.Containers[0].Project
}

// takenInUse gives a write to the mount in use that holds it, and reports whether
// there is one.
func (p *planner) takenInUse(w write) bool {
	var holder *model.PlannedMount
	for i := range p.plan.Mounts[:p.kept] {
		m := &p.plan.Mounts[i]
		if model.Within(w.Path, m.Target) && (holder == nil || len(m.Target) > len(holder.Target)) {
			holder = m
		}
	}
	if holder == nil {
		return false
	}
	at, known := slices.BinarySearchFunc(holder.Serves, w.Change, model.ByPath)
	if !known {
		holder.Serves = slices.Insert(slices.Clone(holder.Serves), at, w.Change)
	}
	return true
}

// sayUnused tells of mounts in use that nothing is written to.
func (p *planner) sayUnused() {
	e := &p.service.Evidence
	if !e.Thorough() {
		return
	}
	for i := range p.plan.Mounts[:p.kept] {
		m := &p.plan.Mounts[i]
		m.Unused = ""
		within := func(c model.Change) bool { return model.Within(c.Path, m.Target) }
		if !slices.ContainsFunc(e.Root, within) && !slices.ContainsFunc(e.InMounts, within) {
			m.Unused = "nothing was written there, " + e.Recorded().String()
		}
	}
}

// keepOpen adds what was open when the plan in use was made: it is refused by now, and
// not seen any more.
func (p *planner) keepOpen(earlier *model.Plan) {
	if earlier == nil || p.kept == 0 {
		return
	}
	add := func(open *[]model.Unsolved, before []model.Unsolved) {
		for _, u := range before {
			if u.Reason == model.OpenCopiedIn || u.Reason == model.OpenSynced {
				continue // the files tell that anew
			}
			if !slices.ContainsFunc(*open, func(o model.Unsolved) bool { return o.Path == u.Path && o.Reason == u.Reason }) {
				*open = append(*open, u)
			}
		}
		slices.SortStableFunc(*open, func(a, b model.Unsolved) int { return model.ComparePaths(a.Path, b.Path) })
	}
	add(&p.plan.Alarms, earlier.Alarms)
	add(&p.plan.Unsolved, earlier.Unsolved)
}

// sameButForEvidence reports whether two plans differ in their evidence only, and that is
// no better.
func sameButForEvidence(a, b model.Plan) bool {
	if a.Thorough != b.Thorough {
		return false
	}
	a.Evidence, b.Evidence = "", ""
	return a.String() == b.String()
}
