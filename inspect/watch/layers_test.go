package watch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/inspect/layer"
	"petrify/model"
)

// paths are all that a stack's changes hold.
func paths(s *model.Stack) string {
	var all []string
	for i := range s.Services {
		for _, c := range s.Services[i].Changes {
			for _, change := range c.Paths {
				all = append(all, change.String())
			}
		}
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// Where layers can be read, the engine is never asked for changes.
func TestLayersAreReadInsteadOfAsking(t *testing.T) {
	exited := runs("b", "db")
	exited.State = model.Exited
	watchingWith(t, []model.Container{runs("a", "web"), exited}, beside, func(t *testing.T, w *Watcher, e *scripted) {
		w.Look("web", true)
		time.Sleep(1500 * time.Millisecond)
		s := newest(t, w)
		if got := paths(s); got != "A /data/a, A /data/b" || len(s.Waiting) > 0 {
			t.Errorf("%s, waits for %s", got, told(s))
		}
		calls := ops(e.newCalls("read", "changes"))
		slices.Sort(calls) // the first two come at once
		expect(t, "calls", calls, []string{"read a", "read a", "read b"})
		e.set(runs("b", "db"), "destroy")
		synctest.Wait()
		expect(t, "forgotten", e.forgotten, []string{"b"})
	})
}

// Reading stands in nobody's way: an inspect does not wait for it, nor it for one.
func TestReadingAndInspectingDoNotWait(t *testing.T) {
	a := runs("a", "web")
	watchingWith(t, []model.Container{a}, beside, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.slow(3*time.Second, "read a")
		e.slow(5*time.Second, "inspect a")
		w.Look("web", true)
		time.Sleep(time.Second)
		e.set(a, "pause")
		time.Sleep(2100 * time.Millisecond)
		w.AskChanges()
		time.Sleep(time.Second)
		expect(t, "calls", e.newCalls(), []string{"0s read a", "1s inspect a", "3.1s read a"})
	})
}

// Nothing queues behind the diffs of those that cannot be read.
func TestReadingDoesNotQueueBehindDiffs(t *testing.T) {
	prepare := func(e *scripted) Options {
		for _, id := range []string{"a", "b", "c"} {
			e.fail("read "+id, layer.ErrNotHere)
		}
		e.slow(time.Hour, "changes")
		return beside(e)
	}
	watchingWith(t, []model.Container{runs("a", "s1"), runs("b", "s2"), runs("c", "s3"), runs("d", "s4")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(time.Second)
		if got := paths(newest(t, w)); got != "A /data/d" {
			t.Errorf("while two diffs go on: %s", got)
		}
		w.Look("s4", true)
		e.hold("d", layer.Result{Changes: []model.Change{{Path: "/later", Kind: model.Added}}})
		time.Sleep(1500 * time.Millisecond)
		if got := paths(newest(t, w)); got != "A /later" {
			t.Errorf("later: %s", got)
		}
		if calls := ops(e.newCalls("changes")); len(calls) != 2 {
			t.Errorf("asked: %q", calls)
		}
	})
}

// A layer that lies elsewhere is tried once: then the engine is asked, on its budget,
// and the changes say why.
func TestTheEngineIsAskedWhereALayerLiesElsewhere(t *testing.T) {
	a := runs("a", "web")
	elsewhere := fmt.Errorf("%w: it is on the moon", layer.ErrNotHere)
	prepare := func(e *scripted) Options {
		e.fail("read", elsewhere)
		return beside(e)
	}
	watchingWith(t, []model.Container{a}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		w.Look("web", true)
		time.Sleep(5 * time.Second)
		if got := newest(t, w).Services[0].Changes[0].Asked; got != elsewhere.Error() {
			t.Errorf("why it was asked: %q", got)
		}
		expect(t, "calls", e.newCalls("read", "changes"), []string{"0s read a", "0s changes a", "2s changes a", "4s changes a"})
		w.Look("web", false)
		e.tell(a, "start") // it may be in another place from now on
		time.Sleep(10 * time.Second)
		expect(t, "after a start", ops(e.newCalls("read", "changes")), []string{"read a", "changes a"})
		w.Refresh()
		time.Sleep(10 * time.Second)
		expect(t, "refreshed", ops(e.newCalls("read", "changes")), []string{"read a", "changes a"})
	})
}

