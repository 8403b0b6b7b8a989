package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
)

// at are moments of a recording.
func at(seconds int) time.Time {
	return time.Date(2026, 11, 24, 12, 0, seconds, 0, time.UTC)
}

func wrote(path string, acts model.Acts, more ...func(*model.Write)) model.Write {
	w := model.Write{Path: path, Acts: acts, Count: 1, Bytes: -1, First: at(1), Last: at(2), By: []int{0}}
	for _, change := range more {
		change(&w)
	}
	return w
}

func gone(w *model.Write)      { w.Gone = true }
func directory(w *model.Write) { w.Type = model.Directory }

// refused makes a write one that failed once.
func refused(tries int) func(*model.Write) {
	return func(w *model.Write) {
		w.Count, w.Gone, w.Refused = 0, true, 1
		w.Refusal = model.Refusal{Tries: tries, Acts: model.Made, Err: model.ReadOnlyError, Call: "mkdir", Last: w.Last}
	}
}

func inside(w *model.Write) { w.Inside, w.Type = 1, model.Directory }
func in(target string) func(*model.Write) {
	return func(w *model.Write) { w.Mount = target }
}

func recordingWith(writes ...model.Write) *model.Recording {
	slices.SortFunc(writes, model.CompareWrites)
	return &model.Recording{
		Project: "shop", Service: "web", ImageID: "sha256:web",
		Sittings: []model.Sitting{{Began: at(0), Ended: at(90), Ran: 90 * time.Second, Starts: 1}},
		Writes:   writes, Processes: []model.Process{{Command: "apache2", User: "www-data", UID: 33, PID: 7, Count: len(writes)}},
	}
}

// twice is a write that a later recording saw again, when nobody could look any more.
func twice(w model.Write) model.Write {
	later := w
	later.Type, later.First, later.Last = "", at(30), at(31)
	w.Merge(later)
	return w
}

// recordedStack is a service that ran for ten minutes, changed nothing, and was recorded.
func recordedStack(r *model.Recording, changes ...model.Change) *model.Service {
	c := model.Container{ID: "c1", Service: "web", Project: "shop", Number: 1, State: model.Running, Inspected: true, ImageID: "sha256:web", Started: at(-600)}
	o := model.Observation{
		At: at(100), Link: model.Link{State: model.Live}, Name: "shop", Containers: []model.Container{c},
		Images:  map[string]model.Image{"sha256:web": {ID: "sha256:web"}},
		Changes: map[string]model.Changes{"c1": {Paths: changes, Taken: at(99)}},
		Project: &model.Project{Name: "shop", Services: []model.Declared{{Name: "web", Image: "web"}}},
	}
	if r != nil {
		o.Recordings = []*model.Recording{r}
	}
	return stack.Lay(o, nil).Service("web")
}

