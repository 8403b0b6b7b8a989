package recorder

import (
	"cmp"
	"errors"
	"fmt"
	"hash/maphash"
	"os"
	"strconv"
	"strings"
	"time"

	"petrify/inspect/record/wire"

	"golang.org/x/sys/unix"
)

// site is a mount of a container that is watched.
type site struct {
	container *container
	target    string // "" for the root
}

// container is one that is followed, over all its starts.
type container struct {
	wire.Follow
	early   bool // its root was marked before it had a process
	joined  bool // its mounts are marked
	mounts  []int
	roots   []string // numbers of the file systems that are its root
	names   []*names
	users   map[int]string
	usersAt time.Time
	engine  int // a process that sees where the engine mounted the root

	before map[uint64]bool // what the writable layer held when it was joined
	known  map[uint64]bool // what was reported, and the directories of it
	blind  []string
}

var seed = maphash.MakeSeed()

func (c *container) knows(path string) bool { return c.known[maphash.String(seed, path)] }

// notes remembers that a path was reported.
func (c *container) notes(path string) {
	if len(c.known) < mostKnown {
		c.known[maphash.String(seed, path)] = true
		c.known[maphash.String(seed, parentOf(path))] = true
	}
}

// root opens the root of a container: that of its process or, before there is one
// and after it, as the engine has mounted it.
func (c *container) root() (int, error) {
	if c.PID > 0 {
		if fd, err := openRoot(rootOf(c.PID)); err == nil {
			return fd, nil
		}
	}
	if c.Root == "" || c.engine == 0 {
		return -1, os.ErrNotExist
	}
	return openRoot(rootOf(c.engine) + c.Root)
}

// user names a user as the container does.
func (c *container) user(uid int) string {
	if c.users[uid] == "" && time.Since(c.usersAt) > 10*time.Second {
		if root, err := c.root(); err == nil {
			c.users, c.usersAt = usersIn(root), time.Now()
			unix.Close(root)
		}
	}
	return c.users[uid]
}

// joinEarly marks the root that the engine has mounted for a container, which has
// no process yet.
func (w *watcher) joinEarly(c *container, engine int, m mount) {
	if c.early || c.joined || !m.ownSystem() {
		return
	}
	c.engine, c.Root, c.PID = engine, m.target, 0
	root, err := c.root()
	if err != nil {
		return
	}
	defer unix.Close(root)
	if markAt(w.content, root, unix.FAN_MARK_FILESYSTEM, contentEvents) != nil {
		return
	}
	c.early = true
	c.begin()
	w.hasRoot(c, m.dev)
	w.watchNames(c, root, "", "/")
}

// begin forgets the start before.
func (c *container) begin() {
	c.known, c.before, c.blind = map[uint64]bool{}, c.layer(), nil
}

// join marks all that a container's process sees and can write.
func (w *watcher) join(c *container, pid int) {
	if c.joined {
		return
	}
	table, err := os.ReadFile(procFile(pid, "mountinfo"))
	if err != nil {
		return // it has ended already
	}
	root, err := openRoot(rootOf(pid))
	if err != nil {
		w.blindTo(c, fmt.Sprintf("all of it: its files cannot be reached (%v)", plain(err)))
		return
	}
	defer unix.Close(root)
	c.PID, c.joined = pid, true
	if !c.early {
		c.begin()
	}
	for _, m := range parseMounts(string(table)) {
		if m.writable() {
			w.joinMount(c, root, m)
		}
	}
	w.sayJoined(c)
	if !c.early {
		w.sayPassed(c)
	}
}

func (w *watcher) joinMount(c *container, root int, m mount) {
	target := m.target
	if target == "/" {
		target = ""
	}
	at := site{container: c, target: target}
	w.sites[m.id] = at
	c.mounts = append(c.mounts, m.id)
	if target == "" && c.early {
		return // all is marked
	}
	fd, err := openIn(root, m.target, unix.O_PATH)
	if err != nil {
		w.blindTo(c, "the mount at "+m.target+": "+plain(err))
		return
	}
	defer unix.Close(fd)
	kind := uint(unix.FAN_MARK_MOUNT)
	if target == "" && m.ownSystem() {
		kind = unix.FAN_MARK_FILESYSTEM
		w.hasRoot(c, m.dev)
	}
	if err := markAt(w.content, fd, kind, contentEvents); err != nil {
		w.blindTo(c, "content of files in "+m.target+": "+plain(err))
	}
	var st unix.Stat_t
	if unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
		w.watchNames(c, root, target, m.target)
	}
}

func (w *watcher) hasRoot(c *container, dev string) {
	w.roots[dev] = c
	c.roots = append(c.roots, dev)
}

// watchNames marks the directories of a mount, beside everything else.
func (w *watcher) watchNames(c *container, root int, target, path string) {
	n, err := watchNames(site{container: c, target: target})
	if err != nil {
		w.blindTo(c, "names that come and go in "+path+": "+plain(err))
		return
	}
	own, err := unix.FcntlInt(uintptr(root), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		n.close()
		return
	}
	c.names = append(c.names, n)
	w.groups[n.group] = n
	w.ready.add(n.group)
	w.walks.Go(func() {
		defer unix.Close(own)
		err := n.follow(own, path)
		if err != nil && !errors.Is(err, errFull) && !errors.Is(err, unix.ENOENT) {
			w.post(func() { w.blindTo(c, "names that come and go in "+path+": "+plain(err)) })
		}
		w.post(func() { w.sayJoined(c) })
	})
}

// blindTo tells what cannot be watched.
func (w *watcher) blindTo(c *container, what string) {
	c.blind = append(c.blind, what)
	w.sayJoined(c)
}

// sayJoined reports how a container is watched; again when more is known.
func (w *watcher) sayJoined(c *container) {
	if !c.joined {
		return
	}
	joined := wire.Joined{Container: c.Container, Early: c.early, Blind: append([]string(nil), c.blind...)}
	for _, n := range c.names {
		dirs, private, full := n.count()
		joined.Directories += dirs
		if len(private) > 0 {
			joined.Blind = append(joined.Blind, "names that come and go in directories that only their owner may enter: "+strings.Join(private, ", "))
		}
		if full {
			joined.Blind = append(joined.Blind, "names that come and go in all but "+strconv.Itoa(dirs)+" directories of "+cmp.Or(n.where.target, "the root"))
		}
	}
	w.say(wire.Report{Joined: &joined})
}

// leave ends the watch of a start. What the writable layer has kept of it is
// looked at once more.
func (w *watcher) leave(c *container) {
	if !c.joined && !c.early {
		return
	}
	w.drain()
	w.sayLeft(c)
	w.flush()
	for _, n := range c.names {
		w.ready.remove(n.group)
		delete(w.groups, n.group)
		n.close()
	}
	for _, id := range c.mounts {
		delete(w.sites, id)
	}
	for _, dev := range c.roots {
		if w.roots[dev] == c {
			delete(w.roots, dev)
		}
	}
	c.names, c.mounts, c.roots = nil, nil, nil
	c.joined, c.early, c.PID = false, false, 0
	w.say(wire.Report{Left: c.Container})
}

// plain is an error's cause in the kernel's words.
func plain(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
