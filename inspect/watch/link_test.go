package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"petrify/model"
)

func TestEngineGoesAwayAndComesBack(t *testing.T) {
	a, b := runs("a", "web"), runs("b", "db")
	watching(t, []model.Container{a, b}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		w.Look("web", true) // nor is its diff asked of nobody
		time.Sleep(time.Second)
		e.reset()
		e.disconnect(fmt.Errorf("dial: %w", syscall.ECONNREFUSED))
		left := time.Now()
		time.Sleep(20 * time.Second)
		s := newest(t, w)
		if say(s) != "stale b:running,inspected,1 changes a:running,inspected,1 changes" {
			t.Errorf("while it is away: %s", say(s))
		}
		if s.Link.Reason == "" || s.Link.Advice == "" || !s.Link.Since.Equal(left) {
			t.Errorf("while it is away: link %+v, left at %v", s.Link, left)
		}
		expect(t, "attempts", e.newCalls("list", "inspect", "changes"), []string{
			"250ms list", "750ms list", "1.75s list", "3.75s list", "7.75s list", "12.75s list", "17.75s list",
		})

		e.mu.Lock()
		e.containers = map[string]model.Container{"n": runs("n", "web")} // all made anew
		e.mu.Unlock()
		e.comeBack()
		time.Sleep(10 * time.Second)
		if s := newest(t, w); say(s) != "live n:running,inspected,1 changes" || s.Link.Reason != "" {
			t.Errorf("when it is back: %s, link %+v", say(s), s.Link)
		}

		e.reset()
		e.disconnect(nil)
		time.Sleep(time.Second)
		expect(t, "after it held for a while", e.newCalls("events"), []string{"250ms events"})
	})
}

func TestAllIsAskedAgainOnANewConnection(t *testing.T) {
	watching(t, []model.Container{runs("a", "web")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.disconnect(nil) // only the stream is cut
		time.Sleep(time.Minute)
		expect(t, "calls", e.newCalls("list", "inspect", "changes", "image"), []string{
			"250ms list", "250ms inspect a", "250ms changes a", "500ms list",
		})
	})
}

// A stream that is cut again and again must not have everything walked each time.
func TestFlappingStreamKeepsTheBudget(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(time.Second, "changes")
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		for range 60 {
			e.disconnect(nil)
			time.Sleep(time.Second)
		}
		if calls := e.newCalls("changes"); len(calls) > 4 {
			t.Errorf("diffs of one second in a minute: %q", calls)
		}
	})
}

func TestDiffThatWasCutShortRests(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(time.Second, "changes")
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		w.Look("web", true)
		time.Sleep(100 * time.Millisecond)
		e.disconnect(nil)
		time.Sleep(21 * time.Second)
		expect(t, "diffs", e.newCalls("changes"), []string{"0s changes a", "20.1s changes a"})
	})
}

func TestNeverConnected(t *testing.T) {
	for _, test := range []struct {
		name   string
		err    error
		reason string
	}{
		{"refused", fmt.Errorf("dial unix: %w", os.ErrPermission), "permission denied"},
		{"garbage", &json.SyntaxError{}, "does not speak like an engine"},
		{"broken", errBroken, "layer does not exist"},
	} {
		t.Run(test.name, func(t *testing.T) {
			prepare := func(e *scripted) Options {
				e.away = test.err
				return Options{}
			}
			watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
				time.Sleep(10 * time.Second)
				s := newest(t, w)
				if s.Link.State != model.Connecting || !strings.Contains(s.Link.Reason, test.reason) {
					t.Errorf("link %+v", s.Link)
				}
				if !s.Link.Since.Equal(e.began) {
					t.Errorf("connecting since %v, not %v", s.Link.Since, e.began)
				}
				e.comeBack()
				time.Sleep(10 * time.Second)
				if s := newest(t, w); say(s) != "live a:running,inspected,1 changes" {
					t.Errorf("once it answers: %s", say(s))
				}
			})
		})
	}
}

func TestListThatNeverEnds(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(time.Hour, "list")
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(30*time.Second + time.Millisecond)
		if s := newest(t, w); say(s) != "connecting" || !strings.Contains(s.Link.Reason, "in time") {
			t.Errorf("link %+v", s.Link)
		}
		e.slow(0, "list")
		time.Sleep(time.Minute)
		if s := newest(t, w); say(s) != "live a:running,inspected,1 changes" {
			t.Errorf("once it answers: %s", say(s))
		}
	})
}

// An answer of the connection before is not taken.
func TestLateAnswersAreDropped(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.ignoreContexts()
		e.slow(10*time.Second, "inspect a")
		a.State = model.Paused
		e.set(a, "pause")
		time.Sleep(time.Second)
		e.disconnect(nil)
		e.slow(0, "inspect a")
		time.Sleep(5 * time.Second)
		a.ID = "b" // the late answer is of another container, to tell it by
		e.mu.Lock()
		e.containers["a"] = a
		e.mu.Unlock()
		time.Sleep(time.Minute)
		expect(t, "calls", e.newCalls("inspect"), []string{"0s inspect a", "1.25s inspect a"})
		if s := newest(t, w); say(s) != "live a:paused,inspected,1 changes" {
			t.Errorf("stack: %s", say(s))
		}
	})
}

func TestRefreshConnectsAtOnce(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.away = errBroken
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(18 * time.Second)
		e.comeBack()
		w.Refresh()
		time.Sleep(time.Second)
		if s := newest(t, w); s.Link.State != model.Live {
			t.Errorf("link %+v", s.Link)
		}
	})
}

func TestReloadMayRenameTheProject(t *testing.T) {
	name := "shop"
	prepare := func(*scripted) Options {
		return Options{Load: func(context.Context) (string, *model.Project, *model.Problem) { return name, nil, nil }}
	}
	other := runs("x", "web")
	other.Project = "blog"
	watchingWith(t, []model.Container{runs("a", "web"), other}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		name = "blog"
		w.Refresh()
		time.Sleep(time.Minute)
		if s := newest(t, w); say(s) != "live x:running,inspected,1 changes" || s.Name != "blog" {
			t.Errorf("%s of %s", say(s), s.Name)
		}

		e.set(runs("b", "web"), "create")
		e.set(runs("a", "web"), "destroy")
		time.Sleep(time.Second)
		name = "shop"
		w.Refresh()
		time.Sleep(time.Minute)
		if s := newest(t, w); say(s) != "live b:running,inspected,1 changes" || s.Name != "shop" {
			t.Errorf("%s of %s", say(s), s.Name)
		}
	})
}
