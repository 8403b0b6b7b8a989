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
	container *followed
	target    string // "" for the root
}

// followed is a container that is followed, over all its starts.
type followed struct {
	wire.Follow
	early   bool // its root was marked before it had a process
	mounted int  // number of the mount that was marked for that
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

func (c *followed) knows(path string) bool { return c.known[maphash.String(seed, path)] }

// notes remembers that a path was reported.
func (c *followed) notes(path string) {
	if len(c.known) < mostKnown {
		c.known[maphash.String(seed, path)] = true
		c.known[maphash.String(seed, parentOf(path))] = true
	}
}

// root opens the root of a container: that of its process or, before there is one,
// as the engine has mounted it. After its end there is none: where the engine had
// mounted it is an empty directory.
func (c *followed) root() (int, error) {
	switch {
	case c.PID > 0:
		return openRoot(rootOf(c.PID))
	case c.early:
		return openRoot(rootOf(c.engine) + c.Root)
	default:
		return -1, os.ErrNotExist
	}
}

// user names a user as the container does.
func (c *followed) user(uid int) string {
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
func (w *watcher) joinEarly(c *followed, engine int, m mount) {
	if c.joined || c.mounted == m.id || !m.ownSystem() {
		return
	}
	w.abandon(c) // an earlier root, which nothing was started in
	c.engine, c.Root, c.PID, c.mounted = engine, m.target, 0, m.id
	c.early = true
	root, err := c.root()
	if err != nil {
		c.early = false
		return
	}
	defer unix.Close(root)
	if markAt(w.content, root, unix.FAN_MARK_FILESYSTEM, contentEvents) != nil {
		c.early = false
		return
	}
	c.begin()
	w.hasRoot(c, m.dev)
	w.watchNames(c, root, "", "/")
}

// begin forgets the start before.
func (c *followed) begin() {
	c.known, c.before, c.blind = map[uint64]bool{}, c.layer(), nil
}

// join marks all that a container's process sees and can write.
func (w *watcher) join(c *followed, pid int) {
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

func (w *watcher) joinMount(c *followed, root int, m mount) {
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

func (w *watcher) hasRoot(c *followed, dev string) {
	w.roots[dev] = c
	c.roots = append(c.roots, dev)
}

// watchNames marks the directories of a mount, beside everything else.
func (w *watcher) watchNames(c *followed, root int, target, path string) {
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
func (w *watcher) blindTo(c *followed, what string) {
	c.blind = append(c.blind, what)
	w.sayJoined(c)
}

// sayJoined reports how a container is watched; again when more is known.
func (w *watcher) sayJoined(c *followed) {
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
func (w *watcher) leave(c *followed) {
	if !c.joined && !c.early {
		return
	}
	w.drain()
	w.sayLeft(c)
	w.flush()
	w.abandon(c)
	w.say(wire.Report{Left: c.Container})
}

// abandon lets go of all that is marked for a container. Its marks end with its
// mounts.
func (w *watcher) abandon(c *followed) {
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
	c.joined, c.early, c.PID, c.mounted = false, false, 0, 0
}

// plain is an error's cause in the kernel's words.
func plain(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
