package recorder

import (
	"errors"
	"hash/maphash"
	"time"

	"golang.org/x/sys/unix"

	"petrify/model"
)

// drain reads the events that wait, and returns how many there were: as many as can
// wait, for more may come as fast as they are read.
func (w *watcher) drain() int {
	now := time.Now()
	n := 0
	for group, names := range w.groups {
		n += w.read(group, namesAtOnce, func(e event) {
			if e.mask&unix.FAN_Q_OVERFLOW != 0 {
				w.lost++
				return
			}
			w.late = append(w.late, nameEvent{e, names})
		})
	}
	// Starts of programs come with the content: they are known before what is to be
	// resolved by them.
	n += w.read(w.content, mostWaiting, func(e event) {
		if e.mask&unix.FAN_Q_OVERFLOW != 0 {
			w.lost++
			return
		}
		w.takeContent(e, now)
		unix.Close(e.fd)
	})
	w.writers.nameStarts()
	for _, e := range w.late {
		w.takeName(e, now)
	}
	clear(w.late)
	w.late = w.late[:0]
	return n
}

// nameEvent is an event of one group for names.
type nameEvent struct {
	event
	names *names
}

func (w *watcher) read(group, most int, each func(event)) (events int) {
	for events < most {
		n, err := unix.Read(group, w.buffer)
		switch {
		case errors.Is(err, unix.EAGAIN), err == nil && n <= 0:
			return events
		case err != nil: // the file of one event could not be opened, which is taken off the queue
			events++
			continue
		}
		if err := parseEvents(w.buffer[:n], func(e event) { events++; each(e) }); err != nil {
			w.err = err
			return events
		}
	}
	return events
}

// takeContent takes an event that brings an open file.
func (w *watcher) takeContent(e event, now time.Time) {
	o, err := describe(e.fd)
	if err != nil {
		return
	}
	c, target := w.whose(o, e.pid)
	switch {
	case c == nil:
		return
	case w.isForeign(c, e.pid, o, now):
		c.notes(o.path) // else it would be found in the layer, and be told as nobody's
		return
	}
	if e.mask&unix.FAN_OPEN_EXEC != 0 {
		w.takeStart(c, e, o, target, now)
		if c.early && !c.joined && containerOf(e.pid) == c.Container {
			w.join(c, e.pid)
		}
	}
	if e.mask&(unix.FAN_MODIFY|unix.FAN_CLOSE_WRITE) == 0 {
		return
	}
	if c.Root != "" && below(o.path, c.Root) {
		return // the engine, before the container has a root of its own
	}
	s := seen{place: place{c.Container, o.path}, mount: target, kind: o.kind, bytes: o.size, gone: o.removed, at: now, acts: model.Opened}
	if e.mask&unix.FAN_MODIFY != 0 {
		s.acts = model.Stored
		w.muteWrites(e.fd, o)
	}
	if o.removed && unnamed(o.path) {
		s.path, s.inside, s.kind, s.acts = parentOf(o.path), true, model.Directory, model.Made|model.Stored
	}
	w.add(c, s, e.pid)
}

// takeStart takes that a program was started. Those that the image brings are no writes;
// one that was written, or lies where the service can write, may need a mount for programs.
func (w *watcher) takeStart(c *followed, e event, o opened, target string, now time.Time) {
	_, inMount := w.sites[o.mount]
	engines := !inMount && w.roots[o.dev] != c || c.Root != "" && below(o.path, c.Root) // what sets the container up
	if !engines && (target != "" || c.wrote(o.path)) {
		w.add(c, seen{
			place: place{c.Container, o.path}, mount: target, kind: o.kind, bytes: o.size, gone: o.removed, at: now, acts: model.Ran,
		}, e.pid)
	}
	c.ran = c.ran || !engines
	w.writers.starts(c, e.pid, o)
}

// wrote reports whether a file on the root is one that the container wrote.
func (c *followed) wrote(path string) bool {
	if c.knows(path) || c.before[maphash.String(seed, path)] {
		return true
	}
	hash := maphash.String(seed, path)
	if c.shipped[hash] {
		return false
	}
	has, known := c.inImage(path)
	if has && len(c.shipped) < mostKnown {
		c.shipped[hash] = true
	}
	return known && !has
}

