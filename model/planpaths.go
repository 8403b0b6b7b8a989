package model

// Facts cost an engine a request each, so that they are asked for what decides:
// the directories that could take the writes, and a few files of each directory
// for their sizes and modes.
const (
	filesOfDirectory = 8
	filesAtAll       = 512
)

// PlanPaths returns the paths whose facts a plan of a service needs, sorted.
func PlanPaths(s *Service) []string {
	wanted := map[string]bool{}
	seen := look(s, nil)
	files := map[string]int{}
	asked := 0
	for _, w := range seen.writes {
		dir := parentOf(w.Path)
		if w.made == "" {
			wanted[dir], wanted[parentOf(dir)] = true, true
		} else {
			// A mount may go to any directory of what was made, below an alarm.
			for ; within(dir, w.made) && !wanted[dir]; dir = parentOf(dir) {
				wanted[dir] = true
			}
			for above := parentOf(w.made); !wanted[above]; above = parentOf(above) {
				wanted[above] = true
			}
		}
		if w.Place != "" {
			wanted[w.Place], wanted[parentOf(w.Place)] = true, true
		}
		if dir = parentOf(w.Path); w.Kind != Deleted && files[dir] < filesOfDirectory && asked < filesAtAll {
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
	p := planner{service: s}
	for _, target := range p.anonymous() {
		wanted[target] = true
	}
	return sortedKeys(wanted)
}
