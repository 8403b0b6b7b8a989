package pane

import (
	"cmp"
	"slices"

	"petrify/model"
)

// directory is a changed directory with what changed below it.
type directory struct {
	path   string
	counts model.Counts
}

// topDirectories names the directories that say most about where a service
// writes: a directory in which only one thing changed gives way to that thing.
func topDirectories(tree *model.Tree, most int) []directory {
	nodes := []model.Node{model.Root}
	// Open the largest directory again and again while the list is short.
	for len(nodes) < most {
		open := -1
		for i, n := range nodes {
			if tree.HasChildren(n) && (open < 0 || tree.Counts(n).Total() > tree.Counts(nodes[open]).Total()) && worthOpening(tree, n, most-len(nodes)) {
				open = i
			}
		}
		if open < 0 {
			break
		}
		nodes = slices.Replace(nodes, open, open+1, tree.Children(nodes[open])...)
	}
	found := make([]directory, 0, len(nodes))
	for _, n := range nodes {
		path := tree.Path(n)
		if tree.HasChildren(n) && path != "/" {
			path += "/"
		}
		found = append(found, directory{path, tree.Counts(n)})
	}
	slices.SortStableFunc(found, func(a, b directory) int { return cmp.Compare(b.counts.Total(), a.counts.Total()) })
	return found
}

// worthOpening reports whether a directory's children fit, and are not all plain files.
func worthOpening(tree *model.Tree, n model.Node, room int) bool {
	if tree.Fanout(n, room+2) > room+1 {
		return false
	}
	return slices.ContainsFunc(tree.Children(n), tree.HasChildren)
}
