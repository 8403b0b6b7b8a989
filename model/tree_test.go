package model_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"petrify/model"
	"petrify/model/modeltest"
)

// outline prints a tree one path a line, indented, with counts where it has
// children and the kind of its own change.
func outline(t *model.Tree, sets int) string {
	var b strings.Builder
	var walk func(n model.Node, depth int)
	walk = func(n model.Node, depth int) {
		fmt.Fprintf(&b, "%s%s", strings.Repeat("  ", depth), t.Name(n))
		if kind, ok := t.Own(n); ok {
			fmt.Fprintf(&b, " %c", "CAD"[kind])
		}
		if t.HasChildren(n) {
			c := t.Counts(n)
			fmt.Fprintf(&b, " (+%d ~%d -%d)", c.Added, c.Modified, c.Deleted)
		}
		if sets > 1 {
			fmt.Fprintf(&b, " %v", t.Holders(n))
		}
		b.WriteByte('\n')
		for _, child := range t.Children(n) {
			walk(child, depth+1)
		}
	}
	walk(model.Root, 0)
	return b.String()
}

func TestTree(t *testing.T) {
	tests := []struct {
		name string
		sets [][]model.Change
		want string
	}{
		{"nothing", nil, "/\n"},
		{"directories first, then bytes", [][]model.Change{modeltest.Diff(
			"A /run/b.pid", "C /run", "A /Z", "D /a", "A /run/apache2/x", "A /run/apache2", "C /run/a",
		)}, `
/ (+4 ~1 -1)
  run (+3 ~1 -0)
    apache2 A (+2 ~0 -0)
      x A
    a C
    b.pid A
  Z A
  a D
`},
		{"a modified directory counts when nothing below it changed", [][]model.Change{modeltest.Diff(
			"C /var", "C /var/www",
		)}, `
/ (+0 ~1 -0)
  var (+0 ~1 -0)
    www C
`},
		{"sets merge by path and remember who holds it", [][]model.Change{
			modeltest.Diff("C /etc", "A /etc/a"), modeltest.Diff("C /etc", "C /etc/a", "D /etc/b"), modeltest.Diff("A /x"),
		}, `
/ (+2 ~0 -1) [0 1 2]
  etc (+1 ~0 -1) [0 1]
    a A [0 1]
    b D [1]
  x A [2]
`},
		{"foreign spellings of a path", [][]model.Change{modeltest.Diff(
			"A ", "A //a", "A /b/../c", "A d", "A /e/", "A /..f/...",
		)}, `
/ A (+6 ~0 -0)
  ..f (+1 ~0 -0)
    ... A
  a A
  c A
  d A
  e A
`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := outline(model.NewTree(test.sets...), len(test.sets))
			if want := strings.TrimPrefix(test.want, "\n"); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestTreeFind(t *testing.T) {
	tree := model.NewTree(modeltest.Diff("A /run/apache2/apache2.pid", "A /run/lock", "A /tmp"))
	for _, p := range []string{"/", "/run", "/run/apache2", "/run/apache2/apache2.pid", "/run/lock", "/tmp"} {
		n, ok := tree.Find(p)
		if !ok || tree.Path(n) != p {
			t.Errorf("Find(%q) = %d, %v", p, n, ok)
		}
	}
	for _, p := range []string{"/ru", "/run/", "/run/apache", "/run/apache2/x", "/tmp/x"} {
		if n, ok := tree.Find(p); ok && tree.Path(n) != model.Canonical(p) {
			t.Errorf("Find(%q) = %q", p, tree.Path(n))
		}
	}
	if _, ok := tree.Find("/tmp/x"); ok {
		t.Error("found what is not there")
	}
}

func FuzzTree(f *testing.F) {
	for _, seed := range []string{"", "/", "//a\n/a", "a/../b\n/b", "/\xff\n/\x1b[2J", "/a/.\n/a/..b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, lines string) {
		var changes []model.Change
		for i, p := range strings.Split(lines, "\n") {
			changes = append(changes, model.Change{Path: p, Kind: model.ChangeKind(i % 3)})
		}
		tree := model.NewTree(changes, changes[:len(changes)/2])
		for _, change := range changes {
			n, ok := tree.Find(change.Path)
			if !ok || tree.Path(n) != model.Canonical(change.Path) {
				t.Errorf("Find(%q) = %q, %v", change.Path, tree.Path(n), ok)
			}
		}
		seen := 0
		var walk func(n model.Node)
		walk = func(n model.Node) {
			seen++
			for _, child := range tree.Children(n) {
				if parent, ok := tree.Parent(child); !ok || parent != n {
					t.Errorf("%q is not the parent of %q", tree.Path(n), tree.Path(child))
				}
				walk(child)
			}
		}
		walk(model.Root)
		if seen != tree.Len() {
			t.Errorf("reached %d of %d nodes", seen, tree.Len())
		}
	})
}

func BenchmarkTree(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			changes := modeltest.ManyChanges(n)
			b.ReportAllocs()
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var tree *model.Tree
			for b.Loop() {
				tree = model.NewTree(changes)
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "bytes/path")
			runtime.KeepAlive(tree)
			runtime.KeepAlive(changes)
		})
	}
}

// The worst directory to open: all of it directly below, in random order.
func BenchmarkTreeChildren(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		changes := make([]model.Change, n)
		for i := range changes {
			changes[i] = model.Change{Path: fmt.Sprintf("/var/lib/php/sessions/sess_%08x", i*2654435761), Kind: model.Added}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				tree := model.NewTree(changes)
				dir, _ := tree.Find("/var/lib/php/sessions")
				b.StartTimer()
				tree.Children(dir)
			}
		})
	}
}
