package ui

import (
	"fmt"
	"strings"

	"petrify/ui/clean"
	"petrify/ui/pane"
	"petrify/ui/row"
)

// tab is a pane's name on the upper rule.
type tab struct {
	pane        int
	name, brief string
	count       string // of what is in it; "" for none
}

// openTabs are the panes that the source can fill, with what is in them.
func (a *App) openTabs() []tab {
	var all []tab
	for i, name := range paneNames {
		if !a.keys.Pane[i].Enabled() {
			continue
		}
		all = append(all, tab{pane: i, name: name, brief: name[:min(len(name), 4)], count: a.tabCount(i)})
	}
	return all
}

func (a *App) tabCount(pane int) string {
	s := a.service()
	if s == nil {
		return ""
	}
	n, sign := 0, ""
	switch pane {
	case mountsPane:
		n = len(s.Mounts)
	case changesPane:
		n = max(s.Counts.Total(), len(s.Evidence.Root))
	case planPane:
		if made := a.planning.made[s.Name].current; made != nil {
			n = len(made.Mounts)
			if judged, ok := a.verdicts()[s.Name]; ok && judged.Left() > 0 {
				sign = "!"
			}
		}
	}
	if n == 0 && sign == "" {
		return ""
	}
	return fmt.Sprint(n) + sign
}

// addVerdict names the service and its verdict on the upper rule.
func (a *App) addVerdict(r *row.Row) {
	s := a.service()
	if s == nil {
		return
	}
	paint, line, _, _, _ := a.rule()
	word, verdict := pane.BriefVerdict(s, a.theme)
	room := r.Left() - row.Width(word) - 5 - 3*len(paneNames) // the tabs need their numbers
	r.Add(paint, line).Space(1).Add(a.theme.Strong, clean.FitMiddle(clean.Line(s.Name), min(max(room, 3), longestInRule))).
		Space(1).Add(verdict, word).Space(1)
}

// longestInRule is how much of a service's name the upper rule has where the pane is alone.
const longestInRule = 20

// addTabs puts the panes' names on the upper rule. Their numbers are there at every width:
// beside the list the service's name goes first, then counts, then the ends of names. Where
// the pane is alone, the service and its verdict are named before it.
func (a *App) addTabs(r *row.Row, alone bool) {
	t := a.theme
	paint, line, _, _, _ := a.rule()
	tabs, service := a.openTabs(), clean.Line(a.services.Selected())
	if alone {
		a.addVerdict(r)
		service = ""
	}
	forms := []func(tab) string{
		func(t tab) string { return strings.TrimSpace(fmt.Sprintf("%d %s %s", t.pane+1, t.name, t.count)) },
		func(t tab) string { return fmt.Sprintf("%d %s", t.pane+1, t.name) },
		func(t tab) string { return fmt.Sprintf("%d %s", t.pane+1, t.brief) },
		func(t tab) string { return fmt.Sprint(t.pane + 1) },
	}
	width := func(form func(tab) string) int {
		sum := 1
		for _, t := range tabs {
			sum += 2 + row.Width(form(t))
		}
		return sum
	}
	form := forms[len(forms)-1]
	for _, f := range forms {
		if width(f) <= r.Left() {
			form = f
			break
		}
	}
	r.Add(paint, line)
	if room := r.Left() - width(form) - 3; service != "" && room >= 6 {
		r.Space(1).Add(t.Strong, clean.FitMiddle(service, room)).Space(1).Add(paint, line)
	}
	a.tabs = make([]span, len(paneNames))
	for _, tab := range tabs {
		style := t.Tab
		if tab.pane == a.active {
			style = t.TabActive
		}
		from := a.width - r.Left()
		r.Space(1).Add(style, form(tab)).Space(1)
		a.tabs[tab.pane] = span{from, a.width - r.Left()}
	}
}
