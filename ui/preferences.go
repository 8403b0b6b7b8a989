package ui

import "slices"

// Preferences are how somebody likes the screen. They are kept from one run to the next.
type Preferences struct {
	ByName bool   `json:"by_name,omitempty"` // services in the order of their names, not the worst first
	Split  int    `json:"split,omitempty"`   // columns that the list has more than it needs
	Pane   string `json:"pane,omitempty"`    // the name of the last one
}

// prefer takes what was kept.
func (a *App) prefer(p Preferences) {
	a.services.SetByName(p.ByName)
	a.split = p.Split
	if i := slices.Index(paneNames, p.Pane); i >= 0 && a.keys.Pane[i].Enabled() {
		a.active = i
	}
}

// Preferences are what has become of them.
func (a *App) Preferences() Preferences {
	return Preferences{ByName: a.services.ByName(), Split: a.split, Pane: paneNames[a.active]}
}
