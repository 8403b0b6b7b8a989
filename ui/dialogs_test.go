package ui

import (
	"context"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
	"petrify/ui/pane"
)

func TestDialogFrames(t *testing.T) {
	helper := recorderConsent()
	regular := model.FileInfo{Type: model.Regular, Mode: 0o644, Owner: "root", Size: 12}
	index := model.Comparison{
		Path:     "/var/www/html/index.php",
		Now:      model.Version{Exists: true, Info: regular, Content: []byte("<?php\nevil();\n")},
		Original: model.Version{Exists: true, Info: regular, Content: []byte("<?php\ngood();\n")},
	}
	for _, frame := range []struct {
		name          string
		width, height int
		keys          string
	}{
		{"record", 60, 18, "R"},
		{"help", 60, 18, "?"},
		{"help-scrolled", 60, 18, "? end"},
		{"export", 60, 18, "@web 4 e"},
		{"export-help", 60, 18, "@web 4 e ?"},
		{"diff", 60, 18, "@web 3 end up enter"},
		{"diff-wide", 120, 30, "@web 3 enter end up enter"},
		{"record-tiny", 24, 8, "R"},
	} {
		t.Run(frame.name, bubbled(func(t *testing.T) {
			source := newStill(shop())
			source.consent, source.plan, source.anyPlan = helper, webPlan(), true
			source.compare = map[string]model.Comparison{index.Path: index}
			golden.RequireEqual(t, open(t, source, frame.width, frame.height).keys(frame.keys).text()+"\n")
		}))
	}
}

// agreeable is a job that remembers that it was agreed to.
func agreeable(begun *int) pane.Job {
	return pane.Job{
		Title: "Job",
		Terms: func(context.Context) pane.Terms { return pane.Terms{Question: "Begin it?", Agree: "begin"} },
		Begin: func() tea.Cmd { *begun++; return nil },
	}
}

// What lies behind a dialog hears nothing, also where a filter is being typed.
func TestDialogsAreModal(t *testing.T) {
	for name, test := range map[string]struct {
		before string
		do     func(s *screen)
	}{
		"a filter of services": {"/ w", func(s *screen) { s.keys("e b") }},
		"a filter of changes":  {"@web 3 / p", func(s *screen) { s.keys("h p") }},
		"keys of the frame":    {"@cache 2", func(s *screen) { s.keys("3 ] r tab m / j enter") }},
		"a click on a service": {"@cache", func(s *screen) { s.send(tea.MouseClickMsg{X: 4, Y: 8, Button: tea.MouseLeft}) }},
		"a click on a tab":     {"@cache", func(s *screen) { s.send(tea.MouseClickMsg{X: 70, Y: 3, Button: tea.MouseLeft}) }},
		"the wheel":            {"@cache", func(s *screen) { s.send(tea.MouseWheelMsg{X: 4, Y: 8, Button: tea.MouseWheelDown}) }},
	} {
		t.Run(name, bubbled(func(t *testing.T) {
			s := open(t, newStill(shop()), 120, 30).keys(test.before)
			before := s.text()
			begun := 0
			s.send(pane.DialogMsg{Dialog: pane.NewConsent(t.Context(), agreeable(&begun))})
			asked := s.text()
			if !strings.Contains(asked, "Begin it?") {
				t.Fatalf("no question:\n%s", asked)
			}
			if test.do(s); s.text() != asked {
				t.Errorf("something moved behind the question:\n%s", s.text())
			}
			if s.keys("esc"); s.text() != before {
				t.Errorf("the frame is not as it was before:\n%s", s.text())
			}
			if begun != 0 {
				t.Error("it began without being agreed to")
			}
		}))
	}
}

// The keys on a dialog's border are buttons.
func TestButtonsOfDialogs(t *testing.T) {
	bubbled(func(t *testing.T) {
		begun := 0
		s := open(t, newStill(shop()), 120, 30)
		ask := func() { s.send(pane.DialogMsg{Dialog: pane.NewConsent(t.Context(), agreeable(&begun))}) }
		ask()
		if s.clickOn("y begin"); begun != 1 {
			t.Errorf("begun %d times after a click on the button", begun)
		}
		ask()
		if s.clickOn("esc leave it"); begun != 1 || strings.Contains(s.text(), "Begin it?") {
			t.Errorf("begun %d times, or the question is still there:\n%s", begun, s.text())
		}
	})(t)
}

// One key agrees once, however fast it is pressed again, and none does before the
// terms are on screen or after the question was left.
func TestConsentIsGivenOnce(t *testing.T) {
	bubbled(func(t *testing.T) {
		begun := 0
		s := open(t, newStill(shop()), 120, 30)
		consent := pane.NewConsent(t.Context(), agreeable(&begun))
		_, asking := s.app.Update(pane.DialogMsg{Dialog: consent})
		if s.keys("y"); begun != 0 {
			t.Fatal("agreed to terms that were not shown")
		}
		s.run(asking)
		if s.keys("y y"); begun != 1 {
			t.Errorf("begun %d times, want once", begun)
		}
		_, asking = s.app.Update(pane.DialogMsg{Dialog: pane.NewConsent(t.Context(), agreeable(&begun))})
		s.keys("esc")
		s.run(asking)
		if s.keys("y"); begun != 1 || strings.Contains(s.text(), "Begin it?") {
			t.Errorf("a question that was left came back:\n%s", s.text())
		}
	})(t)
}

// The keys of a dialog are explained over it, and it is still there afterwards.
func TestDialogsLieOnEachOther(t *testing.T) {
	bubbled(func(t *testing.T) {
		source := newStill(shop())
		source.plan, source.anyPlan = webPlan(), true
		s := open(t, source, 100, 30).keys("@web 4 e ?")
		if text := s.text(); !strings.Contains(text, "─ Keys of the dialog") {
			t.Errorf("no help for the export:\n%s", text)
		}
		if text := s.keys("esc").text(); strings.Contains(text, "─ Keys of the dialog") || !strings.Contains(text, "compose.readonly.yaml") {
			t.Errorf("the export is not below the help:\n%s", text)
		}
		if text := s.keys("esc").text(); strings.Contains(text, "compose.readonly.yaml") {
			t.Errorf("the export is still there:\n%s", text)
		}
	})(t)
}
