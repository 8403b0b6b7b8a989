package model

import (
	"slices"
	"strings"
	"testing"
)

func TestAssumptions(t *testing.T) {
	image := func(name string) func(*Declared, *Container, *Image) {
		return func(d *Declared, c *Container, _ *Image) { d.Image, c.Image = name, name }
	}
	tmp := shipped(0o1777, 0)
	tests := []struct {
		name  string
		adapt func(*Declared, *Container, *Image)
		facts Facts
		lines []string
		want  string // only what is assumed
	}{
		{"nothing is known", nil, nil, nil, ""},
		{"the image has /tmp", nil, Facts{"/tmp": tmp}, nil, "tmpfs /tmp mode=1777 uid=0 gid=0 size=64m"},
		{"the image lacks /tmp", image("postgres:17"), Facts{"/tmp": {Known: true}}, nil, "tmpfs /run/postgresql mode=1777 uid=0 gid=0 size=1m"},
		{
			"a known image", image("docker.io/library/postgres:17"),
			Facts{"/tmp": tmp, "/run/postgresql": shipped(0o3777, 999)},
			nil,
			"tmpfs /run/postgresql mode=3777 uid=999 gid=999 size=1m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m",
		},
		{
			"a known command in an image of one's own",
			func(_ *Declared, c *Container, _ *Image) { c.Command = []string{"/usr/sbin/mysqld"} },
			Facts{"/run/mysqld": shipped(0o755, 101), "/tmp": {Known: true}},
			nil,
			"tmpfs /run/mysqld mode=0755 uid=101 gid=101 size=1m",
		},
		{
			"what was written tells", nil,
			Facts{"/var/lib/php/sessions": shipped(0o1733, 0)},
			[]string{"A /var/lib/php/sessions/sess_1"},
			"tmpfs /run mode=0755 uid=0 gid=0 size=1m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m",
		},
		{
			"a directory of the image that holds something", image("nginx"),
			Facts{"/run": shipped(0o755, 0), "/var/cache/nginx": filled(0o755, 0), "/var/lib/nginx": {Known: true}},
			nil,
			"tmpfs /run mode=0755 uid=0 gid=0 size=1m",
		},
		{
			"where the service may not write anyway",
			func(d *Declared, c *Container, _ *Image) { d.Image, c.Image, d.User = "nginx", "nginx", "101" },
			Facts{"/run": shipped(0o755, 0), "/var/cache/nginx": shipped(0o755, 101), "/var/lib/nginx": {Known: true}},
			nil,
			"tmpfs /var/cache/nginx mode=0755 uid=101 gid=101 size=64m",
		},
		{
			"what the image ships for the service's user",
			func(d *Declared, _ *Container, _ *Image) { d.User = "5" },
			Facts{"/run/redis": shipped(0o755, 5), "/run/nginx": shipped(0o755, 0)},
			nil,
			"tmpfs /run/redis mode=0755 uid=5 gid=5 size=1m",
		},
		{
			"what a tmpfs on /run hides", image("mysql"),
			Facts{"/run": filled(0o755, 0), "/run/lock": shipped(0o1777, 0), "/run/mysqld": shipped(0o755, 101), "/run/redis": shipped(0o755, 5), "/tmp": {Known: true}},
			[]string{"A /run/x.pid"},
			"tmpfs /run/lock mode=1777 uid=0 gid=0 size=1m\ntmpfs /run/mysqld mode=0755 uid=101 gid=101 size=1m",
		},
		{
			"/run, where a mount deeper down was called for", image("wordpress"),
			Facts{"/run": filled(0o755, 0), "/run/apache2": grown(0o755, 0), "/tmp": {Known: true}, "/run/lock": {Known: true}},
			[]string{"A /run/apache2", "A /run/apache2/apache2.pid"},
			"",
		},
		{
			"a mount that is there",
			func(d *Declared, _ *Container, _ *Image) { d.Mounts = []Mount{{Kind: Tmpfs, Target: "/tmp"}} },
			Facts{"/tmp": tmp},
			nil, "",
		},
		{
			"an anonymous volume with data",
			func(_ *Declared, c *Container, img *Image) {
				img.Volumes = []string{"/data", "/var/cache/x"}
				c.Mounts = []Mount{{Kind: Volume, Source: "3fa", Target: "/data", Anonymous: true}, {Kind: Volume, Source: "3fb", Target: "/var/cache/x", Anonymous: true}}
			},
			nil, nil, "volume /data app-data",
		},
		{
			"an anonymous volume that is declared",
			func(d *Declared, _ *Container, _ *Image) {
				d.Mounts = []Mount{{Kind: Volume, Target: "/state", Anonymous: true}}
			},
			nil, nil, "volume /state app-state",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := planned(test.adapt, test.lines...)
			p := MakePlan(s, test.facts, PlanOptions{})
			without := MakePlan(s, test.facts, PlanOptions{NoAssumptions: true})
			for _, m := range without.Mounts {
				if m.Assumed != "" {
					t.Errorf("assumed although no assumptions were wanted: %s", m)
				}
			}
			full := p.String()
			p.Mounts = slices.DeleteFunc(p.Mounts, func(m PlannedMount) bool { return m.Assumed == "" })
			if got := sketch(p); got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nin full\n%s", got, test.want, full)
			}
		})
	}
}

// Without assumptions, an anonymous volume stays what it is: that is said.
func TestAnonymousVolumesAreToldOf(t *testing.T) {
	s := planned(func(_ *Declared, c *Container, img *Image) {
		img.Volumes = []string{"/data"}
		c.Mounts = []Mount{{Kind: Volume, Source: "3fa", Target: "/data", Anonymous: true}}
	})
	p := MakePlan(s, nil, PlanOptions{NoAssumptions: true})
	if len(p.Mounts) != 0 || !strings.Contains(strings.Join(p.Blind, "\n"), "anonymous volume at /data") {
		t.Errorf("%s blind to %q", p, p.Blind)
	}
	if slices.Contains(blindToDiff, p.Blind[len(p.Blind)-1]) {
		t.Error("what one plan cannot see was added to all")
	}
}
