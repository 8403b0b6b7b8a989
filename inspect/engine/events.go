package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/client"
)

// Event is one thing that happened on the engine, in Docker's words.
type Event struct {
	Type    string // Connected, or "container"
	Action  string // one of wakingActions, such as "start" or "health_status"
	ID      string
	Project string
	Service string
	At      time.Time
}

// Connected is the type of the first event: the stream is open.
const Connected = "connected"

// wakingActions are those after which a container is not what it was. The
// engine drops all others itself, so that they wake nobody: the exec_* of
// every health check, and archive-path, which our own reading of files causes.
//
// Docker 20.10 matches by prefix as soon as health_status is among them, for
// its action is "health_status: healthy". Podman says died and remove where
// Docker says die and destroy.
var wakingActions = []string{
	"create", "start", "die", "destroy", "rename", "update",
	"pause", "unpause", "oom", "health_status", "died", "remove",
}

var dockersWord = map[string]string{"died": "die", "remove": "destroy"}

// Events calls each with every event that changes a container, until ctx is
// done or the stream ends, which is an error. The first event says that the
// stream is open: whatever happens from then on will be told.
func (e *Engine) Events(ctx context.Context, each func(Event)) error {
	// The client opens the stream without a word on whether it could; this
	// says so where the engine is away.
	if _, err := e.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return e.failed("reach the engine", err)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop() // ends the client's goroutine
	now := time.Now()
	stream := e.api.Events(ctx, client.EventsListOptions{
		// The engine answers before it listens; with a beginning it also
		// tells what happened in between.
		Since:   fmt.Sprintf("%d.%09d", now.Unix(), now.Nanosecond()),
		Filters: make(client.Filters).Add("type", "container").Add("event", wakingActions...),
	})
	select {
	case err := <-stream.Err:
		return e.failed("follow the engine's events", err)
	default:
		each(Event{Type: Connected, At: now})
	}
	for {
		select {
		case err := <-stream.Err:
			return e.failed("follow the engine's events", err)
		case m := <-stream.Messages:
			action, _, _ := strings.Cut(string(m.Action), ":")
			if !slices.Contains(wakingActions, action) {
				continue
			}
			if word, ok := dockersWord[action]; ok {
				action = word
			}
			if action == "destroy" {
				e.memory.forget(m.Actor.ID)
			}
			each(Event{
				Type: string(m.Type), Action: action, ID: m.Actor.ID,
				Project: m.Actor.Attributes[labelProject],
				Service: m.Actor.Attributes[labelService],
				At:      time.Unix(0, m.TimeNano),
			})
		}
	}
}
