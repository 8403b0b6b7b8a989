package model

import (
	"fmt"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func TestThoroughnessIsOfOneSitting(t *testing.T) {
	short := Sitting{Ran: 2 * time.Second, Starts: 1}
	late := Sitting{Ran: 10 * time.Minute}
	whole := Sitting{Ran: time.Minute, Starts: 1}
	lossy := Sitting{Ran: time.Hour, Starts: 1, Lost: 1}
	garbled := Sitting{Ran: time.Hour, Starts: 1, Garbled: 1}
	for _, test := range []struct {
		name     string
		sittings []Sitting
		want     bool
	}{
		{"none", nil, false},
		{"a start, and minutes without one", []Sitting{short, late}, false},
		{"a minute from a start", []Sitting{whole}, true},
		{"losses", []Sitting{lossy}, false},
		{"reports that could not be read", []Sitting{garbled}, false},
		{"losses, and another one without", []Sitting{lossy, whole}, true},
	} {
		e := (&Recording{Sittings: test.sittings}).Evidence(func(Write) bool { return false })
		if got := e.Thorough(); got != test.want {
			t.Errorf("%s: thorough %v, want %v", test.name, got, test.want)
		}
	}
}

func TestMergingAWrite(t *testing.T) {
	lock := Write{Path: "/var/lib/app/lock", Type: Directory, Acts: Made | Removed, Gone: true, Count: 2, Bytes: -1, First: noon, Last: noon, By: []int{0}}
	later := Write{Path: lock.Path, Acts: Removed, Gone: true, Count: 1, Bytes: -1, First: noon.Add(time.Minute), Last: noon.Add(time.Minute), By: []int{1}}
	for name, order := range map[string][2]Write{"in order": {lock, later}, "in reverse": {later, lock}} {
		merged := order[0]
		merged.Merge(order[1])
		if merged.Type != Directory {
			t.Errorf("%s: a known type became %q", name, merged.Type)
		}
		if merged.Count != 3 || !merged.First.Equal(noon) || !merged.Last.Equal(later.Last) || !merged.Transient() || len(merged.By) != 2 {
			t.Errorf("%s: %+v", name, merged)
		}
	}
	if len(lock.By) != 1 {
		t.Error("merging changed what was handed out")
	}
}

// Short evidence of one kind does not hide long evidence of another.
func TestEvidenceAddsUp(t *testing.T) {
	changes := Evidence{
		From: []Source{FromChanges}, Root: []Change{{Path: "/run/pid", Kind: Added}, {Path: "/etc/conf", Kind: Modified}},
		Watched: 10 * time.Minute, Blind: []BlindSpot{{Kind: BlindTransient}, {Kind: BlindFailed}},
	}
	changes.Sets = [][]Change{changes.Root}
	r := &Recording{
		Sittings: []Sitting{{Began: noon, Ran: 35 * time.Second, Blind: []BlindSpot{{Kind: BlindPrivate, Detail: "/root"}}}},
		Writes:   []Write{{Path: "/run/pid", Acts: Stored, Count: 1}, {Path: "/srv/data/x", Mount: "/srv/data", Acts: Made, Count: 1}, {Path: "/tmp/x", Acts: Made | Removed, Gone: true, Count: 1}},
	}
	e := changes
	e.Merge(r.Evidence(func(Write) bool { return false }))
	const want = `evidence from [changes recording], recorded 35 s
  C /etc/conf
  A /run/pid
    /run/pid written ×1 by 
  A /srv/data/x
    /srv/data/x made ×1 in /srv/data by 
  A /tmp/x
    /tmp/x made, removed ×1, transient by 
  blind to writes that failed
  blind to what the service does when nobody asks it to
  blind to what came and went before the recording began: restart the service while it is recorded
  blind to names that come and go in directories that only their owner may enter: /root
`
	if got := e.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if e.Watched != 10*time.Minute || len(e.Sets) != 1 || len(e.Sets[0]) != 4 {
		t.Errorf("watched for %v, %d sets", e.Watched, len(e.Sets))
	}
	if len(changes.Root) != 2 || len(changes.Sets[0]) != 2 {
		t.Error("merging changed what was merged")
	}
}

func TestFoldKeepsTheSum(t *testing.T) {
	var writes []Write
	for i := range 100 {
		writes = append(writes, Write{Path: fmt.Sprintf("/var/cache/busy/f%02d", i), Acts: Stored, Count: 2, Bytes: 5})
	}
	writes = append(writes, Write{Path: "/var/cache/busy", Acts: Made, Type: Directory, Count: 1}, Write{Path: "/srv/calm", Acts: Made, Count: 1})
	got := ""
	for _, w := range Fold(writes, 10) {
		got += w.String() + "\n"
	}
	const want = "/srv/calm made ×1\n/var/cache/busy made, written ×201, 100 inside\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func refusedWrite(path string, refused, tries int, more ...func(*Write)) Write {
	w := Write{Path: path, Refused: refused, Refusal: Refusal{Tries: tries, Acts: Made, Err: ReadOnlyError, Call: "mkdir", Last: noon}, Bytes: -1, First: noon, Last: noon, Gone: true}
	for _, change := range more {
		change(&w)
	}
	return w
}

// What was refused on the root is a write that a read-only root refuses; what was only
// tried, or refused by a mount, is none.
func TestWhatWasRefusedIsEvidence(t *testing.T) {
	written := func(w *Write) { w.Acts, w.Count, w.Gone, w.Last = Made, 1, false, noon.Add(time.Minute) }
	r := Recording{
		Sittings: []Sitting{{Refusals: true}},
		Writes: []Write{
			refusedWrite("/app/ro", 1, 0, func(w *Write) { w.Mount = "/app" }),
			{Path: "/opt/tool", Acts: Ran, Count: 1, Bytes: -1, First: noon, Last: noon},
			refusedWrite("/srv/tried", 2, 2),
			refusedWrite("/tmp/later", 1, 0, written),
			refusedWrite("/var/lib/thing", 3, 1),
		},
	}
	e := r.Evidence(func(Write) bool { return false })
	if got := fmt.Sprint(e.Root, e.InMounts); got != "[A /tmp/later A /var/lib/thing] [A /app/ro A /srv/tried]" {
		t.Errorf("%s", got)
	}
	if e.TransientCount() != 0 {
		t.Error("what was never there came and went")
	}
	for _, spot := range e.Blind {
		if spot.Kind == BlindFailed {
			t.Error("refusals were watched, and it is blind to writes that failed")
		}
	}
	for path, blocked := range map[string]bool{"/app/ro": true, "/srv/tried": false, "/tmp/later": false, "/var/lib/thing": true} {
		if w := e.Find(path); w.Blocked() != blocked {
			t.Errorf("%s is blocked: %v", w, !blocked)
		}
	}
}

func TestMergingWhatWasRefused(t *testing.T) {
	blocked, tried := refusedWrite("/x", 2, 0), refusedWrite("/x", 1, 1, func(w *Write) {
		w.Refusal.Call, w.Refusal.Last, w.Last = "access", noon.Add(time.Minute), noon.Add(time.Minute)
	})
	written := Write{Path: "/x", Acts: Made, Count: 1, Mount: "/x", First: noon.Add(-time.Minute), Last: noon.Add(-time.Minute)}
	for name, order := range map[string][]Write{"in order": {written, blocked, tried}, "in reverse": {tried, blocked, written}} {
		merged := order[0]
		merged.Merge(order[1])
		merged.Merge(order[2])
		if merged.Refused != 3 || merged.Refusal.Tries != 1 || merged.Refusal.Call != "mkdir" || merged.Gone || merged.Mount != "/x" || !merged.Blocked() {
			t.Errorf("%s: %+v", name, merged)
		}
	}
}

func TestRefusedWrites(t *testing.T) {
	e := Evidence{Writes: []Write{
		refusedWrite("/cache/full", 1, 0, func(w *Write) { w.Mount, w.Refusal.Err = "/cache", FullError }),
		refusedWrite("/cache/old", 1, 0), // a mount takes it by now
		refusedWrite("/run/app", 1, 0),
		refusedWrite("/srv/tried", 1, 1),
	}}
	mounts := []MountPair{{Target: "/cache", Declared: &Mount{Kind: Tmpfs, Target: "/cache"}}}
	for readOnly, want := range map[bool]string{true: "/cache/full /run/app ", false: "/cache/full "} {
		s := Service{Declared: &Declared{ReadOnly: readOnly}, Mounts: mounts, Evidence: e}
		got := ""
		for _, w := range s.RefusedWrites() {
			got += w.Path + " "
		}
		if got != want {
			t.Errorf("read-only %v: %s, want %s", readOnly, got, want)
		}
	}
}
