package model

import (
	"strings"
	"testing"
	"time"
)

var start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// running is a container that has run since start.
func running(service string, number int) Container {
	id := service + string(rune('0'+number))
	return Container{
		ID: id, Name: id, Service: service, Number: number, State: Running, Started: start,
		Inspected: true, WorkingDir: "/", Image: service, ImageID: "sha256:" + service,
	}
}

// after is an answer taken some time after start.
func after(d time.Duration, lines ...string) Changes {
	return Changes{Paths: diff(lines...), Taken: start.Add(d)}
}

func TestLay(t *testing.T) {
	oneOff := running("web", 1)
	oneOff.Name, oneOff.ID, oneOff.OneOff = "web-run", "run", true
	stray := running("stray", 1)
	stray.Mounts = []Mount{{Kind: Volume, Source: "v", Target: "/v"}}
	o := Observation{
		At: start.Add(time.Hour), Name: "shop",
		Project: &Project{
			Name: "shop", Files: []string{"compose.yaml"}, Inactive: []string{"debug"},
			Services: []Declared{
				{Name: "web", Image: "web", Replicas: 2},
				{Name: "db", Image: "db", Replicas: 1, Mounts: []Mount{{Kind: Volume, Source: "shop_data", Target: "/data/"}}},
			},
		},
		Containers: []Container{oneOff, running("web", 2), stray, running("web", 1)},
		Images:     map[string]Image{"sha256:db": {ID: "sha256:db", Tags: []string{"docker.io/library/db:latest"}}},
		Changes: map[string]Changes{
			"web2": after(4*time.Minute, "C /run", "A /run/a.pid"),
			"web1": after(2*time.Minute, "C /run", "A /run/a.pid", "D /tmp/x"),
		},
	}
	const want = `stack shop: 3 services, 0 read-only, 1 break, 2 unknown
service db +0 ~0 -0
  /data: volume shop_data | -
  unknown: no container was created yet (not created)
service web [web1 running] [web2 running] [web-run running one-off] +1 ~0 -1
  would break: wrote to 2 paths of its root (changes over 4 min, 2 of 3 containers asked)
    blocked A /run/a.pid
    blocked D /tmp/x
service stray (not declared) [stray1 running] +0 ~0 -0
  /v: - | volume v
  unknown: its containers have not been asked for their changes yet (not asked yet)
inactive: debug
`
	s := Lay(o, nil)
	if got := s.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if s.service("db").Image == nil {
		t.Error("the image of a service without containers was not found by its name")
	}
	if again := Lay(o, s).String(); again != want {
		t.Errorf("laid again\n%s", again)
	}
}

// Only an engine can say that a service has no container.
func TestLayBeforeAnyAnswer(t *testing.T) {
	o := Observation{
		Link:    Link{State: Connecting},
		Project: &Project{Services: []Declared{{Name: "web"}}},
	}
	before := Lay(o, nil)
	o.Link.State = Live
	for _, test := range []struct {
		stack *Stack
		want  string
	}{
		{before, "unknown: no engine has answered yet (not asked yet)"},
		{Lay(o, before), "unknown: no container was created yet (not created)"},
	} {
		if got := test.stack.Services[0].Verdict.String(); got != test.want {
			t.Errorf("%s: got %q, want %q", test.stack.Link.State, got, test.want)
		}
	}
}

// What changed is seen, whatever is taken over from the stack before.
func TestLayAgain(t *testing.T) {
	base := func() Observation {
		return Observation{
			Name:       "shop",
			Project:    &Project{Services: []Declared{{Name: "web", Image: "web", Replicas: 1}, {Name: "db", Image: "db", Replicas: 1}}},
			Containers: []Container{running("web", 1), running("db", 1)},
			Changes:    map[string]Changes{"web1": after(time.Minute, "A /a"), "db1": after(time.Minute)},
			Uses:       []VolumeUse{},
			Images:     map[string]Image{},
		}
	}
	first := base()
	before := Lay(first, nil)
	tests := []struct {
		name   string
		change func(o *Observation)
	}{
		{"nothing", func(*Observation) {}},
		{"state", func(o *Observation) { o.Containers[0].State = Paused }},
		{"a mount", func(o *Observation) { o.Containers[0].Mounts = []Mount{{Kind: Tmpfs, Target: "/a"}} }},
		{"changes", func(o *Observation) { o.Changes["web1"] = after(2*time.Minute, "A /b") }},
		{"the same changes, later", func(o *Observation) { o.Changes["web1"] = after(3*time.Minute, "A /a") }},
		{"a failure", func(o *Observation) {
			c := o.Changes["web1"]
			c.Err = "timeout"
			o.Changes["web1"] = c
		}},
		{"a user of a volume", func(o *Observation) {
			o.Containers[0].Mounts = []Mount{{Kind: Volume, Source: "v", Target: "/v"}}
			o.Uses = []VolumeUse{{Container: "x", Mount: Mount{Kind: Volume, Source: "v"}}}
		}},
		{"a container less", func(o *Observation) { o.Containers = o.Containers[1:] }},
		{"the files", func(o *Observation) {
			o.Project = &Project{Services: []Declared{{Name: "web", Image: "web", ReadOnly: true, Replicas: 1}}}
		}},
		{"no files", func(o *Observation) { o.Project, o.Problem = nil, &Problem{Text: "broken"} }},
		{"an image", func(o *Observation) {
			o.Images = map[string]Image{"sha256:web": {ID: "sha256:web", User: "app"}}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := base()
			o.Project = first.Project
			test.change(&o)
			got, want := Lay(o, before).String(), Lay(o, nil).String()
			if got != want {
				t.Errorf("taken over\n%s\nanew\n%s", got, want)
			}
		})
	}
}

