package ui

import "slices"

// Preferences are how somebody likes the screen. They are kept from one run to the next.
type Preferences struct {
	ByName bool   `json:"by_name,omitempty"` // services in the order of their names, not the worst first
	Split  int    `json:"split,omitempty"`   // columns that the list has more than it needs
	Pane   string `json:"pane,omitempty"`    // the name of the last one
}

// PreferencesStore keeps preferences. What cannot be read or written is as good as none.
type PreferencesStore interface {
	Load() Preferences
	Save(Preferences)
}

// prefer takes what was kept.
func (a *App) prefer(p Preferences) {
	a.services.SetByName(p.ByName)
	a.split = p.Split
	if i := slices.Index(paneNames, p.Pane); i >= 0 && a.keys.Pane[i].Enabled() {
		a.active = i
	}
	a.preferred = p
}

// keepPreferences keeps what has become of them, where that is something else.
func (a *App) keepPreferences() {
	now := Preferences{ByName: a.services.ByName(), Split: a.split, Pane: paneNames[a.active]}
	if a.options.Preferences != nil && now != a.preferred {
		a.options.Preferences.Save(now)
		a.preferred = now
	}
}
