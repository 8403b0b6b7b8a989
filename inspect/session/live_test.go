package session

import (
	"context"
	"os"
	"testing"
	"time"

	"petrify/inspect/compose"
	"petrify/inspect/connect"
	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/recorder"
	"petrify/inspect/record/store"
	"petrify/model"
)

// What is recorded shows while it is, is kept when it ends, and counts from then on.
func TestRecordOnAnEngine(t *testing.T) {
	enginetest.Require(t)
	if err := recorder.Possible(); err != nil {
		if os.Getenv("PETRIFY_REQUIRE_ENGINE") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	enginetest.Start(t, enginetest.Container{
		Name:   "recorded",
		Script: []string{"write /run/pid x", "hold"},
		Labels: map[string]string{"com.docker.compose.project": "pt-recorded", "com.docker.compose.service": "web", "com.docker.compose.container-number": "1"},
	})
	s, err := Open(compose.Options{ProjectName: "pt-recorded", ProjectDir: t.TempDir()}, connect.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.store = store.Open(t.TempDir())
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	live := s.Watch(ctx)
	if _, err := live.Complete(ctx, silent); err != nil {
		t.Fatal(err)
	}
	consent, err := live.RecordingConsent(ctx)
	if err != nil || consent.Problem != nil {
		t.Fatalf("%v, %+v", err, consent)
	}
	if len(consent.Containers) > 0 {
		t.Skip("this engine is recorded through a container, which takes petrify's own program")
	}
	if err := live.StartRecording(ctx); err != nil {
		t.Fatal(err)
	}
	if err := live.StartRecording(ctx); err == nil {
		t.Error("it is recorded twice")
	}
	until(t, live, "the recording", func(stack *model.Stack) bool {
		return stack.Recorder.State == model.JobRunning && stack.Recorder.Containers == 1 && stack.Services[0].Evidence.Has(model.FromRecording)
	})
	live.StopRecording()
	if err := live.Finish(); err != nil {
		t.Error(err)
	}
	until(t, live, "what is kept", func(stack *model.Stack) bool {
		e := stack.Services[0].Evidence
		return stack.Recorder.State == model.NoJob && e.Has(model.FromRecording) && !e.Live
	})
	kept, err := s.store.Project("pt-recorded")
	if err != nil || len(kept) != 1 || kept[0].Service != "web" || kept[0].Sum().Ran <= 0 {
		t.Errorf("%v: %+v", err, kept)
	}
	again, err := s.Watch(ctx).Complete(ctx, silent)
	if err != nil || !again.Services[0].Evidence.Has(model.FromRecording) {
		t.Errorf("%v: the next watch does not know it", err)
	}
}

// until waits for a stack.
func until(t *testing.T, live *Live, what string, so func(*model.Stack) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		stack, err := live.Next(ctx)
		if err != nil {
			t.Fatalf("waiting for %s: %v", what, err)
		}
		if len(stack.Services) > 0 && so(stack) {
			return
		}
	}
}
