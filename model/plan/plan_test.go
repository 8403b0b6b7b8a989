package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/modeltest"
	"petrify/model/stack"
)

func TestPlanString(t *testing.T) {
	p := Make(planned(nil, "A /run/a", "A /run/a/a.pid", "A /x.php", "A /state"), model.Facts{"/run": filled(0o755, 0), "/run/a": grown(0o750, 7)}, model.PlanOptions{})
	want := `plan app (changes over 4 min)
  tmpfs /run/a mode=0750 uid=7 gid=7 size=1m: runtime state: what it writes there (below /run) may vanish with the container
    A /run/a
    A /run/a/a.pid
  alarm /x.php: code change: ` + openReasons[model.OpenCodeChange].why + `
    A /x.php
  unsolved /state: unclassified: it lies directly below /, where no mount can stand
    A /state
  hint: restart it once, then plan again: some write only then
`
	if got := p.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !slices.Contains(p.Blind, model.BlindSpot{Kind: model.BlindTransient}) {
		t.Errorf("blind to %q", p.Blind)
	}
}

func TestPlanTakes(t *testing.T) {
	p := model.Plan{Mounts: []model.PlannedMount{
		{Kind: model.Tmpfs, Target: "/run", Serves: modeltest.Diff("A /run/a.pid")},
		{Kind: model.Tmpfs, Target: "/run/db", Serves: modeltest.Diff("A /run/db/s")},
		{Kind: model.Volume, Target: "/srv/app/data", Serves: modeltest.Diff("A /srv/app", "A /srv/app/data/x")},
	}}
	less := p.Without("/run/db/")
	tests := []struct {
		plan         model.Plan
		path, target string
	}{
		{p, "/run/x", "/run"},
		{p, "/var/run/x", ""},
		{p, "/run/db/s", "/run/db"},
		{p, "/run/../run/db/", "/run/db"},
		{p, "/runner", ""},
		{p, "/srv/app", "/srv/app/data"}, // its mount point is made with what leads to it
		{p, "/srv", ""},
		{less, "/run/db/s", ""}, // the mount above lacks the directory
		{less, "/run/x", "/run"},
		{p.Without("/nowhere"), "/run/db/s", "/run/db"},
	}
	for _, test := range tests {
		m, ok := test.plan.Takes(test.path)
		if m.Target != test.target || ok != (test.target != "") {
			t.Errorf("%s is taken by %q, want %q", test.path, m.Target, test.target)
		}
	}
	if len(less.Unsolved) != 1 || less.Unsolved[0].Path != "/run/db" || len(p.Mounts) != 3 || len(p.Unsolved) != 0 {
		t.Errorf("without /run/db: %s\nfrom %s", less, p)
	}
}

// Several containers of a service write in one plan, and two are planned for as
// one is.
func TestPlanOfSeveralContainers(t *testing.T) {
	s := stack.Lay(model.Observation{
		Name:       "shop",
		Project:    &model.Project{Name: "shop", Services: []model.Declared{{Name: "web", Image: "web", Replicas: 2}}},
		Containers: []model.Container{modeltest.Running("web", 1), modeltest.Running("web", 2)},
		Changes:    map[string]model.Changes{"web1": modeltest.After(time.Minute, "A /run/a.pid"), "web2": modeltest.After(time.Hour, "A /run/a.pid", "A /tmp/x")},
	}, nil)
	p := Make(&s.Services[0], nil, model.PlanOptions{NoAssumptions: true})
	const want = "tmpfs /run mode=0755 uid=0 gid=0 size=1m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m"
	if got := sketch(p); got != want {
		t.Errorf("got\n%s", p)
	}
}

