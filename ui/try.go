package ui

import (
	"context"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/pane"
)

// trying reports whether a trial is under way, or about to be.
func (a *App) trying() bool {
	if a.stack == nil {
		return false
	}
	state := a.stack.Trying.State
	return state == model.JobStarting || state == model.JobRunning
}

// pressTry asks before it tries the plan of the selected service, or those of the whole
// stack, and stops what is under way at once.
func (a *App) pressTry(all bool) tea.Cmd {
	if a.trying() {
		a.say("the trial ends")
		return func() tea.Msg {
			a.can.trier.StopTrial()
			return jobMsg{}
		}
	}
	if a.stack == nil {
		return nil
	}
	services, options := a.toTry(all)
	if len(services) == 0 {
		a.say("there is nothing to try: no service with a container is without a read-only root")
		return nil
	}
	stack := a.stack // it is what somebody agrees to
	return a.dialogs.show(pane.NewConsent(a.ctx, pane.Job{
		Title: "Try",
		Terms: func(ctx context.Context) pane.Terms {
			consent, err := a.can.trier.TrialConsent(ctx, stack, options, services...)
			return trialTerms(services, options, consent, err)
		},
		Begin: func() tea.Cmd {
			a.say("the trial starts")
			return func() tea.Msg { return jobMsg{a.can.trier.StartTrial(a.ctx, stack, options, services...)} }
		},
	}))
}

// toTry are the services whose plans are tried, and how. Mounts of the selected service that
// somebody left out stay out.
func (a *App) toTry(all bool) ([]string, model.TrialOptions) {
	options := model.TrialOptions{Data: model.CopiedData}
	if s := a.service(); s != nil && !all {
		for target, off := range a.planning.off[s.Name] {
			if off {
				options.Without = append(options.Without, target)
			}
		}
		slices.Sort(options.Without)
		return []string{s.Name}, options
	}
	var services []string
	for i := range a.stack.Services {
		if s := &a.stack.Services[i]; s.WantsProof() && s.CanBeTried() {
			services = append(services, s.Name)
		}
	}
	return services, options
}

// trialTerms says exactly what would be created.
func trialTerms(services []string, o model.TrialOptions, consent model.Consent, err error) pane.Terms {
	terms := pane.Terms{
		Question: "Try the plan of " + strings.Join(services, ", ") + " on throw-away copies?", Agree: "try",
		Creates: pane.Creates(consent), Problem: consent.Problem,
		Text: "petrify creates what is listed, runs each copy as it is and then with its plan, uses it, restarts it and stops it, " +
			"mends the plan by what is refused, and removes all of it. The services themselves are left alone.",
	}
	if len(o.Without) > 0 {
		terms.Text += " The plan is tried without " + strings.Join(o.Without, ", ") + "."
	}
	if err != nil {
		terms.Problem = &model.Problem{Text: err.Error()}
	}
	return terms
}
