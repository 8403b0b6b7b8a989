package ui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/pane"
)

// What is waited for shows by these rules: nothing in the first half second; then what
// it is, how far it is and who takes longest, with a sign that moves. It moves only
// while something is waited for.

const (
	silentFor  = 500 * time.Millisecond
	spinsEvery = 250 * time.Millisecond // as often as stacks come
)

// waits is what has been waited for, and since when.
type waits struct {
	since   time.Time // zero: nothing is
	ticking bool
}

// spinMsg moves the sign of what is waited for.
type spinMsg time.Time

// noteWaiting notes since when something is waited for.
func (a *App) noteWaiting() {
	switch {
	case len(a.stack.Waiting) == 0:
		a.waits.since = time.Time{}
	case a.waits.since.IsZero():
		a.waits.since = a.now
		for _, w := range a.stack.Waiting {
			for _, asked := range w.On {
				if asked.Since.Before(a.waits.since) {
					a.waits.since = asked.Since
				}
			}
		}
	}
}

// spin ticks while something is waited for.
func (a *App) spin() tea.Cmd {
	if a.waits.ticking || a.waits.since.IsZero() {
		return nil
	}
	a.waits.ticking = true
	return tea.Tick(spinsEvery, func(time.Time) tea.Msg { return spinMsg(a.options.Now()) })
}

func (a *App) takeSpin(msg spinMsg) tea.Cmd {
	a.waits.ticking = false
	a.now = time.Time(msg)
	return tea.Batch(a.show(), a.spin())
}

// waitingText says what is waited for, in a long and in a short form; "" where nothing
// is, or not for long.
func (a *App) waitingText() (long, short string) {
	if a.stack == nil || a.waits.since.IsZero() || a.now.Sub(a.waits.since) < silentFor {
		return "", ""
	}
	w := firstOpen(a.stack.Waiting)
	sign := pane.Spinner(a.now) + " "
	short = sign + string(w.Step)
	if w.Open() && w.Total > 0 {
		short = sign + fmt.Sprintf("%d/%d", w.Done, w.Total)
	}
	return sign + clean.Line(w.Text(a.now)), short
}

// firstOpen is the step that the others wait for.
func firstOpen(all []model.Waiting) model.Waiting {
	for _, w := range all {
		if w.Open() {
			return w
		}
	}
	return all[0]
}
