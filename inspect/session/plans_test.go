package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"petrify/model"

	"github.com/containerd/errdefs"
)

// imagesSeen answers for containers by their ID, and notes who was asked.
type imagesSeen struct {
	answers map[string]func(path string) model.ImagePath
	asked   []string
}

func (i *imagesSeen) Facts(_ context.Context, c model.Container, img model.Image, paths []string, changes []model.Change) (model.Facts, error) {
	i.asked = append(i.asked, fmt.Sprintf("%s of %s with %d changes", c.ID, img.ID, len(changes)))
	answer, ok := i.answers[c.ID]
	if !ok {
		return nil, errdefs.ErrNotFound
	}
	facts := make(model.Facts)
	for _, p := range paths {
		facts[p] = answer(p)
	}
	return facts, nil
}

func TestFactsComeFromWhateverContainerHasThem(t *testing.T) {
	everything := func(p string) model.ImagePath {
		return model.ImagePath{Known: true, Exists: true, Type: model.Directory, Real: p, UID: 1}
	}
	nothing := func(p string) model.ImagePath { return model.ImagePath{Known: true, Real: p} }
	of := func(id string) model.Container { return model.Container{ID: id, Image: "app", ImageID: "sha256:app"} }
	running := model.Service{
		Name: "web", Containers: []model.Container{of("one"), of("two")}, Image: &model.Image{ID: "sha256:app"},
		Changes: []model.ContainerChanges{{Container: "one", Changes: model.Changes{
			Paths: []model.Change{{Path: "/run/web"}}, EngineMade: []model.Change{{Path: "/data", Kind: model.Added}},
		}}},
	}
	waiting := model.Service{Name: "job", Declared: &model.Declared{Name: "job", Image: "app"}}
	other := model.Service{Name: "other", Declared: &model.Declared{Name: "other", Image: "elsewhere"}}
	for name, test := range map[string]struct {
		service model.Service
		answers map[string]func(string) model.ImagePath
		asked   string
		uid     int
	}{
		"the first has it all":            {running, map[string]func(string) model.ImagePath{"one": everything}, "one of sha256:app with 2 changes", 1},
		"the first is gone":               {running, map[string]func(string) model.ImagePath{"two": everything}, "one of sha256:app with 2 changes, two of sha256:app with 0 changes", 1},
		"only the second has it":          {running, map[string]func(string) model.ImagePath{"one": nothing, "two": everything}, "one of sha256:app with 2 changes, two of sha256:app with 0 changes", 1},
		"both are gone":                   {running, nil, "one of sha256:app with 2 changes, two of sha256:app with 0 changes", 0},
		"another service has its image":   {waiting, map[string]func(string) model.ImagePath{"one": everything}, "one of sha256:app with 2 changes", 1},
		"nobody has a container of image": {other, nil, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			stack := &model.Stack{Services: []model.Service{running, waiting, other}}
			from := &imagesSeen{answers: test.answers}
			facts, err := factsOf(t.Context(), from, stack, &test.service)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(from.asked, ", "); got != test.asked {
				t.Errorf("asked %s\nwant  %s", got, test.asked)
			}
			if got := facts["/tmp"].UID; got != test.uid {
				t.Errorf("/tmp is of %d, want %d", got, test.uid)
			}
		})
	}
}

type noImages struct{ error }

func (n noImages) Facts(context.Context, model.Container, model.Image, []string, []model.Change) (model.Facts, error) {
	return nil, n.error
}

func TestNoPlansFromAnEngineThatFails(t *testing.T) {
	stack := &model.Stack{Services: []model.Service{{Name: "web", Containers: []model.Container{{ID: "one"}}}}}
	trouble := errors.New("no more room")
	plans, err := plansOf(t.Context(), noImages{trouble}, stack, model.PlanOptions{})
	if !errors.Is(err, trouble) || plans != nil {
		t.Errorf("%v, %v", plans, err)
	}
}

func TestPlansAreInTheOrderOfTheServices(t *testing.T) {
	stack := &model.Stack{Services: []model.Service{{Name: "b"}, {Name: "a", Declared: &model.Declared{ReadOnly: true}}}}
	plans, err := plansOf(t.Context(), noImages{}, stack, model.PlanOptions{})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range plans {
		names = append(names, fmt.Sprint(p.Service, p.Already))
	}
	if want := []string{"bfalse", "atrue"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}
