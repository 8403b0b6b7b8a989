package recorder

import (
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// Whose a write is:
//
//   - It is the service's when the process is in the container's control group, whatever
//     brought it there: also `docker exec` and health checks, which it says.
//   - All others are foreign: the engine, which makes mount points and copies files
//     (docker cp), also for petrify when that reads a file; other containers with the
//     same volume; programs of the host. What they do is not told.
//   - Mount points are made for the container's first process, by itself before it becomes
//     the container's first program.
//   - A process that was gone before anybody could look is taken for the service's,
//     unless it wrote through a mount that is none of the container's, or made what the
//     engine makes to read files.

// standing is how a process stands to a container.
type standing uint8

const (
	unknownStanding standing = iota // it was gone before anybody looked
	insideStanding
	outsideStanding
)

// standingOf says how a process stands to a container.
func (p *writers) standingOf(pid int, c *followed, now time.Time) standing {
	who := p.of(pid)
	if who.of == c && now.Sub(who.stood) < processIsFresh {
		return who.standing
	}
	found := c.standing(pid)
	if found == unknownStanding && who.of != nil {
		if who.of == c {
			return who.standing
		}
		if who.standing == insideStanding {
			found = outsideStanding
		}
	}
	who.standing, who.of, who.stood = found, c, now
	return found
}

// standing looks at a process.
func (c *followed) standing(pid int) standing {
	groups, err := os.ReadFile(procFile(pid, "cgroup"))
	switch {
	case err != nil:
		return unknownStanding
	case c.ungrouped, strings.Contains(string(groups), c.Container):
		return insideStanding
	}
	if _, err := os.Readlink(procFile(pid, "ns/mnt")); err == nil {
		return outsideStanding
	}
	// It is ending, and has lost its groups already (cgroup v1).
	numbers, err := os.Readlink(procFile(pid, "ns/pid"))
	switch {
	case err != nil, c.numbers == "":
		return unknownStanding
	case numbers == c.numbers:
		return insideStanding
	}
	return outsideStanding
}

// isForeign reports whether what was done to an open file is not the container's doing.
func (w *watcher) isForeign(c *followed, pid int, o opened, now time.Time) bool {
	switch w.writers.standingOf(pid, c, now) {
	case outsideStanding:
		return true
	case unknownStanding:
		if _, own := w.sites[o.mount]; !own && c.joined {
			w.writers.of(pid).standing = outsideStanding // also for the names that come with it
			return true
		}
	}
	return false
}

// hasMountAt reports whether a name on the root is that of a mount, or was made for one:
// then it was the engine's doing. The process that did it is the container's first one by
// now, and may have its name already.
func (c *followed) hasMountAt(path string, mask uint64) bool {
	return slices.ContainsFunc(c.all, func(m mount) bool {
		return m.target == path || mask&unix.FAN_CREATE != 0 && m.target != "/" && below(m.target, path)
	})
}

// madeForArchive reports whether a path is what Docker makes in a root for as long as it
// reads or writes files there (its chrootarchive), by a process that lives for a moment.
func madeForArchive(path string) bool {
	number, ok := strings.CutPrefix(path, "/.pivot_root")
	return ok && strings.Trim(number, "0123456789") == ""
}

// byExec reports whether a process came into a container by docker exec: then it does not
// descend from the container's first one. Where processes are shared with others, nobody
// can tell. It is not known of a process that is gone, or whose parents are.
func (p *writers) byExec(c *followed, pid int) (exec, known bool) {
	if c.level == 0 {
		return false, true
	}
	for range mostDepth {
		if pid == c.PID {
			return false, true
		}
		is, ok := statusOf(pid)
		if !ok {
			return false, false
		}
		if is.level() < c.level {
			return true, true
		}
		pid = is.parent
		if who := p.known[pid]; who != nil && who.of == c && who.exec {
			return true, true
		}
	}
	return false, true // so deep down it is a program's own doing
}

// firstProcess finds the first process of a container, among the ancestors of one of its
// processes, and how deep its numbers are nested; 0 where it shares them with others.
func firstProcess(pid int) (first, level int) {
	for at := pid; ; {
		is, ok := statusOf(at)
		switch {
		case !ok || is.level() < 2 || level != 0 && is.level() != level:
			return pid, 0
		case is.numbers[is.level()-1] == 1:
			return at, is.level()
		}
		at, level = is.parent, is.level()
	}
}