func TestLayTakesOverWrites(t *testing.T) {
	o := Observation{
		Containers: []Container{running("web", 1)},
		Changes:    map[string]Changes{"web1": after(time.Minute, "C /run", "A /run/a")},
	}
	before := Lay(o, nil)
	o.Containers = []Container{running("web", 1)}
	o.Containers[0].Health = Healthy
	s := Lay(o, before)
	if s.Services[0].Containers[0].Health != Healthy {
		t.Error("the health of before was taken over")
	}
	if &s.Services[0].written[0] != &before.Services[0].written[0] {
		t.Error("changes were walked again because the health changed")
	}
}

func TestVerdict(t *testing.T) {
	tmpfs := Mount{Kind: Tmpfs, Target: "/run"}
	tests := []struct {
		name     string
		declared *Declared
		change   func(c *Container)
		changes  Changes
		want     string
	}{
		{
			"already", &Declared{ReadOnly: true}, func(c *Container) { c.ReadOnly = true }, after(time.Minute),
			"read-only: its root is read-only",
		},
		{
			"already, without files", nil, func(c *Container) { c.ReadOnly = true }, after(time.Minute),
			"read-only: its root is read-only",
		},
		{
			"declared so, not recreated, silent", &Declared{ReadOnly: true}, nil, after(time.Minute),
			"read-only: declared read-only but runs on a writable root: create its containers again (no changes in 1 min)",
		},
		{
			"declared so, not recreated, writing", &Declared{ReadOnly: true}, nil, after(time.Minute, "A /x"),
			"would break: declared read-only but runs on a writable root: wrote to 1 path of its root (changes over 1 min)\n  blocked A /x",
		},
		{
			"read-only only as it runs", &Declared{}, func(c *Container) { c.ReadOnly = true }, after(time.Minute),
			"unknown: runs on a read-only root, but its files declare a writable one (no changes in 1 min)",
		},
		{
			"silent", &Declared{}, nil, after(4 * time.Minute),
			"unknown: nothing seen in 4 min is not nothing needed (no changes in 4 min)",
		},
		{
			"just started", &Declared{}, nil, after(10 * time.Second),
			"unknown: has run for 10 s only (no changes in 10 s)",
		},
		{
			"never ran", &Declared{}, func(c *Container) { c.State, c.Started = Created, time.Time{} }, after(time.Minute),
			"unknown: its containers never ran (never ran)",
		},
		{
			"never ran, and was not asked", &Declared{}, func(c *Container) { c.State, c.Started = Created, time.Time{} },
			Changes{},
			"unknown: its containers never ran (never ran)",
		},
		{
			"ran and ended", &Declared{}, func(c *Container) { c.State, c.Finished = Exited, start.Add(2*time.Minute) }, after(72 * time.Hour),
			"unknown: nothing seen in 2 min is not nothing needed (no changes in 2 min)",
		},
		{
			"died at once", &Declared{}, func(c *Container) { c.State, c.Finished = Exited, start.Add(-time.Millisecond) }, after(time.Hour),
			"unknown: has run for 0 s only (no changes in 0 s)",
		},
		{
			"runs again", &Declared{}, func(c *Container) { c.Finished = start.Add(-time.Second) }, after(time.Hour),
			"unknown: nothing seen in 1 h is not nothing needed (no changes in 1 h)",
		},
		{
			"a clock that is behind", &Declared{}, nil, after(-time.Minute),
			"unknown: has run for 0 s only (no changes in 0 s)",
		},
		{
			"a failed question", &Declared{}, nil,
			Changes{Err: "timeout"},
			"unknown: its changes could not be read: timeout (not asked yet)",
		},
		{
			"blocked and allowed by a mount that is declared, but not there yet", &Declared{Mounts: []Mount{tmpfs}}, nil,
			after(3*24*time.Hour, "C /run", "A /run/a.pid", "A /tmp/x"),
			"would break: wrote to 1 path of its root (changes over 3 days)\n  blocked A /tmp/x\n  allowed A /run/a.pid by tmpfs at /run",
		},
		{
			"all allowed", &Declared{Mounts: []Mount{tmpfs}}, nil, after(2*time.Hour, "A /run/a.pid"),
			"unknown: all it wrote in 2 h goes to declared mounts (changes over 2 h)\n  allowed A /run/a.pid by tmpfs at /run",
		},
		{
			"a read-only mount takes nothing", &Declared{Mounts: []Mount{tmpfs, {Kind: Bind, Source: "/s", Target: "/run/s", ReadOnly: true}}}, nil,
			after(time.Minute, "A /run/s/x", "A /run/t"),
			"would break: wrote to 1 path of its root (changes over 1 min)\n  blocked A /run/s/x\n  allowed A /run/t by tmpfs at /run",
		},
		{
			"a target behind /var/run", &Declared{Mounts: []Mount{{Kind: Tmpfs, Target: "/var/run/app"}}}, nil, after(time.Minute, "A /run/app/x"),
			"unknown: all it wrote in 1 min goes to declared mounts (changes over 1 min)\n  allowed A /run/app/x by tmpfs at /var/run/app",
		},
		{
			"a live mount that is not declared any more", &Declared{}, func(c *Container) { c.Mounts = []Mount{tmpfs} }, after(time.Minute, "A /run/x"),
			"would break: wrote to 1 path of its root (changes over 1 min)\n  blocked A /run/x",
		},
		{
			"a config that Compose copies in", &Declared{Mounts: []Mount{{Kind: Config, Source: "c", Target: "/cfg/c", Copied: true}}}, nil,
			after(time.Minute, "A /cfg", "A /cfg/c"),
			"would break: Compose copies 1 file into its root, which it refuses on a read-only one (changes over 1 min)\n  blocked A /cfg\n  blocked A /cfg/c",
		},
		{
			"a config that Compose copies in, and a write", &Declared{Mounts: []Mount{{Kind: Config, Source: "c", Target: "/c", Copied: true}}}, nil,
			after(time.Minute, "A /x"),
			"would break: wrote to 1 path of its root, and Compose copies 1 file into its root, which it refuses on a read-only one (changes over 1 min)\n  blocked A /x\n  blocked A /c",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := running("web", 1)
			if test.change != nil {
				test.change(&c)
			}
			o := Observation{Containers: []Container{c}, Changes: map[string]Changes{c.ID: test.changes}}
			if test.declared != nil {
				test.declared.Name = "web"
				o.Project = &Project{Services: []Declared{*test.declared}}
			}
			if got := Lay(o, nil).Services[0].Verdict.String(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestWritableSurface(t *testing.T) {
	c := running("web", 1)
	c.Mounts = []Mount{
		{Kind: Volume, Source: "v", Target: "/image", Anonymous: true},
		{Kind: Tmpfs, Target: "/only/live"},
		{Kind: Tmpfs, Target: "/dev/shm"},
	}
	o := Observation{
		Containers: []Container{c},
		Images:     map[string]Image{c.ImageID: {ID: c.ImageID, Volumes: []string{"/image"}}},
	}
	declared := func(readOnly bool) *Project {
		return &Project{Services: []Declared{{Name: "web", ReadOnly: readOnly, Mounts: []Mount{
			{Kind: Tmpfs, Target: "/run"},
			{Kind: Tmpfs, Target: "/dev/shm"},
			{Kind: Bind, Source: "/s", Target: "/s", ReadOnly: true},
			{Kind: Config, Target: "/c", Copied: true},
		}}}}
	}
	tests := []struct {
		name    string
		project *Project
		want    string
	}{
		{"as it runs", nil, "/ /dev/shm /image /only/live /dev /dev/mqueue"},
		{"as declared", declared(false), "/ /dev/shm /image /run /dev /dev/mqueue"},
		{"as declared, read-only", declared(true), "/dev/shm /image /run /dev /dev/mqueue"},
	}
	for _, test := range tests {
		o.Project = test.project
		var got []string
		for _, w := range Lay(o, nil).Services[0].WritableSurface() {
			got = append(got, w.Target)
		}
		if got := strings.Join(got, " "); got != test.want {
			t.Errorf("%s: got %s, want %s", test.name, got, test.want)
		}
	}
}
