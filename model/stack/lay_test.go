package stack

import (
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/modeltest"
)

func TestLay(t *testing.T) {
	oneOff := modeltest.Running("web", 1)
	oneOff.Name, oneOff.ID, oneOff.OneOff = "web-run", "run", true
	stray := modeltest.Running("stray", 1)
	stray.Mounts = []model.Mount{{Kind: model.Volume, Source: "v", Target: "/v"}}
	o := model.Observation{
		At: modeltest.Start.Add(time.Hour), Name: "shop",
		Project: &model.Project{
			Name: "shop", Files: []string{"compose.yaml"}, Inactive: []model.Declared{{Name: "debug", Inactive: true}},
			Services: []model.Declared{
				{Name: "web", Image: "web", Replicas: 2},
				{Name: "db", Image: "db", Reference: "docker.io/library/db:latest", Replicas: 1, Mounts: []model.Mount{{Kind: model.Volume, Source: "shop_data", Target: "/data/"}}},
			},
		},
		Containers: []model.Container{oneOff, modeltest.Running("web", 2), stray, modeltest.Running("web", 1)},
		Images:     map[string]model.Image{"sha256:db": {ID: "sha256:db", Tags: []string{"docker.io/library/db:latest"}}},
		Changes: map[string]model.Changes{
			"web2": modeltest.After(4*time.Minute, "C /run", "A /run/a.pid"),
			"web1": modeltest.After(2*time.Minute, "C /run", "A /run/a.pid", "D /tmp/x"),
		},
	}
	const want = `stack shop: 3 services, 0 read-only, 0 would run, 1 would break, 2 unknown
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
	if s.Service("db").Image == nil {
		t.Error("the image of a service without containers was not found by its name")
	}
	if again := Lay(o, s).String(); again != want {
		t.Errorf("laid again\n%s", again)
	}
}

// Only an engine can say that a service has no container.
func TestLayBeforeAnyAnswer(t *testing.T) {
	o := model.Observation{
		Link:    model.Link{State: model.Connecting},
		Project: &model.Project{Services: []model.Declared{{Name: "web"}}},
	}
	before := Lay(o, nil)
	o.Link.State = model.Live
	for _, test := range []struct {
		stack *model.Stack
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
	base := func() model.Observation {
		return model.Observation{
			Name:       "shop",
			Project:    &model.Project{Services: []model.Declared{{Name: "web", Image: "web", Replicas: 1}, {Name: "db", Image: "db", Replicas: 1}}},
			Containers: []model.Container{modeltest.Running("web", 1), modeltest.Running("db", 1)},
			Changes:    map[string]model.Changes{"web1": modeltest.After(time.Minute, "A /a"), "db1": modeltest.After(time.Minute)},
			Uses:       []model.VolumeUse{},
			Images:     map[string]model.Image{},
		}
	}
	first := base()
	before := Lay(first, nil)
	tests := []struct {
		name   string
		change func(o *model.Observation)
	}{
		{"nothing", func(*model.Observation) {}},
		{"state", func(o *model.Observation) { o.Containers[0].State = model.Paused }},
		{"a mount", func(o *model.Observation) { o.Containers[0].Mounts = []model.Mount{{Kind: model.Tmpfs, Target: "/a"}} }},
		{"changes", func(o *model.Observation) { o.Changes["web1"] = modeltest.After(2*time.Minute, "A /b") }},
		{"the same changes, later", func(o *model.Observation) { o.Changes["web1"] = modeltest.After(3*time.Minute, "A /a") }},
		{"a failure", func(o *model.Observation) {
			c := o.Changes["web1"]
			c.Err = "timeout"
			o.Changes["web1"] = c
		}},
		{"a user of a volume", func(o *model.Observation) {
			o.Containers[0].Mounts = []model.Mount{{Kind: model.Volume, Source: "v", Target: "/v"}}
			o.Uses = []model.VolumeUse{{Container: "x", Mount: model.Mount{Kind: model.Volume, Source: "v"}}}
		}},
		{"a container less", func(o *model.Observation) { o.Containers = o.Containers[1:] }},
		{"the files", func(o *model.Observation) {
			o.Project = &model.Project{Services: []model.Declared{{Name: "web", Image: "web", ReadOnly: true, Replicas: 1}}}
		}},
		{"no files", func(o *model.Observation) { o.Project, o.Problem = nil, &model.Problem{Text: "broken"} }},
		{"an image", func(o *model.Observation) {
			o.Images = map[string]model.Image{"sha256:web": {ID: "sha256:web", User: "app"}}
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
	o := model.Observation{
		Containers: []model.Container{modeltest.Running("web", 1)},
		Changes:    map[string]model.Changes{"web1": modeltest.After(time.Minute, "C /run", "A /run/a")},
	}
	before := Lay(o, nil)
	o.Containers = []model.Container{modeltest.Running("web", 1)}
	o.Containers[0].Health = model.Healthy
	s := Lay(o, before)
	if s.Services[0].Containers[0].Health != model.Healthy {
		t.Error("the health of before was taken over")
	}
	if &s.Services[0].Evidence.Root[0] != &before.Services[0].Evidence.Root[0] {
		t.Error("changes were walked again because the health changed")
	}
}

func TestVerdict(t *testing.T) {
	tmpfs := model.Mount{Kind: model.Tmpfs, Target: "/run"}
	tests := []struct {
		name     string
		declared *model.Declared
		change   func(c *model.Container)
		changes  model.Changes
		want     string
	}{
		{
			"already", &model.Declared{ReadOnly: true}, func(c *model.Container) { c.ReadOnly = true }, modeltest.After(time.Minute),
			"read-only: its root is read-only",
		},
		{
			"already, without files", nil, func(c *model.Container) { c.ReadOnly = true }, modeltest.After(time.Minute),
			"read-only: its root is read-only",
		},
		{
			"declared so, not recreated, silent", &model.Declared{ReadOnly: true}, nil, modeltest.After(time.Minute),
			"read-only: declared read-only but runs on a writable root: create its containers again (no changes in 1 min)",
		},
		{
			"declared so, not recreated, writing", &model.Declared{ReadOnly: true}, nil, modeltest.After(time.Minute, "A /x"),
			"would break: declared read-only but runs on a writable root: wrote to 1 path of its root (changes over 1 min)\n  blocked A /x",
		},
		{
			"read-only only as it runs", &model.Declared{}, func(c *model.Container) { c.ReadOnly = true }, modeltest.After(time.Minute),
			"unknown: runs on a read-only root, but its files declare a writable one (no changes in 1 min)",
		},
		{
			"silent", &model.Declared{}, nil, modeltest.After(4 * time.Minute),
			"unknown: nothing seen in 4 min is not nothing needed (no changes in 4 min)",
		},
		{
			"just started", &model.Declared{}, nil, modeltest.After(10 * time.Second),
			"unknown: has run for 10 s only (no changes in 10 s)",
		},
		{
			"never ran", &model.Declared{}, func(c *model.Container) { c.State, c.Started = model.Created, time.Time{} }, modeltest.After(time.Minute),
			"unknown: its containers never ran (never ran)",
		},
		{
			"never ran, and was not asked", &model.Declared{}, func(c *model.Container) { c.State, c.Started = model.Created, time.Time{} },
			model.Changes{},
			"unknown: its containers never ran (never ran)",
		},
		{
			"ran and ended", &model.Declared{}, func(c *model.Container) { c.State, c.Finished = model.Exited, modeltest.Start.Add(2*time.Minute) }, modeltest.After(72 * time.Hour),
			"unknown: nothing seen in 2 min is not nothing needed (no changes in 2 min)",
		},
		{
			"died at once", &model.Declared{}, func(c *model.Container) { c.State, c.Finished = model.Exited, modeltest.Start.Add(-time.Millisecond) }, modeltest.After(time.Hour),
			"unknown: has run for 0 s only (no changes in 0 s)",
		},
		{
			"runs again", &model.Declared{}, func(c *model.Container) { c.Finished = modeltest.Start.Add(-time.Second) }, modeltest.After(time.Hour),
			"unknown: nothing seen in 1 h is not nothing needed (no changes in 1 h)",
		},
		{
			"a clock that is behind", &model.Declared{}, nil, modeltest.After(-time.Minute),
			"unknown: has run for 0 s only (no changes in 0 s)",
		},
		{
			"a failed question", &model.Declared{}, nil,
			model.Changes{Err: "timeout"},
			"unknown: its changes could not be read: timeout (not read)",
		},
		{
			"blocked and allowed by a mount that is declared, but not there yet", &model.Declared{Mounts: []model.Mount{tmpfs}}, nil,
			modeltest.After(3*24*time.Hour, "C /run", "A /run/a.pid", "A /tmp/x"),
			"would break: wrote to 1 path of its root (changes over 3 days)\n  blocked A /tmp/x\n  allowed A /run/a.pid by tmpfs at /run",
		},
		{
			"all allowed", &model.Declared{Mounts: []model.Mount{tmpfs}}, nil, modeltest.After(2*time.Hour, "A /run/a.pid"),
			"unknown: all it wrote in 2 h goes to declared mounts (changes over 2 h)\n  allowed A /run/a.pid by tmpfs at /run",
		},
		{
			"a read-only mount takes nothing", &model.Declared{Mounts: []model.Mount{tmpfs, {Kind: model.Bind, Source: "/s", Target: "/run/s", ReadOnly: true}}}, nil,
			modeltest.After(time.Minute, "A /run/s/x", "A /run/t"),
			"would break: wrote to 1 path of its root (changes over 1 min)\n  blocked A /run/s/x\n  allowed A /run/t by tmpfs at /run",
		},
		{
			"a target behind /var/run", &model.Declared{Mounts: []model.Mount{{Kind: model.Tmpfs, Target: "/var/run/app"}}}, nil, modeltest.After(time.Minute, "A /run/app/x"),
			"unknown: all it wrote in 1 min goes to declared mounts (changes over 1 min)\n  allowed A /run/app/x by tmpfs at /var/run/app",
		},
		{
			"a live mount that is not declared any more", &model.Declared{}, func(c *model.Container) { c.Mounts = []model.Mount{tmpfs} }, modeltest.After(time.Minute, "A /run/x"),
			"would break: wrote to 1 path of its root (changes over 1 min)\n  blocked A /run/x",
		},
		{
			"a config that Compose copies in", &model.Declared{Mounts: []model.Mount{{Kind: model.Config, Source: "c", Target: "/cfg/c", Copied: true}}}, nil,
			modeltest.After(time.Minute, "A /cfg", "A /cfg/c"),
			"would break: Compose copies 1 file into its root, which it refuses on a read-only one (changes over 1 min)\n  blocked A /cfg\n  blocked A /cfg/c",
		},
		{
			"a config that Compose copies in, and a write", &model.Declared{Mounts: []model.Mount{{Kind: model.Config, Source: "c", Target: "/c", Copied: true}}}, nil,
			modeltest.After(time.Minute, "A /x"),
			"would break: wrote to 1 path of its root, and Compose copies 1 file into its root, which it refuses on a read-only one (changes over 1 min)\n  blocked A /x\n  blocked A /c",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := modeltest.Running("web", 1)
			if test.change != nil {
				test.change(&c)
			}
			o := model.Observation{Containers: []model.Container{c}, Changes: map[string]model.Changes{c.ID: test.changes}}
			if test.declared != nil {
				test.declared.Name = "web"
				o.Project = &model.Project{Services: []model.Declared{*test.declared}}
			}
			if got := Lay(o, nil).Services[0].Verdict.String(); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestWritableSurface(t *testing.T) {
	c := modeltest.Running("web", 1)
	c.Mounts = []model.Mount{
		{Kind: model.Volume, Source: "v", Target: "/image", Anonymous: true},
		{Kind: model.Tmpfs, Target: "/only/live"},
		{Kind: model.Tmpfs, Target: "/dev/shm"},
	}
	o := model.Observation{Images: map[string]model.Image{c.ImageID: {ID: c.ImageID, Volumes: []string{"/image"}}}}
	declared := func(readOnly bool) *model.Project {
		return &model.Project{Services: []model.Declared{{Name: "web", ReadOnly: readOnly, Mounts: []model.Mount{
			{Kind: model.Tmpfs, Target: "/run"},
			{Kind: model.Tmpfs, Target: "/dev/shm"},
			{Kind: model.Bind, Source: "/s", Target: "/s", ReadOnly: true},
			{Kind: model.Config, Target: "/c", Copied: true},
		}}}}
	}
	const running = "/ /dev/shm /image /only/live /dev /dev/mqueue"
	listed := c // not inspected yet: its mounts are not known
	listed.Inspected, listed.Mounts = false, nil
	for _, test := range []struct {
		name       string
		containers []model.Container
		project    *model.Project
		now, next  string
	}{
		{"only running", []model.Container{c}, nil, running, running},
		{"declared otherwise", []model.Container{c}, declared(false), running, "/ /dev/shm /image /run /dev /dev/mqueue"},
		{"declared read-only", []model.Container{c}, declared(true), running, "/dev/shm /image /run /dev /dev/mqueue"},
		{"not created", nil, declared(true), "/dev/shm /run /dev /dev/mqueue", "/dev/shm /run /dev /dev/mqueue"},
		{"not inspected yet", []model.Container{listed}, declared(true), "/dev/shm /run /dev /dev/mqueue", "/dev/shm /run /dev /dev/mqueue"},
	} {
		o.Containers, o.Project = test.containers, test.project
		for at, want := range map[model.Moment]string{model.Now: test.now, model.NextStart: test.next} {
			var got []string
			for _, w := range Lay(o, nil).Services[0].WritableSurface(at) {
				got = append(got, w.Target)
			}
			if got := strings.Join(got, " "); got != want {
				t.Errorf("%s, at %d: got %s, want %s", test.name, at, got, want)
			}
		}
	}
}

// A tree of two sets takes twice the memory of one, so that there is a second one only
// where something is in it.
func TestOneContainerIsOneSet(t *testing.T) {
	o := model.Observation{
		Containers: []model.Container{modeltest.Running("web", 1)},
		Changes:    map[string]model.Changes{"web1": modeltest.After(time.Minute, "C /run", "A /run/a")},
	}
	if sets := Lay(o, nil).Services[0].Evidence.Sets; len(sets) != 1 {
		t.Errorf("%d sets without a recording", len(sets))
	}
	o.Recordings = []*model.Recording{{Service: "web", ImageID: "sha256:web", Writes: []model.Write{
		{Path: "/run/a", Acts: model.Made, Count: 1}, {Path: "/tmp/x", Acts: model.Made | model.Removed, Gone: true, Count: 1},
	}}}
	if sets := Lay(o, nil).Services[0].Evidence.Sets; len(sets) != 1 || len(sets[0]) != 2 {
		t.Errorf("with a recording: %v", sets)
	}
}
