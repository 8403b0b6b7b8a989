package model

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
)

// outline prints a tree one path a line, indented, with counts where it has
// children and the kind of its own change.
func outline(t *Tree) string {
	var b strings.Builder
	var walk func(n Node, depth int)
	walk = func(n Node, depth int) {
		fmt.Fprintf(&b, "%s%s", strings.Repeat("  ", depth), t.Name(n))
		if kind, ok := t.Own(n); ok {
			fmt.Fprintf(&b, " %c", "CAD"[kind])
		}
		if t.HasChildren(n) {
			c := t.Counts(n)
			fmt.Fprintf(&b, " (+%d ~%d -%d)", c.Added, c.Modified, c.Deleted)
		}
		if t.sets > 1 {
			fmt.Fprintf(&b, " %v", t.Holders(n))
		}
		b.WriteByte('\n')
		for _, child := range t.Children(n) {
			walk(child, depth+1)
		}
	}
	walk(Root, 0)
	return b.String()
}

// diff reads changes from lines such as "A /run/a.pid".
func diff(lines ...string) []Change {
	changes := make([]Change, len(lines))
	for i, line := range lines {
		changes[i] = Change{Kind: ChangeKind(strings.IndexByte("CAD", line[0])), Path: line[2:]}
	}
	return changes
}

func TestTree(t *testing.T) {
	tests := []struct {
		name string
		sets [][]Change
		want string
	}{
		{"nothing", nil, "/\n"},
		{"directories first, then bytes", [][]Change{diff(
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
		{"a modified directory counts when nothing below it changed", [][]Change{diff(
			"C /var", "C /var/www",
		)}, `
/ (+0 ~1 -0)
  var (+0 ~1 -0)
    www C
`},
		{"sets merge by path and remember who holds it", [][]Change{
			diff("C /etc", "A /etc/a"), diff("C /etc", "C /etc/a", "D /etc/b"), diff("A /x"),
		}, `
/ (+2 ~0 -1) [0 1 2]
  etc (+1 ~0 -1) [0 1]
    a A [0 1]
    b D [1]
  x A [2]
`},
		{"foreign spellings of a path", [][]Change{diff(
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
			got := outline(NewTree(test.sets...))
			if want := strings.TrimPrefix(test.want, "\n"); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

func TestTreeFind(t *testing.T) {
	tree := NewTree(diff("A /run/apache2/apache2.pid", "A /run/lock", "A /tmp"))
	for _, p := range []string{"/", "/run", "/run/apache2", "/run/apache2/apache2.pid", "/run/lock", "/tmp"} {
		n, ok := tree.Find(p)
		if !ok || tree.Path(n) != p {
			t.Errorf("Find(%q) = %d, %v", p, n, ok)
		}
	}
	for _, p := range []string{"/ru", "/run/", "/run/apache", "/run/apache2/x", "/tmp/x"} {
		if n, ok := tree.Find(p); ok && tree.Path(n) != canonical(p) {
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
		var changes []Change
		for i, p := range strings.Split(lines, "\n") {
			changes = append(changes, Change{Path: p, Kind: ChangeKind(i % 3)})
		}
		tree := NewTree(changes, changes[:len(changes)/2])
		for _, change := range changes {
			n, ok := tree.Find(change.Path)
			if !ok || tree.Path(n) != canonical(change.Path) {
				t.Errorf("Find(%q) = %q, %v", change.Path, tree.Path(n), ok)
			}
		}
		seen := 0
		var walk func(n Node)
		walk = func(n Node) {
			seen++
			for _, child := range tree.Children(n) {
				if parent, ok := tree.Parent(child); !ok || parent != n {
					t.Errorf("%q is not the parent of %q", tree.Path(n), tree.Path(child))
				}
				walk(child)
			}
		}
		walk(Root)
		if seen != tree.Len() {
			t.Errorf("reached %d of %d nodes", seen, tree.Len())
		}
	})
}

// manyChanges makes changes as an engine lists them: modified directories among
// what is in them, in random order.
func manyChanges(n int) []Change {
	changes := make([]Change, 0, n)
	for i := 0; len(changes) < n; i++ {
		dir := fmt.Sprintf("/var/lib/app/%03d/%03d", i/40%1000, i%40)
		changes = append(changes, Change{Path: dir, Kind: Modified})
		for j := 0; j < 25 && len(changes) < n; j++ {
			changes = append(changes, Change{Path: fmt.Sprintf("%s/file-%d-%d.dat", dir, i/40000, j), Kind: Added})
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	return changes
}

func BenchmarkTree(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			changes := manyChanges(n)
			b.ReportAllocs()
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			var tree *Tree
			for b.Loop() {
				tree = NewTree(changes)
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
		changes := make([]Change, n)
		for i := range changes {
			changes[i] = Change{Path: fmt.Sprintf("/var/lib/php/sessions/sess_%08x", i*2654435761), Kind: Added}
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				b.StopTimer()
				tree := NewTree(changes)
				dir, _ := tree.Find("/var/lib/php/sessions")
				b.StartTimer()
				tree.Children(dir)
			}
		})
	}
}
