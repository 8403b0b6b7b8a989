package pane

import (
	"strings"

	"petrify/model"
)

// folds says which directories of a tree are open, by path, so that live updates
// keep them so.
type folds map[string]bool

// openFor opens directories from the top while the lines stay within a budget.
// What somebody closed stays closed, and what is open stays open.
func (f folds) openFor(tree *model.Tree, lines int) {
	queue := []model.Node{model.Root}
	for len(queue) > 0 && lines > 0 {
		n := queue[0]
		queue = queue[1:]
		fanout := tree.Fanout(n, lines+1)
		open, known := f[tree.Path(n)]
		if fanout == 0 || known && !open || !known && fanout > lines {
			continue
		}
		lines -= fanout
		f[tree.Path(n)] = true
		for _, child := range tree.Children(n) {
			end := chain(tree, child)
			queue = append(queue, end)
		}
	}
}

// changeLine is one visible line of the tree.
type changeLine struct {
	node  model.Node
	depth int32
	from  int32 // where the label starts in the node's path
}

// lines lists what is visible: the open directories' children.
func (f folds) lines(tree *model.Tree, into []changeLine) []changeLine {
	return f.below(tree, model.Root, 0, into[:0])
}

func (f folds) below(tree *model.Tree, n model.Node, depth int32, into []changeLine) []changeLine {
	from := int32(len(strings.TrimSuffix(tree.Path(n), "/")) + 1)
	for _, child := range tree.Children(n) {
		end := chain(tree, child)
		into = append(into, changeLine{end, depth, from})
		if f[tree.Path(end)] {
			into = f.below(tree, end, depth+1, into)
		}
	}
	return into
}

// chain follows directories that hold nothing but one other directory to which
// the same happened: they share a line, as in "var/lib/php/sessions/".
func chain(tree *model.Tree, n model.Node) model.Node {
	for {
		only, ok := tree.OnlyChild(n)
		if !ok || !tree.HasChildren(only) {
			return n
		}
		kind, own := tree.Own(n)
		if below, alike := tree.Own(only); own != alike || kind != below {
			return n
		}
		n = only
	}
}
