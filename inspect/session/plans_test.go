package session

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/plan"
	"petrify/model/stack"

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

// User knows of containers that have an answer who their users are.
func (i *imagesSeen) User(_ context.Context, container, spec string) (*model.User, error) {
	if _, ok := i.answers[container]; !ok {
		return nil, errdefs.ErrNotFound
	}
	if spec != "1000" {
		return nil, nil
	}
	return &model.User{UID: 1000, GID: 50}, nil
}

func (i *imagesSeen) Accounts(_ context.Context, container string) ([]model.Account, error) {
	if _, ok := i.answers[container]; !ok {
		return nil, errdefs.ErrNotFound
	}
	return []model.Account{{Name: "app", UID: 1000, Home: "/home/app"}}, nil
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
			facts, err := factsOf(t.Context(), from, stack, &test.service, plan.Paths(&test.service))
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

func (n noImages) User(context.Context, string, string) (*model.User, error) { return nil, n.error }

func (n noImages) Accounts(context.Context, string) ([]model.Account, error) { return nil, n.error }

func (n noImages) Facts(context.Context, model.Container, model.Image, []string, []model.Change) (model.Facts, error) {
	return nil, n.error
}

func TestNoPlansFromAnEngineThatFails(t *testing.T) {
	stack := &model.Stack{Services: []model.Service{{Name: "web", Containers: []model.Container{{ID: "one"}}}}}
	trouble := errors.New("no more room")
	plans, err := planner{from: noImages{trouble}}.Plans(t.Context(), stack, model.PlanOptions{})
	if !errors.Is(err, trouble) || plans != nil {
		t.Errorf("%v, %v", plans, err)
	}
}

func TestPlansAreInTheOrderOfTheServices(t *testing.T) {
	stack := &model.Stack{Services: []model.Service{{Name: "b"}, {Name: "a", Declared: &model.Declared{ReadOnly: true}}}}
	for _, test := range []struct{ services, want []string }{
		{nil, []string{"bfalse", "atrue"}},
		{[]string{"a"}, []string{"atrue"}},
	} {
		plans, err := planner{from: noImages{}}.Plans(t.Context(), stack, model.PlanOptions{}, test.services...)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range plans {
			names = append(names, fmt.Sprint(p.Service, p.Already))
		}
		if !slices.Equal(names, test.want) {
			t.Errorf("of %v: got %v, want %v", test.services, names, test.want)
		}
	}
	if _, err := (planner{from: noImages{}}).Plans(t.Context(), stack, model.PlanOptions{}, "c"); err == nil {
		t.Error("a service is planned that there is not")
	}
}

// A service that was never created is planned with what the containers of others
// tell of its image, also where it alone is asked for.
func TestOneServiceIsPlannedInItsStack(t *testing.T) {
	stack := &model.Stack{Services: []model.Service{
		{Name: "web", Containers: []model.Container{{ID: "one", Image: "app"}}},
		{Name: "job", Declared: &model.Declared{Name: "job", Image: "app"}},
	}}
	from := &imagesSeen{answers: map[string]func(string) model.ImagePath{
		"one": func(p string) model.ImagePath { return model.ImagePath{Known: true, Real: p} },
	}}
	if _, err := (planner{from: from}).Plans(t.Context(), stack, model.PlanOptions{}, "job"); err != nil {
		t.Fatal(err)
	}
	if len(from.asked) == 0 {
		t.Error("nobody was asked for the image of job")
	}
}

// A tmpfs for a user by number belongs to its primary group, as the container's
// own lists have it.
func TestPlansKnowThePrimaryGroup(t *testing.T) {
	web := stack.Lay(model.Observation{
		Name: "shop", Project: &model.Project{Services: []model.Declared{{Name: "web", User: "1000", Replicas: 1}}},
		Containers: []model.Container{{ID: "gone", Service: "web", Number: 1, Inspected: true}, {ID: "one", Service: "web", Number: 2, Inspected: true}},
		Changes:    map[string]model.Changes{"one": {Taken: time.Unix(9, 0), Paths: []model.Change{{Path: "/cache", Kind: model.Added}, {Path: "/cache/x", Kind: model.Added}}}},
	}, nil)
	from := &imagesSeen{answers: map[string]func(string) model.ImagePath{"one": func(string) model.ImagePath { return model.ImagePath{} }}}
	plans, err := planner{from: from}.Plans(t.Context(), web, model.PlanOptions{NoAssumptions: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(plans[0].Mounts) != 1 || plans[0].Mounts[0].UID != 1000 || plans[0].Mounts[0].GID != 50 {
		t.Errorf("got %s", plans[0])
	}
	if as := plans[0].StartsAs; as == nil || *as != (model.User{UID: 1000, GID: 50}) {
		t.Errorf("the plan says that it starts as %v", as)
	}
	if web.Services[0].StartsAs != nil {
		t.Error("the stack that others read was changed")
	}
}

// Also of services that are read-only, by a plan in use or without, for a Deployment says
// in numbers who they start as.
func TestUsersOfReadOnlyServicesAreKnown(t *testing.T) {
	from := &imagesSeen{answers: map[string]func(string) model.ImagePath{"one": func(string) model.ImagePath { return model.ImagePath{} }}}
	for _, byPlan := range []bool{false, true} {
		web := stack.Lay(model.Observation{
			Name: "shop", Project: &model.Project{Services: []model.Declared{{Name: "web", User: "1000", Replicas: 1, ReadOnly: true, ByPlan: byPlan}}},
			Containers: []model.Container{{ID: "one", Service: "web", Number: 1, Inspected: true, ReadOnly: true}},
		}, nil)
		plans, err := planner{from: from}.Plans(t.Context(), web, model.PlanOptions{})
		if err != nil || plans[0].StartsAs == nil {
			t.Errorf("by a plan: %v: starts as %v, %v", byPlan, plans[0].StartsAs, err)
		}
	}
}

// lastPlan is a store that has one plan, of an image that no service runs any more.
type lastPlan struct{ only model.Plan }

func (lastPlan) Plan(_, _, _ string) *model.Plan       { return nil }
func (lastPlan) Save(string, string, model.Plan) error { return nil }
func (p lastPlan) Last(_, service string) *model.Plan {
	if p.only.Service != service {
		return nil
	}
	return &p.only
}

// Where nothing is known of a service, its last plan comes for who asks for that, and
// nobody else.
func TestLastPlanWhereNothingIsKnown(t *testing.T) {
	shop := stack.Lay(model.Observation{
		Name: "shop", Project: &model.Project{Services: []model.Declared{{Name: "db", Replicas: 1}, {Name: "web", Replicas: 1}}},
	}, nil)
	p := planner{from: &imagesSeen{}, earlier: lastPlan{model.Plan{Service: "db", Mounts: []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run"}}}}}
	for _, orLast := range []bool{false, true} {
		plans, err := p.Plans(t.Context(), shop, model.PlanOptions{OrLast: orLast})
		if err != nil {
			t.Fatal(err)
		}
		if plans[0].Planned() != orLast || plans[1].Planned() {
			t.Errorf("with the last one: %v: %s%s", orLast, plans[0], plans[1])
		}
	}
}
