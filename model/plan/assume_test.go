package plan

import (
	"slices"
	"strings"
	"testing"

	"petrify/model"
)

func TestAssumptions(t *testing.T) {
	image := func(name string) func(*model.Declared, *model.Container, *model.Image) {
		return func(d *model.Declared, c *model.Container, _ *model.Image) { d.Image, c.Image = name, name }
	}
	tmp := shipped(0o1777, 0)
	tests := []struct {
		name  string
		adapt func(*model.Declared, *model.Container, *model.Image)
		facts model.Facts
		lines []string
		want  string // only what is assumed
	}{
		{"nothing is known", nil, nil, nil, ""},
		{"the image has /tmp", nil, model.Facts{"/tmp": tmp}, nil, "tmpfs /tmp mode=1777 uid=0 gid=0 size=64m"},
		{"the image lacks /tmp", image("postgres:17"), model.Facts{"/tmp": {Known: true}}, nil, "tmpfs /run/postgresql mode=1777 uid=0 gid=0 size=1m"},
		{
			"a known image", image("docker.io/library/postgres:17"),
			model.Facts{"/tmp": tmp, "/run/postgresql": shipped(0o3777, 999)},
			nil,
			"tmpfs /run/postgresql mode=3777 uid=999 gid=999 size=1m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m",
		},
		{
			"a known command in an image of one's own",
			func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Command = []string{"/usr/sbin/mysqld"} },
			model.Facts{"/run/mysqld": shipped(0o755, 101), "/tmp": {Known: true}},
			nil,
			"tmpfs /run/mysqld mode=0755 uid=101 gid=101 size=1m",
		},
		{
			"what was written tells", nil,
			model.Facts{"/var/lib/php/sessions": shipped(0o1733, 0)},
			[]string{"A /var/lib/php/sessions/sess_1"},
			"tmpfs /run mode=0755 uid=0 gid=0 size=1m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m",
		},
		{
			"a directory of the image that holds something", image("nginx"),
			model.Facts{"/run": shipped(0o755, 0), "/var/cache/nginx": filled(0o755, 0), "/var/lib/nginx": {Known: true}},
			nil,
			"tmpfs /run mode=0755 uid=0 gid=0 size=1m",
		},
		{
			"where the service may not write anyway",
			func(d *model.Declared, c *model.Container, _ *model.Image) {
				d.Image, c.Image, d.User = "nginx", "nginx", "101"
			},
			model.Facts{"/run": shipped(0o755, 0), "/var/cache/nginx": shipped(0o755, 101), "/var/lib/nginx": {Known: true}},
			nil,
			"tmpfs /var/cache/nginx mode=0755 uid=101 gid=101 size=64m",
		},
		{
			"what the image ships for the service's user",
			func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = "5" },
			model.Facts{"/run/redis": shipped(0o755, 5), "/run/nginx": shipped(0o755, 0)},
			nil,
			"tmpfs /run/redis mode=0755 uid=5 gid=5 size=1m",
		},
		{
			"what a tmpfs on /run hides", image("mysql"),
			model.Facts{"/run": filled(0o755, 0), "/run/lock": shipped(0o1777, 0), "/run/mysqld": shipped(0o755, 101), "/run/redis": shipped(0o755, 5), "/tmp": {Known: true}},
			[]string{"A /run/x.pid"},
			"tmpfs /run/mysqld mode=0755 uid=101 gid=101 size=1m",
		},
		{
			"/run/lock beside /run, for a program that is known to need it", image("apache2"),
			model.Facts{"/run": filled(0o755, 0), "/run/lock": shipped(0o1777, 0), "/run/apache2": {Known: true}, "/tmp": {Known: true}},
			[]string{"A /run/x.pid"},
			"tmpfs /run/lock mode=1777 uid=0 gid=0 size=1m",
		},
		{
			"/run, where a mount deeper down was called for", image("wordpress"),
			model.Facts{"/run": filled(0o755, 0), "/run/apache2": grown(0o755, 0), "/tmp": {Known: true}, "/run/lock": {Known: true}},
			[]string{"A /run/apache2", "A /run/apache2/apache2.pid"},
			"",
		},
		{
			"a mount that is there",
			func(d *model.Declared, _ *model.Container, _ *model.Image) {
				d.Mounts = []model.Mount{{Kind: model.Tmpfs, Target: "/tmp"}}
			},
			model.Facts{"/tmp": tmp},
			nil, "",
		},
		{
			"an anonymous volume with data",
			func(_ *model.Declared, c *model.Container, img *model.Image) {
				img.Volumes = []string{"/data", "/var/cache/x"}
				c.Mounts = []model.Mount{{Kind: model.Volume, Source: "3fa", Target: "/data", Anonymous: true}, {Kind: model.Volume, Source: "3fb", Target: "/var/cache/x", Anonymous: true}}
			},
			nil, nil, "volume /data app-data",
		},
		{
			"an anonymous volume that is declared",
			func(d *model.Declared, _ *model.Container, _ *model.Image) {
				d.Mounts = []model.Mount{{Kind: model.Volume, Target: "/state", Anonymous: true}}
			},
			nil, nil, "volume /state app-state",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := planned(test.adapt, test.lines...)
			p := Make(s, test.facts, model.PlanOptions{})
			without := Make(s, test.facts, model.PlanOptions{NoAssumptions: true})
			for _, m := range without.Mounts {
				if m.Assumed != "" {
					t.Errorf("assumed although no assumptions were wanted: %s", m)
				}
			}
			full := p.String()
			p.Mounts = slices.DeleteFunc(p.Mounts, func(m model.PlannedMount) bool { return m.Assumed == "" })
			if got := sketch(p); got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nin full\n%s", got, test.want, full)
			}
		})
	}
}

// Without assumptions, an anonymous volume stays what it is: that is said.
func TestAnonymousVolumesAreToldOf(t *testing.T) {
	s := planned(func(_ *model.Declared, c *model.Container, img *model.Image) {
		img.Volumes = []string{"/data"}
		c.Mounts = []model.Mount{{Kind: model.Volume, Source: "3fa", Target: "/data", Anonymous: true}}
	})
	p := Make(s, nil, model.PlanOptions{NoAssumptions: true})
	if len(p.Mounts) != 0 || !strings.Contains(strings.Join(model.BlindTexts(p.Blind), "\n"), "anonymous volume at /data") {
		t.Errorf("%s blind to %q", p, p.Blind)
	}
}
