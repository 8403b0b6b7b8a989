package model

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// at are moments of a recording.
func at(seconds int) time.Time {
	return time.Date(2026, 11, 24, 12, 0, seconds, 0, time.UTC)
}

func wrote(path string, acts Acts, more ...func(*Written)) Written {
	w := Written{Path: path, Acts: acts, Count: 1, Bytes: -1, First: at(1), Last: at(2), By: []int{0}}
	for _, change := range more {
		change(&w)
	}
	return w
}

func gone(w *Written)      { w.Gone = true }
func directory(w *Written) { w.Type = Directory }
func inside(w *Written)    { w.Inside, w.Type = 1, Directory }
func in(target string) func(*Written) {
	return func(w *Written) { w.Mount = target }
}

func recordingWith(writes ...Written) *Recording {
	slices.SortFunc(writes, CompareWrites)
	return &Recording{
		Project: "shop", Service: "web", ImageID: "sha256:web", Began: at(0), Ended: at(90), Took: 90 * time.Second, Starts: 1,
		Writes: writes, Processes: []Process{{Command: "apache2", User: "www-data", UID: 33, PID: 7, Count: len(writes)}},
	}
}

// recordedStack is a service that ran for ten minutes, changed nothing, and was recorded.
func recordedStack(r *Recording, changes ...Change) *Service {
	c := Container{ID: "c1", Service: "web", Project: "shop", Number: 1, State: Running, Inspected: true, ImageID: "sha256:web", Started: at(-600)}
	o := Observation{
		At: at(100), Link: Link{State: Live}, Name: "shop", Containers: []Container{c},
		Images:  map[string]Image{"sha256:web": {ID: "sha256:web"}},
		Changes: map[string]Changes{"c1": {Paths: changes, Taken: at(99)}},
		Project: &Project{Name: "shop", Services: []Declared{{Name: "web", Image: "web"}}},
	}
	if r != nil {
		o.Recordings = []*Recording{r}
	}
	return Lay(o, nil).service("web")
}

