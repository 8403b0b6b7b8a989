package ui

import (
	"context"
	"maps"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/pane"
)

// planning is the plan of the selected service: what it was made from, and which
// of its mounts somebody left out.
type planning struct {
	service    string
	taken      time.Time // of the changes that it was made from
	recorded   recorded
	generation int // of the question under way
	cancel     context.CancelFunc
	full       *model.Plan
	err        error
	off        map[string]map[string]bool // by service and target
}

// recorded is what of a recording makes another plan: not each of its snapshots.
type recorded struct {
	paths int
	live  bool
}

func recordedOf(s *model.Service) recorded {
	return recorded{len(s.Recorded), s.Recording != nil && s.Recording.Live}
}

// planMsg carries a plan that was asked for.
type planMsg struct {
	generation int
	plan       model.Plan
	err        error
}

// plan asks for the plan of the selected service while it is on screen, and again
// when its changes are others. What is shown meanwhile is the plan before.
func (a *App) plan(s *model.Service) tea.Cmd {
	if s == nil || !a.preview && a.active != planPane {
		return nil
	}
	taken := pane.LastTaken(s)
	p := &a.planning
	if p.service == s.Name && p.taken.Equal(taken) && p.recorded == recordedOf(s) {
		return nil
	}
	if p.cancel != nil {
		p.cancel()
	}
	if p.service != s.Name {
		p.full, p.err = nil, nil
	}
	ctx, cancel := context.WithCancel(a.ctx)
	p.service, p.taken, p.recorded, p.cancel = s.Name, taken, recordedOf(s), cancel
	p.generation++
	generation, stack, service := p.generation, a.stack, s.Name
	return func() tea.Msg {
		plan, err := a.source.Plan(ctx, stack, service)
		return planMsg{generation, plan, err}
	}
}

// takePlan shows a plan, unless another one has been asked for since.
func (a *App) takePlan(msg planMsg) tea.Cmd {
	if msg.generation != a.planning.generation {
		return nil
	}
	a.planning.err = msg.err
	if msg.err == nil {
		a.planning.full = &msg.plan
	}
	return a.show()
}

// switchMount leaves a planned mount out, or takes it in again.
func (a *App) switchMount(target string) tea.Cmd {
	service := a.planning.service
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
	return a.show()
}

// planned is what the panes show of the plan.
func (a *App) planned(s *model.Service) pane.Planned {
	p := a.planning
	if s == nil || p.service != s.Name {
		return pane.Planned{AllOff: p.off}
	}
	shown := pane.Planned{Full: p.full, Off: p.off[s.Name], AllOff: p.off, Err: p.err}
	if p.full != nil {
		current := *p.full
		for target := range shown.Off {
			current = current.Without(target)
		}
		shown.Current = &current
	}
	return shown
}
