package session

import (
	"context"
	"fmt"
	"time"

	"github.com/moby/moby/client"

	"petrify/inspect/engine"
	"petrify/inspect/helper"
	"petrify/inspect/replay"
	"petrify/inspect/trial"
	"petrify/model"
)

// CaptureTrials tries the plans that a capture leads to at its end, on the engine where it
// was made and while its stack still runs. What plans ask the engine for meanwhile goes
// through asked, which captures it; what is made goes through changes.
func CaptureTrials(ctx context.Context, capture *replay.Capture, asked, changes *client.Client, each func(replay.Trial) error) error {
	end := capture.At(capture.Duration())
	replayed, _, err := Replay(ctx, end, time.Now)
	if err != nil {
		return err
	}
	stack, err := replayed.Complete(ctx, func([]model.Waiting) {})
	if err != nil {
		return err
	}
	own := trial.New(changes, engine.New(changes, model.Engine{}), helper.New(changes), nil)
	for i := range stack.Services {
		name := stack.Services[i].Name
		if !stack.Services[i].WantsProof() || !stack.Services[i].CanBeTried() {
			continue
		}
		plans, err := replayed.Plans(ctx, stack, model.PlanOptions{}, name)
		if err != nil {
			return err
		}
		t := newTrying(ctx, startingWith{copyMaker{own}, plans[0]}, planner{from: engine.New(asked, model.Engine{})}, &playedProofs{}, unseen{})
		consent, err := t.TrialConsent(ctx, stack, model.TrialOptions{}, name)
		if err != nil {
			return err
		}
		tried, err := t.try(ctx, func(func(*model.Job)) {}, stack, model.TrialOptions{}, name)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		captured := replay.Trial{Service: name, Consent: consent, Plan: plans[0], Runs: []model.Run{tried.Baseline}}
		for _, round := range tried.Rounds {
			captured.Runs = append(captured.Runs, round.Run)
		}
		if err := each(captured); err != nil {
			return err
		}
	}
	return nil
}

// startingWith makes copies for one plan.
type startingWith struct {
	copyMaker
	plan model.Plan
}

func (s startingWith) Start(string) *model.Plan { return &s.plan }

// unseen is a stack that shows no trial.
type unseen struct{}

func (unseen) Project() string          { return "" }
func (unseen) ShowTrying(model.Trying)  {}
func (unseen) ShowTried([]*model.Trial) {}
