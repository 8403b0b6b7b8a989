package watch

import (
	"time"

	"petrify/inspect/engine"
)

// The rules of watching, and what is known of engines that led to them.
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
//   - A writable layer is read where it lies, if petrify can reach it (0.2 ms for an
//     untouched container, whatever its image holds): by petrify itself as root beside
//     the engine, else by the helper that records, while there is one. The engine is
//     not asked for it, so that nothing waits for that. A layer that cannot be
//     read is not tried again until its container starts, another reader comes or
//     somebody refreshes, and the changes say why the engine was asked.
//   - A diff costs the engine a walk over all files of the container, the image's
//     included. So it is asked only where the layer cannot be read, and two at a time.
//   - Either way changes are found once after the connection is made, once more after
//     the container starts or ends, and again and again only while somebody looks at it
//     and it can write. After each the container rests for 2 s (1 s where the layer was
//     read) or 20 times what it took, whichever is longer. Only Refresh and AskChanges
//     cut a rest short; they ask each container once.
//   - While a recorder tells of a service's writes, each of them has the layers read
//     again, also where nobody looks; and where the engine must be asked, it is asked
//     only when something was written.
//   - The log of a container with a read-only root is searched for refused writes, within
//     bounds: once when the container is known, and once more after it starts or ends, as
//     far as it is new. That comes before a diff, for which a log waits. Where it
//     does not start as root, the engine is also asked who owns its volumes. Logs of other
//     containers are not read.
//   - Where services are named, only their containers are inspected and diffed. All
//     that is known of the others is from lists: who they are, and what they hold.
//   - A stack says what was not answered yet and since when it is asked, which takes
//     no clock of its own. Asking again is silent unless it takes half a second.
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
	pace           = 250 * time.Millisecond // between two flushes, and between two stacks
	lateLimit      = time.Second            // that a flush waits for the last answers of the one before
	asksAtOnce     = 8                      // inspects and images in flight
	readsAtOnce    = 2                      // of layers: they take a processor each
	diffsAtOnce    = 2
	searchesAtOnce = 4                      // of logs
	noticeable     = 500 * time.Millisecond // a question that takes longer is told of
	shortestRest   = 2 * time.Second        // after a diff or a search
	shortestPause  = time.Second            // after a layer was read
	restFactor     = 20
	callLimit      = 30 * time.Second // with a call; a diff may take as long as it takes
	firstRetry     = 250 * time.Millisecond
	lastRetry      = 5 * time.Second
)

// rest is how long a container is left alone after something that took so long.
func rest(shortest, took time.Duration) time.Duration {
	return max(shortest, restFactor*took)
}

// shortestRest is how long a container is left alone at least.
func (k *keeper) shortestRest(c *watched) time.Duration {
	if k.readable(c) {
		return shortestPause
	}
	return shortestRest
}

// effect is what an event makes worth asking.
type effect uint8

const (
	onState effect = 1 << iota // the container's state may be another
	onLayer                    // its writable layer may be another: it has just come to a new stage
	onLog                      // its log may tell why it ended, or what a start was refused
	onUses                     // who holds a volume may be another
)

// effects are the events that matter, by action. All others are passed over: exec_*
// comes with each run of a health check, archive-path with each of our own reads,
// and a kill that ends something is followed by its die.
var effects = map[engine.Action]effect{
	engine.Create:      onState | onUses,
	engine.Start:       onState | onLayer | onLog | onUses,
	engine.Die:         onState | onLayer | onLog | onUses,
	engine.Destroy:     onState | onUses,
	engine.Rename:      onState,
	engine.Health:      onState | onLayer,
	engine.Pause:       onState,
	engine.Unpause:     onState,
	engine.Update:      onState,
	engine.OutOfMemory: onState,
}