func TestVerdictOfRecording(t *testing.T) {
	short := func(r *model.Recording) { r.Sittings[0].Ran = 5 * time.Second }
	late := func(r *model.Recording) { r.Sittings[0].Starts = 0 }
	lossy := func(r *model.Recording) { r.Sittings[0].Lost = 3 }
	other := func(r *model.Recording) { r.ImageID = "sha256:earlier" }
	for name, test := range map[string]struct {
		writes []model.Write
		change func(*model.Recording)
		want   string
	}{
		"nothing but in a mount":         {[]model.Write{wrote("/data/x", model.Made, in("/data"))}, nil, "would run: recorded for 1 min 30 s from its start on, it wrote nothing that a read-only root would refuse"},
		"nothing, for seconds":           {nil, short, "unknown: nothing was recorded that a read-only root would refuse, in 5 s from its start only"},
		"nothing, but no start":          {nil, late, "unknown: nothing was recorded that a read-only root would refuse, but its start was not: restart it while it is recorded"},
		"nothing, but losses":            {nil, lossy, "unknown: nothing was recorded that a read-only root would refuse, but writes were lost 3 times"},
		"of another image":               {[]model.Write{wrote("/tmp/x", model.Made)}, other, "unknown: nothing seen in 11 min is not nothing needed"},
		"what came and went":             {[]model.Write{wrote("/tmp/x", model.Made|model.Removed, gone)}, nil, "would break: wrote to 1 path of its root"},
		"an open for writing":            {[]model.Write{wrote("/etc/passwd", model.Opened)}, nil, "would break: wrote to 1 path of its root"},
		"a mode that was set":            {[]model.Write{wrote("/etc", model.Set, directory)}, nil, "would break: wrote to 1 path of its root"},
		"a file that the engine binds":   {[]model.Write{wrote("/etc/hosts", model.Stored, in("/etc/hosts"))}, nil, "would break: wrote to 1 path of its root"},
		"what every container can":       {[]model.Write{wrote("/dev/shm/x", model.Made)}, nil, "would run: recorded for 1 min 30 s from its start on, it wrote nothing that a read-only root would refuse"},
		"a file that has no name at all": {[]model.Write{wrote("/var/tmp", model.Stored, inside, gone)}, nil, "would break: wrote to 1 path of its root"},
	} {
		t.Run(name, func(t *testing.T) {
			r := recordingWith(test.writes...)
			if test.change != nil {
				test.change(r)
			}
			v := recordedStack(r).Verdict
			if got := string(v.Outcome) + ": " + v.Reason; got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestEvidenceOfRecording(t *testing.T) {
	r := recordingWith(wrote("/tmp/x", model.Made|model.Removed, gone))
	s := recordedStack(r)
	if got, want := s.Verdict.Evidence, "no changes in 11 min; recorded 1 min 30 s from its start, 1 process"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if slices.Contains(s.Verdict.Blind, model.BlindSpot{Kind: model.BlindTransient}) {
		t.Error("a recording sees what comes and goes")
	}
	if !slices.Contains(s.Verdict.Blind, model.BlindSpot{Kind: model.BlindFailed}) {
		t.Error("no recording sees what fails")
	}
}

// What the changes tell is kept as they tell it; what only the recording saw comes
// beside it, once.
func TestRecordedBesideChanges(t *testing.T) {
	r := recordingWith(
		wrote("/run/pid", model.Made), wrote("/etc/app.conf", model.Made), wrote("/tmp/came", model.Made|model.Removed, gone),
		wrote("/srv/gone", model.Removed, gone), wrote("/srv/open", model.Opened), wrote("/data/x", model.Made, in("/data")),
	)
	s := recordedStack(r, model.Change{Path: "/run/pid", Kind: model.Added}, model.Change{Path: "/etc/app.conf", Kind: model.Modified})
	const want = `evidence from [changes recording], recorded 1 min 30 s from its start
  A /data/x
    /data/x made ×1 in /data by apache2 (www-data)
  C /etc/app.conf
    /etc/app.conf made ×1 by apache2 (www-data)
  A /run/pid
    /run/pid made ×1 by apache2 (www-data)
  D /srv/gone
    /srv/gone removed ×1 by apache2 (www-data)
  C /srv/open
    /srv/open opened for writing ×1 by apache2 (www-data)
  A /tmp/came
    /tmp/came made, removed ×1, transient by apache2 (www-data)
  blind to writes that failed
  blind to what the service does when nobody asks it to
`
	if got := s.Evidence.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got, want := fmt.Sprint(s.Verdict.Blocked), "[A /run/pid C /etc/app.conf A /tmp/came D /srv/gone C /srv/open]"; !sameInAnyOrder(got, want) {
		t.Errorf("blocked %s, want %s", got, want)
	}
	if s.Counts != (model.Counts{Added: 1, Modified: 1}) {
		t.Errorf("counts are of the changes: %v", s.Counts)
	}
}

// sameInAnyOrder compares lists whatever their order.
func sameInAnyOrder(a, b string) bool {
	sorted := func(text string) []string {
		words := strings.Fields(strings.Trim(text, "[]"))
		slices.Sort(words)
		return words
	}
	return slices.Equal(sorted(a), sorted(b))
}

func TestPlanFromRecording(t *testing.T) {
	root := map[string]model.ImagePath{}
	for _, dir := range []string{"/", "/tmp", "/run", "/run/lock", "/var", "/var/local", "/var/spool", "/etc"} {
		root[dir] = model.ImagePath{Known: true, Exists: true, Type: model.Directory, Mode: 0o755, Real: dir, HasContent: dir == "/etc"}
	}
	facts := model.Facts(root)
	for name, test := range map[string]struct {
		writes []model.Write
		change func(*model.Recording)
		want   string
	}{
		"a lock directory, with what was in it": {
			[]model.Write{wrote("/var/local/job.lock", model.Made|model.Removed, gone, directory), wrote("/var/local/job.lock/pid", model.Made|model.Removed, gone)}, nil, "tmpfs /var/local by apache2 (www-data)",
		},
		"a lock directory that comes and goes, seen by two recordings": {
			[]model.Write{twice(wrote("/var/local/job.lock", model.Made|model.Removed, gone, directory))}, nil, "tmpfs /var/local by apache2 (www-data)",
		},
		"unnamed files":                         {[]model.Write{wrote("/var/spool", model.Stored, inside, gone)}, nil, "volume /var/spool by apache2 (www-data)"},
		"a file that the engine binds":          {[]model.Write{wrote("/etc/hosts", model.Stored, in("/etc/hosts"))}, nil, ""},
		"nothing, thoroughly":                   {nil, nil, ""},
		"nothing, for seconds: /tmp is assumed": {nil, func(r *model.Recording) { r.Sittings[0].Ran = time.Second }, "tmpfs /tmp"},
		"a program that was written, run and removed": {
			[]model.Write{wrote("/tmp/helper", model.Made|model.Stored|model.Ran|model.Removed, gone)}, nil, "tmpfs /tmp exec by apache2 (www-data)",
		},
		"a program of a mount that was run": {
			[]model.Write{wrote("/tmp/cache/tool", model.Ran, in("/tmp/cache")), wrote("/tmp/x", model.Made)}, nil, "tmpfs /tmp by apache2 (www-data)",
		},
		"what was refused, and only tried": {
			[]model.Write{wrote("/run/app/pid", 0, refused(0)), wrote("/var/spool/x", 0, refused(1))}, nil, "tmpfs /run/app by apache2 (www-data)",
		},
		"temporary files that come and go": {[]model.Write{wrote("/tmp/x1", model.Made|model.Removed, gone)}, nil, "tmpfs /tmp by apache2 (www-data)"},
	} {
		t.Run(name, func(t *testing.T) {
			r := recordingWith(test.writes...)
			if test.change != nil {
				test.change(r)
			}
			plan := Make(recordedStack(r), facts, model.PlanOptions{})
			var mounts []string
			for _, m := range plan.Mounts {
				text := string(m.Kind) + " " + m.Target
				if m.Exec {
					text += " exec"
				}
				if len(m.By) > 0 {
					text += " by " + strings.Join(m.By, ", ")
				}
				mounts = append(mounts, text)
			}
			if got := strings.Join(mounts, "; "); got != test.want {
				t.Errorf("got %s, want %s\n%s", got, test.want, plan)
			}
		})
	}
}

func TestJoin(t *testing.T) {
	a := recordingWith(wrote("/tmp/x", model.Made|model.Removed, gone), wrote("/run/a", model.Made))
	b := recordingWith(wrote("/tmp/x", model.Made, func(w *model.Write) { w.Last, w.By = at(50), []int{1} }), wrote("/run/b", model.Made, func(w *model.Write) { w.By = []int{0, 1} }))
	b.Processes = []model.Process{{Command: "php", UID: -1, Count: 1}, {Command: "apache2", User: "www-data", UID: 33, PID: 9, Count: 2}}
	got := model.Join(a, b).String()
	want := `web of shop: recorded 3 min 0 s, 1 min 30 s of it from a start, 2 processes
  /run/a made ×1
    apache2 (www-data)
  /run/b made ×1
    php
    apache2 (www-data)
  /tmp/x made, removed ×2
    apache2 (www-data)
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if a.Processes[0].PID != 7 || len(a.Writes) != 2 {
		t.Error("joining changed what was joined")
	}
}

// A stack is laid twice a second while it is recorded: what did not change is taken
// over, and what did is not.
func TestLayTakesNewRecordings(t *testing.T) {
	o := recordedObservation(recordingWith(wrote("/tmp/x", model.Made)))
	first := stack.Lay(o, nil)
	again := stack.Lay(o, first)
	if &first.Service("web").Evidence.Sets[0][0] != &again.Service("web").Evidence.Sets[0][0] {
		t.Error("the same evidence was put together again")
	}
	o.Recordings = []*model.Recording{recordingWith(wrote("/tmp/x", model.Made), wrote("/tmp/y", model.Made))}
	if got := len(stack.Lay(o, again).Service("web").Verdict.Blocked); got != 2 {
		t.Errorf("%d paths are blocked after a newer recording, want 2", got)
	}
}

func recordedObservation(r *model.Recording) model.Observation {
	return model.Observation{
		At: at(100), Link: model.Link{State: model.Live}, Name: "shop", Recordings: []*model.Recording{r},
		Containers: []model.Container{{ID: "c1", Service: "web", State: model.Running, Inspected: true, ImageID: "sha256:web", Started: at(-600)}},
		Images:     map[string]model.Image{"sha256:web": {ID: "sha256:web"}},
	}
}

func BenchmarkLayWhileRecording(b *testing.B) {
	writes := make([]model.Write, 20_000)
	for i := range writes {
		writes[i] = wrote(fmt.Sprintf("/var/lib/app/d%03d/f%05d", i/100, i), model.Made|model.Stored)
	}
	recordings := []*model.Recording{recordingWith(writes...), recordingWith(writes...)}
	before := stack.Lay(recordedObservation(recordings[0]), nil)
	i := 0
	for b.Loop() {
		i++
		before = stack.Lay(recordedObservation(recordings[i%2]), before)
	}
}

func TestRecordingEndsWithItsImage(t *testing.T) {
	o := recordedObservation(recordingWith())
	before := stack.Lay(o, nil)
	if !before.Services[0].Evidence.Has(model.FromRecording) {
		t.Fatal("the service has no recording to lose")
	}
	o.Containers = slices.Clone(o.Containers)
	o.Containers[0].ImageID = "sha256:other"
	if stack.Lay(o, before).Services[0].Evidence.Has(model.FromRecording) {
		t.Error("a service of another image kept the recording")
	}
}
