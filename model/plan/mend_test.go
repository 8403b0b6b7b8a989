package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"petrify/model"
	"petrify/model/modeltest"
	"petrify/model/stack"
)

const denied = "touch: cannot touch '/work/x': Permission denied"

// withMount is a service with a read-only root and one declared mount, for user 1000.
func withMount(m model.Mount, lines ...string) *model.Service {
	return refusing(func(d *model.Declared, c *model.Container) {
		d.User, c.User = "1000:1000", "1000:1000"
		d.Mounts, c.Mounts = []model.Mount{m}, []model.Mount{m}
	}, lines...)
}

func tmpfsAt(options string) model.Mount {
	return model.Mount{Kind: model.Tmpfs, Target: "/work", Options: options}
}

// A declared mount that does not do is declared anew, or told of with the line to change.
func TestDeclaredMountsAreMended(t *testing.T) {
	long := tmpfsAt("mode=755,size=1m")
	long.Long = true
	odd := tmpfsAt("mode=755")
	odd.Spelling = "/work/"
	for name, test := range map[string]struct {
		mount model.Mount
		line  string
		want  string
	}{
		"root's":                        {tmpfsAt("mode=755"), "", "tmpfs /work mode=0755 uid=1000 gid=1000 size=16m"},
		"root's, with a size":           {tmpfsAt("mode=755,size=3m"), "", "tmpfs /work mode=0755 uid=1000 gid=1000 size=3m"},
		"full":                          {tmpfsAt("mode=1777,size=1m"), "write /work/x: no space left on device", "tmpfs /work mode=1777 uid=0 gid=0 size=2m"},
		"full and root's":               {tmpfsAt("mode=755,size=1m"), "write /work/x: no space left on device", "tmpfs /work mode=0755 uid=1000 gid=1000 size=2m"},
		"not for programs":              {tmpfsAt("mode=1777"), "fork/exec /work/plugin: permission denied", "tmpfs /work mode=1777 uid=0 gid=0 size=16m exec"},
		"without options":               {tmpfsAt(""), denied, `in the Compose file, declare it as tmpfs: ["/work:mode=0755,uid=1000,gid=1000"] in place of the entry for /work`},
		"its own":                       {tmpfsAt("mode=755,uid=1000"), "", ""},
		"in the long form":              {long, "", `in the Compose file, declare it as tmpfs: ["/work:size=1m,mode=0755,uid=1000,gid=1000"] in place of the entry for /work`},
		"spelled so that two of it are": {odd, "", `in the Compose file, declare it as tmpfs: ["/work:mode=0755,uid=1000,gid=1000"] in place of the entry for /work`},
	} {
		p := Make(withMount(test.mount, test.line), nil, model.PlanOptions{})
		got := ""
		for _, m := range p.Mounts {
			got, _, _ = strings.Cut(m.String(), ":")
			if m.Mends == "" {
				t.Errorf("%s: %s mends nothing", name, m)
			}
		}
		for _, u := range p.Unsolved {
			got += u.Advice
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q\n%s", name, got, test.want, p)
		}
		if p.Already != (len(p.Mounts) == 0) {
			t.Errorf("%s: %s", name, p)
		}
	}
}

// The size of a tmpfs in the long form can be another one in an override.
func TestLongFormTakesASize(t *testing.T) {
	m := tmpfsAt("mode=1777,size=1m")
	m.Long = true
	p := Make(withMount(m, "write /work/x: no space left on device"), nil, model.PlanOptions{})
	if len(p.Mounts) != 1 || p.Mounts[0].Size != 2*miB || len(p.Unsolved) > 0 {
		t.Error(p)
	}
}

// What mends a mount stays as long as it is in use, with its file and without.
func TestMendedMountsStay(t *testing.T) {
	bare := tmpfsAt("mode=1777,size=1m")
	first := Make(withMount(bare, "write /work/x: no space left on device"), nil, model.PlanOptions{})
	if len(first.Mounts) != 1 {
		t.Fatal(first)
	}
	anew := tmpfsAt("mode=1777,size=2m")
	withFile := anew
	withFile.ByPlan, withFile.Instead = true, &bare
	for name, declared := range map[string]model.Mount{"with its file": withFile, "without": bare} {
		s := refusing(func(d *model.Declared, c *model.Container) {
			d.User, c.User = "1000:1000", "1000:1000"
			d.Mounts, c.Mounts = []model.Mount{declared}, []model.Mount{anew}
		})
		again := Make(s, nil, model.PlanOptions{Earlier: &first})
		if fmt.Sprint(again.Mounts) != fmt.Sprint(first.Mounts) {
			t.Errorf("%s:\n%s\nafter\n%s", name, again, first)
		}
		if again.Already {
			t.Errorf("%s: %s", name, again)
		}
	}
	// The writes that it was planned for are not refused any more.
	owner := tmpfsAt("mode=0755,size=1m")
	first = Make(withMount(owner, denied), nil, model.PlanOptions{})
	s := withMount(owner)
	s.Mounts[0].Live.Options = "mode=0755,size=1m,uid=1000,gid=1000"
	if again := Make(s, nil, model.PlanOptions{Earlier: &first}); again.String() != first.String() || len(first.Mounts[0].Serves) == 0 {
		t.Errorf("%s\nafter\n%s", again, first)
	}
	// One that somebody has changed since is theirs.
	first = Make(withMount(bare, "write /work/x: no space left on device"), nil, model.PlanOptions{})
	s = refusing(func(d *model.Declared, c *model.Container) {
		d.Mounts, c.Mounts = []model.Mount{tmpfsAt("mode=1777,size=9m")}, []model.Mount{tmpfsAt("mode=1777,size=9m")}
	})
	if again := Make(s, nil, model.PlanOptions{Earlier: &first}); !again.Already {
		t.Error(again)
	}
}

