package pane

import (
	"fmt"
	"testing"
	"time"

	"petrify/model"
)

func TestShortDirectory(t *testing.T) {
	for path, want := range map[string]string{
		"/tmp/x": "/tmp/", "/var/lib/php/sessions/s": "/var/lib/", "/top": "/", "/var/lib": "/var/", "/": "/",
	} {
		if got := shortDirectory(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// What all services wrote is counted by directory, and once as long as nothing is new.
func TestAllWrites(t *testing.T) {
	written := func(paths ...string) model.Evidence {
		var e model.Evidence
		for _, p := range paths {
			e.Root = append(e.Root, model.Change{Path: p})
		}
		return e
	}
	stack := &model.Stack{Services: []model.Service{
		{Name: "web", Evidence: written("/tmp/a", "/var/lib/x/1", "/var/lib/x/2")},
		{Name: "db", Evidence: written("/tmp/b")},
		{Name: "huge", Evidence: model.Evidence{Root: make([]model.Change, mostCounted+1)}},
	}}
	var all allWrites
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	all.take(stack, now)
	want := "[{/tmp/ 2 [db web]} {/var/lib/ 2 [web]}]"
	if got := fmt.Sprint(all.directories()); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	stack.Recorder.State = model.JobRunning
	for i, rate := range []float64{0, 4, 8} {
		stack.Services[0].Evidence.PerSecond = rate
		all.take(stack, now.Add(time.Duration(i+1)*time.Second))
	}
	all.take(stack, now.Add(3*time.Second)) // of the same second
	if got := sparkline(all.rates, 10); got != "▁▄█" {
		t.Errorf("drawn as %s", got)
	}
	if got := sparkline(all.rates, 2); got != "▄█" {
		t.Errorf("cut as %s", got)
	}
}
