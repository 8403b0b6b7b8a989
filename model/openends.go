package model

import (
	"fmt"
	"slices"
	"strings"
)

// maxPlaces is how many places of one kind a reader is told of. More are rolled
// up by the directories above them, the deepest first.
const maxPlaces = 12

const (
	alarmWhy = "files of the program changed after it was deployed: by a break-in, a bug that wrote to the wrong path, " +
		"a framework that generates code, or an automatic update"
	alarmAdvice = "look who changed them; if it was wanted, build it into the image"
)

// settleOpen tells of alarms and of what is left out, by place.
func (p *planner) settleOpen() {
	alarms := make([]leftOut, len(p.alarms))
	for i, w := range p.alarms {
		alarms[i] = leftOut{write: w, why: alarmWhy, advice: alarmAdvice}
	}
	p.plan.Alarms = byPlace(alarms)
	p.plan.Unsolved = byPlace(p.left)
}

// openKey is what open writes have in common when they are told of together.
type openKey struct {
	class       Class
	why, advice string
	harmless    bool
}

// byPlace groups what is open by kind and directory.
func byPlace(all []leftOut) []Unsolved {
	kinds := map[openKey]map[string][]Change{}
	for _, l := range all {
		key := openKey{l.Class, l.why, l.advice, l.Harmless}
		if kinds[key] == nil {
			kinds[key] = map[string][]Change{}
		}
		place := l.place()
		kinds[key][place] = append(kinds[key][place], l.Change)
	}
	var open []Unsolved
	for key, places := range kinds {
		for place, writes := range rollUp(places) {
			slices.SortFunc(writes, byPath)
			if len(writes) == 1 {
				place = writes[0].Path
			}
			open = append(open, Unsolved{
				Class: key.class, Path: place, Writes: writes, Why: key.why, Advice: key.advice, Harmless: key.harmless,
			})
		}
	}
	slices.SortFunc(open, func(a, b Unsolved) int {
		if c := comparePaths(a.Path, b.Path); c != 0 {
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
	case l.Class == "" || l.Kind == Added && l.Place == "" && parentOf(l.Path) == "/":
		return l.Path
	case l.Place != "":
		return l.Place
	default:
		return parentOf(l.Path)
	}
}

// rollUp merges places until there are few enough.
func rollUp(places map[string][]Change) map[string][]Change {
	for len(places) > maxPlaces {
		deepest := 0
		for place := range places {
			deepest = max(deepest, depth(place))
		}
		fewer := make(map[string][]Change, len(places))
		for place, writes := range places {
			if depth(place) == deepest {
				place = parentOf(place)
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
