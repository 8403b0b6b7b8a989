package model

import (
	"testing"
	"time"
)

func TestWaitingText(t *testing.T) {
	now := time.Unix(1000, 0)
	before := func(seconds int) time.Time { return now.Add(-time.Duration(seconds) * time.Second) }
	on := []Asked{{Service: "postgres", Since: before(12)}, {Service: "redis", Since: before(3)}}
	for _, test := range []struct {
		waiting Waiting
		open    bool
		want    string
	}{
		{Waiting{Step: WaitEngine, Since: before(75)}, true, "the engine, for 1 min 15 s"},
		{Waiting{Step: WaitFiles, Since: now.Add(time.Second)}, true, "the Compose files, for 0 s"},
		{Waiting{Step: WaitChanges, Done: 4, Total: 15, On: on}, true, "changes: 4 of 15, postgres for 12 s"},
		{Waiting{Step: WaitChanges, Done: 4, Total: 15}, true, "changes: 4 of 15"},
		{Waiting{Step: WaitChanges, Done: 15, Total: 15, On: on}, false, "changes again, postgres for 12 s"},
	} {
		if got := test.waiting.Text(now); got != test.want || test.waiting.Open() != test.open {
			t.Errorf("%+v: %q, open %t", test.waiting, got, test.waiting.Open())
		}
	}
}

func TestAsksChanges(t *testing.T) {
	since := time.Unix(1000, 0)
	s := &Stack{Waiting: []Waiting{
		{Step: WaitContainers, On: []Asked{{Container: "b", Since: since}}},
		{Step: WaitChanges, On: []Asked{{Container: "a", Since: since}}},
	}}
	for id, want := range map[string]bool{"a": true, "b": false} {
		if at, walking := s.AsksChanges(id); walking != want || want && !at.Equal(since) {
			t.Errorf("%s: %t since %v", id, walking, at)
		}
	}
	if _, walking := (*Stack)(nil).AsksChanges("a"); walking {
		t.Error("nobody is asked without a stack")
	}
}
