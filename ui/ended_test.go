package ui

import (
	"strings"
	"testing"

	"petrify/model"
)

// When a recording or a trial has ended, the footer says what came of it, until a key is pressed.
func TestWhatHasEndedIsSummedUp(t *testing.T) {
	bubbled(func(t *testing.T) {
		trying := shop()
		trying.Trying = model.Trying{Job: model.Job{Kind: model.TrialJob, State: model.JobRunning}}
		recorded := recordedShop()
		recorded.Recorder = model.Recorder{}
		source := newStill(shop())
		source.anyPlan = true
		screen := open(t, source, 110, 30)
		for _, test := range []struct {
			stack *model.Stack
			want  string // in the last line
		}{
			{trying, "help"},
			{triedShop(webTrial(model.TrialProved)), "web: proved: 2 rounds"},
			{recordedShop(), "web: proved"},
			{recorded, "6 paths, 0 refused"},
		} {
			screen.send(stackMsg{stack: test.stack})
			text := strings.TrimSpace(screen.text())
			if last := text[strings.LastIndexByte(text, '\n')+1:]; !strings.Contains(last, test.want) {
				t.Errorf("the footer is %q, want %q in it", last, test.want)
			}
		}
		if text := screen.keys("down").text(); strings.Contains(text, "kept") {
			t.Error("it stays after a key")
		}
	})(t)
}
