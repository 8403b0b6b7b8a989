package model

// distinct returns what a service wrote, from the changes of its containers:
// each path once, without the directories that are listed as modified only
// because something below them changed. It counts as Tree does, without
// building one. With one container and no such directory it is that
// container's own slice: there may be a million paths.
func distinct(sets ...[]Change) []Change {
	shadows := shadowsOf(sets...)
	if len(sets) == 1 && len(shadows) == 0 {
		return sets[0]
	}
	total := 0
	for _, set := range sets {
		total += len(set)
	}
	merged := make([]Change, 0, total)
	var index map[string]int
	if len(sets) > 1 {
		index = make(map[string]int, total)
	}
	for _, set := range sets {
		for _, change := range set {
			if change.Kind == Modified && shadows[change.Path] {
				continue
			}
			if i, ok := index[change.Path]; ok {
				merged[i].Kind = stronger(merged[i].Kind, change.Kind)
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

// strongest settles what a path is when containers disagree: what is new in one
// of them is new, and what is there in one of them is not gone.
var strongest = [...]ChangeKind{Added, Modified, Deleted}

func stronger(a, b ChangeKind) ChangeKind {
	for _, kind := range strongest {
		if a == kind || b == kind {
			return kind
		}
	}
	return a
}

// shadowsOf returns the modified paths below which something changed.
func shadowsOf(sets ...[]Change) map[string]bool {
	explained := map[string]bool{}
	for _, set := range sets {
		for _, change := range set {
			if change.Kind == Modified {
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
func explain(dirs map[string]bool, changes []Change, skip func(Change) bool) {
	lastDir := ""
	for _, change := range changes {
		if skip != nil && skip(change) {
			continue
		}
		dir := parentOf(change.Path)
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
			dir = parentOf(dir)
		}
	}
}

// count tallies changes by kind.
func count(changes []Change) Counts {
	var counts Counts
	for _, change := range changes {
		switch change.Kind {
		case Added:
			counts.Added++
		case Modified:
			counts.Modified++
		case Deleted:
			counts.Deleted++
		}
	}
	return counts
}
