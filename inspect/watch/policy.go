package watch

import "time"

// The rules of watching, with what is known of engines and led to them.
//
//   - Nothing is asked on a timer. The event stream says what changed, and only
//     what an event names is asked again: its container when it is of the
//     project; one list of all containers when it is another's, because that
//     list says who else holds a volume.
//   - Events only mark. What they marked is flushed together, at most four times
//     a second, and not while an earlier flush is being answered; one container
//     that keeps its answer back holds up the others for a second at most.
//   - A list asked beside the opening of the event stream may miss what happened
//     in between, so one more list follows once the stream is open.
//   - While an engine walks a container for its changes, an inspect of that
//     container waits (0.9 s instead of 0.6 ms measured), though lists and other
//     containers do not. So: inspect first, diff after, never both at once; what
//     happens meanwhile to a container under a diff is read from a list.
//   - A diff costs the engine a walk over all files of the container, the image's
//     included. Each container is asked once after the connection is made, once
//     more after it starts or ends, and again and again only while somebody
//     looks at it and it can write; two at a time over all; and after each the
//     container rests for 2 s or 20 times what it took, whichever is longer.
//     Only Refresh cuts a rest short.
//   - An image never changes under its ID: it is asked once. Its tags move, though:
//     one belongs to the image that named it last.
//   - The link to the engine is lost when its event stream ends or a list fails.
//     Any other failure but "no such container" asks for a list, which decides:
//     one broken container is not an engine that has gone away.
//   - What was known stays, marked stale. Connecting again waits from 250 ms up to
//     5 s. On a new connection everything is listed, inspected and diffed again,
//     and an answer that was asked on an older one is dropped.
//   - Compose files are read at the start and on Refresh.
//   - Stacks leave at most four times a second. Only the first one, the first with
//     the Compose files, with the containers and with all of them inspected leave
//     at once.
const (
	pace         = 250 * time.Millisecond // between two flushes, and between two stacks
	straggler    = time.Second            // that a flush waits for the last answers of the one before
	asksAtOnce   = 8                      // inspects and images in flight
	diffsAtOnce  = 2
	shortestRest = 2 * time.Second
	restFactor   = 20
	patience     = 30 * time.Second // with a call; a diff may take as long as it takes
	firstRetry   = 250 * time.Millisecond
	lastRetry    = 5 * time.Second
)

// rest is how long a container is left alone after a diff that took so long.
func rest(took time.Duration) time.Duration {
	return max(shortestRest, restFactor*took)
}

// effect is what an event makes worth asking.
type effect uint8

const (
	onState effect = 1 << iota // the container's state may be another
	onLayer                    // its writable layer may be another: it has just come to a new stage
	onUses                     // who holds a volume may be another
)

// effects are the events that matter, by action. All others are noise: exec_*
// comes with each run of a health check, archive-path with each of our own reads,
// and a kill that ends something is followed by its die.
var effects = map[string]effect{
	"create":        onState | onUses,
	"start":         onState | onLayer | onUses,
	"die":           onState | onLayer | onUses,
	"destroy":       onState | onUses,
	"rename":        onState,
	"health_status": onState | onLayer,
	"pause":         onState,
	"unpause":       onState,
	"update":        onState,
	"oom":           onState,
}
