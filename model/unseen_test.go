package model

import (
	"testing"
	"time"
)

func TestUnseen(t *testing.T) {
	taken := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	running := []Container{{ID: "a", State: Running}}
	created := []Container{{ID: "a", State: Created}}
	changes := func(all ...Changes) []ContainerChanges {
		var sets []ContainerChanges
		for _, c := range all {
			sets = append(sets, ContainerChanges{Container: "a", Changes: c})
		}
		return sets
	}
	for name, test := range map[string]struct {
		service Service
		why     Unseen
		text    string
	}{
		"before any answer":            {Service{Unlisted: true}, NotListed, "no engine has answered yet"},
		"declared only":                {Service{}, NotMade, "no container was created yet"},
		"created":                      {Service{Containers: created}, NeverStarted, "its containers never ran"},
		"not asked":                    {Service{Containers: running}, NotAsked, "its containers have not been asked for their changes yet"},
		"refused":                      {Service{Containers: running, Changes: changes(Changes{Err: "no room"})}, Unreadable, "its changes could not be read: no room"},
		"answered":                     {Service{Containers: running, Changes: changes(Changes{Taken: taken})}, Seen, ""},
		"answered, refused the next":   {Service{Containers: running, Changes: changes(Changes{Taken: taken, Err: "no room"})}, Seen, ""},
		"one of two has answered":      {Service{Containers: running, Changes: changes(Changes{Err: "no room"}, Changes{Taken: taken})}, Seen, ""},
		"one of two could not be read": {Service{Containers: running, Changes: changes(Changes{}, Changes{Err: "no room"})}, Unreadable, "its changes could not be read: no room"},
	} {
		if why, text := test.service.Unseen(), test.service.NotSeen(); why != test.why || text != test.text {
			t.Errorf("%s: %d %q, want %d %q", name, why, text, test.why, test.text)
		}
	}
}
