package watch

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

// readOnly is a running container a of the service web with a read-only root.
func readOnly() model.Container {
	c := runs("a", "web")
	c.ReadOnly = true
	return c
}

// refusedBy says what the logs of a stack tell of, as "a /x 2".
func refusedBy(s *model.Stack) string {
	var b strings.Builder
	for i := range s.Services {
		for _, log := range s.Services[i].Logs {
			for _, w := range log.Writes {
				b.WriteString(log.Container + " " + w.Path + " ×" + string(rune('0'+w.Refused)) + " ")
			}
			if log.Err != "" {
				b.WriteString(log.Container + " (" + log.Err + ") ")
			}
		}
	}
	return strings.TrimSpace(b.String())
}

// The log of a read-only container is searched once, and again when it ends or starts;
// then only what is new counts. Others are left alone.
func TestLogsOfReadOnlyContainersAreSearched(t *testing.T) {
	refusal := func(at time.Time, path string) model.LogLine {
		return model.LogLine{At: at, Text: "open " + path + ": read-only file system"}
	}
	a := readOnly()
	watching(t, []model.Container{a, runs("b", "db")}, func(t *testing.T, w *Watcher, e *scripted) {
		began := time.Now()
		e.mu.Lock()
		e.lines["a"] = []model.LogLine{refusal(began, "/srv/x"), {At: began, Text: "ready"}}
		e.mu.Unlock()
		time.Sleep(time.Minute)
		if got := refusedBy(newest(t, w)); got != "a /srv/x ×1" {
			t.Errorf("at first: %q", got)
		}
		calls := e.newCalls("search", "changes")
		if i := slices.IndexFunc(calls, func(c string) bool { return strings.HasSuffix(c, "search a") }); i < 0 ||
			i > slices.IndexFunc(calls, func(c string) bool { return strings.HasSuffix(c, "changes a") }) {
			t.Errorf("the search does not come before the changes: %q", calls)
		}
		w.Look("web", true)
		time.Sleep(time.Hour)
		expect(t, "nothing happened", e.newCalls("search"), nil)

		e.reset()
		e.mu.Lock()
		e.lines["a"] = append(e.lines["a"], refusal(time.Now(), "/srv/x"), refusal(time.Now(), "/srv/y"))
		e.mu.Unlock()
		a.State = model.Exited
		e.set(a, "die")
		time.Sleep(10 * time.Second)
		if got := refusedBy(newest(t, w)); got != "a /srv/x ×2 a /srv/y ×1" {
			t.Errorf("after its end: %q", got)
		}
		if calls := e.newCalls("search"); len(calls) != 1 {
			t.Errorf("searched %q", calls)
		}
	})
}

func TestLogThatCannotBeReadIsToldOf(t *testing.T) {
	watching(t, []model.Container{readOnly()}, func(t *testing.T, w *Watcher, e *scripted) {
		e.fail("search", errBroken)
		time.Sleep(time.Minute)
		s := newest(t, w)
		if got := refusedBy(s); got != "a (layer does not exist)" {
			t.Errorf("told of %q", got)
		}
		if blind := s.Services[0].Verdict.Blind; len(blind) != 1 || blind[0].Kind != model.BlindLog {
			t.Errorf("blind to %v", blind)
		}
		if s.Link.State != model.Live {
			t.Errorf("the link is %s", s.Link.State)
		}
		e.fail("search", nil)
		w.Refresh()
		time.Sleep(time.Minute)
		if got := refusedBy(newest(t, w)); got != "" {
			t.Errorf("still told of %q", got)
		}
	})
}

// A report waits for the search.
func TestSearchIsWaitedFor(t *testing.T) {
	watching(t, []model.Container{readOnly()}, func(t *testing.T, w *Watcher, e *scripted) {
		e.slow(5*time.Second, "search")
		open := func() bool {
			synctest.Wait()
			return slices.ContainsFunc(newest(t, w).Waiting, func(w model.Waiting) bool { return w.Step == model.WaitLogs && w.Open() })
		}
		time.Sleep(2 * time.Second)
		if !open() {
			t.Error("the search is not waited for")
		}
		time.Sleep(10 * time.Second)
		if open() {
			t.Error("the search is waited for when it is over")
		}
	})
}

// One that dies each second is searched as seldom as its searches are slow.
func TestCrashLoopIsSearchedSeldom(t *testing.T) {
	a := readOnly()
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		e.slow(500*time.Millisecond, "search")
		time.Sleep(time.Minute)
		e.newCalls()
		for range 60 {
			e.set(a, "die")
			e.set(a, "start")
			time.Sleep(time.Second)
		}
		if n := len(e.newCalls("search")); n > 7 {
			t.Errorf("searched %d times in a minute", n)
		}
	})
}
