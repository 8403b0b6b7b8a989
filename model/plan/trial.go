package plan

import (
	"fmt"
	"slices"
	"time"

	"petrify/model"
)

// How a trial goes on. It is decided here, and nothing is run:
//
//   - First the baseline. Where that fails, no plan can be judged.
//   - Then the plan, in rounds. What a round showed mends it for the next one.
//   - A round that went as the baseline did, and showed nothing to mend, proves the plan. What
//     was refused all the same is tolerated.
//   - Where a round did not go as the baseline did, and nothing is to be mended, the trial
//     has failed. One in which nothing was refused is first run once more: a busy machine
//     is no plan's fault.
//   - Where mounts are to be taken away, the proved plan is tried without each mount in
//     which nothing was seen to be written, assumed ones first, and then with sizes for
//     what was in its tmpfs. What does not hold is undone.

// Everything stands for all mounts of a plan where some are to be left out.
const Everything = "*"

// StartOf is the plan that a trial begins with.
func StartOf(p model.Plan, without []string) (model.Plan, error) {
	for _, target := range without {
		if target == Everything {
			for _, m := range p.Mounts {
				p = p.Without(m.Target)
			}
			continue
		}
		fewer := p.Without(target)
		if len(fewer.Mounts) == len(p.Mounts) {
			return p, fmt.Errorf("the plan of %s has no mount at %s", p.Service, target)
		}
		p = fewer
	}
	p.NotSeen, p.Already = "", false // the trial shows what it takes
	return p, nil
}

// Rounds is a trial under way, round by round.
type Rounds struct {
	service *model.Service
	trial   model.Trial
	based   bool             // the baseline was run
	proved  *model.Plan      // by the last round that held
	allowed []model.Write    // that were tolerated in it
	used    map[string]int64 // how much was in its tmpfs
	unused  []string         // targets of mounts that are still to be taken away
	sized   bool             // sizes were tried
	again   bool             // a round that nothing explains was run once more
}

// NewRounds begins a trial of a service and plan.
func NewRounds(s *model.Service, project string, p model.Plan, o model.TrialOptions, began time.Time) *Rounds {
	return &Rounds{service: s, trial: model.Trial{
		Project: project, Service: s.Name, ImageID: s.ImageID(), Definition: s.Definition(), Plan: p, Options: o, Began: began,
	}}
}

// Trial is what has become of it so far.
func (t *Rounds) Trial(now time.Time) *model.Trial {
	trial := t.trial
	trial.Rounds = slices.Clip(trial.Rounds)
	trial.Took = now.Sub(trial.Began)
	return &trial
}

// Next is what to run next: a plan, or the unmodified copy (nil); false when the trial is over.
func (t *Rounds) Next() (p *model.Plan, more bool) {
	switch {
	case t.trial.Result != "":
		return nil, false
	case !t.based:
		return nil, true
	default:
		tried := t.trial.Plan
		return &tried, true
	}
}

// TakeBaseline takes the run of the unmodified copy.
func (t *Rounds) TakeBaseline(run model.Run) {
	t.based, t.trial.Baseline = true, run
	if failed := run.Failed(); failed != nil || len(run.Steps) == 0 {
		t.trial.Result, t.trial.Reason = model.TrialNoBaseline, "the unmodified copy does not work either"
		if failed != nil {
			t.trial.Reason += ": " + failed.String()
		}
	}
}

// Paths are those whose facts are needed to take a run.
func (t *Rounds) Paths(run *model.Run) []string {
	return Paths(AsTried(t.service, &t.trial.Baseline, run))
}

// Take takes the run of the plan that came last, and decides how the trial goes on.
func (t *Rounds) Take(run model.Run, facts model.Facts) {
	mended, what := Mend(t.service, facts, t.trial.Plan, &t.trial.Baseline, &run)
	t.trial.Rounds = append(slices.Clip(t.trial.Rounds), model.Round{Run: run, Mended: what})
	t.trial.Plan = mended
	round := t.trial.Last()
	held := len(what) == 0 && run.Went(&t.trial.Baseline)
	switch {
	case held:
		t.hold(round)
	case t.proved != nil:
		t.undo(round)
	case len(what) == 0 && !t.again && len(run.Evidence.RefusedPaths()) == 0:
		t.again = true
		return
	case len(what) == 0:
		t.trial.Result, t.trial.Reason = model.TrialFailed, t.whyFailed(&run)
		return
	case len(t.trial.Rounds) >= model.MostRounds:
		t.trial.Result, t.trial.Reason = model.TrialUnfinished, fmt.Sprintf("%d rounds were not enough", model.MostRounds)
		return
	default:
		return
	}
	t.minimise(round)
}

