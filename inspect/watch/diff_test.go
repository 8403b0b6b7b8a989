package watch

import (
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

func TestLookedAtContainersRest(t *testing.T) {
	for _, test := range []struct {
		name  string
		takes time.Duration
		want  []string
	}{
		{"a fast one for two seconds", 10 * time.Millisecond, []string{"0s changes a", "2.01s changes a", "4.02s changes a"}},
		{"a slow one for twenty times its time", 300 * time.Millisecond, []string{"0s changes a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			watching(t, []model.Container{runs("a", "web"), runs("b", "db")}, func(t *testing.T, w *Watcher, e *scripted) {
				passStart(t, w, e)
				e.slow(test.takes, "changes")
				w.Look("web", true)
				time.Sleep(6 * time.Second)
				expect(t, "first six seconds", e.newCalls(), test.want)
				w.Look("web", false)
				time.Sleep(time.Hour)
				expect(t, "nobody looks", e.newCalls(), nil)
			})
		})
	}
	watching(t, []model.Container{runs("a", "web")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(300*time.Millisecond, "changes")
		w.Look("web", true)
		time.Sleep(13 * time.Second)
		expect(t, "rests of six seconds", e.newCalls(), []string{"0s changes a", "6.3s changes a", "12.6s changes a"})
	})
}

func TestWhoCannotWriteIsAskedOnce(t *testing.T) {
	paused, exited, created := runs("p", "web"), runs("e", "web"), runs("c", "web")
	paused.State, exited.State, created.State = model.Paused, model.Exited, model.Created
	watching(t, []model.Container{paused, exited, created}, func(t *testing.T, w *Watcher, e *scripted) {
		w.Look("web", true)
		time.Sleep(time.Minute)
		calls := ops(e.newCalls("changes"))
		if len(calls) != 2 {
			t.Errorf("calls: %q", calls)
		}
		if s := newest(t, w); say(s) != "live c:created,inspected e:exited,inspected,1 changes p:paused,inspected,1 changes" {
			t.Errorf("stack: %s", say(s))
		}
	})
}

// A crash loop with a slow diff must not keep the engine walking.
func TestCrashLoopKeepsTheBudget(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(time.Second, "changes")
		for range 60 {
			e.tell(a, "start")
			time.Sleep(500 * time.Millisecond)
			e.tell(a, "die")
			time.Sleep(500 * time.Millisecond)
		}
		if calls := e.newCalls("changes"); len(calls) > 3 {
			t.Errorf("diffs in a minute of crashes: %q", calls)
		}
	})
}

// scripted complains when an inspect meets a diff of the same container.
func TestInspectWaitsForTheDiffAndTheListTells(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(3*time.Second, "changes a")
		w.Look("web", true)
		time.Sleep(time.Second)
		a.State = model.Paused
		e.set(a, "pause")
		time.Sleep(300 * time.Millisecond)
		if s := newest(t, w); say(s) != "live a:paused,inspected,1 changes" {
			t.Errorf("under the diff: %s", say(s))
		}
		time.Sleep(time.Minute)
		expect(t, "calls", e.newCalls(), []string{"0s changes a", "1s list", "3s inspect a"})
	})
}

func TestMarkedContainerIsInspectedFirst(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.tell(a, "update")
		time.Sleep(100 * time.Millisecond)
		e.tell(a, "update")
		synctest.Wait()
		w.Look("web", true)
		time.Sleep(time.Second)
		expect(t, "calls", e.newCalls(), []string{"0s inspect a", "250ms inspect a", "250ms changes a"})
	})
}

func TestDiffWaitsForTheInspect(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(10*time.Second, "inspect a")
		e.tell(a, "update")
		synctest.Wait()
		w.Look("web", true)
		time.Sleep(11 * time.Second)
		expect(t, "calls", e.newCalls(), []string{"0s inspect a", "10s changes a"})
	})
}

func TestFailedDiffKeepsTheOlderPaths(t *testing.T) {
	watching(t, []model.Container{runs("a", "web")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.fail("changes a", errBroken)
		w.Look("web", true)
		time.Sleep(time.Second)
		s := newest(t, w)
		if say(s) != "live a:running,inspected,1 changes (layer does not exist)" {
			t.Errorf("failed: %s", say(s))
		}
		if age := s.At.Sub(s.Services[0].Changes[0].Taken); age < time.Minute {
			t.Errorf("the older paths look %v old", age)
		}
		e.fail("changes a", nil)
		time.Sleep(10 * time.Second)
		if s := newest(t, w); say(s) != "live a:running,inspected,1 changes" {
			t.Errorf("mended: %s", say(s))
		}
	})
}

func TestLookedAtServiceGoesFirst(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(time.Second, "changes")
		return Options{}
	}
	containers := []model.Container{runs("a", "s1"), runs("b", "s2"), runs("c", "s3"), runs("d", "s4"), runs("z", "s9")}
	watchingWith(t, containers, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		w.Look("s9", false)
		time.Sleep(500 * time.Millisecond)
		calls := e.newCalls("changes")
		if len(calls) != 2 || calls[0] != "0s changes z" && calls[1] != "0s changes z" {
			t.Errorf("first diffs: %q", calls)
		}
	})
}

// Somebody who asks for changes gets answers that began after that, of every container
// and without a rest before them, once.
func TestAskChanges(t *testing.T) {
	watching(t, []model.Container{runs("a", "web"), runs("b", "db")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(300*time.Millisecond, "changes")
		w.Look("web", true)
		time.Sleep(100 * time.Millisecond) // a is being asked
		w.AskChanges()
		time.Sleep(5 * time.Second)
		expect(t, "changes asked", e.newCalls("changes"), []string{"0s changes a", "100ms changes b", "300ms changes a"})
	})
}
