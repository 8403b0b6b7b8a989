package ui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// tourStop is one place of a tour: the keys that lead there, and what is to be seen.
type tourStop struct{ keys, text string }

// tourStops lead from what is written to a plan that is proved.
var tourStops = []tourStop{
	{"", "the worst service first: what it wrote, and that it would break"},
	{"3", "every path it wrote: added (+), modified (~), deleted (-)"},
	{"r", "the preview: what is blocked (✗), and what mends it (⇒)"},
	{"4", "the plan: the fewest mounts; ! is code, which no plan allows"},
	{"] ] t", "another service: a trial lists all that it would create"},
	{"y", "a copy runs with the plan: nothing may be refused"},
	{"e", "the plan as a file, in seven formats"},
	{"esc", "that was the way: now it is yours; ? names the keys"},
}

// tour walks by itself, a stop after the other, until somebody presses a key.
type tour struct {
	at   int // of the stops
	left int // seconds at it
	on   bool
}

// stopFor is how many seconds a tour stays at a stop.
const stopFor = 7

// tourMsg lets a second of a tour pass.
type tourMsg struct{}

func tourSecond() tea.Cmd {
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return tourMsg{} })
}

// takeTour goes on when a stop was looked at, and what is waited for there has come.
func (a *App) takeTour() tea.Cmd {
	switch {
	case !a.tour.on:
		return nil
	case a.stack == nil || a.stack.Totals.Breaks == 0 || a.trying() || a.planning.asked.service != "":
		return tourSecond()
	case a.tour.left > 0:
		a.tour.left--
		return tourSecond()
	case a.tour.at == len(tourStops)-1:
		a.tour.on = false
		return nil
	}
	a.tour.at++
	a.tour.left = stopFor
	cmds := []tea.Cmd{tourSecond()}
	for name := range strings.FieldsSeq(tourStops[a.tour.at].keys) {
		cmds = append(cmds, a.press(tea.KeyPressMsg(keyOf(name))))
	}
	return tea.Batch(cmds...)
}

// tourText says where the tour is; "" where none goes on.
func (a *App) tourText() (label, text string) {
	if !a.tour.on {
		return "", ""
	}
	return fmt.Sprintf("tour %d/%d:", a.tour.at+1, len(tourStops)), tourStops[a.tour.at].text
}
