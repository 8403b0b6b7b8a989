//go:build amd64 || arm64

package refusals

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
	"golang.org/x/sys/unix"
)

// watcher has two sides: what its methods change is behind the lock; what is read from
// the kernel belongs to one goroutine, read.
type watcher struct {
	each func(Refusal)

	lock     sync.Mutex
	kernel   *loaded
	attached link.Link // while somebody is followed or held
	followed map[uint64]bool
	ignored  map[uint64]bool // the host's own
	holding  bool
	known    []uint64        // followed since the last report: what is held of them is due
	dropped  uint64          // by this process, for want of room
	flushing []chan struct{} // that wait for what was refused before they came
	closing  bool
	closed   bool
	final    [counters]uint64 // after the end

	ended    chan struct{}
	together gathering
	held     gathering     // of those who are not followed yet
	looks    int           // at /proc, since the last report
	offset   time.Duration // from the kernel's clock to the time

	waiting      []chan struct{} // of those flushing, whom the next look at the ring answers
	waitingSince uint64
}

// start begins to watch, with a ring of so many bytes and as many different refusals
// kept between two reports.
func start(each func(Refusal), ring uint32, together int) (*Watcher, error) {
	kernel, err := load(ring)
	if err != nil {
		return nil, err
	}
	w := &Watcher{watcher{
		each: each, kernel: kernel, followed: map[uint64]bool{}, ignored: map[uint64]bool{}, ended: make(chan struct{}),
		together: newGathering(together), held: newGathering(mostUnknown),
	}}
	if err := w.ignoreTheHost(); err != nil {
		kernel.close()
		return nil, err
	}
	go w.read()
	return w, nil
}

// ignoreTheHost keeps what is no container out of what is held.
func (w *watcher) ignoreTheHost() error {
	for _, process := range []string{"self", "1"} {
		number, err := mountNamespace(process)
		if err != nil {
			continue // only what is held could have its refusals in it, for a while
		}
		if err := w.kernel.followed.Put(uint32(number), uint32(0)); err != nil {
			return fmt.Errorf("set the host aside: %w", err)
		}
		w.ignored[number] = true
	}
	return nil
}

// mountNamespace is the number of a process's mount namespace.
func mountNamespace(process string) (uint64, error) {
	var s unix.Stat_t
	err := unix.Stat("/proc/"+process+"/ns/mnt", &s)
	return s.Ino, err
}

func (o Options) wanted() uint32 {
	if o.Wide {
		return anyError
	}
	return readOnly
}

var (
	errClosed = errors.New("refusals are not watched any more")
	errMany   = fmt.Errorf("more than %d containers are followed", mostFollowed)
)

func (w *watcher) follow(mountNS uint64, o Options) error {
	w.lock.Lock()
	defer w.lock.Unlock()
	switch {
	case w.closing:
		return errClosed
	case mountNS == anyOther || mountNS != uint64(uint32(mountNS)):
		return fmt.Errorf("%d is not the number of a mount namespace", mountNS)
	case !w.followed[mountNS] && len(w.followed) >= mostFollowed:
		return errMany
	}
	if err := w.kernel.followed.Put(uint32(mountNS), o.wanted()); err != nil {
		return fmt.Errorf("follow a container: %w", err)
	}
	if w.holding {
		w.known = append(w.known, mountNS)
		_ = w.kernel.events.Flush() // for what is held of it
	}
	w.followed[mountNS] = true
	return w.attach()
}

func (w *watcher) hold(o Options) error {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.closing {
		return errClosed
	}
	if err := w.kernel.followed.Put(uint32(anyOther), o.wanted()); err != nil {
		return fmt.Errorf("hold refusals: %w", err)
	}
	w.holding = true
	return w.attach()
}

// attach puts the program to work. The caller has the lock.
func (w *watcher) attach() (err error) {
	if w.attached != nil {
		return nil
	}
	w.attached, err = link.AttachRawTracepoint(link.RawTracepointOptions{Name: "sys_exit", Program: w.kernel.program})
	if err != nil {
		w.attached = nil
		return explain("watch system calls", err)
	}
	return nil
}

// detach ends that when nobody is left. The caller has the lock.
func (w *watcher) detach() {
	if w.attached != nil && len(w.followed) == 0 && !w.holding {
		_ = w.attached.Close()
		w.attached = nil
	}
}