// A failure that may pass has the engine asked this time, and the layer read the next.
func TestTheEngineIsAskedWhenReadingFails(t *testing.T) {
	a := runs("a", "web")
	watchingWith(t, []model.Container{a}, beside, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		e.fail("read", errors.New(`read the writable layer at "/x": input/output error`))
		w.AskChanges()
		time.Sleep(10 * time.Second)
		s := newest(t, w)
		if got := s.Services[0].Changes[0].Asked; !strings.Contains(got, "input/output error") {
			t.Errorf("why it was asked: %q", got)
		}
		e.fail("read", nil)
		w.AskChanges()
		time.Sleep(10 * time.Second)
		if got := newest(t, w).Services[0].Changes[0].Asked; got != "" {
			t.Errorf("still asked: %q", got)
		}
		expect(t, "calls", ops(e.newCalls("read", "changes")), []string{"read a", "changes a", "read a"})
	})
}

// A helper reads what petrify itself cannot, as long as it runs.
func TestAHelperReadsLayers(t *testing.T) {
	watching(t, []model.Container{runs("a", "web")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		w.ReadLayers(scriptedLayers{e})
		w.Look("web", true)
		time.Sleep(500 * time.Millisecond)
		w.ReadLayers(nil)
		time.Sleep(2 * time.Second)
		expect(t, "calls", e.newCalls(), []string{"0s read a", "1s changes a"})
	})
}

// A layer that takes long to read is told of, but not as a question to the engine.
func TestReadingThatTakesLongIsTold(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(10*time.Second, "read")
		return beside(e)
	}
	watchingWith(t, []model.Container{runs("a", "web")}, prepare, func(t *testing.T, w *Watcher, _ *scripted) {
		time.Sleep(5 * time.Second)
		s := newest(t, w)
		if got := told(s); got != "changes: 0 of 1, web for 1 s" {
			t.Errorf("waits for %s", got)
		}
		if _, walking := s.AsksChanges("a"); walking {
			t.Error("the engine is said to walk its files")
		}
		time.Sleep(time.Minute)
		if s := newest(t, w); len(s.Waiting) > 0 {
			t.Errorf("waits for %s", told(s))
		}
	})
}

// What is the same as before keeps its lists, so that nothing is laid or drawn anew.
func TestTheSameChangesAreTheSameLists(t *testing.T) {
	watchingWith(t, []model.Container{runs("a", "web")}, beside, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		w.AskChanges()
		before := newest(t, w)
		time.Sleep(time.Minute)
		w.AskChanges()
		time.Sleep(time.Second)
		after := newest(t, w)
		a, b := before.Services[0], after.Services[0]
		if &a.Changes[0].Paths[0] != &b.Changes[0].Paths[0] || &a.Evidence.Sets[0][0] != &b.Evidence.Sets[0][0] {
			t.Error("an equal answer made new lists")
		}
		if !b.Changes[0].Taken.After(a.Changes[0].Taken) {
			t.Error("it does not say when it was read again")
		}
	})
}

// recordingOf is a recording under way of a container of a scripted engine.
func recordingOf(service string, count int) []*model.Recording {
	return []*model.Recording{{
		Project: "shop", Service: service, ImageID: "img", Live: true,
		Sittings: []model.Sitting{{Began: time.Now()}},
		Writes:   []model.Write{{Path: "/run/" + service, Acts: model.Made, Count: count, First: time.Now(), Last: time.Now()}},
	}}
}

