package ui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
)

// A tour presses keys by itself, waits for what they lead to, and ends with the first key of
// somebody else.
func TestTour(t *testing.T) { bubbled(testTour)(t) }

func testTour(t *testing.T) {
	source := newStill(shop())
	source.plan, source.plans = webPlan(), otherPlans()
	app := New(t.Context(), source, Options{Now: func() time.Time { return noon }, Zone: time.UTC, Files: &plansWritten{kept: map[string]string{}}, Tour: true})
	s := &screen{t, app}
	s.send(tea.WindowSizeMsg{Width: 120, Height: 30})
	s.run(app.next)
	goOn := func() {
		for range stopFor + 1 {
			s.send(tourMsg{})
		}
	}
	for _, want := range []string{"tour 1/8", "3 Changes", "READ-ONLY PREVIEW", "mended by", "Try the plan of worker"} {
		if text := s.text(); !strings.Contains(text, want) {
			t.Fatalf("no %q:\n%s", want, text)
		}
		goOn()
	}
	if s.keys("esc"); app.tour.on || strings.Contains(s.text(), "tour ") {
		t.Errorf("it goes on after a key:\n%s", s.text())
	}
}
