package pane

import (
	"fmt"
	"strings"
	"testing"

	"petrify/model"
)

// tree rolls paths up that were all added, or modified where they begin with a tilde.
func tree(paths ...string) *model.Tree {
	changes := make([]model.Change, len(paths))
	for i, p := range paths {
		path, modified := strings.CutPrefix(p, "~")
		changes[i] = model.Change{Path: path, Kind: model.Added}
		if modified {
			changes[i].Kind = model.Modified
		}
	}
	return model.NewTree(changes)
}

// drawn lists the visible lines with their depths and labels.
func drawn(f folds, t *model.Tree) string {
	var b strings.Builder
	for _, line := range f.lines(t, nil) {
		fmt.Fprintf(&b, "%s%s\n", strings.Repeat("  ", int(line.depth)), t.Path(line.node)[line.from:])
	}
	return b.String()
}

func TestDirectoriesThatLeadToOneShareALine(t *testing.T) {
	tree := tree("/var/lib/php/sessions/sess_1", "/var/lib/php/sessions/sess_2", "/run/a.pid", "/new", "/new/deep", "/new/deep/file")
	got := drawn(folds{"/var/lib/php/sessions": true, "/run": true, "/new": true, "/new/deep": true}, tree)
	// The directory /new was made itself: it keeps its line.
	want := "new/deep\n  file\nrun\n  a.pid\nvar/lib/php/sessions\n  sess_1\n  sess_2\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestFoldsOpenWithinABudget(t *testing.T) {
	small, large := []string{"/small/a", "/small/b"}, []string{}
	for i := range 10 {
		large = append(large, fmt.Sprintf("/large/%d", i))
	}
	tree := tree(append(small, large...)...)
	for _, test := range []struct {
		name   string
		folds  folds
		budget int
		want   string
	}{
		{"what fits opens", folds{}, 6, "large\nsmall\n  a\n  b\n"},
		{"nothing fits", folds{}, 2, "large\nsmall\n"},
		{"what was closed stays closed", folds{"/small": false}, 6, "large\nsmall\n"},
		{"what is open stays open", folds{"/large": true, "/small": false}, 3, "large\n" + strings.Repeat("  #\n", 10) + "small\n"},
	} {
		test.folds.openFor(tree, test.budget)
		got := drawn(test.folds, tree)
		for i := range 10 {
			got = strings.Replace(got, fmt.Sprintf("  %d\n", i), "  #\n", 1)
		}
		if got != test.want {
			t.Errorf("%s: got\n%swant\n%s", test.name, got, test.want)
		}
	}
}

func TestTopDirectories(t *testing.T) {
	var uploads []string
	for i := range 20 {
		uploads = append(uploads, fmt.Sprintf("/srv/www/uploads/%d", i))
	}
	tree := tree(append(uploads, "/srv/www/cache/a", "/run/a.pid", "/run/b.pid", "/etc/x")...)
	for _, test := range []struct {
		most int
		want string
	}{
		{8, "/srv/www/uploads/ 20, /run/ 2, /etc/ 1, /srv/www/cache/ 1"},
		{3, "/srv/ 21, /run/ 2, /etc/ 1"},
		{1, "/ 24"},
	} {
		var got []string
		for _, d := range topDirectories(tree, test.most) {
			got = append(got, fmt.Sprint(d.path, " ", d.counts.Total()))
		}
		if got := strings.Join(got, ", "); got != test.want {
			t.Errorf("of %d: %s, want %s", test.most, got, test.want)
		}
	}
	if got := topDirectories(model.NewTree(), 8); len(got) != 1 || got[0].counts.Total() != 0 {
		t.Errorf("of nothing: %v", got)
	}
}
