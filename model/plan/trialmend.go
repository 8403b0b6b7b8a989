package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"petrify/model"
)

// How a plan is mended by what a trial showed. The rules, in order:
//
//   - A mount that the service was refused in is changed: exec where a program was to be
//     run, the owner where somebody else was refused, the size where it was full.
//   - What was refused on the root gets mounts by the same rules as any plan (Make). What the
//     unmodified copy wrote tells where they go and what they are for. Only those that
//     take something that was refused are added.
//   - What was refused to the unmodified copy as well, the plan cannot mend.
//   - Where nothing of this helps, and the service did not run as the unmodified copy did,
//     it misses something without being refused: directories of the image that a planned
//     tmpfs hides; then whatever the unmodified copy wrote.
//   - Code never gets a mount, nor what Make leaves out. Where the service ran all the
//     same, it is tolerated.

// AsTried is a service as a trial knows it: with what its unmodified copy wrote, and what
// was refused to the one with a plan.
func AsTried(s *model.Service, baseline, run *model.Run) *model.Service {
	tried := *s.WithoutPlan()
	tried.Evidence = baseline.Evidence
	tried.Evidence.Merge(run.Evidence)
	return &tried
}

// Mend changes a plan by what a run with it showed, and says what it changed. Where no change
// would help, the plan has the same mounts, and says what is left open.
func Mend(s *model.Service, facts model.Facts, tried model.Plan, baseline, run *model.Run) (model.Plan, []model.Mending) {
	m := newMender(s, facts, tried, baseline, run)
	m.changeMounts()
	m.addFor(m.refused(), m.whyRefused)
	if len(m.what) == 0 && !run.Went(baseline) {
		m.addHidden()
	}
	if len(m.what) == 0 && !run.Went(baseline) {
		m.addFor(m.written(), m.whyWritten)
	}
	return m.finish()
}

// mender mends one plan.
type mender struct {
	planner
	tried         model.Plan
	baseline, run *model.Run
	what          []model.Mending
}

func newMender(s *model.Service, facts model.Facts, tried model.Plan, baseline, run *model.Run) *mender {
	m := &mender{tried: tried, baseline: baseline, run: run}
	m.planner = planner{service: AsTried(s, baseline, run), facts: facts, plan: tried, kept: len(tried.Mounts)}
	m.user = userOf(m.service)
	m.seen = maps.Clone(run.Used) // so that none is cut below that
	m.plan.Mounts = slices.Clone(tried.Mounts)
	m.plan.Alarms, m.plan.Unsolved = nil, nil
	return m
}

func (m *mender) mended(target string, kind model.MendingKind, why string) {
	m.what = append(m.what, model.Mending{Target: target, Kind: kind, Why: why})
}

// refused are the paths on the root that were refused because of the plan.
func (m *mender) refused() map[string]*model.Write {
	paths := map[string]*model.Write{}
	for i := range m.run.Evidence.Writes {
		w := &m.run.Evidence.Writes[i]
		if w.Blocked() && w.OnRoot() && !m.refusedAnyway(w) {
			paths[m.facts.ResolveWrite(w.Path)] = w
		}
	}
	return paths
}

// refusedAnyway reports whether a write was refused to the unmodified copy in the same way.
func (m *mender) refusedAnyway(w *model.Write) bool {
	before := m.baseline.Evidence.Find(w.Path)
	return before != nil && before.Blocked() && before.Refusal.Err == w.Refusal.Err
}

// written are the paths that the unmodified copy wrote on its root.
func (m *mender) written() map[string]*model.Write {
	paths := map[string]*model.Write{}
	for _, change := range m.baseline.Evidence.Root {
		paths[m.facts.ResolveWrite(change.Path)] = m.baseline.Evidence.Find(change.Path)
	}
	return paths
}

