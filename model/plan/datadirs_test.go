package plan

import (
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

// Where data will go is kept, also when nothing was written yet.
func TestDataDirectoriesAreAssumed(t *testing.T) {
	accounts := []model.Account{{Name: "root", Home: "/root"}, {Name: "backup", UID: 34, Home: "/var/backups"}, {Name: "spoold", UID: 101, Home: "/var/lib/spoold"}, {Name: "app", UID: 1000, Home: "/home/app"}}
	tests := []struct {
		name  string
		adapt func(*model.Declared, *model.Container, *model.Image)
		facts model.Facts
		lines []string
		want  string
	}{
		{
			"the home of who it starts as", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = "1000" },
			model.Facts{"/home/app": shipped(0o750, 1000)},
			nil, "volume /home/app app-home-app",
		},
		{
			"a home that holds something", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = "1000" },
			model.Facts{"/home/app": filled(0o750, 1000)},
			nil, "",
		},
		{
			"a home that belongs to root", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = "1000" },
			model.Facts{"/home/app": shipped(0o755, 0)},
			nil, "",
		},
		{
			"a directory of its own where it works", func(d *model.Declared, c *model.Container, _ *model.Image) {
				d.User, c.WorkingDir = "1000", "/srv/desk"
			},
			model.Facts{"/srv/desk": filled(0o755, 0), "/srv/desk/storage": shipped(0o755, 1000), "/srv/desk/media": shipped(0o755, 0)},
			nil, "volume /srv/desk/storage app-srv-desk-storage",
		},
		{
			"that of a server which starts as root and becomes its user",
			func(_ *model.Declared, c *model.Container, _ *model.Image) {
				c.Command = []string{"/usr/sbin/spoold", "-F"}
			},
			model.Facts{"/var/lib/spoold": shipped(0o700, 101)},
			nil, "volume /var/lib/spoold app-var-lib-spoold",
		},
		{
			"a word of a command that is a user's name as well",
			func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Command = []string{"job", "backup"} },
			model.Facts{"/var/backups": shipped(0o755, 0)},
			nil, "",
		},
		{
			"a cache is no place for data", func(d *model.Declared, c *model.Container, _ *model.Image) {
				d.User, c.WorkingDir = "1000", "/var/cache/desk"
			},
			model.Facts{"/var/cache/desk": shipped(0o755, 1000)},
			nil, "",
		},
		{
			"a log at home: data will be there too", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = "1000" },
			model.Facts{"/home/app": shipped(0o750, 1000)},
			[]string{"A /home/app/start.log"},
			"volume /home/app app-home-app",
		},
		{
			"a mount that is declared",
			func(d *model.Declared, _ *model.Container, _ *model.Image) {
				d.User, d.Mounts = "1000", []model.Mount{{Kind: model.Volume, Source: "v", Target: "/home/app"}}
			},
			model.Facts{"/home/app": shipped(0o750, 1000)},
			nil, "",
		},
		{
			"root's, where it has a name for data", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.WorkingDir = "/root" },
			model.Facts{"/data": shipped(0o755, 0), "/root": shipped(0o700, 0), "/srv": shipped(0o755, 0)},
			nil, "volume /data app-data",
		},
		{
			"root's, where the service starts as another", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = "1000" },
			model.Facts{"/data": shipped(0o755, 0)},
			nil, "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := planned(test.adapt, test.lines...)
			s.Accounts = accounts
			p := Make(s, test.facts, model.PlanOptions{})
			if got := sketch(p); got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nin full\n%s", got, test.want, p)
			}
			for dir := range test.facts {
				if !slices.Contains(Paths(s), dir) && strings.Contains(test.want, dir+" ") {
					t.Errorf("nobody asks for %s", dir)
				}
			}
		})
	}
}

// A recording that was thorough drops the assumption only when it has seen a restart.
func TestDataDirectoriesOfAThoroughRecording(t *testing.T) {
	facts := model.Facts{"/tmp": shipped(0o1777, 0), "/var/tmp": shipped(0o1777, 0), "/home/www": shipped(0o750, 33)}
	for name, test := range map[string]struct {
		change func(*model.Recording, *model.Container)
		want   string
		hinted bool
	}{
		"no restart seen":       {func(*model.Recording, *model.Container) {}, "volume /home/www web-home-www", true},
		"started twice":         {func(r *model.Recording, _ *model.Container) { r.Sittings[0].Starts = 2 }, "", false},
		"the engine restarted":  {func(_ *model.Recording, c *model.Container) { c.Restarts = 1 }, "", false},
		"stopped and started":   {func(_ *model.Recording, c *model.Container) { c.Finished = at(-300) }, "", false},
		"stopped, not thorough": {func(r *model.Recording, c *model.Container) { c.Finished, r.Sittings[0].Ran = at(-300), time.Second }, "volume /home/www web-home-www\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m\ntmpfs /var/tmp mode=1777 uid=0 gid=0 size=64m", false},
	} {
		t.Run(name, func(t *testing.T) {
			r := recordingWith(wrote("/data/x", model.Made, in("/data")))
			s := recordedStack(r)
			test.change(r, &s.Containers[0])
			s.Evidence.Sittings = r.Sittings
			s.Accounts = []model.Account{{Name: "www-data", UID: 33, Home: "/home/www"}}
			p := Make(s, facts, model.PlanOptions{})
			if got := sketch(p); got != test.want || p.Hinted(model.HintRestart) != test.hinted {
				t.Errorf("got\n%s\nwant\n%s, hinted %v\nin full\n%s", got, test.want, test.hinted, p)
			}
		})
	}
}

// What was seen before a plan came into use holds while it does.
func TestTheHintIsOfTheContainersBefore(t *testing.T) {
	before := laidApp(model.Declared{}, nil, false, "A /srv/cache/item", "A /opt/state/app.db")
	before.Containers[0].Finished = before.Containers[0].Started.Add(-time.Minute)
	first := Make(before, inUseFacts, model.PlanOptions{})
	if first.Hinted(model.HintRestart) {
		t.Fatal("it was seen to stop")
	}
	again := Make(laidApp(model.Declared{}, asMounts(first), true), inUseFacts, model.PlanOptions{Earlier: &first})
	if again.Hinted(model.HintRestart) {
		t.Error("the plan in use was made of a service that was seen to stop")
	}
	if p := Make(laidApp(model.Declared{}, asMounts(first), true), inUseFacts, model.PlanOptions{}); !p.Hinted(model.HintRestart) {
		t.Error("nobody knows that it was seen to stop")
	}
}
