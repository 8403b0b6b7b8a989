package watch

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

// told is what a stack says that it waits for.
func told(s *model.Stack) string {
	var all []string
	for _, w := range s.Waiting {
		all = append(all, w.Text(s.At))
	}
	return strings.Join(all, "; ")
}

func TestStacksSayWhatTheyWaitFor(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(2*time.Second, "list")
		e.slow(3*time.Second, "about")
		e.slow(2*time.Second, "inspect b")
		e.slow(4*time.Second, "changes")
		e.slow(30*time.Second, "changes b")
		return Options{Load: func(ctx context.Context) (string, *model.Project, *model.Problem) {
			time.Sleep(time.Second)
			return shop(ctx)
		}}
	}
	created := runs("d", "job")
	created.State = model.Created
	watchingWith(t, []model.Container{runs("a", "web"), runs("b", "db"), runs("c", "cache"), created}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		for _, step := range []struct {
			at   time.Duration
			want string
		}{
			{0, "the Compose files, for 0 s; the engine, for 0 s"},
			{time.Second, "the engine, for 1 s"},
			{2 * time.Second, "the engine, for 2 s; containers: 0 of 4, cache for 0 s; changes: 0 of 3"},
			{4 * time.Second, "changes: 0 of 3, cache for 0 s"}, // db keeps its inspect back
			{9 * time.Second, "changes: 2 of 3, db for 1 s"},
			{40 * time.Second, ""},
		} {
			time.Sleep(step.at - time.Since(e.began))
			s := newest(t, w)
			if got := told(s); got != step.want {
				t.Errorf("after %s: %q, want %q", step.at, got, step.want)
			}
		}
	})
}

// The engine is asked what it is beside everything else, also where it does not tell.
func TestAnEngineThatDoesNotSayWhatItIsIsNotWaitedFor(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.fail("about", errBroken)
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, _ *scripted) {
		time.Sleep(time.Second)
		if s := newest(t, w); len(s.Waiting) > 0 || s.Link.State != model.Live {
			t.Errorf("%s waits for %s", say(s), told(s))
		}
	})
}

// Neither a container that cannot be inspected nor one that cannot be diffed is
// waited for for ever.
func TestWhatCannotBeToldIsNotWaitedFor(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.fail("inspect a", errBroken)
		e.fail("changes b", errBroken)
		e.fail("image img", errBroken)
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web"), runs("b", "db")}, prepare, func(t *testing.T, w *Watcher, _ *scripted) {
		time.Sleep(time.Minute)
		if s := newest(t, w); len(s.Waiting) > 0 {
			t.Errorf("%s waits for %s", say(s), told(s))
		}
	})
}

// What is asked again every few seconds is told of when it takes long, and only then.
func TestAskingAgainIsToldWhenItIsSlow(t *testing.T) {
	for _, test := range []struct {
		takes time.Duration
		told  bool
	}{{noticeable - time.Millisecond, false}, {10 * time.Second, true}} {
		watching(t, []model.Container{runs("a", "web")}, func(t *testing.T, w *Watcher, e *scripted) {
			passStart(t, w, e)
			e.slow(test.takes, "changes")
			w.Look("web", true)
			time.Sleep(noticeable + time.Millisecond)
			s := newest(t, w)
			since, walking := s.AsksChanges("a")
			if walking != test.told || test.told && !since.Equal(e.began) {
				t.Errorf("%s: told %t, since %v", test.takes, walking, since)
			}
			for _, waiting := range s.Waiting {
				if waiting.Open() {
					t.Errorf("%s: %s is waited for", test.takes, waiting.Text(s.At))
				}
			}
		})
	}
}

func TestOnlyTheServicesNamedAreAskedAbout(t *testing.T) {
	db := runs("b", "db")
	db.Mounts = []model.Mount{{Kind: model.Volume, Source: "shared", Target: "/data"}}
	web := runs("a", "web")
	web.Mounts = db.Mounts
	prepare := func(*scripted) Options { return Options{Services: []string{"web"}} }
	watchingWith(t, []model.Container{web, db, runs("c", "web")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		w.Look("db", true)
		time.Sleep(time.Minute)
		s := newest(t, w)
		if say(s) != "live b:running a:running,inspected,1 changes c:running,inspected,1 changes" || len(s.Waiting) > 0 {
			t.Errorf("%s waits for %s", say(s), told(s))
		}
		if users := s.Service("web").Mounts[0].Users; len(users) != 1 || users[0].Service != "db" {
			t.Errorf("who else holds the volume: %+v", users)
		}
		calls := ops(e.newCalls("inspect", "changes", "image"))
		slices.Sort(calls)
		expect(t, "calls", calls, []string{"changes a", "changes c", "image img", "inspect a", "inspect c"})

		stopped := db
		stopped.State = model.Exited
		e.set(stopped, "die")
		e.set(runs("d", "job"), "create")
		time.Sleep(time.Minute)
		if s := newest(t, w); !strings.Contains(say(s), "b:exited") || !strings.Contains(say(s), "d:running") {
			t.Errorf("the others are out of date: %s", say(s))
		}
		e.set(stopped, "destroy")
		w.Refresh()
		w.AskChanges()
		time.Sleep(time.Minute)
		if s := newest(t, w); strings.Contains(say(s), "b:") {
			t.Errorf("one that is gone is listed: %s", say(s))
		}
		for _, call := range ops(e.newCalls("inspect", "changes", "image")) {
			if strings.HasSuffix(call, " b") || strings.HasSuffix(call, " d") {
				t.Errorf("the engine was asked: %s", call)
			}
		}
	})
}
