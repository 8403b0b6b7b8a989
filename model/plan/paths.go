package plan

import (
	"maps"
	"slices"

	"petrify/model"
)

// Facts cost an engine a request each, so that they are asked for what decides:
// the directories that could take the writes, and a few files of each directory
// for their sizes and modes.
const (
	filesOfDirectory = 8
	filesAtAll       = 512
)

// Paths returns the paths whose facts a plan of a service needs, sorted.
func Paths(s *model.Service) []string {
	wanted := map[string]bool{}
	seen := surveyOf(s, nil)
	broad := map[string]bool{} // directories that lead to a broad place: a mount may go to any
	files := map[string]int{}
	asked := 0
	for _, w := range seen.writes {
		dir := model.Parent(w.Path)
		if w.made == "" {
			wanted[dir], wanted[model.Parent(dir)] = true, true
		} else {
			// A mount may go to any directory of what was made, below an alarm.
			for ; model.Within(dir, w.made) && !wanted[dir]; dir = model.Parent(dir) {
				wanted[dir] = true
			}
			for above := model.Parent(w.made); !wanted[above]; above = model.Parent(above) {
				wanted[above] = true
			}
		}
		if w.Place != "" {
			wanted[w.Place], wanted[model.Parent(w.Place)] = true, true
			for dir := model.Parent(w.Path); w.Broad && model.Within(dir, w.Place) && !broad[dir]; dir = model.Parent(dir) {
				wanted[dir], broad[dir] = true, true
			}
		}
		if dir = model.Parent(w.Path); w.Kind != model.Deleted && files[dir] < filesOfDirectory && asked < filesAtAll {
			files[dir]++
			asked++
			wanted[w.Path] = true
		}
	}
	for _, dirs := range [][]string{usualDirectories, usualRunDirectories, runFromTemp(s), {"/var/run", "/var/lock"}} {
		for _, dir := range dirs {
			wanted[dir] = true
		}
	}
	for dir := range needsOf(s) {
		wanted[dir] = true
	}
	for _, dir := range slices.Concat(dataDirectories(s), logsOf(s)) {
		wanted[dir] = true
	}
	p := planner{service: s}
	for _, target := range p.anonymous() {
		wanted[target] = true
	}
	return slices.Sorted(maps.Keys(wanted))
}
