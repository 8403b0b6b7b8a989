package plan

import (
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/modeltest"
	"petrify/model/stack"
)

// inUseFacts are those of an image with a cache of the service's user.
var inUseFacts = model.Facts{
	"/srv": filled(0o755, 0), "/srv/cache": {Known: true, Exists: true, Type: model.Directory, Mode: 0o750, UID: 939, GID: 5009, Real: "/srv/cache"},
	"/opt": filled(0o755, 0), "/opt/state": {Known: true, Exists: true, Type: model.Directory, Mode: 0o755, Real: "/opt/state"},
}

func laidApp(declared model.Declared, live []model.Mount, readOnly bool, lines ...string) *model.Service {
	c := modeltest.Running("app", 1)
	c.Project, c.Mounts, c.ReadOnly = "shop", live, readOnly
	declared.Name, declared.Image, declared.Replicas = "app", "app", 1
	return stack.Lay(model.Observation{
		Name: "shop", Link: model.Link{State: model.Live},
		Project:    &model.Project{Name: "shop", Services: []model.Declared{declared}},
		Containers: []model.Container{c},
		Changes:    map[string]model.Changes{"app1": modeltest.After(4*time.Minute, lines...)},
	}, nil).Service("app")
}

// asMounts are the mounts of a plan as an engine has them.
func asMounts(p model.Plan) []model.Mount {
	var mounts []model.Mount
	for _, m := range p.Mounts {
		if m.Kind == model.Volume {
			mounts = append(mounts, model.Mount{Kind: model.Volume, Source: "shop_" + m.Volume, Target: m.Target})
			continue
		}
		mounts = append(mounts, model.Mount{Kind: model.Tmpfs, Target: m.Target, Options: "mode=0750,uid=939,gid=5009,size=64m"})
	}
	return mounts
}

// A plan that is in use is planned again as it is, with its file among the project's or
// without.
func TestPlanningAgainKeepsThePlanInUse(t *testing.T) {
	first := Make(laidApp(model.Declared{}, nil, false, "A /srv/cache/item", "A /opt/state/app.db"), inUseFacts, model.PlanOptions{})
	if len(first.Mounts) != 2 {
		t.Fatalf("the first plan is %s", first)
	}
	byPlan := asMounts(first)
	for i := range byPlan {
		byPlan[i].ByPlan = true
	}
	for name, s := range map[string]*model.Service{
		"without its file": laidApp(model.Declared{}, asMounts(first), true),
		"with its file":    laidApp(model.Declared{ReadOnly: true, ByPlan: true, Mounts: byPlan}, asMounts(first), true),
	} {
		again := Make(s, inUseFacts, model.PlanOptions{Earlier: &first})
		if again.String() != first.String() {
			t.Errorf("%s: got\n%s\nwant\n%s", name, again, first)
		}
		forgotten := Make(s, inUseFacts, model.PlanOptions{})
		for _, want := range first.Mounts {
			got, ok := forgotten.Takes(want.Target)
			if !ok || got.Target != want.Target || got.Kind != want.Kind || got.Volume != want.Volume || got.Assumed != reasonInUse {
				t.Errorf("%s, reasons forgotten: %s became %s", name, want, got)
			}
		}
	}
}

// What is missing in a plan in use comes beside what it has.
func TestWhatIsMissingComesBesideThePlanInUse(t *testing.T) {
	first := Make(laidApp(model.Declared{}, nil, false, "A /srv/cache/item"), inUseFacts, model.PlanOptions{})
	s := laidApp(model.Declared{}, asMounts(first), true, "A /opt/state/app.db")
	again := Make(s, inUseFacts, model.PlanOptions{Earlier: &first})
	var targets []string
	for _, m := range again.Mounts {
		targets = append(targets, m.Target)
	}
	if got := strings.Join(targets, " "); got != "/opt/state /srv/cache" {
		t.Errorf("got %s\n%s", got, again)
	}
}

// A mount that the files do not declare is a plan in use only under a read-only root.
func TestStrayMountsAreNoPlan(t *testing.T) {
	stray := []model.Mount{{Kind: model.Tmpfs, Target: "/srv/cache"}}
	if p := Make(laidApp(model.Declared{}, stray, false), inUseFacts, model.PlanOptions{NoAssumptions: true}); len(p.Mounts) != 0 {
		t.Errorf("got %s", p)
	}
	stray[0].ByEngine = true
	if p := Make(laidApp(model.Declared{}, stray, true), inUseFacts, model.PlanOptions{NoAssumptions: true}); len(p.Mounts) != 0 {
		t.Errorf("with a mount of the engine: got %s", p)
	}
}

func TestUnusedMountsAreSaid(t *testing.T) {
	first := Make(laidApp(model.Declared{}, nil, false, "A /srv/cache/item"), inUseFacts, model.PlanOptions{})
	s := laidApp(model.Declared{}, asMounts(first), true)
	s.Evidence.Sittings = []model.Sitting{{Starts: 1, Ran: time.Hour}}
	again := Make(s, inUseFacts, model.PlanOptions{Earlier: &first})
	if len(again.Mounts) != 1 || !strings.Contains(again.Mounts[0].Unused, "nothing was written there") {
		t.Errorf("got %s", again)
	}
	s.Evidence.InMounts = []model.Change{{Path: "/srv/cache/item"}}
	if again = Make(s, inUseFacts, model.PlanOptions{Earlier: &first}); again.Mounts[0].Unused != "" {
		t.Errorf("got %s", again)
	}
}

func TestNothingIsPlannedFromNothing(t *testing.T) {
	s := stack.Lay(model.Observation{
		Name: "shop", Link: model.Link{State: model.Live}, Project: &model.Project{Name: "shop", Services: []model.Declared{{Name: "app", Image: "app"}}},
	}, nil).Service("app")
	if p := Make(s, nil, model.PlanOptions{}); p.Planned() || p.NotSeen != "no container was created yet" || len(p.Mounts) != 0 {
		t.Errorf("got %s", p)
	}
}

// A mount of the plan in use has its warnings from when it was planned.
func TestWarningsAreNotSaidTwice(t *testing.T) {
	shared := []model.MountPair{{
		Target:   "/srv/cache/uploads",
		Declared: &model.Mount{Kind: model.Volume, Source: "shop_uploads", Target: "/srv/cache/uploads"},
		Users:    []model.VolumeUse{{Service: "worker", Project: "shop", Mount: model.Mount{Kind: model.Volume}}},
	}}
	s := laidApp(model.Declared{}, nil, false, "A /srv/cache/item")
	s.Mounts = shared
	first := Make(s, inUseFacts, model.PlanOptions{})
	if !strings.Contains(first.String(), "stays shared with") {
		t.Fatalf("nothing is shared in\n%s", first)
	}
	s = laidApp(model.Declared{}, asMounts(first), true)
	s.Mounts = append(s.Mounts, shared...)
	if again := Make(s, inUseFacts, model.PlanOptions{Earlier: &first}); again.String() != first.String() {
		t.Errorf("got\n%s\nwant\n%s", again, first)
	}
}

// What is harmless stays with the mount in use that takes it, as it was when that was planned.
func TestPlanInUseKeepsWhatItTakesAnyway(t *testing.T) {
	lines := []string{"A /opt/state/app.db", "A /opt/state/__pycache__", "A /opt/state/__pycache__/a.pyc"}
	first := Make(laidApp(model.Declared{}, nil, false, lines...), inUseFacts, model.PlanOptions{})
	again := Make(laidApp(model.Declared{}, asMounts(first), true, lines...), inUseFacts, model.PlanOptions{Earlier: &first})
	if got, want := again.String(), first.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
