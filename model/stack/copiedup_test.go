package stack

import (
	"fmt"
	"testing"
	"time"

	"petrify/model"
)

// passed is a service that has run for an hour, and of which a layer tells what is copied
// up, beside what was recorded.
func passed(copied []model.CopiedUp, paths []model.Change, recorded ...model.Write) *model.Stack {
	noon := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	c := model.Container{ID: "1", Name: "web", Service: "web", ImageID: "img", State: model.Running, Inspected: true, Started: noon.Add(-time.Hour)}
	o := model.Observation{
		At: noon, Name: "shop", Link: model.Link{State: model.Live}, Containers: []model.Container{c},
		Changes: map[string]model.Changes{"1": {Paths: paths, CopiedUp: copied, Taken: noon}},
	}
	if len(recorded) > 0 {
		o.Recordings = []*model.Recording{{Service: "web", ImageID: "img", Writes: recorded, Sittings: []model.Sitting{{Began: noon}}}}
	}
	return Lay(o, nil)
}

// What left no trace is a write that a read-only root refuses, and no change.
func TestWhatLeftNoTraceIsAWriteAndNoChange(t *testing.T) {
	at := time.Date(2026, 11, 24, 11, 30, 0, 0, time.UTC)
	tmp := model.CopiedUp{Path: "/tmp", Directory: true, Changed: at}
	file := model.CopiedUp{Path: "/srv/app.db", Changed: at}
	s := &passed([]model.CopiedUp{tmp, file}, []model.Change{{Path: "/run/pid", Kind: model.Added}}).Services[0]
	const want = `evidence from [changes]
  A /run/pid
  C /srv/app.db
    /srv/app.db written without a trace ×1 by 
  C /tmp
    /tmp written without a trace ×1, 1 inside by 
  blind to files created and deleted again, such as lock files and lock directories
  blind to writes that failed
  blind to files opened for writing but not written
  blind to permissions or owners set to what they were
  blind to a rewrite that keeps size and time
  blind to writes in volumes, binds, tmpfs, /dev and /dev/shm
`
	if got := s.Evidence.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if s.Counts != (model.Counts{Added: 1}) {
		t.Errorf("counted as changes: %+v", s.Counts)
	}
	if s.Verdict.Outcome != model.WouldBreak || len(s.Verdict.Blocked) != 3 {
		t.Errorf("%s: %s", s.Verdict.Outcome, s.Verdict.Reason)
	}
	if got := fmt.Sprint(s.Evidence.CopiedUp); got != fmt.Sprint([]model.CopiedUp{file, tmp}) {
		t.Errorf("copied up: %s", got)
	}
}

// Where a recording knows what came and went, that is told, and nothing twice.
func TestARecordingKnowsMoreThanTheLayer(t *testing.T) {
	at := time.Date(2026, 11, 24, 11, 30, 0, 0, time.UTC)
	tmp := model.CopiedUp{Path: "/tmp", Directory: true, Changed: at}
	lock := model.Write{Path: "/tmp/lock", Acts: model.Made | model.Removed, Gone: true, Count: 2, First: at.Add(-time.Minute), Last: at, Bytes: -1}
	older := lock
	older.Last = lock.First
	for name, test := range map[string]struct {
		recorded model.Write
		want     string
	}{
		"it saw the last write": {lock, "[A /tmp/lock]"},
		"something came later":  {older, "[A /tmp/lock C /tmp]"},
	} {
		s := &passed([]model.CopiedUp{tmp}, nil, test.recorded).Services[0]
		if got := fmt.Sprint(s.Evidence.Root); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

// What left no trace after a mark is new, by the time that its layer tells.
func TestWhatLeftNoTraceSinceAMarkIsNew(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	before := passed([]model.CopiedUp{{Path: "/tmp", Directory: true, Changed: at.Add(-time.Minute)}}, nil)
	mark := NewMark(time.Time{}).With(before)
	if got := mark.New(&before.Services[0]); len(got) > 0 {
		t.Errorf("new at once: %q", got)
	}
	after := passed([]model.CopiedUp{{Path: "/tmp", Directory: true, Changed: at.Add(time.Minute)}}, nil)
	if got := fmt.Sprint(mark.New(&after.Services[0])); got != "[/tmp]" {
		t.Errorf("new: %s", got)
	}
}

func TestTheEngineCopiesUpItsOwn(t *testing.T) {
	c := model.Container{Init: true, Mounts: []model.Mount{{Target: "/data"}}}
	var copied []model.CopiedUp
	for _, p := range []string{"/data", "/etc/hosts", "/sbin/docker-init", "/tmp"} {
		copied = append(copied, model.CopiedUp{Path: p})
	}
	if got := WithoutEngines(copied, c, nil); len(got) != 1 || got[0].Path != "/tmp" {
		t.Errorf("%v", got)
	}
}

func TestManyCopiedUpAreToldByDirectory(t *testing.T) {
	var copied []model.CopiedUp
	for i := range 4 * mostCopiedUp {
		copied = append(copied, model.CopiedUp{Path: fmt.Sprintf("/srv/%d/%d", i%3, i)})
	}
	s := &passed(copied, nil).Services[0]
	if n := len(s.Evidence.Writes); n > mostCopiedUp {
		t.Errorf("%d writes", n)
	}
	inside := 0
	for _, w := range s.Evidence.Writes {
		inside += max(w.Inside, 1)
	}
	if inside != len(copied) {
		t.Errorf("%d of %d are told", inside, len(copied))
	}
}

func TestMoreThanIsReadIsSaid(t *testing.T) {
	o := passed(nil, nil).From
	o.Changes = map[string]model.Changes{"1": {Taken: o.At, Cut: true}}
	blind := Lay(o, nil).Services[0].Verdict.Blind
	if blind[len(blind)-1].Kind != model.BlindBeyond {
		t.Errorf("%v", blind)
	}
}