// addFor adds the mounts that take some of these paths.
func (m *mender) addFor(paths map[string]*model.Write, why func([]*model.Write) string) {
	if len(paths) == 0 {
		return
	}
	m.sites, m.alarms, m.left = nil, nil, nil
	m.choose(surveyOf(m.service, m.facts))
	var added []string
	for _, at := range m.sites {
		var takes []*model.Write
		for _, w := range at.writes {
			if seen := paths[w.Path]; seen != nil {
				takes = append(takes, seen)
			}
		}
		if len(takes) == 0 {
			continue
		}
		mount := m.mount(at)
		m.plan.Mounts = append(m.plan.Mounts, mount)
		m.mended(mount.Target, model.MountAdded, why(takes))
		added = append(added, mount.Target)
	}
	m.addHiddenBy(added)
}

func (m *mender) whyRefused(writes []*model.Write) string {
	first := writes[0]
	text := cmp.Or(first.Refusal.Call, "a write") + " of " + first.Path + " was refused"
	if who := m.run.Evidence.Who(first); len(who) > 0 {
		text += " to " + who[0]
	}
	return text + andMore(len(writes)-1)
}

func (m *mender) whyWritten(writes []*model.Write) string {
	first := writes[0]
	text := "the unmodified copy wrote " + first.Path
	if who := m.baseline.Evidence.Who(first); len(who) > 0 {
		text += " (" + who[0] + ")"
	}
	return text + andMore(len(writes)-1)
}

func andMore(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %s more", model.Plural(n, "path"))
}

// addHiddenBy adds what new tmpfs hide of the directories that a service may need.
func (m *mender) addHiddenBy(added []string) {
	before := len(m.plan.Mounts)
	m.assumeHidden(hideable(&m.planner))
	kept := m.plan.Mounts[:before]
	for _, mount := range m.plan.Mounts[before:] {
		for _, target := range added {
			if model.Within(mount.Target, target) {
				kept = append(kept, mount)
				m.mended(mount.Target, model.MountAdded, "the image ships it, and the mount at "+target+" hides it")
				break
			}
		}
	}
	m.plan.Mounts = kept
}

// addHidden adds the directories of the image that tmpfs hide, and that the unmodified copy
// wrote to.
func (m *mender) addHidden() {
	for i := range m.baseline.Evidence.Writes {
		w := &m.baseline.Evidence.Writes[i]
		dir := model.Parent(m.facts.ResolveWrite(w.Path))
		above, ok := m.plan.Takes(dir)
		if !ok || above.Kind != model.Tmpfs || above.Target == dir || !m.facts.HasDirectory(dir) || m.planned(dir) || !w.Wrote() {
			continue
		}
		before := len(m.plan.Mounts)
		m.add(dir, assumption{kind: assumedHidden})
		if len(m.plan.Mounts) > before {
			m.mended(dir, model.MountAdded, m.whyWritten([]*model.Write{w})+" in it, and the mount at "+above.Target+" hides it")
		}
	}
}

// finish puts the mended plan together.
func (m *mender) finish() (model.Plan, []model.Mending) {
	slices.SortFunc(m.plan.Mounts, func(a, b model.PlannedMount) int { return model.ComparePaths(a.Target, b.Target) })
	slices.SortStableFunc(m.what, func(a, b model.Mending) int { return model.ComparePaths(a.Target, b.Target) })
	m.fitMemory()
	m.nameVolumes()
	m.warn()
	m.explainOpen()
	m.keepWhatIsOpen()
	mended := m.plan.Restored()
	return mended, m.what
}

// keepWhatIsOpen adds what the plan left open before, as long as no mount takes it now.
func (m *mender) keepWhatIsOpen() {
	restored := m.plan.Restored()
	keep := func(open []model.Unsolved, before []model.Unsolved) []model.Unsolved {
		for _, u := range before {
			known := slices.ContainsFunc(open, func(o model.Unsolved) bool { return o.Path == u.Path && o.Reason == u.Reason })
			taken := u.Reason == model.OpenLeftOut && slices.ContainsFunc(u.Writes, func(c model.Change) bool {
				_, ok := restored.Takes(c.Path)
				return ok
			})
			if !known && !taken {
				open = append(open, u)
			}
		}
		slices.SortStableFunc(open, func(a, b model.Unsolved) int { return model.ComparePaths(a.Path, b.Path) })
		return open
	}
	m.plan.Alarms = keep(m.plan.Alarms, m.tried.Alarms)
	m.plan.Unsolved = keep(m.plan.Unsolved, m.tried.Unsolved)
}
