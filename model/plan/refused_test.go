package plan

import (
	"strings"
	"testing"

	"petrify/model"
	"petrify/model/modeltest"
	"petrify/model/stack"
)

// refusing is a service with a read-only root that was refused what lines of its log say.
func refusing(adapt func(*model.Declared, *model.Container), lines ...string) *model.Service {
	d := model.Declared{Name: "app", ReadOnly: true, Replicas: 1, Image: "shop/app"}
	c := modeltest.Running("app", 1)
	c.ReadOnly, c.Project = true, "shop"
	if adapt != nil {
		adapt(&d, &c)
	}
	var search model.LogSearcher
	for _, line := range lines {
		search.Add(model.LogLine{At: modeltest.Start, Text: line})
	}
	found := search.Found()
	found.Taken = modeltest.Start
	s := stack.Lay(model.Observation{
		Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{d}}, Containers: []model.Container{c},
		Images: map[string]model.Image{c.ImageID: {ID: c.ImageID}}, Logs: map[string]model.LogSearch{c.ID: found},
	}, nil)
	return &s.Services[0]
}

func targets(p model.Plan) string {
	var all []string
	for _, m := range p.Mounts {
		all = append(all, string(m.Kind)+" "+m.Target)
	}
	return strings.Join(all, ", ")
}

// A service that is read-only already gets the mounts that it lacks, and no others.
func TestReadOnlyServiceGetsWhatItLacks(t *testing.T) {
	lacking := model.ImagePath{Known: true}
	for name, test := range map[string]struct {
		line, want string
		facts      model.Facts
	}{
		"a directory where the image has none": {
			"Error: EROFS: read-only file system, mkdir '/srv/app/state/cache'", "tmpfs /srv/app/state/cache",
			model.Facts{"/srv/app/state": filled(0o755, 0), "/srv/app/state/cache": lacking},
		},
		"and none above it": {
			"Error: EROFS: read-only file system, mkdir '/app/.next/cache/images'", "tmpfs /app/.next/cache",
			model.Facts{"/app/.next/cache": lacking, "/app/.next": lacking, "/app/.next/cache/images": lacking},
		},
		"a file behind a link": {
			`FATAL:  could not create lock file "/var/run/postgresql/.s.PGSQL.5432.lock": Read-only file system`, "tmpfs /run/postgresql",
			model.Facts{"/var/run": link("/run"), "/run/postgresql": shipped(0o775, 70), "/tmp": shipped(0o1777, 0)},
		},
		"program files": {"PHP Warning:  file_put_contents(/app/x.php): Failed to open stream: Read-only file system", "", nil},
	} {
		s := refusing(nil, test.line)
		p := Make(s, test.facts, model.PlanOptions{})
		if p.Already || targets(p) != test.want || len(p.Alarms) != 0 {
			t.Errorf("%s: %q, want %q:\n%s", name, targets(p), test.want, p)
		}
	}
	if p := Make(refusing(nil, "ready"), nil, model.PlanOptions{}); !p.Already {
		t.Errorf("nothing was refused:\n%s", p)
	}
}

func TestRefusedCodeIsNoAlarm(t *testing.T) {
	p := Make(refusing(nil, "rm: cannot remove '/usr/bin/tool': Read-only file system"), nil, model.PlanOptions{})
	if len(p.Alarms) != 0 || len(p.Unsolved) != 1 || p.Unsolved[0].Reason != model.OpenCodeRefused {
		t.Error(p)
	}
}

// The mounts of a plan in use stay in the next one, also where the files say read_only.
func TestPlanOfReadOnlyServiceIsKept(t *testing.T) {
	first := Make(refusing(nil, "mkdir: cannot create directory '/run/app': Read-only file system"), model.Facts{"/run": shipped(0o755, 0)}, model.PlanOptions{})
	mounted := func(d *model.Declared, c *model.Container) {
		for _, m := range first.Mounts {
			c.Mounts = append(c.Mounts, model.Mount{Kind: m.Kind, Target: m.Target, Options: "mode=0755,size=1m"})
		}
	}
	second := Make(refusing(mounted, "ready"), nil, model.PlanOptions{Earlier: &first})
	if len(first.Mounts) == 0 || second.String() != first.String() {
		t.Errorf("first:\n%s\nsecond:\n%s", first, second)
	}
	third := Make(refusing(mounted, "open /data/x: read-only file system"), nil, model.PlanOptions{Earlier: &first})
	if got := targets(third); !strings.Contains(got, targets(first)) || !strings.Contains(got, "/data") {
		t.Errorf("third: %s", got)
	}
}

// What was recorded while the root was writable is no trouble of one that is read-only.
func TestEarlierRecordingDoesNotCount(t *testing.T) {
	s := refusing(nil, "ready")
	e := recordingWith(wrote("/srv/x/a", model.Made)).Evidence(func(model.Write) bool { return false })
	s.Evidence.Merge(e)
	if p := Make(s, nil, model.PlanOptions{}); !p.Already {
		t.Error(p)
	}
}

// What was refused while a service was recorded gives it mounts as what its log tells, and
// what it only tried gives it none.
func TestReadOnlyServiceGetsWhatWasRecorded(t *testing.T) {
	s := refusing(nil, "ready")
	r := recordingWith(wrote("/srv/tried", 0, refused(1)), wrote("/var/lib/thing", 0, refused(0), directory))
	s.Evidence.Merge(r.Evidence(func(model.Write) bool { return false }))
	dir := model.ImagePath{Known: true, Exists: true, Type: model.Directory, Mode: 0o755, Real: "/var/lib", HasContent: true}
	p := Make(s, model.Facts{"/var/lib": dir, "/var/lib/thing": {Known: true}}, model.PlanOptions{})
	if got := targets(p); got != "volume /var/lib/thing" {
		t.Errorf("%q:\n%s", got, p)
	}
}

// What left no trace gets a mount where it is clear what it is for; it is no alarm, for
// nothing changed.
func TestWhatLeftNoTraceIsPlanned(t *testing.T) {
	c := modeltest.Running("app", 1)
	copied := []model.CopiedUp{
		{Path: "/tmp", Directory: true, Changed: modeltest.Start},
		{Path: "/srv/app", Directory: true, Changed: modeltest.Start},
		{Path: "/usr/lib/app/x.py", Changed: modeltest.Start},
		{Path: "/etc/app.conf", Changed: modeltest.Start},
	}
	s := stack.Lay(model.Observation{
		Name: "shop", Containers: []model.Container{c}, Images: map[string]model.Image{c.ImageID: {ID: c.ImageID}},
		Changes: map[string]model.Changes{c.ID: {Taken: modeltest.Start, CopiedUp: copied}},
	}, nil)
	p := Make(&s.Services[0], model.Facts{"/tmp": shipped(0o1777, 0)}, model.PlanOptions{})
	if got := targets(p); got != "tmpfs /tmp" || len(p.Alarms) > 0 {
		t.Errorf("%s, alarms %v", got, p.Alarms)
	}
	open := 0
	for _, left := range p.Unsolved {
		if left.Reason != model.OpenNoTrace {
			t.Errorf("left out: %v", left)
		}
		open += len(left.Writes)
	}
	if open != 3 {
		t.Errorf("%d writes are left out: %v", open, p.Unsolved)
	}
}
