package pane

import (
	"fmt"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
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

// changedService is a service with the answers of its containers.
func changedService(name string, answers ...model.ContainerChanges) *model.Service {
	s := &model.Service{Name: name, Changes: answers}
	for _, a := range answers {
		s.Evidence.Sets = append(s.Evidence.Sets, a.Paths)
		s.Evidence.Root = append(s.Evidence.Root, a.Paths...)
	}
	return s
}

func TestTreeFits(t *testing.T) {
	service := changedService
	first, second := answer("a", noon, "/run/a"), answer("b", noon.Add(time.Second), "/run/b")
	mark := stack.NewMark(noon)
	tree := NewChangeTree(service("web", first, second), mark)
	for _, test := range []struct {
		name    string
		service *model.Service
		mark    *stack.Mark
		fits    bool
	}{
		{"the same", service("web", first, second), mark, true},
		{"another service", service("db", first, second), mark, false},
		{"another mark", service("web", first, second), stack.NewMark(noon), false},
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

func TestFreshPathsAreCountedUpwards(t *testing.T) {
	service := func(paths ...string) model.Service {
		svc := changedService("web", answer("a", noon, paths...))
		svc.Containers = []model.Container{{ID: "a", State: model.Running}}
		return *svc
	}
	mark := stack.NewMark(noon).With(&model.Stack{Services: []model.Service{service("/run/old")}})
	after := service("/run/old", "/run/new", "/run/deep", "/run/deep/new")
	tree := NewChangeTree(&after, mark).Build()
	for path, want := range map[string]int{
		"/": 2, "/run": 2, "/run/new": 1, "/run/deep": 1, "/run/deep/new": 1, "/run/old": 0,
	} {
		n, ok := tree.Find(path)
		if got := tree.Fresh[n]; !ok || got != want {
			t.Errorf("%s: %d fresh, want %d", path, got, want)
		}
	}
	if narrowed := tree.filtered("deep"); narrowed.Fresh[model.Root] != 1 {
		t.Errorf("%d fresh in what a filter lets through, want 1", narrowed.Fresh[model.Root])
	}
}

func TestFilterKeepsPathsInWhateverCase(t *testing.T) {
	service := changedService("web", answer("a", noon, "/srv/README", "/srv/a"), answer("b", noon, "/srv/readme.md", "/readme/x"))
	tree := NewChangeTree(service, nil).Build().filtered("ReadMe")
	got := ""
	for _, line := range (folds{"/srv": true, "/readme": true}).lines(tree.Tree, nil) {
		got += fmt.Sprintln(tree.Path(line.node), tree.Holders(line.node))
	}
	want := "/readme [1]\n/readme/x [1]\n/srv [0 1]\n/srv/README [0]\n/srv/readme.md [1]\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
