package recorder

import (
	"golang.org/x/sys/unix"

	"petrify/inspect/record/wire"
)

// lookAtUse reports how much is in each tmpfs of the containers, when it is more than
// ever before: their content is gone when they stop.
func (w *watcher) lookAtUse() {
	for _, c := range w.containers {
		if !c.joined {
			continue
		}
		if used := c.moreUsed(); len(used) > 0 {
			w.say(wire.Report{Used: &wire.Used{Container: c.Container, Mounts: used}})
		}
	}
}

// moreUsed are the mounts that hold more than they ever did.
func (c *followed) moreUsed() []wire.Use {
	root := -1
	var more []wire.Use
	for _, m := range c.all {
		if m.kind != "tmpfs" || !m.writable() {
			continue
		}
		if root < 0 {
			var err error
			if root, err = c.root(); err != nil {
				return nil
			}
			defer unix.Close(root)
		}
		if bytes, ok := usedIn(root, m); ok && bytes > c.used[m.target] {
			if c.used == nil {
				c.used = map[string]int64{}
			}
			c.used[m.target] = bytes
			more = append(more, wire.Use{Target: []byte(m.target), Bytes: bytes})
		}
	}
	return more
}

// usedIn is how much is in a mount of a container.
func usedIn(root int, m mount) (bytes int64, ok bool) {
	fd, err := openIn(root, m.target, unix.O_PATH)
	if err != nil {
		return 0, false
	}
	defer unix.Close(fd)
	var st unix.Statfs_t
	if !isMount(fd, m.id) || unix.Fstatfs(fd, &st) != nil {
		return 0, false
	}
	return int64(st.Blocks-st.Bfree) * st.Bsize, true
}