// file is what identifies an open file, whatever it is called.
type file struct {
	dev   string
	inode uint64
}

// muteWrites has the kernel not tell of each write to a file that is written again and
// again: that it is opened and closed goes on being told. Without it, a service that
// writes much would pay for each write.
func (w *watcher) muteWrites(fd int, o opened) {
	of := file{o.dev, o.inode}
	w.writes[of]++
	if w.writes[of] != writesTold || w.muted >= mostMuted {
		return
	}
	kind := uint(unix.FAN_MARK_IGNORED_MASK | unix.FAN_MARK_IGNORED_SURV_MODIFY)
	if markAt(w.content, fd, kind|unix.FAN_MARK_EVICTABLE, unix.FAN_MODIFY) == nil || markAt(w.content, fd, kind, unix.FAN_MODIFY) == nil {
		w.muted++
	}
}

// listenAgain makes the kernel tell of all writes again: of what goes on being written
// without being closed, nothing else would tell when it was last.
func (w *watcher) listenAgain(now time.Time) {
	if now.Sub(w.listened) < mutedFor {
		return
	}
	w.listened = now
	clear(w.writes)
	if w.muted > 0 {
		w.muted = 0
		// Of this group only the ignored files are marked one by one.
		_ = unix.FanotifyMark(w.content, unix.FAN_MARK_FLUSH, 0, unix.AT_FDCWD, "/")
	}
}

// whose finds the container, and the mount in it, of an open file.
func (w *watcher) whose(o opened, pid int) (*followed, string) {
	if at, ok := w.sites[o.mount]; ok {
		return at.container, at.target
	}
	if c := w.roots[o.dev]; c != nil {
		return c, ""
	}
	return w.containers[containerOf(pid)], ""
}

// takeName takes an event about a name in a directory.
func (w *watcher) takeName(e nameEvent, now time.Time) {
	c := e.names.where.container
	dir, ok := e.names.dir(e.dir)
	if !ok || w.groups[e.names.group] != e.names {
		return
	}
	path := dir
	if e.name != "." {
		path = join(dir, e.name)
	}
	standing := w.writers.standingOf(e.pid, c, now)
	if standing == outsideStanding || standing == unknownStanding && madeForArchive(path) ||
		e.names.where.target == "" && c.hasMountAt(path, e.mask) {
		c.notes(path)
		return
	}
	s := seen{place: place{c.Container, path}, mount: e.names.where.target, bytes: -1, at: now, look: true}
	if e.mask&(unix.FAN_CREATE|unix.FAN_MOVED_TO) != 0 {
		s.acts |= model.Made
	}
	if e.mask&(unix.FAN_DELETE|unix.FAN_MOVED_FROM) != 0 {
		s.acts |= model.Removed
		s.gone = true
	}
	if e.mask&unix.FAN_ATTRIB != 0 {
		s.acts |= model.Set
	}
	if e.mask&unix.FAN_ONDIR != 0 {
		s.kind = model.Directory
		if s.acts&model.Made != 0 {
			w.followDirectory(c, e.names, path)
		}
	}
	w.add(c, s, e.pid)
}

// followDirectory marks a directory that was made or moved here.
func (w *watcher) followDirectory(c *followed, n *names, path string) {
	root, err := c.root()
	if err != nil {
		return
	}
	defer unix.Close(root)
	_ = n.follow(root, path) // it may be gone again
}

// add gathers what a process did, unless it is the engine's on the way to the
// container's first program.
func (w *watcher) add(c *followed, s seen, pid int) {
	who, engine := w.writers.writes(pid, c, s.at)
	if engine {
		c.notes(s.path)
		return
	}
	if who != nil {
		s.process = who.ID
	}
	if s.acts != model.Ran {
		c.notes(s.path)
	}
	c.renamed = c.renamed || s.path == passwd
	w.gathered.add(s)
}
