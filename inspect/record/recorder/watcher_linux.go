package recorder

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
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

	ended       context.Context // when the loop has, so that nothing is read any more
	endReading  context.CancelFunc
	layerTurns  chan struct{}
	layersAsked atomic.Int32

	containers map[string]*followed // followed, by ID
	sites      map[int]site         // by number of the mount
	roots      map[string]*followed // by number of the file system
	groups     map[int]*names       // by file descriptor
	engines    *engines
	running    running
	unmarked   bool // a root that was mounted could not be marked

	writes   map[file]int // seen to each file since all were listened to
	muted    int          // files of which the kernel tells no writes meanwhile
	listened time.Time

	pace     pace
	writers  *writers
	gathered *gathering
	lost     uint64
	refused  refused
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
		writes:  map[file]int{},
		writers: newWriters(), gathered: newGathering(),
		refused: refused{followed: map[uint64]*followed{}},
		// Each event of content that is read opens a file.
		buffer:     make([]byte, 256*metadataSize),
		out:        wire.NewEncoder(out),
		layerTurns: make(chan struct{}, layersAtOnce),
	}
	w.ended, w.endReading = context.WithCancel(context.WithoutCancel(ctx))
	w.engines = watchEngines(func() { w.post(w.mountsMoved) })
	defer w.engines.close()
	w.say(wire.Report{Hello: &wire.Hello{Version: wire.Version}})
	w.beginRefused()
	var input error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		input = wire.Decode(in, func(c wire.Command) error {
			if c.Hello != nil {
				if err := c.Hello.Check(); err != nil {
					return err
				}
			}
			w.post(func() { w.execute(c) })
			return nil
		}, nil)
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

// post hands something to the loop, and reports whether that will do it.
func (w *watcher) post(do func()) (taken bool) {
	select {
	case w.inbox <- do:
		return true
	case <-w.done:
		return false
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
			w.holdRefused(now)
			w.joinWaiting()
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

// end reports what is left of every container, and removes all marks.
func (w *watcher) end() {
	for _, c := range w.containers {
		w.leave(c)
	}
	close(w.done)
	w.endReading()
	w.endRefused()
	w.ready.close()
	w.walks.Wait()
	unix.Close(w.content)
}

// execute does what one command says.
func (w *watcher) execute(command wire.Command) {
	switch {
	case command.Follow != nil:
		w.follow(*command.Follow)
	case command.Read != nil:
		w.readLayer(*command.Read)
	case command.Ended != "":
		if c := w.containers[command.Ended]; c != nil && c.hasEnded() {
			w.leave(c)
		}
	case command.Forget != "":
		if c := w.containers[command.Forget]; c != nil {
			w.leave(c)
			delete(w.containers, command.Forget)
		}
	}
}

// follow has a container watched: now, if it runs, and from its next start on.
func (w *watcher) follow(f wire.Follow) {
	w.leaveEnded()
	c := w.containers[f.Container]
	if f.Runs && f.PID == 0 {
		if f.PID = w.running.process(f.Container); f.PID == 0 || c != nil {
			return
		}
	}
	if c == nil {
		c = &followed{Follow: f, engines: w.engines, life: -1, known: map[uint64]bool{}, shipped: map[uint64]bool{}}
		w.containers[c.Container] = c
	}
	c.isAt(f)
	if f.PID == 0 {
		w.mountsMoved()
		return
	}
	layerIsNew := c.joined && !c.early && c.before == nil
	w.join(c, f.PID)
	switch {
	case !c.joined && f.Runs:
		delete(w.containers, f.Container) // else its root would pass for one that was just mounted
	case layerIsNew && c.upper != "":
		c.before = c.layer()
		w.reportPassed(c)
	}
}

// leaveEnded ends the watch of containers that ended without a word: the engine was
// stopped with them.
func (w *watcher) leaveEnded() {
	for _, c := range w.containers {
		if c.joined && c.ended() {
			w.leave(c)
		}
	}
}

// mountsMoved looks for roots that the engine has mounted since.
func (w *watcher) mountsMoved() {
	w.leaveEnded()
	if !w.some(func(c *followed) bool { return !c.joined }) {
		return
	}
	tables := w.engines.tables()
	for _, c := range w.containers {
		if c.joined {
			continue
		}
		switch roots := c.rootsIn(tables); {
		case len(roots) > 0:
			w.joinEarly(c, roots)
		case c.early && c.ran:
			w.leave(c)
		case c.early:
			w.abandon(c) // numbers of mounts come again
		}
	}
}

// some reports whether a container is one of some kind.
func (w *watcher) some(of func(*followed) bool) bool {
	for _, c := range w.containers {
		if of(c) {
			return true
		}
	}
	return false
}

// joinWaiting tries again what failed: a root that could not be marked, and a container whose
// first program was not told. The kernel leaves out an event whose file it cannot open.
func (w *watcher) joinWaiting() {
	if w.unmarked {
		w.unmarked = false
		w.mountsMoved()
	}
	waits := func(c *followed) bool { return c != nil && c.early && !c.joined }
	if !w.some(waits) {
		return
	}
	for _, pid := range processes() {
		if c := w.containers[containerOf(pid)]; waits(c) && c.runs(pid) {
			w.join(c, pid)
		}
	}
}

// hasRootAt says whether an engine mounts a container's root at a path: where it
// told, or at one with the container's name, as engines do that keep images in containerd.
func (c *followed) hasRootAt(path string) bool {
	return path == c.Root || baseOf(path) == c.Container || strings.HasSuffix(path, "/"+c.Container+"/rootfs")
}

// flush reports what was gathered.
func (w *watcher) flush() {
	w.takeRefused()
	w.lookAtUse()
	w.gathered.lookAtEnds(w.lookAt)
	for _, c := range w.containers {
		if c.renamed {
			c.renamed = false
			w.writers.nameUsers(c)
		}
	}
	w.writers.report(func(p wire.Process) { w.say(wire.Report{Process: &p}) })
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
