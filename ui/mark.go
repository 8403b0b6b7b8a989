package ui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model/stack"
)

// setMark asks for changes first, and marks with the answers: what was written before
// is in them. Where nothing can be asked, what is known is all that there will be.
func (a *App) setMark() tea.Cmd {
	if a.stack == nil {
		return nil
	}
	asker := a.can.changes
	if asker == nil {
		a.mark = stack.NewMark(time.Time{})
		a.fillMark()
		return a.show()
	}
	a.mark = stack.NewMark(a.options.Now())
	a.say("asking for what changed so far, to tell what comes after it")
	return tea.Batch(a.show(), func() tea.Msg {
		asker.AskChanges()
		return nil
	})
}

func (a *App) forgetMark() tea.Cmd {
	said := "the mark is forgotten"
	if a.mark == nil {
		said = "there is no mark"
	}
	a.say(said)
	a.mark = nil
	return a.show()
}

// fillMark adds the services of a newer stack that have answered, and says when the
// one that somebody looks at has.
func (a *App) fillMark() {
	_, before := a.mark.Since(a.services.Selected())
	a.mark = a.mark.With(a.stack)
	if at, marked := a.mark.Since(a.services.Selected()); marked && !before {
		a.say("marked " + at.In(a.options.Zone).Format("15:04:05") + ": what changes from now on stands out")
	}
}
