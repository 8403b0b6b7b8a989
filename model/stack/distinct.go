package stack

import (
	"petrify/model"
)

// distinct returns what a service wrote, from the changes of its containers:
// each path once, without the directories that are listed as modified only
// because something below them changed. It counts as Tree does, without
// building one. With one container and no such directory it is that
// container's own slice: there may be a million paths.
func distinct(sets ...[]model.Change) []model.Change {
	parents := modifiedParents(sets...)
	if len(sets) == 1 && len(parents) == 0 {
		return sets[0]
	}
	total := 0
	for _, set := range sets {
		total += len(set)
	}
	merged := make([]model.Change, 0, total)
	var index map[string]int
	if len(sets) > 1 {
		index = make(map[string]int, total)
	}
	for _, set := range sets {
		for _, change := range set {
			if change.Kind == model.Modified && parents[change.Path] {
				continue
			}
			if i, ok := index[change.Path]; ok {
				merged[i].Kind = model.Stronger(merged[i].Kind, change.Kind)
				continue
			}
			if index != nil {
				index[change.Path] = len(merged)
			}
			merged = append(merged, change)
		}
	}
	return merged
}

// modifiedParents returns the modified paths below which something changed.
func modifiedParents(sets ...[]model.Change) map[string]bool {
	explained := map[string]bool{}
	for _, set := range sets {
		for _, change := range set {
			if change.Kind == model.Modified {
				explained[change.Path] = false
			}
		}
	}
	if len(explained) == 0 {
		return nil
	}
	for _, set := range sets {
		explain(explained, set, nil)
	}
	for p, ok := range explained {
		if !ok {
			delete(explained, p)
		}
	}
	return explained
}

// explain marks those directories among the keys that a change stands below.
// Changes for which skip is true explain nothing.
func explain(dirs map[string]bool, changes []model.Change, skip func(model.Change) bool) {
	lastDir := ""
	for _, change := range changes {
		if skip != nil && skip(change) {
			continue
		}
		dir := model.Parent(change.Path)
		if dir == lastDir || change.Path == "/" {
			continue
		}
		lastDir = dir
		for {
			marked, asked := dirs[dir]
			if marked {
				break // and so is all that it explains above
			}
			if asked {
				dirs[dir] = true
			}
			if dir == "/" {
				break
			}
			dir = model.Parent(dir)
		}
	}
}
