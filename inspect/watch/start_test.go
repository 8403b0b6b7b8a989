package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

func TestFirstStackLeavesBeforeAnyAnswer(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(5*time.Second, "list", "about", "events")
		return Options{
			Known: model.Engine{Address: "unix:///engine.sock"},
			Load: func(ctx context.Context) (string, *model.Project, *model.Problem) {
				time.Sleep(time.Second)
				return shop(ctx)
			},
		}
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		s := newest(t, w)
		if s.Link.State != model.Connecting || !s.Link.Since.Equal(e.began) || s.Engine.Address != "unix:///engine.sock" {
			t.Errorf("first stack: link %+v, engine %+v", s.Link, s.Engine)
		}
		if waited := time.Since(e.began); waited != 0 {
			t.Errorf("first stack after %v", waited)
		}
		time.Sleep(4 * time.Second)
		if s := newest(t, w); say(s) != "connecting" || s.Name != "shop" {
			t.Errorf("before the engine answers: %s, name %q", say(s), s.Name)
		}
		time.Sleep(time.Second)
		if s := newest(t, w); say(s) != "live a:running,inspected" {
			t.Errorf("once it answers: %s", say(s))
		}
	})
}

func TestFilesAndEngineAreReadSideBySide(t *testing.T) {
	load := func(ctx context.Context) (string, *model.Project, *model.Problem) {
		time.Sleep(20 * time.Millisecond)
		return shop(ctx)
	}
	prepare := func(e *scripted) Options {
		e.slow(10*time.Millisecond, "list", "inspect", "changes")
		e.slow(30*time.Millisecond, "image")
		return Options{Load: load}
	}
	watchingWith(t, []model.Container{runs("a", "web"), runs("b", "db")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(15 * time.Millisecond)
		synctest.Wait()
		calls := e.newCalls()
		slices.Sort(calls)
		expect(t, "while the files are read", calls, []string{"0s about", "0s events", "0s list"})
		newest(t, w)
		time.Sleep(5 * time.Millisecond)
		if s := newest(t, w); say(s) != "live b:running a:running" {
			t.Errorf("first populated stack: %s", say(s))
		}
		time.Sleep(time.Second)
		calls = e.newCalls("inspect", "image", "changes")
		slices.Sort(calls)
		expect(t, "after the list", calls, []string{
			"20ms image img", "20ms inspect a", "20ms inspect b",
			"50ms changes a", "50ms changes b", // they need the image to tell what the engine made
		})
		if s := newest(t, w); say(s) != "live b:running,inspected,1 changes a:running,inspected,1 changes" {
			t.Errorf("at rest: %s", say(s))
		}
	})
}

func TestStatesComeBeforeChanges(t *testing.T) {
	var containers []model.Container
	for i := range 20 {
		containers = append(containers, runs(fmt.Sprintf("c%02d", i), "web"))
	}
	prepare := func(e *scripted) Options {
		e.slow(100*time.Millisecond, "inspect", "changes")
		e.slow(700*time.Millisecond, "inspect c03")
		return Options{}
	}
	watchingWith(t, containers, prepare, func(t *testing.T, _ *Watcher, e *scripted) {
		time.Sleep(time.Minute) // scripted complains about more than two diffs at once
		calls := ops(e.newCalls("inspect", "changes"))
		first := slices.IndexFunc(calls, func(call string) bool { return strings.HasPrefix(call, "changes") })
		if first != 20 || len(calls) != 40 {
			t.Errorf("call %d of %d is the first diff: %q", first, len(calls), calls)
		}
	})
}

func TestBrokenFilesLeaveTheLiveSide(t *testing.T) {
	problem := &model.Problem{File: "compose.yaml", Line: 3, Text: "mapping expected"}
	prepare := func(*scripted) Options {
		return Options{Load: func(context.Context) (string, *model.Project, *model.Problem) { return "shop", nil, problem }}
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, _ *scripted) {
		time.Sleep(time.Second)
		s := newest(t, w)
		if s.Problem != problem || say(s) != "live a:running,inspected,1 changes" {
			t.Errorf("%s, problem %+v", say(s), s.Problem)
		}
	})
}

