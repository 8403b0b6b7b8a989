package tally

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"petrify/inspect/record/wire"
	"petrify/model"
)

var began = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func write(path string, acts model.Acts, process int) wire.Write {
	return wire.Write{Path: []byte(path), Acts: acts, Count: 1, Bytes: -1, First: began, Last: began.Add(time.Second), Process: process}
}

func seen(writes ...wire.Write) wire.Seen { return wire.Seen{Container: "c", Writes: writes} }

func TestWritesOfOnePathAreOne(t *testing.T) {
	sum := New("shop", "web", "sha256:web", began)
	sum.Process(wire.Process{ID: 1, Container: "a", PID: 10, Command: []byte("apache2"), UID: 33, User: []byte("www-data")})
	sum.Process(wire.Process{ID: 2, Container: "b", PID: 11, Command: []byte("apache2"), UID: 33, User: []byte("www-data")})
	sum.Process(wire.Process{ID: 3, Container: "b", PID: 12, Command: []byte("sh"), UID: 0, User: []byte("root")})
	removed := write("/tmp/x", model.Removed, 3)
	removed.Gone = true
	sum.Seen(seen(write("/tmp/x", model.Made, 1), write("/tmp/x", model.Stored, 2), removed), began)
	sum.Joined(wire.Joined{Container: "a"}, began)
	want := `web of shop: recorded 10 s, 2 processes
  /tmp/x made, written, removed ×3, transient
    apache2 (www-data)
    sh (root)
`
	if got := sum.Snapshot(began.Add(10*time.Second), false).String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestStartsCountOnce(t *testing.T) {
	sum := New("shop", "web", "sha256:web", began)
	sum.Joined(wire.Joined{Container: "a", Early: true}, began)
	sum.Joined(wire.Joined{Container: "a", Early: true, Directories: 9}, began) // more is known of the same start
	sum.Left("a", began)
	sum.Joined(wire.Joined{Container: "a", Early: true}, began)
	sum.Joined(wire.Joined{Container: "b"}, began) // it ran already
	if got := sum.Snapshot(began, true).Sum().Starts; got != 2 {
		t.Errorf("%d starts, want 2", got)
	}
}

func TestSnapshotsStayAsTheyAre(t *testing.T) {
	sum := New("shop", "web", "sha256:web", began)
	sum.Process(wire.Process{ID: 1, Container: "a", PID: 10, Command: []byte("one")})
	sum.Process(wire.Process{ID: 2, Container: "a", PID: 11, Command: []byte("two")})
	sum.Seen(seen(write("/tmp/x", model.Made, 1)), began)
	before := sum.Snapshot(began, true)
	text := before.String()
	sum.Seen(seen(write("/tmp/x", model.Stored, 2), write("/tmp/y", model.Made, 2)), began)
	if got := before.String(); got != text {
		t.Errorf("the snapshot became\n%s", got)
	}
}

// Whatever comes, in whatever order, the acts add up and memory is bounded.
func TestFoldingKeepsTheSum(t *testing.T) {
	writes := make([]wire.Write, 3*mostPaths)
	for i := range writes {
		writes[i] = write(fmt.Sprintf("/var/cache/d%02d/f%d", i%50, i), model.Made|model.Stored, 0)
	}
	rand.Shuffle(len(writes), func(i, j int) { writes[i], writes[j] = writes[j], writes[i] })
	sum := New("shop", "web", "sha256:web", began)
	for len(writes) > 0 {
		n := min(len(writes), 1+rand.IntN(1000))
		sum.Seen(seen(writes[:n]...), began)
		writes = writes[n:]
	}
	r := sum.Snapshot(began.Add(time.Second), true)
	acts, paths := 0, 0
	for i := range r.Writes {
		acts += r.Writes[i].Count
		paths += max(r.Writes[i].Inside, 1)
	}
	if acts != 3*mostPaths || paths != 3*mostPaths {
		t.Errorf("%d acts on %d paths, want %d", acts, paths, 3*mostPaths)
	}
	if len(r.Writes) > mostPaths+50 {
		t.Errorf("%d paths are kept", len(r.Writes))
	}
	if r.PerSecond == 0 {
		t.Error("nothing is said of how busy it is")
	}
}

func BenchmarkSnapshot(b *testing.B) {
	sum := New("shop", "web", "sha256:web", began)
	for i := range mostPaths {
		sum.Seen(seen(write(fmt.Sprintf("/var/lib/app/d%03d/f%d", i/100, i), model.Made, 0)), began)
	}
	for b.Loop() {
		sum.Snapshot(began, true)
	}
}

// A container that ran for a second was recorded for a second, however long nobody
// stopped the recording.
func TestOnlyRunningTimeCounts(t *testing.T) {
	sum := New("shop", "job", "sha256:job", began)
	sum.Joined(wire.Joined{Container: "a", Early: true}, began.Add(time.Second))
	sum.Left("a", began.Add(2*time.Second))
	sitting := sum.Snapshot(began.Add(2*time.Minute), false).Sittings[0]
	if sitting.Ran != time.Second || sitting.Thorough() {
		t.Errorf("it ran for %v, thorough %v", sitting.Ran, sitting.Thorough())
	}
	sum.Joined(wire.Joined{Container: "a", Early: true}, began.Add(2*time.Minute))
	sitting = sum.Snapshot(began.Add(4*time.Minute), true).Sittings[0]
	if sitting.Ran != 2*time.Minute+time.Second || !sitting.Thorough() {
		t.Errorf("it ran for %v, thorough %v", sitting.Ran, sitting.Thorough())
	}
}

// What could not be read is a loss like any other.
func TestUnreadableReportsTakeThoroughness(t *testing.T) {
	sum := New("shop", "web", "sha256:web", began)
	sum.Joined(wire.Joined{Container: "a", Early: true}, began)
	s := seen(write("/tmp/x", model.Made, 0))
	s.Dropped = 2
	sum.Seen(s, began)
	sitting := sum.Snapshot(began.Add(2*time.Minute), false).Sittings[0]
	if sitting.Garbled != 2 || sitting.Thorough() {
		t.Errorf("%+v, thorough %v", sitting, sitting.Thorough())
	}
}

func TestWhatWasRefusedIsCounted(t *testing.T) {
	sum := New("shop", "web", "sha256:web", began)
	sum.Process(wire.Process{ID: 1, Container: "a", PID: 10, Command: []byte("sh"), UID: 0, User: []byte("root")})
	refused := wire.Write{Path: []byte("/var/lib/thing"), Bytes: -1, First: began, Last: began, Process: 1, Gone: true, Refused: &wire.Refused{
		Count: 2, Tries: 1, Acts: model.Made, Err: model.ReadOnlyError, Call: "mkdir", Last: began,
	}}
	sum.Seen(seen(refused, refused), began)
	sum.Joined(wire.Joined{Container: "a", Refusals: true}, began)
	r := sum.Snapshot(began.Add(3*time.Second), true)
	want := `web of shop: recorded 3 s, 1 process
  /var/lib/thing, 4 refused (mkdir: read-only file system)
    sh (root)
`
	if got := r.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if !r.Sittings[0].Refusals || r.PerSecond == 0 || r.Processes[0].Count != 4 {
		t.Errorf("%+v", r)
	}
	sum.Joined(wire.Joined{Container: "b", Blind: []wire.BlindSpot{{Kind: model.BlindRefusals, Detail: []byte("denied")}}}, began)
	sum.Unseen(3)
	s := sum.Snapshot(began, true).Sittings[0]
	if s.Refusals || len(s.Blind) != 2 || s.Blind[1] != (model.BlindSpot{Kind: model.BlindOldPrograms, Count: 3}) {
		t.Errorf("%+v", s)
	}
}

// A user's name that comes late is that of the writes before, too.
func TestNameThatComesLate(t *testing.T) {
	sum := New("shop", "web", "sha256:web", began)
	who := wire.Process{ID: 1, Container: "a", PID: 10, Command: []byte("app"), UID: 1234}
	sum.Process(who)
	sum.Seen(seen(write("/tmp/x", model.Made, 1)), began)
	who.User = []byte("late")
	sum.Process(who)
	sum.Seen(seen(write("/tmp/y", model.Made, 1)), began)
	r := sum.Snapshot(began, true)
	if len(r.Processes) != 1 || r.Processes[0].Name() != "app (late)" || r.Processes[0].Count != 2 {
		t.Errorf("%+v", r.Processes)
	}
}
