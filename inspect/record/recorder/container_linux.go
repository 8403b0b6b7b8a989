package recorder

import (
	"cmp"
	"errors"
	"hash/maphash"
	"os"
	"slices"
	"strings"
	"time"

	"petrify/inspect/layer/options"
	"petrify/inspect/record/wire"
	"petrify/model"

	"github.com/moby/sys/user"
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
	early    bool // its root was marked before it had a process
	mounted  int  // number of the mount that was marked for that
	earlyAt  time.Time
	ran      bool    // a program was started in it since
	joined   bool    // its mounts are marked
	all      []mount // that its process sees
	readOnly bool    // its root
	table    uint64  // number of its mount namespace, once what it is refused is watched; else 0
	mounts   []int
	roots    []string // numbers of the file systems that are its root
	names    []*names
	used     map[string]int64 // the most bytes that were in each tmpfs, by target
	users    map[int]string
	usersAt  time.Time
	engines  *engines
	engine   int      // a process that sees where the engine mounted the root
	upper    string   // the directory of the writable layer there; "" where nobody says
	lower    []string // those of the image

	life      int          // descriptor of its first process; -1 where there is none
	level     int          // how deep its process numbers are nested; 0 where others share them
	numbers   string       // the namespace of those; "" where others share it
	ungrouped bool         // its control groups do not name it
	ids       []user.IDMap // its users, as the host counts them
	renamed   bool         // its list of users was written

	before  map[uint64]bool // what the writable layer held when it was joined; nil as long as nobody says where that is
	known   map[uint64]bool // what was reported, and the directories of it
	shipped map[uint64]bool // programs that were started and are the image's
	blind   []wire.BlindSpot
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

// host is the root of the files of the engine's host.
func (c *followed) host() string { return rootOf(c.engines.seeing(c.engine)) }

// root opens the root of a container: that of its process or, before there is one,
// as the engine has mounted it. After its end there is none: where the engine had
// mounted it is an empty directory.
func (c *followed) root() (int, error) {
	switch {
	case c.PID > 0:
		return openRoot(rootOf(c.PID))
	case c.early:
		return openRoot(c.host() + c.Root)
	default:
		return -1, os.ErrNotExist
	}
}

// isAt notes where a container's files are.
func (c *followed) isAt(f wire.Follow) {
	if f.Upper != "" {
		c.upper, c.lower = f.Upper, strings.FieldsFunc(f.Lower, func(r rune) bool { return r == ':' })
	}
	if f.Root != "" && !c.early {
		c.Root = f.Root
	}
}

// joinEarly marks the root that the engine has mounted for a container, which has
// no process yet.
func (w *watcher) joinEarly(c *followed, roots []mountedRoot) {
	if slices.ContainsFunc(roots, func(r mountedRoot) bool { return r.id == c.mounted }) {
		return
	}
	m := roots[len(roots)-1] // the one on top
	w.abandon(c)             // an earlier root, which nothing was started in
	c.engine, c.Root, c.PID, c.mounted, c.ran = m.engine, m.target, 0, m.id, false
	c.early, c.earlyAt = true, time.Now()
	c.setLayers(m.mount)
	root, err := c.root()
	if err != nil {
		c.early, c.mounted, w.unmarked = false, 0, true
		return
	}
	defer unix.Close(root)
	// Docker 20.10 mounts a root for a moment when it creates a container. By now the
	// path may lead to the host's own file system, which must not be marked.
	if !isMount(root, m.id) || markAt(w.content, root, unix.FAN_MARK_FILESYSTEM, contentEvents) != nil {
		c.early, c.mounted, w.unmarked = false, 0, true
		return
	}
	c.begin()
	w.hasRoot(c, m.dev)
	w.holdRefused(c.earlyAt)
	w.watchNames(c, root, "", "/")
}

// begin forgets the start before.
func (c *followed) begin() {
	c.known, c.shipped, c.before, c.blind = map[uint64]bool{}, map[uint64]bool{}, nil, nil
	if c.upper != "" {
		c.before = c.layer()
	}
}

// join marks all that a container's process sees and can write.
func (w *watcher) join(c *followed, pid int) {
	// The engine's own programs are in the container's cgroup before they enter its
	// mount namespace: `runc init` has the host's mounts.
	if c.joined || w.engines.shareMounts(c, pid) {
		return
	}
	table, err := os.ReadFile(procFile(pid, "mountinfo"))
	if err != nil {
		return // it has ended already
	}
	root, err := openRoot(rootOf(pid))
	if err != nil {
		w.blindTo(c, model.BlindFiles, plain(err))
		return
	}
	defer unix.Close(root)
	c.lives(pid)
	c.users, c.usersAt = usersIn(root), time.Now() // it may have ended when they are asked for
	c.all = parseMounts(string(table))
	if !c.early {
		c.findLayers()
		c.begin()
	}
	c.readOnly = slices.ContainsFunc(c.all, func(m mount) bool { return m.target == "/" && m.readOnly })
	w.followRefused(c)
	for _, m := range c.all {
		switch {
		case m.writable():
			w.joinMount(c, root, m)
		case m.target == "/":
			w.joinReadOnly(c, root, m)
		}
	}
	w.holdRefused(time.Now())
	w.sayJoined(c)
	if !c.early {
		w.reportPassed(c)
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
		w.blindTo(c, model.BlindMount, m.target+": "+plain(err))
		return
	}
	defer unix.Close(fd)
	if !isMount(fd, m.id) {
		return // another mount stands on it by now
	}
	kind := uint(unix.FAN_MARK_MOUNT)
	if target == "" && m.ownSystem() {
		kind = unix.FAN_MARK_FILESYSTEM
		w.hasRoot(c, m.dev)
	}
	if err := markAt(w.content, fd, kind, contentEvents); err != nil {
		w.blindTo(c, model.BlindContent, m.target+": "+plain(err))
	}
	var st unix.Stat_t
	if unix.Fstat(fd, &st) == nil && st.Mode&unix.S_IFMT == unix.S_IFDIR {
		w.watchNames(c, root, target, m.target)
	}
}

// joinReadOnly marks a root that cannot be written for the programs that are started in it:
// who was refused something may be gone by then.
func (w *watcher) joinReadOnly(c *followed, root int, m mount) {
	w.sites[m.id] = site{container: c}
	c.mounts = append(c.mounts, m.id)
	if !c.early && isMount(root, m.id) {
		_ = markAt(w.content, root, unix.FAN_MARK_MOUNT, unix.FAN_OPEN_EXEC) // else fewer names are known
	}
}

// runs reports whether a process is one of the container's programs: it has the marked root,
// and does not set the container up any more.
func (c *followed) runs(pid int) bool {
	command, alive := commandOf(pid)
	if !alive || strings.HasPrefix(command, enginesProcess) {
		return false
	}
	root, err := openRoot(rootOf(pid))
	if err != nil {
		return false
	}
	defer unix.Close(root)
	at, err := describe(root)
	return err == nil && slices.Contains(c.roots, at.dev)
}

// lives notes what is known of a container as long as its first process lives.
func (c *followed) lives(pid int) {
	c.joined = true
	c.PID, c.level = firstProcess(pid)
	if c.level > 0 {
		c.numbers, _ = os.Readlink(procFile(c.PID, "ns/pid"))
	}
	c.ungrouped = containerOf(c.PID) != c.Container
	c.ids, _ = user.ParseIDMapFile(procFile(c.PID, "uid_map"))
	if fd, err := unix.PidfdOpen(c.PID, 0); err == nil {
		c.life = fd
	}
}

// ended reports whether the first process of a container that was joined has ended.
func (c *followed) ended() bool {
	if c.life < 0 {
		return false
	}
	polled := []unix.PollFd{{Fd: int32(c.life), Events: unix.POLLIN}}
	n, err := unix.Poll(polled, 0)
	return err == nil && n > 0
}

// hasEnded reports whether the end of a container that the engine tells of is that of the
// start that is watched. It is told late, when there may be another one; and a program may
// be gone before its container could be joined.
func (c *followed) hasEnded() bool {
	if c.joined {
		return c.life < 0 || c.ended()
	}
	return c.early && c.ran
}

// findLayers finds the layers of a root that is mounted already, where the engine did not
// say where they are.
func (c *followed) findLayers() {
	if c.upper != "" {
		return
	}
	for _, m := range c.rootsIn(c.engines.tables()) {
		c.engine = m.engine
		c.setLayers(m.mount)
	}
}

// setLayers takes the layers of a root from the options of its mount, where the engine did
// not say where they are: Docker 29 with containerd's image store.
func (c *followed) setLayers(m mount) {
	if c.upper != "" || m.kind != "overlay" {
		return
	}
	dirs, ok := options.Read(m.options, func(dir string) bool {
		info, err := os.Stat(c.host() + dir)
		return err == nil && info.IsDir()
	})
	if ok {
		c.upper, c.lower = dirs.Upper, dirs.Lower
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
		w.blindTo(c, model.BlindNames, path+": "+plain(err))
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
			w.post(func() { w.blindTo(c, model.BlindNames, path+": "+plain(err)) })
		}
		w.post(func() { w.sayJoined(c) })
	})
}