func TestOnlyContainersOfTheProjectAreShown(t *testing.T) {
	other, none := runs("x", "web"), runs("y", "")
	other.Project, none.Project = "blog", ""
	for _, c := range []*model.Container{&other, &none} {
		c.Mounts = []model.Mount{{Kind: model.Volume, Source: "shared", Target: "/data"}}
	}
	ours := runs("a", "web")
	ours.Mounts = []model.Mount{{Kind: model.Volume, Source: "shared", Target: "/data"}, {Kind: model.Tmpfs, Target: "/tmp"}}
	watching(t, []model.Container{ours, other, none}, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(time.Second)
		if s := newest(t, w); say(s) != "live a:running,inspected,1 changes" {
			t.Errorf("stack: %s", say(s))
		}
		expect(t, "calls", e.newCalls("inspect", "changes"), []string{"0s inspect a", "0s changes a"})
	})
	watchingWith(t, []model.Container{none}, func(*scripted) Options {
		return Options{Load: func(context.Context) (string, *model.Project, *model.Problem) { return "", nil, nil }}
	}, func(t *testing.T, w *Watcher, _ *scripted) {
		time.Sleep(time.Second)
		if s := newest(t, w); say(s) != "live" {
			t.Errorf("a project without a name has containers: %s", say(s))
		}
	})
}

func TestNextHandsOutTheNewestOnce(t *testing.T) {
	c := runs("a", "web")
	watching(t, []model.Container{c}, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(time.Minute)
		newest(t, w)
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if s, err := w.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("a stack without news: %v, %v", s, err)
		}
		for i := range 10 {
			c.Health = []model.Health{model.Healthy, model.Unhealthy}[i%2]
			e.set(c, "health_status")
			time.Sleep(300 * time.Millisecond)
		}
		if s := newest(t, w); say(s) != "live a:running/unhealthy,inspected,1 changes" {
			t.Errorf("the newest of ten: %s", say(s))
		}
	})
}

func TestNextEndsWithTheWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		w := Start(ctx, Options{Engine: newScripted(t), Load: shop})
		newest(t, w)
		quit := errors.New("quit")
		cancel(quit)
		synctest.Wait()
		for range 2 {
			if _, err := w.Next(t.Context()); err != nil && !errors.Is(err, quit) {
				t.Errorf("Next after the end: %v", err)
			}
		}
		if _, err := w.Next(t.Context()); !errors.Is(err, quit) {
			t.Errorf("Next goes on after the end: %v", err)
		}
	})
}

// TestStacksArePaced counts what leaves while containers never come to rest.
func TestStacksArePaced(t *testing.T) {
	c := runs("a", "web")
	watching(t, []model.Container{c}, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(10 * time.Second)
		newest(t, w)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		var telling sync.WaitGroup
		defer telling.Wait()
		telling.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				c.ExitCode = i
				e.set(c, "update")
				time.Sleep(7 * time.Millisecond)
			}
		})
		left := 0
		for {
			if _, err := w.Next(ctx); err != nil {
				break
			}
			left++
		}
		if left < 30 || left > 41 {
			t.Errorf("%d stacks in ten seconds", left)
		}
	})
}

func TestIdleIsIdle(t *testing.T) {
	watching(t, []model.Container{runs("a", "web"), runs("b", "db")}, func(t *testing.T, w *Watcher, e *scripted) {
		w.Look("web", false)
		time.Sleep(time.Minute)
		newest(t, w)
		e.newCalls()
		time.Sleep(time.Hour)
		if calls := e.newCalls(); len(calls) > 0 {
			t.Errorf("calls in an idle hour: %q", calls)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if s, err := w.Next(ctx); err == nil {
			t.Errorf("a stack in an idle hour: %s", say(s))
		}
	})
}

func TestFirstStacksLeaveAtOnce(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(10*time.Millisecond, "list")
		e.slow(20*time.Millisecond, "inspect")
		e.slow(time.Minute, "changes", "about")
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web"), runs("b", "db")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(9 * time.Millisecond)
		if s := newest(t, w); say(s) != "connecting" || s.Name != "shop" {
			t.Errorf("with the files: %s of %q", say(s), s.Name)
		}
		time.Sleep(time.Millisecond)
		if s := newest(t, w); say(s) != "live b:running a:running" {
			t.Errorf("with the list: %s", say(s))
		}
		time.Sleep(20 * time.Millisecond)
		if s := newest(t, w); say(s) != "live b:running,inspected a:running,inspected" {
			t.Errorf("with all inspected: %s", say(s))
		}
		if waited := time.Since(e.began); waited != 30*time.Millisecond {
			t.Errorf("all inspected after %v", waited)
		}
	})
}
