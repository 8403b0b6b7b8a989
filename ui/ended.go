package ui

import (
	"fmt"
	"time"

	"petrify/model"
	"petrify/ui/clean"
)

// tellEnded says in the footer what came of a job that has ended since the stack before.
func (a *App) tellEnded(before *model.Stack) {
	if before == nil {
		return
	}
	if before.Recorder.State.UnderWay() && a.stack.Recorder.State == model.NoJob {
		a.say(keptText(a.stack))
	}
	if !before.Trying.State.UnderWay() {
		return
	}
	if !a.stack.Trying.State.UnderWay() {
		a.say("the trial has ended")
	}
	for i := range a.stack.Services {
		s := &a.stack.Services[i]
		if was := before.Service(s.Name); s.Trial != nil && was != nil && s.Trial != was.Trial {
			a.say(clean.Line(s.Name + ": " + s.Trial.String()))
		}
	}
}

// keptText sums up what was recorded of a stack, and for how long the last time.
func keptText(stack *model.Stack) string {
	paths, refused := 0, 0
	var took time.Duration
	for i := range stack.Services {
		s := &stack.Services[i]
		if s.Evidence.Has(model.FromRecording) {
			paths += len(s.Evidence.Writes)
			if n := len(s.Evidence.Sittings); n > 0 {
				took = max(took, s.Evidence.Sittings[n-1].Ran)
			}
			refused += len(s.RefusedWrites())
		}
	}
	return fmt.Sprintf("kept %s: %s, %d refused", model.DurationText(took), model.Plural(paths, "path"), refused)
}