func TestVerdictOfRecording(t *testing.T) {
	short := func(r *Recording) { r.Took = 5 * time.Second }
	late := func(r *Recording) { r.Starts = 0 }
	lossy := func(r *Recording) { r.Lost = 3 }
	other := func(r *Recording) { r.ImageID = "sha256:earlier" }
	for name, test := range map[string]struct {
		writes []Written
		change func(*Recording)
		want   string
	}{
		"nothing but in a mount":         {[]Written{wrote("/data/x", Made, in("/data"))}, nil, "would run: recorded for 1 min 30 s from its start on, it wrote nothing that a read-only root would refuse"},
		"nothing, for seconds":           {nil, short, "unknown: nothing was recorded that a read-only root would refuse, in 5 s only"},
		"nothing, but no start":          {nil, late, "unknown: nothing was recorded that a read-only root would refuse, but its start was not: restart it while it is recorded"},
		"nothing, but losses":            {nil, lossy, "unknown: nothing was recorded that a read-only root would refuse, but 3 writes were lost"},
		"of another image":               {[]Written{wrote("/tmp/x", Made)}, other, "unknown: nothing seen in 11 min is not nothing needed"},
		"what came and went":             {[]Written{wrote("/tmp/x", Made|Removed, gone)}, nil, "would break: wrote to 1 path of its root"},
		"an open for writing":            {[]Written{wrote("/etc/passwd", Opened)}, nil, "would break: wrote to 1 path of its root"},
		"a mode that was set":            {[]Written{wrote("/etc", Set, directory)}, nil, "would break: wrote to 1 path of its root"},
		"a file that the engine binds":   {[]Written{wrote("/etc/hosts", Stored, in("/etc/hosts"))}, nil, "would break: wrote to 1 path of its root"},
		"what every container can":       {[]Written{wrote("/dev/shm/x", Made)}, nil, "would run: recorded for 1 min 30 s from its start on, it wrote nothing that a read-only root would refuse"},
		"a file that has no name at all": {[]Written{wrote("/var/tmp", Stored, inside, gone)}, nil, "would break: wrote to 1 path of its root"},
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
	r := recordingWith(wrote("/tmp/x", Made|Removed, gone))
	s := recordedStack(r)
	if got, want := s.Verdict.Evidence, "recorded 1 min 30 s from its start, 1 process"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if slices.Contains(s.Verdict.Blind, blindToDiff[0]) {
		t.Error("a recording sees what comes and goes")
	}
	if !slices.Contains(s.Verdict.Blind, "writes that failed") {
		t.Error("no recording sees what fails")
	}
}

// What the changes tell is kept as they tell it; what only the recording saw comes
// beside it, once.
func TestRecordedBesideChanges(t *testing.T) {
	r := recordingWith(
		wrote("/run/pid", Made), wrote("/etc/app.conf", Made), wrote("/tmp/came", Made|Removed, gone),
		wrote("/srv/gone", Removed, gone), wrote("/srv/open", Opened), wrote("/data/x", Made, in("/data")),
	)
	s := recordedStack(r, Change{"/run/pid", Added}, Change{"/etc/app.conf", Modified})
	if got, want := fmt.Sprint(s.Recorded), "[A /tmp/came D /srv/gone C /srv/open A /data/x]"; !sameInAnyOrder(got, want) {
		t.Errorf("recorded %s, want %s", got, want)
	}
	if got, want := fmt.Sprint(s.Verdict.Blocked), "[A /run/pid C /etc/app.conf A /tmp/came D /srv/gone C /srv/open]"; !sameInAnyOrder(got, want) {
		t.Errorf("blocked %s, want %s", got, want)
	}
	if s.Counts != (Counts{Added: 1, Modified: 1}) {
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
	root := map[string]ImagePath{}
	for _, dir := range []string{"/", "/tmp", "/run", "/run/lock", "/var", "/var/local", "/var/spool", "/etc"} {
		root[dir] = ImagePath{Known: true, Exists: true, Type: Directory, Mode: 0o755, Real: dir, HasContent: dir == "/etc"}
	}
	facts := Facts(root)
	for name, test := range map[string]struct {
		writes []Written
		change func(*Recording)
		want   string
	}{
		"a lock directory, with what was in it": {
			[]Written{wrote("/var/local/job.lock", Made|Removed, gone, directory), wrote("/var/local/job.lock/pid", Made|Removed, gone)}, nil, "tmpfs /var/local by apache2 (www-data)",
		},
		"unnamed files":                         {[]Written{wrote("/var/spool", Stored, inside, gone)}, nil, "volume /var/spool by apache2 (www-data)"},
		"a file that the engine binds":          {[]Written{wrote("/etc/hosts", Stored, in("/etc/hosts"))}, nil, ""},
		"nothing, thoroughly":                   {nil, nil, ""},
		"nothing, for seconds: /tmp is assumed": {nil, func(r *Recording) { r.Took = time.Second }, "tmpfs /tmp"},
		"temporary files that come and go":      {[]Written{wrote("/tmp/x1", Made|Removed, gone)}, nil, "tmpfs /tmp by apache2 (www-data)"},
	} {
		t.Run(name, func(t *testing.T) {
			r := recordingWith(test.writes...)
			if test.change != nil {
				test.change(r)
			}
			plan := MakePlan(recordedStack(r), facts, PlanOptions{})
			var mounts []string
			for _, m := range plan.Mounts {
				text := string(m.Kind) + " " + m.Target
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
	a := recordingWith(wrote("/tmp/x", Made|Removed, gone), wrote("/run/a", Made))
	b := recordingWith(wrote("/tmp/x", Made, func(w *Written) { w.Last, w.By = at(50), []int{1} }), wrote("/run/b", Made, func(w *Written) { w.By = []int{0, 1} }))
	b.Processes = []Process{{Command: "php", UID: -1, Count: 1}, {Command: "apache2", User: "www-data", UID: 33, PID: 9, Count: 2}}
	got := Join(a, b).String()
	want := `web of shop: recorded 3 min 0 s from its start, 2 processes
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
	o := recordedObservation(recordingWith(wrote("/tmp/x", Made)))
	first := Lay(o, nil)
	again := Lay(o, first)
	if first.service("web").Recording != again.service("web").Recording {
		t.Error("the same recording is another one")
	}
	o.Recordings = []*Recording{recordingWith(wrote("/tmp/x", Made), wrote("/tmp/y", Made))}
	if got := len(Lay(o, again).service("web").Verdict.Blocked); got != 2 {
		t.Errorf("%d paths are blocked after a newer recording, want 2", got)
	}
}

func recordedObservation(r *Recording) Observation {
	return Observation{
		At: at(100), Link: Link{State: Live}, Name: "shop", Recordings: []*Recording{r},
		Containers: []Container{{ID: "c1", Service: "web", State: Running, Inspected: true, ImageID: "sha256:web", Started: at(-600)}},
		Images:     map[string]Image{"sha256:web": {ID: "sha256:web"}},
	}
}

func BenchmarkLayWhileRecording(b *testing.B) {
	writes := make([]Written, 20_000)
	for i := range writes {
		writes[i] = wrote(fmt.Sprintf("/var/lib/app/d%03d/f%05d", i/100, i), Made|Stored)
	}
	recordings := []*Recording{recordingWith(writes...), recordingWith(writes...)}
	before := Lay(recordedObservation(recordings[0]), nil)
	i := 0
	for b.Loop() {
		i++
		before = Lay(recordedObservation(recordings[i%2]), before)
	}
}

func TestRecordingEndsWithItsImage(t *testing.T) {
	o := recordedObservation(recordingWith())
	before := Lay(o, nil)
	if before.Services[0].Recording == nil {
		t.Fatal("the service has no recording to lose")
	}
	o.Containers = slices.Clone(o.Containers)
	o.Containers[0].ImageID = "sha256:other"
	if Lay(o, before).Services[0].Recording != nil {
		t.Error("a service of another image kept the recording")
	}
}
