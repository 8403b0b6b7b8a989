package ui

import (
	"fmt"

	"petrify/model"
	"petrify/ui/clean"
)

// tellEnded says in the footer what came of a job that has ended since the stack before.
func (a *App) tellEnded(before *model.Stack) {
	if before == nil {
		return
	}
	if before.Recorder.State.UnderWay() && a.stack.Recorder.State == model.NoJob {
		a.toast = keptText(a.stack)
	}
	if !before.Trying.State.UnderWay() {
		return
	}
	for i := range a.stack.Services {
		s := &a.stack.Services[i]
		if was := before.Service(s.Name); s.Trial != nil && was != nil && s.Trial != was.Trial {
			a.toast = clean.Line(s.Name + ": " + s.Trial.String())
		}
	}
}

// keptText sums up what was recorded of a stack.
func keptText(stack *model.Stack) string {
	paths, refused := 0, 0
	for i := range stack.Services {
		s := &stack.Services[i]
		if s.Evidence.Has(model.FromRecording) {
			paths += len(s.Evidence.Writes)
			refused += len(s.RefusedWrites())
		}
	}
	return fmt.Sprintf("the recording is kept: %s, %d refused", model.Plural(paths, "path"), refused)
}
