package plan

import (
	"fmt"
	"slices"
	"strings"

	"petrify/model"
)

// maxPlaces is how many places of one kind a reader is told of. More are rolled
// up by the directories above them, the deepest first.
const maxPlaces = 12

// explainOpen tells of alarms and of what is left out, by place.
func (p *planner) explainOpen() {
	alarms := make([]leftOut, len(p.alarms))
	for i, w := range p.alarms {
		alarms[i] = leftOut{write: w, reason: model.OpenCodeChange}
	}
	p.plan.Alarms = byPlace(alarms)
	p.plan.Unsolved = append(byPlace(p.left), p.faulty...)
	slices.SortStableFunc(p.plan.Unsolved, func(a, b model.Unsolved) int { return model.ComparePaths(a.Path, b.Path) })
}

// openKey is what open writes have in common when they are told of together.
type openKey struct {
	class    model.Class
	reason   model.OpenReason
	about    string
	harmless bool
}

func (k openKey) why() string {
	text := openReasons[k.reason].why
	if k.about == "" {
		return text
	}
	return fmt.Sprintf(text, k.about)
}

// byPlace groups what is open by kind and directory.
func byPlace(all []leftOut) []model.Unsolved {
	kinds := map[openKey]map[string][]model.Change{}
	for _, l := range all {
		key := openKey{l.Class, l.reason, l.about, l.Harmless}
		if kinds[key] == nil {
			kinds[key] = map[string][]model.Change{}
		}
		place := l.place()
		kinds[key][place] = append(kinds[key][place], l.Change)
	}
	var open []model.Unsolved
	for key, places := range kinds {
		for place, writes := range rollUp(places) {
			slices.SortFunc(writes, model.ByPath)
			if len(writes) == 1 {
				place = writes[0].Path
			}
			open = append(open, model.Unsolved{
				Class: key.class, Reason: key.reason, Path: place, Writes: writes, Why: key.why(), Advice: openReasons[key.reason].advice,
				Harmless: key.harmless,
			})
		}
	}
	slices.SortFunc(open, func(a, b model.Unsolved) int {
		if c := model.ComparePaths(a.Path, b.Path); c != 0 {
			return c
		}
		return strings.Compare(fmt.Sprint(a.Class, a.Why), fmt.Sprint(b.Class, b.Why))
	})
	return open
}

func (l leftOut) place() string {
	switch {
	case l.made != "":
		return l.made
	case l.Class == "" || l.Kind == model.Added && l.Place == "" && model.Parent(l.Path) == "/":
		return l.Path
	case l.Place != "":
		return l.Place
	default:
		return model.Parent(l.Path)
	}
}

// rollUp merges places until there are few enough.
func rollUp(places map[string][]model.Change) map[string][]model.Change {
	for len(places) > maxPlaces {
		deepest := 0
		for place := range places {
			deepest = max(deepest, depth(place))
		}
		fewer := make(map[string][]model.Change, len(places))
		for place, writes := range places {
			if depth(place) == deepest {
				place = model.Parent(place)
			}
			fewer[place] = append(fewer[place], writes...)
		}
		places = fewer
	}
	return places
}

func depth(p string) int {
	if p == "/" {
		return 0
	}
	return strings.Count(p, "/")
}
