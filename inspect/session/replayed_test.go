package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/inspect/replay"
	"petrify/model"
)

// capturedTrial is a capture with nothing but the trial of one service, as it is read.
func capturedTrial(t *testing.T) *replay.Capture {
	t.Helper()
	capturer := replay.NewCapturer(nil, time.Now, func(_ string, body []byte) []byte { return body })
	steps := []model.TrialStep{{Kind: model.StartStep, Took: time.Minute}, {Kind: model.ReadyStep, Took: time.Second, Answer: "healthy"}}
	err := capturer.Trial(replay.Trial{
		Service: "web", Consent: model.Consent{Images: []string{"petrify"}, Networks: []model.NewNetwork{{Name: "petrify-try-web"}}},
		Plan: model.Plan{Service: "web", Mounts: []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run", Mode: 0o755, Size: 1 << 20}}},
		Runs: []model.Run{{Steps: steps, Took: time.Minute}, {Steps: steps, Took: time.Hour}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	if err := capturer.Write(&content, replay.About{Name: "shop", Project: "shop"}); err != nil {
		t.Fatal(err)
	}
	capture, err := replay.Open(&content)
	if err != nil {
		t.Fatal(err)
	}
	return capture
}

// A captured trial takes the way of a live one: question, steps, result.
func TestCapturedTrialIsPlayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		played := &playedTrials{capture: capturedTrial(t)}
		shown := &shownTrials{}
		stack, from := triedStackOf("web", "db")
		trying := newTrying(t.Context(), played, planner{from: from}, &playedProofs{}, shown)
		trying.now = played.now
		consent, err := trying.TrialConsent(t.Context(), stack, model.TrialOptions{}, "web")
		if err != nil || len(consent.Networks) != 1 || !strings.Contains(fmt.Sprint(consent.Notes), "nothing is created") {
			t.Errorf("%v, %+v", err, consent)
		}
		if err := trying.StartTrial(t.Context(), stack, model.TrialOptions{}, "web"); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for trying.job.UnderWay() && time.Since(began) < time.Minute {
			time.Sleep(100 * time.Millisecond)
		}
		tried := shown.kept
		if len(tried) != 1 || tried[0].Result != model.TrialProved || len(tried[0].Plan.Mounts) != 1 || tried[0].Took != time.Hour+time.Minute {
			t.Errorf("tried was %v", tried)
		}
		if took := time.Since(began); took < 6*time.Second || took > 10*time.Second {
			t.Errorf("two runs of a step of a minute and one of a second are played in %v", took)
		}
	})
}

// What was not captured is not made up.
func TestWhatIsNoCapturedTrial(t *testing.T) {
	played := &playedTrials{capture: capturedTrial(t)}
	for name, ask := range map[string]func() error{
		"no trial of db": func() error { _, err := played.Open(t.Context(), nil, "db", model.TrialOptions{}, nil); return err },
		"some of the mounts": func() error {
			_, err := played.Consent(t.Context(), nil, []string{"web"}, model.TrialOptions{Without: []string{"/run"}})
			return err
		},
		"no more runs": func() error { _, err := (&playedCopies{}).Run(t.Context(), nil, nil); return err },
	} {
		if err := ask(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	copied, err := played.Open(ctx, nil, "web", model.TrialOptions{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := copied.Run(ctx, nil, func(model.TrialStep) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("cut off, it ends with %v", err)
	}
}
