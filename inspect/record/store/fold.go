package store

import (
	"path"
	"slices"
	"strings"

	"petrify/model"
)

func sortWrites(writes []model.Written) { slices.SortFunc(writes, model.CompareWrites) }

// fold keeps the number of paths below a limit: those of the busiest directories
// become one line each, until the rest fits.
func fold(writes []model.Written, most int) []model.Written {
	for len(writes) > most {
		folded := foldOnce(writes, most)
		if len(folded) == len(writes) {
			return folded
		}
		writes = folded
	}
	return writes
}

func foldOnce(writes []model.Written, most int) []model.Written {
	children := map[string]int{}
	for i := range writes {
		children[path.Dir(writes[i].Path)]++
	}
	dirs := make([]string, 0, len(children))
	for dir := range children {
		dirs = append(dirs, dir)
	}
	slices.SortFunc(dirs, func(a, b string) int {
		if children[a] != children[b] {
			return children[b] - children[a]
		}
		return strings.Compare(a, b)
	})
	busy := map[string]*model.Written{}
	for excess := len(writes) - most; excess > 0 && len(dirs) > 0; dirs = dirs[1:] {
		busy[dirs[0]] = nil
		excess -= children[dirs[0]] - 1
	}
	kept := make([]model.Written, 0, most)
	for i := range writes {
		w := &writes[i]
		dir := path.Dir(w.Path)
		sum, fold := busy[dir]
		if !fold || w.Path == "/" {
			kept = append(kept, *w)
			continue
		}
		if sum == nil {
			sum = &model.Written{Path: dir, Mount: w.Mount, Type: model.Directory, Bytes: -1, First: w.First, Last: w.Last}
			busy[dir] = sum
		}
		join(sum, w)
	}
	for _, sum := range busy {
		if sum != nil {
			kept = append(kept, *sum)
		}
	}
	return merged(kept)
}

// join adds a path to its directory's line.
func join(sum, w *model.Written) {
	sum.Acts |= w.Acts
	sum.Count += w.Count
	sum.Inside += max(w.Inside, 1)
	if w.First.Before(sum.First) {
		sum.First = w.First
	}
	if w.Last.After(sum.Last) {
		sum.Last = w.Last
	}
	for _, by := range w.By {
		if !slices.Contains(sum.By, by) {
			sum.By = append(sum.By, by)
		}
	}
}

// merged makes one line of those of the same path: a directory may have been
// written itself.
func merged(writes []model.Written) []model.Written {
	sortWrites(writes)
	kept := writes[:0]
	for _, w := range writes {
		if n := len(kept); n > 0 && kept[n-1].Path == w.Path {
			inside := kept[n-1].Inside + w.Inside
			join(&kept[n-1], &w)
			kept[n-1].Inside = inside
			continue
		}
		kept = append(kept, w)
	}
	return kept
}