// While a recorder tells of nothing, nobody is asked anything; what it tells of is shown
// at once, whatever diffs go on, and has layers read again.
func TestTheRecorderSaysWhenChangesAreWanted(t *testing.T) {
	running := model.Recorder{Job: model.Job{State: model.JobRunning}}
	for name, test := range map[string]struct {
		prepare func(*scripted) Options
		written string   // what follows from a write of the service that is looked at
		other   []string // and from one of another service
	}{
		"layers are read":     {beside, "read a", []string{"0s read b"}},
		"the engine is asked": {func(*scripted) Options { return Options{} }, "changes a", nil},
	} {
		t.Run(name, func(t *testing.T) {
			watchingWith(t, []model.Container{runs("a", "web"), runs("b", "db")}, test.prepare, func(t *testing.T, w *Watcher, e *scripted) {
				passStart(t, w, e)
				both := func(web, db int) []*model.Recording { return append(recordingOf("web", web), recordingOf("db", db)...) }
				w.ShowRecording(both(1, 1), running)
				w.Look("web", true)
				time.Sleep(time.Minute)
				e.reset()
				for range 120 { // as often as a recorder that hears nothing says so
					w.ShowRecording(both(1, 1), running)
					time.Sleep(500 * time.Millisecond)
				}
				var requests []string
				for _, call := range e.newCalls() {
					if !strings.Contains(call, " read ") {
						requests = append(requests, call)
					}
				}
				expect(t, "requests of an idle minute", requests, nil)
				w.Look("", false)
				time.Sleep(time.Minute)
				e.reset()
				w.ShowRecording(both(1, 2), running)
				time.Sleep(time.Minute)
				expect(t, "another one wrote", e.newCalls(), test.other)
				w.Look("web", true)
				time.Sleep(500 * time.Millisecond)
				e.reset()
				w.ShowRecording(both(2, 2), running)
				time.Sleep(800 * time.Millisecond)
				expect(t, "it wrote", ops(e.newCalls()), []string{test.written})
			})
		})
	}
}

// Recorded writes are in the next stack, and do not wait for a diff.
func TestRecordedWritesDoNotWaitForDiffs(t *testing.T) {
	prepare := func(e *scripted) Options {
		e.slow(time.Hour, "changes")
		return Options{}
	}
	watchingWith(t, []model.Container{runs("a", "web"), runs("b", "db"), runs("c", "cache")}, prepare, func(t *testing.T, w *Watcher, e *scripted) {
		time.Sleep(time.Minute)
		newest(t, w)
		for i, service := range []string{"web", "cache"} { // the one is walked, the other waits its turn
			told := time.Now()
			w.ShowRecording(recordingOf(service, i+1), model.Recorder{Job: model.Job{State: model.JobRunning}})
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			s, err := w.Next(ctx)
			cancel()
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(told); took > pace {
				t.Errorf("%s: shown after %v", service, took)
			}
			if e := s.Service(service).Evidence; len(e.Root) != 1 || e.Root[0].Path != "/run/"+service {
				t.Errorf("%s: %v", service, e.Root)
			}
			if !slices.ContainsFunc(s.Waiting, model.Waiting.Open) {
				t.Error("the diffs have ended, so that this says nothing")
			}
		}
	})
}

// Where containers are is known without asking, until an event makes it doubtful.
func TestPlacesAreKnownAsLongAsTheyHold(t *testing.T) {
	a, b := runs("a", "web"), runs("b", "db")
	watching(t, []model.Container{a, b}, func(t *testing.T, w *Watcher, e *scripted) {
		known := func() string {
			var ids []string
			for _, p := range w.Places() {
				ids = append(ids, p.Container.ID)
			}
			slices.Sort(ids)
			return strings.Join(ids, " ")
		}
		passStart(t, w, e)
		if got := known(); got != "a b" {
			t.Errorf("inspected: %q", got)
		}
		e.slow(time.Second, "inspect a")
		e.set(a, "start")
		time.Sleep(500 * time.Millisecond)
		if got := known(); got != "b" {
			t.Errorf("another start: %q", got)
		}
		time.Sleep(time.Second)
		if got := known(); got != "a b" {
			t.Errorf("inspected again: %q", got)
		}
		e.set(b, "destroy")
		synctest.Wait()
		if got := known(); got != "a" {
			t.Errorf("one is gone: %q", got)
		}
	})
}
