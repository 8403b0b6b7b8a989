package recorder

import (
	"context"
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"time"

	"petrify/inspect/record/wire"

	"golang.org/x/sys/unix"
)

// watcher owns all that is watched. Its fields belong to one goroutine, loop; what
// others find out they post to its inbox.
type watcher struct {
	content int // the group for content
	ready   *readiness
	inbox   chan func()
	done    chan struct{}
	walks   sync.WaitGroup

	containers map[string]*followed // followed, by ID
	sites      map[int]site         // by number of the mount
	roots      map[string]*followed // by number of the file system
	groups     map[int]*names       // by file descriptor
	engines    *engines

	writes   map[file]int // seen to each file since all were listened to
	hushed   int          // files of which the kernel tells no writes meanwhile
	listened time.Time

	pace     pace
	people   *people
	gathered *gathering
	lost     uint64
	buffer   []byte
	late     []nameEvent // names of this round, until the content before them is known

	out *wire.Encoder
	err error // why nothing can be said any more
}

func run(ctx context.Context, in io.Reader, out io.Writer) error {
	content, err := newContentGroup()
	if err != nil {
		return fmt.Errorf("watch writes: %w", possible())
	}
	ready, err := newReadiness(content)
	if err != nil {
		unix.Close(content)
		return fmt.Errorf("watch writes: %w", err)
	}
	w := &watcher{
		content: content, ready: ready,
		inbox: make(chan func()), done: make(chan struct{}),
		containers: map[string]*followed{}, sites: map[int]site{}, roots: map[string]*followed{}, groups: map[int]*names{},
		writes: map[file]int{},
		people: newPeople(), gathered: newGathering(),
		// Each event of content that is read opens a file.
		buffer: make([]byte, 256*metadataSize),
		out:    wire.NewEncoder(out),
	}
	w.engines = watchEngines(func() { w.post(w.mountsMoved) })
	defer w.engines.close()
	w.say(wire.Report{Hello: &wire.Hello{Version: wire.Version}})
	var input error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, input = wire.Decode(in, func(c wire.Command) error {
			if c.Hello != nil {
				if err := c.Hello.Check(); err != nil {
					return err
				}
			}
			w.post(func() { w.obey(c) })
			return nil
		})
	}()
	w.loop(ctx, ended)
	select {
	case <-ended:
		if w.err == nil {
			w.err = input
		}
	default: // it may go on waiting for input
	}
	return w.err
}

// post hands something to the loop.
func (w *watcher) post(do func()) {
	select {
	case w.inbox <- do:
	case <-w.done:
	}
}

func (w *watcher) loop(ctx context.Context, ended <-chan struct{}) {
	flush := time.NewTicker(flushEvery)
	defer flush.Stop()
	for w.err == nil {
		select {
		case do := <-w.inbox:
			do()
		case <-w.ready.events:
			w.ready.again <- w.pace.after(w.drain(), time.Now())
		case now := <-flush.C:
			w.flush()
			w.listenAgain(now)
		case <-ended:
			w.end()
			return
		case <-ctx.Done():
			w.end()
			return
		}
	}
	w.end()
}

// pace says how long the next events are left waiting after some were read: not at
// all while it is calm, since processes may be gone soon.
type pace struct {
	since  time.Time
	events int
	busy   bool
}

func (p *pace) after(events int, now time.Time) time.Duration {
	p.events += events
	if took := now.Sub(p.since); took >= paceWindow {
		p.busy = float64(p.events) > calmPerSecond*took.Seconds()
		p.since, p.events = now, 0
	}
	if p.busy {
		return busyPause
	}
	return 0
}

// end says the last of every container and lets go of all.
func (w *watcher) end() {
	for _, c := range w.containers {
		w.leave(c)
	}
	close(w.done)
	w.ready.close()
	w.walks.Wait()
	unix.Close(w.content)
}

// obey follows one command.
func (w *watcher) obey(command wire.Command) {
	switch {
	case command.Follow != nil:
		c := w.containers[command.Follow.Container]
		if c == nil {
			c = &followed{Follow: *command.Follow, engine: w.engines.first()}
			w.containers[c.Container] = c
		}
		f := command.Follow
		if f.Upper != "" {
			c.Upper, c.Lower = f.Upper, f.Lower
		}
		if f.Root != "" && !c.early {
			c.Root = f.Root
		}
		if f.PID > 0 {
			w.join(c, f.PID)
		} else {
			w.mountsMoved()
		}
	case command.Ended != "":
		if c := w.containers[command.Ended]; c != nil {
			w.leave(c)
		}
	case command.Forget != "":
		if c := w.containers[command.Forget]; c != nil {
			w.leave(c)
			delete(w.containers, command.Forget)
		}
	}
}

// mountsMoved looks for roots that the engine has mounted since.
func (w *watcher) mountsMoved() {
	waiting := false
	for _, c := range w.containers {
		waiting = waiting || !c.joined
	}
	if !waiting {
		return
	}
	gone := maps.Clone(w.containers)
	for engine, mounts := range w.engines.tables() {
		for _, m := range mounts {
			for id, c := range w.containers {
				if c.hasRootAt(m.target) {
					delete(gone, id)
					w.joinEarly(c, engine, m)
				}
			}
		}
	}
	for _, c := range gone {
		if c.early && !c.joined {
			w.abandon(c) // numbers of mounts come again
		}
	}
}

// hasRootAt says whether an engine mounts a container's root at a path: where it
// told, or in a directory of the container's name, as containerd does.
func (c *followed) hasRootAt(path string) bool {
	return path == c.Root || strings.HasSuffix(path, "/"+c.Container+"/rootfs")
}

// flush reports what was gathered.
func (w *watcher) flush() {
	w.gathered.settle(w.lookAt)
	w.people.report(func(p wire.Process) { w.say(wire.Report{Process: &p}) })
	w.gathered.report(func(s wire.Seen) { w.say(wire.Report{Seen: &s}) })
	if w.lost > 0 {
		w.say(wire.Report{Lost: w.lost})
		w.lost = 0
	}
}

// lookAt says what is at a path now: in the container, or in its writable layer
// after its end.
func (w *watcher) lookAt(p place) (fact, bool) {
	c := w.containers[p.container]
	if c == nil {
		return fact{}, false
	}
	if root, err := c.root(); err == nil {
		defer unix.Close(root)
		return lookIn(root, p.path)
	}
	return c.lookInLayer(p.path)
}

func (w *watcher) say(r wire.Report) {
	if w.err == nil {
		w.err = w.out.Encode(r)
	}
}
