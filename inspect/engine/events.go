package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
)

// Event is one thing that happened on the engine, in Docker's words.
type Event struct {
	Action  Action
	ID      string
	Project string
	Service string
	At      time.Time
}

// Action is what happened to a container, or to the stream of events.
type Action string

// The actions, in Docker's words.
const (
	Connected   Action = "connected" // the first event: the stream is open
	Create      Action = "create"
	Start       Action = "start"
	Die         Action = "die"
	Destroy     Action = "destroy"
	Rename      Action = "rename"
	Update      Action = "update"
	Pause       Action = "pause"
	Unpause     Action = "unpause"
	OutOfMemory Action = "oom"
	Health      Action = "health_status"
)

// wakingActions are those that change a container. The engine itself drops all others:
// the exec_* of every health check, and archive-path, which our own reading of files
// causes.
//
// Docker 20.10 matches by prefix as soon as health_status is among them, for
// its action is "health_status: healthy". Podman says died and remove where
// Docker says die and destroy.
var wakingActions = []string{
	"create", "start", "die", "destroy", "rename", "update",
	"pause", "unpause", "oom", "health_status", "died", "remove",
}

var podmanActions = map[string]Action{"died": Die, "remove": Destroy}

// Events calls each with every event that changes a container, until ctx is
// done or the stream ends, which is an error. The first event says that the
// stream is open: whatever happens from then on will be told.
func (e *Engine) Events(ctx context.Context, each func(Event)) error {
	// The client does not say whether it could open the stream; this call fails where
	// the engine is away.
	if _, err := e.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return e.failed("reach the engine", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends the client's goroutine
	now := time.Now()
	stream := e.api.Events(ctx, client.EventsListOptions{
		// The engine answers before it begins to collect events; with Since it also
		// sends those from in between.
		Since:   fmt.Sprintf("%d.%09d", now.Unix(), now.Nanosecond()),
		Filters: make(client.Filters).Add("type", "container").Add("event", wakingActions...),
	})
	select {
	case err := <-stream.Err:
		return e.failed("follow the engine's events", err)
	default:
		each(Event{Action: Connected, At: now})
	}
	for {
		select {
		case err := <-stream.Err:
			return e.failed("follow the engine's events", err)
		case m := <-stream.Messages:
			word, _, _ := strings.Cut(string(m.Action), ":")
			if m.Type != events.ContainerEventType || !slices.Contains(wakingActions, word) {
				continue
			}
			action := cmp.Or(podmanActions[word], Action(word))
			if action == Destroy {
				e.memory.forget(m.Actor.ID)
			}
			each(Event{
				Action: action, ID: m.Actor.ID,
				Project: m.Actor.Attributes[labelProject],
				Service: m.Actor.Attributes[labelService],
				At:      time.Unix(0, m.TimeNano),
			})
		}
	}
}
