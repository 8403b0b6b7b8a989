package recorder

import (
	"errors"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// names watches the directories of one mount for what is made, removed, renamed
// or set in them. The map is filled while events are read already.
type names struct {
	group int
	where site

	mu      sync.Mutex
	dirs    map[handle]string // path in the container
	full    bool              // there are more than mostDirs
	private []string          // directories that may not be entered; the first of them
	closed  bool
}

func watchNames(where site) (*names, error) {
	group, err := newNamesGroup()
	if err != nil {
		return nil, err
	}
	return &names{group: group, where: where, dirs: map[handle]string{}}, nil
}

// follow marks a directory and all below it, but not what other mounts show.
// root is the container's, and path a path in it.
func (n *names) follow(root int, path string) error {
	fd, err := openIn(root, path, unix.O_RDONLY|unix.O_DIRECTORY)
	if err != nil {
		return err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return err
	}
	return n.walk(fd, path, st.Dev, 0)
}

// walk takes an open directory, and closes it.
func (n *names) walk(fd int, path string, dev uint64, depth int) error {
	dir := os.NewFile(uintptr(fd), path)
	defer dir.Close()
	if err := n.add(fd, path); err != nil || depth > mostDepth {
		return err
	}
	for {
		entries, err := dir.ReadDir(256)
		if err != nil {
			return nil
		}
		if depth == 0 {
			slices.SortStableFunc(entries, func(a, b os.DirEntry) int { return markOrder(a.Name()) - markOrder(b.Name()) })
		}
		for _, entry := range entries {
			if !entry.IsDir() {
				continue
			}
			below := join(path, entry.Name())
			child, err := unix.Openat(fd, entry.Name(), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
			if err != nil {
				n.missed(below, err)
				continue
			}
			var st unix.Stat_t
			if unix.Fstat(child, &st) != nil || st.Dev != dev {
				unix.Close(child)
				continue
			}
			if err := n.walk(child, below, dev, depth+1); err != nil {
				return err
			}
		}
	}
}

// markOrder orders the directories of a root: where programs are kept there are most of
// them, and least is written.
func markOrder(name string) int {
	if slices.Contains([]string{"usr", "lib", "lib64", "bin", "sbin", "opt", "boot"}, name) {
		return 1
	}
	return 0
}

var errFull = errors.New("there are too many directories")

// add marks one directory. Its name is known before its first event can come.
func (n *names) add(fd int, path string) error {
	h, err := handleOf(fd)
	if err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed || len(n.dirs) >= mostDirs {
		n.full = !n.closed
		return errFull
	}
	n.dirs[h] = path
	return markDirectory(n.group, fd)
}

func (n *names) missed(path string, err error) {
	if !errors.Is(err, unix.EACCES) && !errors.Is(err, unix.EPERM) {
		return // it is gone
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.private) < 8 {
		n.private = append(n.private, path)
	}
}

// dir says which directory an event is about.
func (n *names) dir(h handle) (string, bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	path, ok := n.dirs[h]
	return path, ok
}

// count says how many directories are watched, and what could not be.
func (n *names) count() (dirs int, private []string, full bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.dirs), append([]string(nil), n.private...), n.full
}

func (n *names) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closed = true
	unix.Close(n.group)
}

func join(dir, name string) string {
	if dir == "/" {
		return "/" + name
	}
	return dir + "/" + name
}

func baseOf(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

func parentOf(path string) string {
	for i := len(path) - 1; i > 0; i-- {
		if path[i] == '/' {
			return path[:i]
		}
	}
	return "/"
}
