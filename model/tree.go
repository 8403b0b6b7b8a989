package model

import (
	"cmp"
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
)

// Tree is the changed paths of one or more containers, rolled up by directory.
// A million paths are normal, so nodes live in one array, names are slices of
// the paths they came from, and children are sorted when first asked for. That
// last one is why a Tree belongs to one goroutine.
//
// An engine lists a directory as modified whenever something below it changed.
// Such a directory is the shadow of its children: it has no change of its own
// and is not counted.
type Tree struct {
	nodes    []treeNode
	holders  []uint64 // by node, one bit a set; nil when there is one set only
	sets     int
	children map[Node][]Node // sorted, as far as asked for
}

// Node is one path of a tree. It stays valid as long as its tree.
type Node int32

// Root is the node of "/"; every tree has it.
const Root Node = 0

const noNode Node = -1

// unknownKind stands for all kinds that no engine has yet: the path is there,
// without a change that has a name.
const unknownKind = Deleted + 1

type treeNode struct {
	path                     string // a prefix of the first path that led here
	parent, first, next      Node   // first child, next sibling
	added, modified, deleted int32  // of this node and all below it
	own                      uint8  // one bit for each kind that a set has for the path itself
}

// maxHolders is how many sets can be told apart: one bit for each.
const maxHolders = 64

// NewTree merges the changes of several containers: a path that any of them
// changed is there once. Each set names a path once, as engines do.
func NewTree(sets ...[]Change) *Tree {
	total := 0
	for _, set := range sets {
		total += len(set)
	}
	b := treeBuilder{
		tree: &Tree{sets: len(sets), children: map[Node][]Node{}},
		dirs: map[string]Node{"/": Root},
	}
	// Directories without a change of their own are few beside the changes.
	b.tree.nodes = make([]treeNode, 0, total+total/16+16)
	b.tree.nodes = append(b.tree.nodes, treeNode{path: "/", parent: noNode, first: noNode, next: noNode})
	if len(sets) > 1 {
		b.tree.holders = make([]uint64, 1, cap(b.tree.nodes))
		b.leaves = make(map[string]Node, total)
	}
	for _, set := range sets {
		for _, change := range set {
			b.dir(Parent(Canonical(change.Path)))
		}
	}
	for i, set := range sets {
		for _, change := range set {
			b.add(i, change)
		}
	}
	b.tree.rollUp()
	return b.tree
}

// treeBuilder finds nodes by path while a tree grows. All directories come
// first: what is no directory then needs no entry in a map, unless another set
// may have it as well. That map would cost more than all the rest.
type treeBuilder struct {
	tree    *Tree
	dirs    map[string]Node
	leaves  map[string]Node // nil with one set
	lastDir string          // engines list siblings close together often enough
	last    Node
}

func (b *treeBuilder) add(set int, change Change) {
	p := Canonical(change.Path)
	n, ok := b.dirs[p]
	if !ok {
		n, ok = b.leaves[p]
	}
	if !ok {
		n = b.grow(p, b.dir(Parent(p)))
		if b.leaves != nil {
			b.leaves[p] = n
		}
	}
	b.tree.nodes[n].own |= 1 << min(change.Kind, unknownKind)
	if b.tree.holders != nil && set < maxHolders {
		b.tree.holders[n] |= 1 << set
	}
}

// dir returns the node of a directory and makes it, and what leads to it, where
// it is missing. Parents are therefore always older than their children.
func (b *treeBuilder) dir(p string) Node {
	if p == b.lastDir {
		return b.last
	}
	n, ok := b.dirs[p]
	if !ok {
		n = b.grow(p, b.dir(Parent(p)))
		b.dirs[p] = n
	}
	b.last, b.lastDir = n, p
	return n
}

// grow adds a node below a directory.
func (b *treeBuilder) grow(p string, parent Node) Node {
	n := Node(len(b.tree.nodes))
	b.tree.nodes = append(b.tree.nodes, treeNode{
		path: p, parent: parent, first: noNode, next: b.tree.nodes[parent].first,
	})
	b.tree.nodes[parent].first = n
	if b.tree.holders != nil {
		b.tree.holders = append(b.tree.holders, 0)
	}
	return n
}

// rollUp adds each node to its parent, children first.
func (t *Tree) rollUp() {
	for n := len(t.nodes) - 1; n >= 0; n-- {
		node := &t.nodes[n]
		if node.first != noNode {
			node.own &^= 1 << Modified
		}
		if kind, ok := t.Own(Node(n)); ok {
			switch kind {
			case Added:
				node.added++
			case Modified:
				node.modified++
			case Deleted:
				node.deleted++
			}
		}
		if node.parent == noNode {
			continue
		}
		parent := &t.nodes[node.parent]
		parent.added += node.added
		parent.modified += node.modified
		parent.deleted += node.deleted
		if t.holders != nil {
			t.holders[node.parent] |= t.holders[n]
		}
	}
}

// Name returns the last element of a node's path: any bytes but a slash. The
// root's is "/".
func (t *Tree) Name(n Node) string {
	if n == Root {
		return "/"
	}
	p := t.nodes[n].path
	return p[strings.LastIndexByte(p, '/')+1:]
}

