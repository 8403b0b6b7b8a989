package watch

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
)

// passStart lets the start pass, with its calls and stacks.
func passStart(t *testing.T, w *Watcher, e *scripted) {
	t.Helper()
	time.Sleep(time.Minute)
	newest(t, w)
	e.reset()
}

func TestEventsAreFlushedTogether(t *testing.T) {
	a, b := runs("a", "web"), runs("b", "web")
	watching(t, []model.Container{a, b, runs("c", "db")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		for range 500 {
			e.tell(a, "health_status")
			e.tell(b, "update")
			time.Sleep(2 * time.Millisecond)
		}
		time.Sleep(time.Second)
		count := map[string]int{}
		for _, call := range e.newCalls() {
			_, name, _ := strings.Cut(call, " ")
			count[name]++
		}
		if len(count) != 2 || count["inspect a"] > 5 || count["inspect b"] > 5 || count["inspect a"] < 4 {
			t.Errorf("calls for a thousand events in a second: %v", count)
		}
	})
}

func TestOneFlushAtATime(t *testing.T) {
	a, b := runs("a", "web"), runs("b", "db")
	watching(t, []model.Container{a, b}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(900*time.Millisecond, "inspect")
		e.tell(a, "update")
		time.Sleep(500 * time.Millisecond)
		e.tell(a, "update")
		e.tell(b, "update")
		time.Sleep(5 * time.Second)
		calls := e.newCalls()
		slices.Sort(calls)
		expect(t, "calls", calls, []string{"0s inspect a", "900ms inspect a", "900ms inspect b"})
	})
}

// Another program's diff of one container must not hide what the others do.
func TestStragglerHoldsUpNobodyForLong(t *testing.T) {
	a, b := runs("a", "web"), runs("b", "db")
	watching(t, []model.Container{a, b}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(10*time.Second, "inspect a")
		e.tell(a, "update")
		time.Sleep(500 * time.Millisecond)
		e.tell(a, "update")
		e.tell(b, "update")
		time.Sleep(time.Minute)
		expect(t, "calls", e.newCalls(), []string{"0s inspect a", "1s inspect b", "10s inspect a"})
	})
}

func TestWhatEventsAsk(t *testing.T) {
	ours, stopped := runs("a", "web"), runs("a", "web")
	stopped.State = model.Exited
	foreign := runs("x", "web")
	foreign.Project = "blog"
	added := runs("n", "web")
	for _, test := range []struct {
		action engine.Action
		c      model.Container
		want   []string
	}{
		{"exec_create", ours, nil},
		{"exec_start", ours, nil},
		{"exec_die", ours, nil},
		{"archive-path", ours, nil},
		{"top", ours, nil},
		{"health_status", ours, []string{"0s inspect a", "2s changes a"}},
		{"rename", ours, []string{"0s inspect a"}},
		{"pause", ours, []string{"0s inspect a"}},
		{"unpause", ours, []string{"0s inspect a"}},
		{"update", ours, []string{"0s inspect a"}},
		{"oom", ours, []string{"0s inspect a"}},
		{"die", stopped, []string{"0s inspect a", "2s changes a"}},
		{"start", ours, []string{"0s inspect a", "2s changes a"}},
		{"destroy", ours, nil},
		{"create", added, []string{"0s inspect n", "0s changes n"}},
		{"create", foreign, []string{"0s list"}},
		{"start", foreign, []string{"0s list"}},
		{"die", foreign, []string{"0s list"}},
		{"destroy", foreign, []string{"0s list"}},
		{"health_status", foreign, nil},
		{"rename", foreign, nil},
	} {
		t.Run(string(test.action)+" "+test.c.ID, func(t *testing.T) {
			watching(t, []model.Container{ours, foreign}, func(t *testing.T, w *Watcher, e *scripted) {
				passStart(t, w, e)
				e.set(test.c, test.action)
				time.Sleep(time.Minute)
				expect(t, "calls", e.newCalls(), test.want)
			})
		})
	}
}

func TestContainersComeAndGo(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)

		a.State, a.ExitCode = model.Exited, 1
		e.set(a, "die")
		time.Sleep(time.Minute)
		if s := newest(t, w); say(s) != "live a:exited,inspected,1 changes" {
			t.Errorf("exited: %s", say(s))
		}

		// Compose makes the new one under another name before it removes the old.
		b := runs("b", "web")
		b.State, b.Name = model.Created, "1f2e_shop-web-1"
		e.set(b, "create")
		time.Sleep(time.Second)
		if s := newest(t, w); say(s) != "live b:created,inspected a:exited,inspected,1 changes" {
			t.Errorf("replaced: %s", say(s))
		}
		e.set(a, "destroy")
		b.Name = "shop-web-1"
		e.set(b, "rename")
		b.State = model.Running
		e.set(b, "start")
		time.Sleep(time.Minute)
		s := newest(t, w)
		if say(s) != "live b:running,inspected,1 changes" || s.Services[0].Containers[0].Name != "shop-web-1" {
			t.Errorf("renamed: %s as %s", say(s), s.Services[0].Containers[0].Name)
		}

		e.set(b, "destroy")
		time.Sleep(time.Second)
		if s := newest(t, w); say(s) != "live" {
			t.Errorf("removed: %s", say(s))
		}
	})
}

