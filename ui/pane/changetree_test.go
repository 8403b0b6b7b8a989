package pane

import (
	"fmt"
	"testing"
	"time"

	"petrify/model"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// answer is what a container said it changed, all of it added.
func answer(container string, taken time.Time, paths ...string) model.ContainerChanges {
	c := model.ContainerChanges{Container: container, Changes: model.Changes{Taken: taken}}
	for _, p := range paths {
		c.Paths = append(c.Paths, model.Change{Path: p, Kind: model.Added})
	}
	return c
}

func TestTreeFits(t *testing.T) {
	service := func(name string, answers ...model.ContainerChanges) *model.Service {
		return &model.Service{Name: name, Changes: answers}
	}
	first, second := answer("a", noon, "/run/a"), answer("b", noon.Add(time.Second), "/run/b")
	mark := &Mark{At: noon}
	tree := NewChangeTree(service("web", first, second), mark)
	for _, test := range []struct {
		name    string
		service *model.Service
		mark    *Mark
		fits    bool
	}{
		{"the same", service("web", first, second), mark, true},
		{"another service", service("db", first, second), mark, false},
		{"another mark", service("web", first, second), &Mark{At: noon}, false},
		{"one container less", service("web", second), mark, false},
		{"a newer answer", service("web", first, answer("b", noon.Add(time.Minute), "/run/b")), mark, false},
		// Asked before the other one, and answered after it.
		{"a late answer", service("web", answer("a", noon.Add(time.Millisecond), "/run/c"), second), mark, false},
	} {
		if got := tree.Fits(test.service, test.mark); got != test.fits {
			t.Errorf("%s: fits %v, want %v", test.name, got, test.fits)
		}
	}
	var none *ChangeTree
	if none.Fits(service("web"), nil) || none.Of(service("web")) {
		t.Error("no tree fits a service")
	}
}

func TestFreshIsWhatTheMarkDidNotSee(t *testing.T) {
	before := model.Service{Name: "web", Changes: []model.ContainerChanges{answer("a", noon, "/run/old", "/tmp/gone")}}
	before.Changes[0].Paths = append(before.Changes[0].Paths, model.Change{Path: "/etc/site.conf", Kind: model.Modified})
	mark := NewMark(&model.Stack{Services: []model.Service{before}}, noon)

	after := model.Service{Name: "web", Changes: []model.ContainerChanges{answer("a", noon, "/run/old", "/run/new", "/run/deep/new")}}
	after.Changes[0].Paths = append(after.Changes[0].Paths, model.Change{Path: "/etc/site.conf", Kind: model.Deleted})
	tree := NewChangeTree(&after, mark).Build()
	for path, want := range map[string]int{
		"/": 3, "/run": 2, "/run/new": 1, "/run/deep": 1, "/run/deep/new": 1, "/run/old": 0,
		"/etc": 1, "/etc/site.conf": 1, // of another kind than it was
	} {
		n, ok := tree.Find(path)
		if got := tree.Fresh[n]; !ok || got != want {
			t.Errorf("%s: %d fresh, want %d", path, got, want)
		}
	}
}

func TestFilterKeepsPathsInWhateverCase(t *testing.T) {
	service := model.Service{Name: "web", Changes: []model.ContainerChanges{
		answer("a", noon, "/srv/README", "/srv/a"), answer("b", noon, "/srv/readme.md", "/readme/x"),
	}}
	tree := NewChangeTree(&service, nil).Build().filtered("ReadMe")
	got := ""
	for _, line := range (folds{"/srv": true, "/readme": true}).lines(tree.Tree, nil) {
		got += fmt.Sprintln(tree.Path(line.node), tree.Holders(line.node))
	}
	want := "/readme [1]\n/readme/x [1]\n/srv [0 1]\n/srv/README [0]\n/srv/readme.md [1]\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