// hold notes that the plan was proved by a round.
func (t *Rounds) hold(round *model.Round) {
	first := t.proved == nil
	proved := t.trial.Plan
	t.proved, t.used, t.allowed = &proved, round.Used, round.Evidence.RefusedPaths()
	if first && t.trial.Options.Minimise {
		t.unused = unusedIn(proved, &round.Run)
	}
}

// undo returns to the proved plan: what was changed of it does not hold.
func (t *Rounds) undo(round *model.Round) {
	var undone []model.Mending
	for _, m := range t.proved.Mounts {
		i := slices.IndexFunc(t.trial.Plan.Mounts, func(other model.PlannedMount) bool { return other.Target == m.Target })
		switch {
		case i < 0:
			undone = append(undone, model.Mending{Target: m.Target, Kind: model.MountAdded, Why: "it does not run without: " + t.whyFailed(&round.Run)})
		case t.trial.Plan.Mounts[i].Size != m.Size:
			undone = append(undone, model.Mending{Target: m.Target, Kind: model.SizeMended, Why: "it does not run with less: " + t.whyFailed(&round.Run)})
		}
	}
	round.Mended = undone
	t.trial.Plan = *t.proved
}

// minimise changes the proved plan for another round, or ends the trial.
func (t *Rounds) minimise(round *model.Round) {
	t.trial.Plan = *t.proved
	if len(t.unused) > 0 {
		target := t.unused[0]
		t.unused = t.unused[1:]
		t.trial.Plan = t.proved.Without(target)
		round.Mended = append(round.Mended, model.Mending{Target: target, Kind: model.MountRemoved, Why: "nothing was seen to be written there"})
		return
	}
	if t.trial.Options.Minimise && !t.sized {
		t.sized = true
		smaller, what := fitSizes(*t.proved, t.used)
		if len(what) > 0 {
			t.trial.Plan = smaller
			round.Mended = append(round.Mended, what...)
			return
		}
	}
	t.trial.Plan = t.proved.Restored()
	t.trial.Result, t.trial.Tolerated = model.TrialProved, t.allowed
}

// unusedIn are the targets of mounts that nothing was seen to be written to, assumed ones
// first.
func unusedIn(p model.Plan, run *model.Run) []string {
	var assumed, others []string
	for _, m := range p.Mounts {
		written := slices.ContainsFunc(run.Evidence.Writes, func(w model.Write) bool { return w.Mount == m.Target && w.Wrote() })
		switch {
		case written:
		case m.Assumed != "":
			assumed = append(assumed, m.Target)
		default:
			others = append(others, m.Target)
		}
	}
	return append(assumed, others...)
}

// fitSizes makes tmpfs as large as what was in them needs, with room to grow.
func fitSizes(p model.Plan, used map[string]int64) (model.Plan, []model.Mending) {
	p.Mounts = slices.Clone(p.Mounts)
	var what []model.Mending
	for i := range p.Mounts {
		m := &p.Mounts[i]
		most, known := used[m.Target]
		size := powerOfTwo(max(usualLeast, growth*most))
		if m.Kind != model.Tmpfs || !known || size >= m.Size {
			continue
		}
		m.Size = size
		what = append(what, model.Mending{Target: m.Target, Kind: model.SizeMended, Why: fmt.Sprintf("at most %s were in it: size=%s", roughSize(most), model.SizeText(size))})
	}
	return p, what
}

// whyFailed says what went wrong in a run, and what it was refused.
func (t *Rounds) whyFailed(run *model.Run) string {
	var text string
	switch failed := run.Failed(); {
	case failed != nil:
		text = failed.String()
	case run.Went(&t.trial.Baseline):
		text = "it was refused writes"
	default:
		text = run.Differs(&t.trial.Baseline)
	}
	refused := run.Evidence.RefusedPaths()
	if len(refused) > 0 {
		text += "; refused: " + run.Evidence.RefusedText(&refused[0]) + andMore(len(refused)-1)
	}
	return text
}

// Stop ends a trial before it has a result.
func (t *Rounds) Stop(why string) {
	if t.trial.Result == "" {
		t.trial.Result, t.trial.Reason = model.TrialUnfinished, why
	}
	if t.proved != nil {
		t.trial.Plan = t.proved.Restored()
		t.trial.Result, t.trial.Reason, t.trial.Tolerated = model.TrialProved, "", t.allowed
	}
}