// blindTo tells what cannot be watched.
func (w *watcher) blindTo(c *followed, kind model.BlindKind, detail string) {
	c.blind = append(c.blind, wire.BlindSpot{Kind: kind, Detail: []byte(detail)})
	w.sayJoined(c)
}

// sayJoined reports how a container is watched; again when more is known.
func (w *watcher) sayJoined(c *followed) {
	if !c.joined {
		return
	}
	joined := wire.Joined{Container: c.Container, Early: c.early, Refusals: c.table != 0, Blind: slices.Clone(c.blind)}
	for _, n := range c.names {
		dirs, private, full := n.count()
		joined.Directories += dirs
		if len(private) > 0 {
			joined.Blind = append(joined.Blind, wire.BlindSpot{Kind: model.BlindPrivate, Detail: []byte(strings.Join(private, ", "))})
		}
		if full {
			joined.Blind = append(joined.Blind, wire.BlindSpot{Kind: model.BlindMany, Count: dirs, Detail: []byte(cmp.Or(n.where.target, "the root"))})
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
	w.forgetRefused(c)
	w.reportLeft(c)
	w.flush()
	w.abandon(c)
	w.say(wire.Report{Left: c.Container})
}

// abandon removes all that is marked for a container. Its marks end with its
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
	c.names, c.mounts, c.roots, c.all = nil, nil, nil, nil
	c.joined, c.early, c.PID, c.mounted, c.level, c.numbers, c.ids = false, false, 0, 0, 0, "", nil
	if c.life >= 0 {
		unix.Close(c.life)
		c.life = -1
	}
}

// plain is an error's cause in the kernel's words.
func plain(err error) string {
	var errno unix.Errno
	if errors.As(err, &errno) {
		return errno.Error()
	}
	return err.Error()
}