func TestContainerThatDiesWhileRead(t *testing.T) {
	a, b := runs("a", "web"), runs("b", "web")
	prepare := func(e *scripted) Options {
		e.slow(100*time.Millisecond, "inspect", "changes")
		return Options{}
	}
	watchingWith(t, []model.Container{a, b}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(50 * time.Millisecond)
		e.mu.Lock()
		delete(e.containers, "a") // without a word
		e.mu.Unlock()
		time.Sleep(100 * time.Millisecond)
		e.set(b, "destroy") // under its diff
		time.Sleep(time.Minute)
		if s := newest(t, w); say(s) != "live" {
			t.Errorf("stack: %s", say(s))
		}
	})
}

// An answer of before must not bring back what an event has taken away.
func TestLateInspectBringsNothingBack(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(time.Second, "inspect a")
		e.tell(a, "update")
		time.Sleep(500 * time.Millisecond)
		e.tell(a, "destroy") // and yet its inspect is going to succeed
		time.Sleep(time.Minute)
		if s := newest(t, w); say(s) != "live" {
			t.Errorf("stack: %s", say(s))
		}
	})
}

// What the list missed before the stream was open, the second list has.
func TestSecondListClosesTheGap(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(100*time.Millisecond, "events")
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(50 * time.Millisecond)
		e.set(runs("b", "web"), "create") // nobody hears it
		time.Sleep(time.Minute)
		if s := newest(t, w); say(s) != "live a:running,inspected,1 changes b:running,inspected,1 changes" {
			t.Errorf("stack: %s", say(s))
		}
		if lists := e.newCalls("list"); len(lists) != 2 {
			t.Errorf("lists: %q", lists)
		}
	})
}

func TestBrokenContainerIsNoLostEngine(t *testing.T) {
	a := runs("a", "web")
	prepare := func(e *scripted) Options {
		e.fail("inspect a", errBroken)
		e.fail("image img", errBroken)
		return Options{}
	}
	watchingWith(t, []model.Container{a, runs("b", "db")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(time.Minute)
		if s := newest(t, w); say(s) != "live b:running,inspected,1 changes a:running (layer does not exist),1 changes" {
			t.Errorf("stack: %s", say(s))
		}
		e.newCalls()
		e.tell(a, "update")
		time.Sleep(time.Hour)
		expect(t, "one inspect, and a list to see whether the engine is there", ops(e.newCalls()), []string{"inspect a", "list"})
	})
}

func TestCallThatTimesOutIsMadeAgain(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(time.Hour, "inspect a")
		a.Health = model.Healthy
		e.set(a, "update")
		time.Sleep(29 * time.Second)
		e.slow(0, "inspect a")
		time.Sleep(10 * time.Second)
		calls := e.newCalls()
		slices.Sort(calls)
		expect(t, "calls", calls, []string{"0s inspect a", "30s inspect a", "30s list"})
		if s := newest(t, w); say(s) != "live a:running/healthy,inspected,1 changes" {
			t.Errorf("stack: %s", say(s))
		}
	})
}

func TestRefreshAsksEverything(t *testing.T) {
	watching(t, []model.Container{runs("a", "web"), runs("b", "db")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		w.Refresh()
		synctest.Wait()
		calls := e.newCalls()
		slices.Sort(calls)
		expect(t, "calls", calls, []string{
			"0s about", "0s changes a", "0s changes b", "0s inspect a", "0s inspect b", "0s list",
		})
	})
}

func TestRefreshCutsRestsShort(t *testing.T) {
	watching(t, []model.Container{runs("a", "web")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		for range 3 {
			w.Refresh()
			time.Sleep(time.Second)
		}
		expect(t, "diffs", e.newCalls("changes"), []string{"0s changes a", "1s changes a", "2s changes a"})
	})
}

// Nothing tells of its end, and asking for it fails with something else.
func TestContainerThatNeitherListNorInspectKnows(t *testing.T) {
	a, foreign := runs("a", "web"), runs("x", "web")
	foreign.Project = "blog"
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.mu.Lock()
		delete(e.containers, "a")
		e.mu.Unlock()
		e.fail("inspect a", errBroken)
		e.set(foreign, "create")
		time.Sleep(time.Hour)
		expect(t, "calls", ops(e.newCalls()), []string{"list", "inspect a", "list"})
		if s := newest(t, w); say(s) != "live" {
			t.Errorf("stack: %s", say(s))
		}
	})
}

func ops(calls []string) []string {
	for i, call := range calls {
		_, calls[i], _ = strings.Cut(call, " ")
	}
	return calls
}
