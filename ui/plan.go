package ui

import (
	"context"
	"maps"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/model/plan"
	"petrify/ui/pane"
)

// Plans are made by these rules:
//
//   - Only while the preview or the plan is on screen, one service at a time: the
//     selected one first, then all that would break or were tried, for their second verdicts.
//     Those of services that were tried are made in any case.
//   - A plan is made again when what it is made from is another, and not each time that the
//     changes were looked at; that of the selected one also when more was recorded. What is
//     shown meanwhile is the plan before.
//   - They are kept by service. Mounts that somebody left out stay so.

// planning is the plans of services.
type planning struct {
	made       map[string]madePlan // by service
	asked      planQuestion        // the one under way
	generation int                 // of it
	cancel     context.CancelFunc
	off        map[string]map[string]bool // mounts left out, by service and target
	judged     map[string]model.Planned   // nil: to be made anew
}

// madePlan is the last plan of a service, and what it was made from.
type madePlan struct {
	basis         planBasis
	full, current *model.Plan // as it was made, and without the mounts left out
	err           error
}

// planBasis is what makes another plan when it changes. Lists are never changed, and stay
// where they are as long as they are the same.
type planBasis struct {
	declared  *model.Declared
	layers    *model.Change // the first of what the writable layers hold
	inLayers  int
	paths     int // that were recorded as well
	refused   int
	live      bool // more is recorded
	thorough  bool
	trial     *model.Trial
	instances int
	began     time.Time // or ended: the last of them
	restarts  int
}

// planQuestion is a service that is planned for; none where it has no name.
type planQuestion struct {
	service string
	basis   planBasis
}

func basisOf(s *model.Service) planBasis {
	b := planBasis{
		declared: s.Declared, inLayers: len(s.Layers.Root), paths: len(s.Evidence.Root) + len(s.Evidence.InMounts), refused: len(s.RefusedWrites()),
		live: s.Evidence.Live, thorough: s.Evidence.Thorough(), trial: s.Trial, instances: len(s.Containers),
	}
	if b.inLayers > 0 {
		b.layers = &s.Layers.Root[0]
	}
	for i := range s.Containers {
		c := &s.Containers[i]
		b.restarts += c.Restarts
		for _, at := range []time.Time{c.Started, c.Finished} {
			if at.After(b.began) {
				b.began = at
			}
		}
	}
	return b
}

// planMsg carries a plan that was asked for.
type planMsg struct {
	generation int
	plan       model.Plan
	err        error
}

// plan asks for the next plan that is missing or out of date.
func (a *App) plan(selected *model.Service) tea.Cmd {
	if !a.wantsPlans() {
		return nil
	}
	p := &a.planning
	next := a.nextToPlan(selected)
	switch {
	case next == nil:
		return nil
	case p.asked.service == next.Name:
		return nil // it is under way; what came since leads to the next one
	case p.asked.service != "" && next != selected:
		return nil // its turn comes
	case p.cancel != nil:
		p.cancel()
	}
	ctx, cancel := context.WithCancel(a.ctx)
	p.asked, p.cancel = planQuestion{next.Name, basisOf(next)}, cancel
	p.generation++
	generation, stack, service := p.generation, a.stack, next.Name
	return func() tea.Msg {
		plans, err := a.can.planner.Plans(ctx, stack, model.PlanOptions{}, service)
		if err != nil {
			return planMsg{generation: generation, err: err}
		}
		return planMsg{generation: generation, plan: plans[0]}
	}
}

func (a *App) wantsPlans() bool {
	return a.showsPlans() || a.stack != nil && a.can.planner != nil && a.someTried()
}

// showsPlans reports whether plans are on screen.
func (a *App) showsPlans() bool {
	return a.stack != nil && a.can.planner != nil && (a.preview || a.active == planPane)
}

// someTried reports whether the plan of a service was tried: the list says whether it is proved.
func (a *App) someTried() bool {
	return slices.ContainsFunc(a.stack.Services, func(s model.Service) bool { return s.Trial != nil })
}

// nextToPlan finds the service whose plan is wanted most; nil when all are there.
func (a *App) nextToPlan(selected *model.Service) *model.Service {
	all := a.showsPlans()
	if selected != nil && (all || selected.Trial != nil) {
		if made, ok := a.planning.made[selected.Name]; !ok || made.basis != basisOf(selected) {
			return selected
		}
	}
	for i := range a.stack.Services {
		s := &a.stack.Services[i]
		if s == selected || s.Trial == nil && !(all && s.Breaks()) {
			continue
		}
		basis := basisOf(s)
		made, ok := a.planning.made[s.Name]
		if basis.paths = made.basis.paths; !ok || made.basis != basis {
			return s
		}
	}
	return nil
}

// takePlan keeps a plan, unless another one has been asked for since.
func (a *App) takePlan(msg planMsg) tea.Cmd {
	p := &a.planning
	if msg.generation != p.generation {
		return nil
	}
	service := p.asked.service
	made := madePlan{basis: p.asked.basis, err: msg.err, full: p.made[service].full}
	if msg.err == nil {
		made.full = &msg.plan
	}
	p.asked = planQuestion{}
	p.keep(service, made)
	return a.show()
}

// keep keeps a plan, less the mounts that somebody left out.
func (p *planning) keep(service string, made madePlan) {
	if p.made == nil {
		p.made = map[string]madePlan{}
	}
	if made.full != nil {
		current := *made.full
		for target := range p.off[service] {
			current = current.Without(target)
		}
		made.current = &current
	}
	p.made[service], p.judged = made, nil
}

// switchMount leaves a planned mount of the selected service out, or takes it in again.
func (a *App) switchMount(target string) tea.Cmd {
	service := a.services.Selected()
	off := map[string]bool{}
	maps.Copy(off, a.planning.off[service])
	if off[target] = !off[target]; !off[target] {
		delete(off, target)
	}
	// Commands may still read the maps before: they are replaced, not changed.
	all := map[string]map[string]bool{}
	maps.Copy(all, a.planning.off)
	all[service] = off
	a.planning.off = all
	a.planning.keep(service, a.planning.made[service])
	return a.show()
}

// planned is what the panes show of the plan.
func (a *App) planned(s *model.Service) pane.Planned {
	var shown pane.Planned
	if s == nil {
		return shown
	}
	made := a.planning.made[s.Name]
	shown.Full, shown.Current, shown.Err, shown.Off = made.full, made.current, made.err, a.planning.off[s.Name]
	return shown
}

// verdicts are the second verdicts of services; nil as long as nobody asked for a plan.
// Those that are not there are still planned for.
func (a *App) verdicts() map[string]model.Planned {
	p := &a.planning
	if a.stack == nil || !a.wantsPlans() && len(p.made) == 0 {
		return nil
	}
	if p.judged != nil {
		return p.judged
	}
	p.judged = map[string]model.Planned{}
	for i := range a.stack.Services {
		s := &a.stack.Services[i]
		made := p.made[s.Name]
		switch {
		case made.current == nil && made.err != nil:
			p.judged[s.Name] = model.Planned{Outcome: model.NotKnown, Reason: made.err.Error()}
		case made.current != nil || !s.Breaks() && s.Trial == nil:
			p.judged[s.Name] = plan.Judge(s, made.current)
		}
	}
	return p.judged
}