// Path returns the whole path of a node.
func (t *Tree) Path(n Node) string { return t.nodes[n].path }

// Parent returns the directory that holds a node; false for the root.
func (t *Tree) Parent(n Node) (Node, bool) {
	parent := t.nodes[n].parent
	return parent, parent != noNode
}

// Own returns the change of the path itself; false for a directory that only
// leads to changes.
func (t *Tree) Own(n Node) (ChangeKind, bool) {
	own := t.nodes[n].own
	for _, kind := range strongest {
		if own&(1<<kind) != 0 {
			return kind, true
		}
	}
	return 0, false
}

// Counts returns the changes of a path and of everything below it.
func (t *Tree) Counts(n Node) Counts {
	node := t.nodes[n]
	return Counts{Added: int(node.added), Modified: int(node.modified), Deleted: int(node.deleted)}
}

// HasChildren says whether something below a path changed, which makes it a directory.
func (t *Tree) HasChildren(n Node) bool { return t.nodes[n].first != noNode }

// OnlyChild returns the child of a node that has just one.
func (t *Tree) OnlyChild(n Node) (Node, bool) {
	child := t.nodes[n].first
	return child, child != noNode && t.nodes[child].next == noNode
}

// Fanout counts the children of a node up to a number, without sorting them: a
// directory may have a million, and who asks has room for a few.
func (t *Tree) Fanout(n Node, most int) int {
	count := 0
	for child := t.nodes[n].first; child != noNode && count < most; child = t.nodes[child].next {
		count++
	}
	return count
}

// Children returns what changed directly below a directory: directories first,
// each group in byte order. The slice is the tree's own.
func (t *Tree) Children(n Node) []Node {
	if !t.HasChildren(n) {
		return nil
	}
	if sorted, ok := t.children[n]; ok {
		return sorted
	}
	var dirs, files []Node
	for c := t.nodes[n].first; c != noNode; c = t.nodes[c].next {
		if t.HasChildren(c) {
			dirs = append(dirs, c)
		} else {
			files = append(files, c)
		}
	}
	t.sort(dirs)
	t.sort(files)
	children := slices.Concat(dirs, files)
	t.children[n] = children
	return children
}

// sort puts children of one directory in byte order. A million names in one
// directory differ late, as in sess_8f3a…, and lie all over the memory: so the
// eight bytes after what they have in common are compared first, side by side.
func (t *Tree) sort(children []Node) {
	if len(children) < 2 {
		return
	}
	first := t.nodes[children[0]].path
	common := len(first)
	for _, c := range children[1:] {
		p := t.nodes[c].path
		common = min(common, len(p))
		for p[:common] != first[:common] {
			common--
		}
	}
	type entry struct {
		key  uint64
		node Node
	}
	entries := make([]entry, len(children))
	for i, c := range children {
		var key [8]byte
		copy(key[:], t.nodes[c].path[common:])
		entries[i] = entry{binary.BigEndian.Uint64(key[:]), c}
	}
	slices.SortFunc(entries, func(a, b entry) int {
		if order := cmp.Compare(a.key, b.key); order != 0 {
			return order
		}
		return strings.Compare(t.nodes[a.node].path, t.nodes[b.node].path)
	})
	for i, e := range entries {
		children[i] = e.node
	}
}

// Find returns the node of a path.
func (t *Tree) Find(p string) (Node, bool) {
	p = Canonical(p)
	if p == "/" {
		return Root, true
	}
	n := Root
	for end := 0; end < len(p); {
		if next := strings.IndexByte(p[end+1:], '/'); next >= 0 {
			end += 1 + next
		} else {
			end = len(p)
		}
		child, ok := t.child(n, p[:end])
		if !ok {
			return 0, false
		}
		n = child
	}
	return n, true
}

func (t *Tree) child(n Node, p string) (Node, bool) {
	children := t.Children(n)
	files, _ := slices.BinarySearchFunc(children, false, func(c Node, _ bool) int {
		if t.HasChildren(c) {
			return -1
		}
		return 1
	})
	for _, group := range [][]Node{children[:files], children[files:]} {
		i, ok := slices.BinarySearchFunc(group, p, func(c Node, p string) int {
			return strings.Compare(t.nodes[c].path, p)
		})
		if ok {
			return group[i], true
		}
	}
	return 0, false
}

// Holders returns which sets, by their index, changed a path or something below
// it. Only the first 64 sets are told apart.
func (t *Tree) Holders(n Node) []int {
	if t.holders == nil {
		if t.sets == 1 && (t.nodes[n].own != 0 || t.HasChildren(n)) {
			return []int{0}
		}
		return nil
	}
	mask := t.holders[n]
	holders := make([]int, 0, bits.OnesCount64(mask))
	for ; mask != 0; mask &= mask - 1 {
		holders = append(holders, bits.TrailingZeros64(mask))
	}
	return holders
}

// Len returns how many paths the tree holds, the directories that only lead to
// changes included.
func (t *Tree) Len() int { return len(t.nodes) }
