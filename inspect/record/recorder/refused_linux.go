package recorder

import (
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"petrify/inspect/record/refusals"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// What the kernel refuses, as the recorder reports it:
//
//   - The watch gets ready beside everything else, and costs nothing before a container is
//     followed. Where it cannot be, that is a blind spot, and everything else goes on.
//   - While a root is mounted that has no process yet, what is refused anywhere is held:
//     it may be of that container's first program.
//   - On a read-only root, and in mounts on any root, EACCES, EPERM and ENOSPC are heard of
//     as well: what stands in for a path there may be too small, somebody else's, or not for
//     programs. Elsewhere on a root that can be written they are no matter of mounts.
//   - A container that can write its root and has no mounts of its own can be refused none
//     of this. It is not followed, and costs nothing.
//   - A try is what the service would meet on a writable root as well (to remove what is
//     not there, or what is refused for another reason outside of mounts), and what
//     programs are known to go on from (see refusals.Refusal.MayBeTry).
//   - Paths have their links resolved, as all others that are reported. /proc, /sys and
//     /dev are the same with any root.
const (
	mostTold    = 16384            // refusals between two flushes
	longestHold = 30 * time.Second // of a root without a process
)

// refused is the watch of what the kernel refuses. But for what is behind its lock it
// belongs to the loop.
type refused struct {
	watcher  *refusals.Watcher // nil until it has started
	problem  string            // why there will be none
	followed map[uint64]*followed
	holding  bool
	lost     uint64 // as last reported
	unseen   uint64

	mu      sync.Mutex
	told    []refusals.Refusal
	dropped uint64
}

// take takes a refusal from the watcher's goroutine, which may not be held up.
func (r *refused) take(one refusals.Refusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.told) >= mostTold {
		r.dropped += uint64(one.Count)
		return
	}
	r.told = append(r.told, one)
}

func (r *refused) takeAll() (told []refusals.Refusal, dropped uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	told, dropped = r.told, r.dropped
	r.told, r.dropped = nil, 0
	return told, dropped
}

// beginRefused gets the watch ready.
func (w *watcher) beginRefused() {
	w.walks.Go(func() {
		err := refusals.Possible()
		var started *refusals.Watcher
		if err == nil {
			started, err = refusals.Start(w.refused.take)
		}
		if !w.post(func() { w.refusedBegun(started, err) }) && started != nil {
			started.Close()
		}
	})
}

func (w *watcher) refusedBegun(started *refusals.Watcher, err error) {
	w.refused.watcher = started
	if err != nil {
		w.refused.watcher, w.refused.problem = nil, err.Error()
	}
	for _, c := range w.containers {
		if c.joined {
			w.followRefused(c)
			w.sayJoined(c)
		}
	}
	w.holdRefused(time.Now())
	w.say(wire.Report{Ready: true})
}

// followRefused follows the container of a process, or tells why it cannot.
func (w *watcher) followRefused(c *followed) {
	r := &w.refused
	switch {
	case r.problem != "":
		c.blind = append(c.blind, wire.BlindSpot{Kind: model.BlindRefusals, Detail: []byte(r.problem)})
		return
	case r.watcher == nil:
		return // it is about to start
	}
	number, err := mountTable(procFile(c.PID, "ns/mnt"))
	if err == nil && c.mayBeRefused() {
		err = r.watcher.Follow(number, refusals.Options{Wide: true})
	}
	if err != nil {
		c.blind = append(c.blind, wire.BlindSpot{Kind: model.BlindRefusals, Detail: []byte(plain(err))})
		return
	}
	c.table, r.followed[number] = number, c
}

// mayBeRefused reports whether any of its mounts can refuse a container to write.
func (c *followed) mayBeRefused() bool {
	return c.readOnly || slices.ContainsFunc(c.all, func(m mount) bool {
		return m.target != "/" && !m.pseudo() && !slices.Contains(model.BoundFiles, m.target)
	})
}

// mountTable is the number of a mount namespace.
func mountTable(file string) (uint64, error) {
	var st unix.Stat_t
	err := unix.Stat(file, &st)
	return st.Ino, err
}

// holdRefused holds what is refused for as long as a root waits for its first program.
func (w *watcher) holdRefused(now time.Time) {
	r := &w.refused
	if r.watcher == nil {
		return
	}
	waits := false
	for _, c := range w.containers {
		waits = waits || c.early && !c.joined && now.Sub(c.earlyAt) < longestHold
	}
	switch {
	case waits && !r.holding:
		r.holding = r.watcher.Hold(refusals.Options{Wide: true}) == nil
	case !waits && r.holding:
		r.watcher.Release()
		r.holding = false
	}
}

// forgetRefused takes the last of a container that is left.
func (w *watcher) forgetRefused(c *followed) {
	r := &w.refused
	if r.watcher == nil || c.table == 0 {
		return
	}
	r.watcher.Forget(c.table)
	w.takeRefused()
	delete(r.followed, c.table)
	c.table = 0
}

func (w *watcher) endRefused() {
	if w.refused.watcher != nil {
		w.refused.watcher.Close()
		w.refused.watcher = nil
	}
}