func (w *watcher) forget(mountNS uint64) {
	w.flush()
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.closing || !w.followed[mountNS] {
		return
	}
	delete(w.followed, mountNS)
	// What is still told of it, should that fail, is left out.
	if w.ignored[mountNS] {
		_ = w.kernel.followed.Put(uint32(mountNS), uint32(0))
	} else {
		_ = w.kernel.followed.Delete(uint32(mountNS))
	}
	w.detach()
}

func (w *watcher) release() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.closing || !w.holding {
		return
	}
	w.holding = false
	_ = w.kernel.followed.Delete(uint32(anyOther)) // should that fail, what is still told is left out
	w.detach()
}

func (w *watcher) flush() {
	told := make(chan struct{})
	w.lock.Lock()
	if w.closed {
		w.lock.Unlock()
		return
	}
	w.flushing = append(w.flushing, told)
	_ = w.kernel.events.Flush() // fails when it is closed, which ended says
	w.lock.Unlock()
	select {
	case <-told:
	case <-w.ended:
	}
}

func (w *watcher) lost() uint64 {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.counter(counterLost) + w.dropped
}

func (w *watcher) unseen() uint64 {
	w.lock.Lock()
	defer w.lock.Unlock()
	return w.counter(counterUnseen)
}

// counter is one of the kernel's. The caller has the lock.
func (w *watcher) counter(which uint32) uint64 {
	if w.closed {
		return w.final[which]
	}
	return w.kernel.count(which)
}

func (w *watcher) close() {
	w.lock.Lock()
	if w.closing {
		w.lock.Unlock()
		<-w.ended
		return
	}
	w.closing = true
	if w.attached != nil {
		_ = w.attached.Close()
		w.attached = nil
	}
	w.lock.Unlock()
	w.flush()
	w.lock.Lock()
	for i := range w.final {
		w.final[i] = w.kernel.count(uint32(i))
	}
	w.closed = true
	_ = w.kernel.events.Close()
	w.lock.Unlock()
	<-w.ended
	w.kernel.close()
}

// read reads what the kernel says, until the watcher is closed.
func (w *watcher) read() {
	defer close(w.ended)
	var (
		record   ringbuf.Record
		pace     pace
		deadline time.Time // of the next report; zero while there is nothing to tell
	)
	for {
		err := w.kernel.events.ReadInto(&record)
		switch {
		case err == nil:
			if deadline.IsZero() {
				deadline = w.setClock().Add(tellEvery)
				w.kernel.events.SetDeadline(deadline)
			}
			w.take(record.RawSample)
			time.Sleep(pace.after())
			if pace.read%64 != 0 || time.Now().Before(deadline) {
				continue
			}
			w.tell()
			w.answer(pace.read, false)
		case errors.Is(err, ringbuf.ErrFlushed):
			w.tell()
			w.answer(pace.read, true)
		case errors.Is(err, os.ErrDeadlineExceeded):
			w.tell()
		default: // it was closed
			return
		}
		deadline = time.Time{}
		w.kernel.events.SetDeadline(deadline)
	}
}

// mostInRing is how many refusals can be between the kernel and this process.
const mostInRing = ringSize / headSize

// answer lets those go on who wait for all that was refused before they came. When the
// ring was found empty, they may have come after that was looked at: so it is looked at
// once more. It is never empty when more comes than can be read; then as many must have
// been read as were there at most.
func (w *watcher) answer(read uint64, empty bool) {
	if len(w.waiting) > 0 && (empty || read-w.waitingSince > mostInRing) {
		for _, told := range w.waiting {
			close(told)
		}
		w.waiting = nil
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.waiting) == 0 && len(w.flushing) > 0 {
		w.waiting, w.flushing, w.waitingSince = w.flushing, nil, read
		_ = w.kernel.events.Flush() // fails when it is closed, which all of them see
	}
}

// pace leaves the processor to others for a moment when refusals come faster than
// anybody reads them: most of them are equal, and those that are lost are counted.
type pace struct {
	read  uint64
	since time.Time
}

func (p *pace) after() time.Duration {
	p.read++
	if p.read%burst != 0 {
		return 0
	}
	now := time.Now()
	busy := now.Sub(p.since) < nearlyAtOnce
	p.since = now
	if busy {
		return restAfter
	}
	return 0
}