func TestPlanWarnings(t *testing.T) {
	shared := func(s *model.Service) {
		for i := range s.Mounts {
			s.Mounts[i].Users = []model.VolumeUse{{Service: "web", Mount: model.Mount{}}}
		}
	}
	tests := []struct {
		name  string
		adapt func(*model.Declared, *model.Container, *model.Image)
		after func(*model.Service)
		facts model.Facts
		lines []string
		want  string
	}{
		{
			"a copy of what the image has", nil, nil,
			model.Facts{"/etc/app": filled(0o755, 0)},
			[]string{"C /etc/app/a.conf"},
			"hides what a newer image ships",
		},
		{
			"code that becomes writable", nil, nil,
			model.Facts{"/app": filled(0o755, 0)},
			[]string{"C /app/db.sqlite3"},
			"its code as well, which is what a read-only root is to prevent",
		},
		{
			"program files that become writable", nil, nil,
			model.Facts{"/w": filled(0o755, 0)},
			[]string{"A /w/config.php", "C /w/index.php"},
			"it makes program files writable, 1 path with an alarm among them",
		},
		{
			"data that stays behind", nil, nil,
			model.Facts{"/w/uploads": shipped(0o755, 0)},
			[]string{"A /w/uploads/a"},
			"stays in the old container",
		},
		{
			"a volume that belongs to root", nil, nil,
			model.Facts{"/srv": filled(0o755, 0), "/srv/data": grown(0o755, 33)},
			[]string{"A /srv/data", "A /srv/data/x"},
			"belongs to root until",
		},
		{
			"files of the image in a place that may be empty", nil, nil,
			model.Facts{"/tmp": {Known: true, Exists: true, Type: model.Directory, Mode: 0o1777, HasContent: true, HasFiles: true}},
			[]string{"A /tmp/a"},
			"hides files",
		},
		{
			"a user whom nobody knows",
			func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = "app" }, nil, nil,
			[]string{"A /run/app/a.pid"},
			"everybody may write to it",
		},
		{
			"a socket that services share stays shared",
			func(d *model.Declared, _ *model.Container, _ *model.Image) {
				d.Mounts = []model.Mount{{Kind: model.Volume, Source: "sockets", Target: "/run/php"}}
			},
			shared, nil,
			[]string{"A /run/a.pid"},
			"/run/php in it stays shared with web",
		},
		{
			"a mount through a link",
			func(d *model.Declared, _ *model.Container, _ *model.Image) {
				d.Mounts = []model.Mount{{Kind: model.Tmpfs, Target: "/var/run/php"}}
			},
			nil, nil,
			[]string{"A /run/a.pid"},
			"declare it as /run/php",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := planned(test.adapt, test.lines...)
			if test.after != nil {
				test.after(s)
			}
			p := Make(s, test.facts, model.PlanOptions{NoAssumptions: true})
			if len(p.Mounts) != 1 || !strings.Contains(p.Mounts[0].Warning, test.want) {
				t.Errorf("want a warning of %q in\n%s", test.want, p)
			}
		})
	}
}

// Installing a package changes files all over an image: a reader is told of a
// few places.
func TestAlarmsAreRolledUp(t *testing.T) {
	var changed []string
	for i := range 500 {
		changed = append(changed, fmt.Sprintf("C /usr/lib/m%d/sub/file", i))
	}
	p := Make(planned(nil, changed...), nil, model.PlanOptions{})
	if len(p.Alarms) != 1 || p.Alarms[0].Path != "/usr/lib" || len(p.Alarms[0].Writes) != 500 {
		t.Errorf("%d alarms, the first at %s", len(p.Alarms), p.Alarms[0].Path)
	}
}

// What a plan asks for decides it: facts of nothing else are needed.
func TestPlanPathsSuffice(t *testing.T) {
	for seed := range uint64(500) {
		w := newScenario(seed)
		full, s := w.plan(1, model.PlanOptions{})
		asked := model.Facts{}
		for _, p := range Paths(s) {
			if fact, ok := w.facts[p]; ok {
				asked[p] = fact
			}
		}
		if got := Make(s, asked, model.PlanOptions{}); got.String() != full.String() {
			t.Fatalf("seed %d: with what was asked for\n%s\nwith all\n%s", seed, got, full)
		}
	}
}

func TestPlanPathsAreFew(t *testing.T) {
	var changed []string
	for i := range 5000 {
		changed = append(changed, fmt.Sprintf("A /tmp/f%d", i))
	}
	if n := len(Paths(planned(nil, changed...))); n > 100 {
		t.Errorf("%d paths are asked for", n)
	}
}

func TestBetterNamesWhatAStartWrites(t *testing.T) {
	p := Make(planned(nil, "A /w/wp-config.php", "C /w/.htaccess"), model.Facts{"/w": filled(0o755, 0)}, model.PlanOptions{})
	const want = "rendering .htaccess and wp-config.php when the image is built, or mounting it ready-made and read-only"
	if got := p.Mounts[0].Better; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A container may hold a million changes: planning for them must not take longer
// than asking for them did.
func BenchmarkMakePlan(b *testing.B) {
	changed := make([]model.Change, 0, 1_000_000)
	for i := range cap(changed) {
		changed = append(changed, model.Change{Path: fmt.Sprintf("/srv/app/data/%d/%d", i%1000, i), Kind: model.Added})
	}
	s := planned(nil)
	s.Evidence.Root = changed
	for b.Loop() {
		Make(s, nil, model.PlanOptions{})
	}
}