// A volume gets no owner by a declaration: what gives it one is told.
func TestVolumeOfSomebodyElse(t *testing.T) {
	lay := func(point model.MountPoint, adapt func(*model.Observation)) *model.Service {
		volume := model.Mount{Kind: model.Volume, Source: "shop_data", Target: "/data"}
		d := model.Declared{Name: "app", ReadOnly: true, Replicas: 1, Image: "shop/app", User: "node", Mounts: []model.Mount{volume}}
		c := modeltest.Running("app", 1)
		c.ReadOnly, c.User, c.StartsAs, c.Mounts = true, "node", &model.User{UID: 1000, GID: 1000}, []model.Mount{volume}
		c.MountPoints = map[string]model.MountPoint{"/data": point}
		o := model.Observation{Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{d}}, Containers: []model.Container{c}}
		if adapt != nil {
			adapt(&o)
		}
		return stack.Lay(o, nil).Service("app")
	}
	p := Make(lay(model.MountPoint{Mode: 0o755, Empty: true}, nil), nil, model.PlanOptions{})
	if !p.Already || len(p.Unsolved) != 1 || p.Unsolved[0].Reason != model.OpenMountFault ||
		!strings.Contains(p.Unsolved[0].Why, "user 1000 with group 1000 cannot write there: the volume has mode 0755 and belongs to 0:0") ||
		!strings.Contains(p.Unsolved[0].Advice, "--entrypoint chown app 1000:1000 /data") {
		t.Error(p)
	}
	for name, s := range map[string]*model.Service{
		"its own":                 lay(model.MountPoint{Mode: 0o755, UID: 1000, Empty: true}, nil),
		"of its group":            lay(model.MountPoint{Mode: 0o775, GID: 1000, Empty: true}, nil),
		"of a group it may be in": lay(model.MountPoint{Mode: 0o775, GID: 7, Empty: true}, nil),
		"with something in it":    lay(model.MountPoint{Mode: 0o755}, nil),
		"that another fills": lay(model.MountPoint{Mode: 0o755, Empty: true}, func(o *model.Observation) {
			o.Uses = []model.VolumeUse{{Project: "shop", Service: "fill", Mount: model.Mount{Kind: model.Volume, Source: "shop_data", Target: "/out"}}}
		}),
	} {
		if p := Make(s, nil, model.PlanOptions{}); len(p.Unsolved) > 0 {
			t.Errorf("%s: %s", name, p)
		}
	}
}

// What is refused in a mount that is mended is one of its writes; what no mount is for is
// told of.
func TestRefusalsInMounts(t *testing.T) {
	p := Make(withMount(tmpfsAt("mode=755"), denied), nil, model.PlanOptions{})
	if len(p.Mounts) != 1 || !slices.ContainsFunc(p.Mounts[0].Serves, func(c model.Change) bool { return c.Path == "/work/x" }) {
		t.Error(p)
	}
	s := withMount(model.Mount{Kind: model.Bind, Source: "/src", Target: "/work"}, denied, "mkdir: cannot create directory '/srv/x': Read-only file system")
	if p := Make(s, nil, model.PlanOptions{}); len(p.Unsolved) != 1 || p.Unsolved[0].Reason != model.OpenInMount || p.Unsolved[0].Path != "/work/x" {
		t.Error(p)
	}
	if judged := Judge(s, new(Make(s, nil, model.PlanOptions{}))); judged.Mended() {
		t.Error(judged)
	}
	s = withMount(tmpfsAt("mode=755"), denied)
	if judged := Judge(s, new(Make(s, nil, model.PlanOptions{}))); !judged.Mended() || fmt.Sprint(judged.Mends) != "[/work]" {
		t.Error(judged)
	}
	s = withMount(tmpfsAt(""), denied)
	const want = "would break, 1 write not solved: no override mends that: the plan says what does"
	if judged := Judge(s, new(Make(s, nil, model.PlanOptions{}))); judged.String() != want {
		t.Error(judged)
	}
}
