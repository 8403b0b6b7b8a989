package ui

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/pane"
)

// jumpMsg asks to go to a service, a pane and a path of it, as far as they are given, or to
// do what a key does.
type jumpMsg struct {
	service, path string
	pane          int // -1 for the one that is open
	press         key.Binding
}

// jump asks where to.
func (a *App) jump() tea.Cmd {
	if a.stack == nil {
		return nil
	}
	return a.dialogs.show(pane.NewJump(a.places))
}

// takeJump goes there.
func (a *App) takeJump(to jumpMsg) tea.Cmd {
	if keys := to.press.Keys(); len(keys) > 0 {
		cmd, _ := a.pressAnywhere(tea.KeyPressMsg(keyOf(keys[0])))
		return cmd
	}
	if to.service != "" {
		a.services.Choose(to.service)
	}
	if to.path != "" {
		a.changes.Reveal(a.services.Selected(), to.path)
	}
	if to.pane < 0 {
		return a.arrange()
	}
	a.inside = to.path != "" || a.inside
	return a.activate(to.pane)
}

// keyOf is a key by its name, as far as bindings have such.
func keyOf(name string) tea.Key {
	if code, ok := namedKeys[name]; ok {
		return tea.Key{Code: code}
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok {
		return tea.Key{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	return tea.Key{Code: []rune(name)[0], Text: name}
}

var namedKeys = map[string]rune{
	"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft,
	"right": tea.KeyRight, "pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "home": tea.KeyHome, "end": tea.KeyEnd, "space": tea.KeySpace,
}

// mostPlaces is how many paths of a service are offered at once.
const mostPlaces = 200

// places are those that a text may mean: services, panes and commands by their names, and
// paths of all services by a part of them.
func (a *App) places(text string) []pane.Target {
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "who writes "), "?")
	if strings.HasPrefix(text, "/") {
		return a.pathsLike(text)
	}
	var found []pane.Target
	add := func(label, detail string, to jumpMsg) {
		if strings.Contains(strings.ToLower(label), strings.ToLower(text)) {
			found = append(found, pane.Target{Label: label, Detail: detail, Go: to})
		}
	}
	for _, s := range a.services.Listed() {
		add(s.Name, "service · "+string(s.Verdict.Outcome), jumpMsg{service: s.Name, pane: -1})
	}
	for _, tab := range a.openTabs() {
		add(tab.name, "pane "+a.keys.Pane[tab.pane].Help().Key, jumpMsg{pane: tab.pane})
	}
	for _, b := range a.keys.commands() {
		if b.Enabled() {
			add(b.Help().Desc, "key "+b.Help().Key, jumpMsg{press: b})
		}
	}
	if len(text) > 2 {
		found = append(found, a.pathsLike(text)...)
	}
	return found
}

// pathsLike are the written paths of all services that have a text in them, with who wrote
// them; below a directory where the text is one.
func (a *App) pathsLike(text string) []pane.Target {
	var found []pane.Target
	for _, s := range a.services.Listed() {
		var paths []string
		for _, changes := range [][]model.Change{s.Evidence.Root, s.Evidence.InMounts} {
			for i := range changes {
				if path := changes[i].Path; strings.Contains(path, text) && (text[0] != '/' || strings.HasPrefix(path, text)) {
					paths = append(paths, path)
				}
			}
		}
		slices.SortFunc(paths, model.ComparePaths)
		paths = slices.Compact(paths)
		for _, path := range paths[:min(len(paths), mostPlaces)] {
			found = append(found, pane.Target{Label: path, Detail: writerText(s, path), Go: jumpMsg{service: s.Name, pane: changesPane, path: path}})
		}
		if more := len(paths) - mostPlaces; more > 0 {
			found = append(found, pane.Target{
				Label: text, Detail: fmt.Sprintf("%s · %d more, in its changes", s.Name, more), Go: jumpMsg{service: s.Name, pane: changesPane},
			})
		}
	}
	return found
}

// writerText says who wrote a path, as far as that is known.
func writerText(s *model.Service, path string) string {
	if w := s.Evidence.Find(path); w != nil {
		if who := s.Evidence.Who(w); len(who) > 0 {
			return s.Name + " · " + strings.Join(who, ", ")
		}
	}
	return s.Name
}