// takeRefused gathers what was refused since the last time.
func (w *watcher) takeRefused() {
	r := &w.refused
	if r.watcher == nil {
		return
	}
	told, dropped := r.takeAll()
	w.lost += dropped
	spots := spots{}
	for _, one := range told {
		if c := r.followed[one.MountNS]; c != nil {
			w.addRefused(c, one, spots)
		}
	}
	if lost := r.watcher.Lost(); lost > r.lost {
		w.lost += lost - r.lost
		r.lost = lost
	}
	if unseen := r.watcher.Unseen(); unseen > r.unseen {
		w.say(wire.Report{Unseen: unseen - r.unseen})
		r.unseen = unseen
	}
}

// errnos are the errors that are reported.
var errnos = map[unix.Errno]model.Errno{
	unix.EROFS: model.ReadOnlyError, unix.EACCES: model.DeniedError, unix.EPERM: model.NotYoursError, unix.ENOSPC: model.FullError,
}

// addRefused gathers one refusal, unless it is the engine's on the way to the container's
// first program, or none of the service's files.
func (w *watcher) addRefused(c *followed, r refusals.Refusal, known spots) {
	err := errnos[r.Err]
	switch {
	case strings.HasPrefix(r.Command, enginesProcess) && r.Act != refusals.Execute,
		r.Act == refusals.Execute && r.Path == "", err == "":
		return
	case r.Way == refusals.Unknown || r.Cut:
		w.lost += uint64(r.Count)
		return
	}
	follows := r.Act == refusals.Open || r.Act == refusals.Store || r.Act == refusals.Probe || r.Act == refusals.Execute ||
		r.Act == refusals.Set && !slices.Contains([]string{"lchown", "lsetxattr", "lremovexattr"}, r.Call)
	at := known.find(c, r.Path, follows)
	if at.mount == "" && err != model.ReadOnlyError && !c.readOnly {
		return
	}
	try := r.MayBeTry() || at.known && !at.there && (r.Act == refusals.Remove || r.Act == refusals.Rename) ||
		err != model.ReadOnlyError && (at.mount == "" || r.Act == refusals.Execute && !at.noExec)
	w.gatherRefused(c, r, at, actsOf(r, at), try)
	if r.Act == refusals.Rename && r.Path2 != "" && r.Way2 != refusals.Unknown {
		to := known.find(c, r.Path2, false)
		to.kind = at.kind
		w.gatherRefused(c, r, to, model.Made, try)
	}
}

// gatherRefused gathers what a refusal says of one path.
func (w *watcher) gatherRefused(c *followed, r refusals.Refusal, at spot, acts model.Acts, try bool) {
	if below(at.path, "/proc") || below(at.path, "/sys") || below(at.path, "/dev") {
		return
	}
	one := wire.Refused{Count: r.Count, Acts: acts, Err: errnos[r.Err], Call: r.Call, Last: r.Last}
	if try {
		one.Tries = r.Count
	}
	s := seen{
		place: place{c.Container, at.path}, mount: at.mount, process: w.refusedTo(c, r), bytes: -1,
		kind: at.kind, gone: !at.there, at: r.At, refused: &one,
	}
	if !at.there {
		s.kind = wantedType(r)
	}
	if r.Act == refusals.Open && r.Flags&unix.O_TMPFILE == unix.O_TMPFILE {
		s.inside, s.kind = true, model.Directory
	}
	w.gathered.add(s)
}

// actsOf is what a refused call would have done.
func actsOf(r refusals.Refusal, at spot) model.Acts {
	switch r.Act {
	case refusals.Open:
		switch {
		case r.Flags&unix.O_TMPFILE == unix.O_TMPFILE:
			return model.Made | model.Stored
		case r.Flags&unix.O_CREAT != 0 && !at.there:
			return model.Made
		case r.Flags&unix.O_TRUNC != 0:
			return model.Stored
		}
		return model.Opened
	case refusals.Make:
		return model.Made
	case refusals.Remove, refusals.Rename:
		return model.Removed
	case refusals.Set:
		return model.Set
	case refusals.Store:
		return model.Stored
	case refusals.Execute:
		return model.Ran
	default:
		return model.Opened
	}
}

// wantedType is what would have come of a refused call.
func wantedType(r refusals.Refusal) model.FileType {
	switch {
	case r.Act == refusals.Open && r.Flags&unix.O_CREAT != 0:
		return model.Regular
	case strings.HasPrefix(r.Call, "mkdir"):
		return model.Directory
	case strings.HasPrefix(r.Call, "symlink"):
		return model.Symlink
	case r.Call == "bind":
		return model.Socket
	default:
		return ""
	}
}

// refusedTo is the number of the process that was refused. The kernel has told its name,
// but of a thread that of the thread.
func (w *watcher) refusedTo(c *followed, r refusals.Refusal) int {
	who := w.writers.of(r.PID)
	command, line, exec := r.Command, []byte(nil), who.of == c && who.exec
	if kernel, alive := commandOf(r.PID); alive && (kernel == command || r.Thread != r.PID) {
		command, line, _ = look(r.PID)
		if now, known := w.writers.byExec(c, r.PID); known {
			exec = now
		}
	} else if who.of == c && who.started != "" {
		command = who.started
	}
	if command == "" {
		return 0
	}
	uid, ok := inContainer(r.UID, c.ids)
	if !ok {
		uid = -1
	}
	return w.writers.process(c, program{c.Container, command, uid, exec}, r.PID, line).ID
}
