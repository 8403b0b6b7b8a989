package recorder

import (
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// engines are the processes that mount the roots of containers: an engine may have
// a mount table of its own, which only the files of its process show.
type engines struct {
	stop int
	wait sync.WaitGroup

	mu   sync.Mutex
	pids []int // one for each mount table
}

// engineNames are the programs that mount roots, in the order in which they are
// trusted to have the table.
var engineNames = []string{"dockerd", "containerd", "podman", "systemd", "init"}

// watchedEngine is an engine's process while it is watched: file descriptors.
type watchedEngine struct{ table, life int }

// The pauses while an engine that ended is looked for.
const (
	shortestPause = 200 * time.Millisecond
	longestPause  = 5 * time.Second
)

// watchEngines calls moved whenever something was mounted or unmounted. An engine that
// ends is looked for until there is one again.
func watchEngines(moved func()) *engines {
	e := &engines{pids: enginePIDs(), stop: -1}
	stop, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return e
	}
	e.stop = stop
	e.wait.Go(func() { e.watch(moved) })
	return e
}

func (e *engines) watch(moved func()) {
	watched := openEngines(e.pids)
	defer func() { closeEngines(watched) }()
	most, wait, pause := len(watched), -1, shortestPause
	for {
		polled := []unix.PollFd{{Fd: int32(e.stop), Events: unix.POLLIN}}
		for _, w := range watched {
			polled = append(polled, unix.PollFd{Fd: int32(w.table), Events: unix.POLLPRI}, unix.PollFd{Fd: int32(w.life), Events: unix.POLLIN})
		}
		// The kernel tells once of each change, to whoever has the table open (proc(5)).
		n, err := unix.Poll(polled, wait)
		if err != nil && err != unix.EINTR || polled[0].Revents != 0 {
			return
		}
		if n == 0 && wait >= 0 || ended(polled[1:]) {
			closeEngines(watched)
			pids := enginePIDs()
			e.mu.Lock()
			e.pids = pids
			e.mu.Unlock()
			watched, wait = openEngines(pids), -1
			if len(watched) < most {
				wait = int(pause.Milliseconds())
				pause = min(2*pause, longestPause)
			} else {
				pause = shortestPause
			}
			most = max(most, len(watched))
		}
		moved()
	}
}

// ended reports whether a process has ended, of those whose tables and lives are polled.
func ended(polled []unix.PollFd) bool {
	for i := 1; i < len(polled); i += 2 {
		if polled[i].Revents != 0 {
			return true
		}
	}
	return false
}

func openEngines(pids []int) []watchedEngine {
	var opened []watchedEngine
	for _, pid := range pids {
		// Not with os.Open: Go's runtime would poll it as well, and who polls first is
		// the only one that is told.
		table, err := unix.Open(procFile(pid, "mountinfo"), unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != nil {
			continue
		}
		life, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			life = -1 // poll leaves it out
		}
		opened = append(opened, watchedEngine{table, life})
	}
	return opened
}

func closeEngines(watched []watchedEngine) {
	for _, w := range watched {
		unix.Close(w.table)
		if w.life >= 0 {
			unix.Close(w.life)
		}
	}
}

func (e *engines) close() {
	if e.stop < 0 {
		return
	}
	_, _ = unix.Write(e.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	e.wait.Wait()
	unix.Close(e.stop)
}

// all are one process for each mount table, those first that are trusted most.
func (e *engines) all() []int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.pids)
}

// seeing is a process that sees the engine's directories: a certain one if it is there,
// else the one that most likely does; 0 when there is none.
func (e *engines) seeing(pid int) int {
	all := e.all()
	if slices.Contains(all, pid) {
		return pid
	}
	if len(all) == 0 {
		return 0
	}
	return all[0]
}

// shareMounts reports whether a process sees the mounts of the host or of an engine,
// as nothing in a container does but an engine of its own. One that is gone does not.
func (e *engines) shareMounts(c *followed, pid int) bool {
	namespace, err := os.Readlink(procFile(pid, "ns/mnt"))
	if err != nil {
		return false
	}
	for _, of := range append([]int{1, os.Getpid()}, e.all()...) {
		if c.standing(of) == insideStanding {
			continue
		}
		if other, err := os.Readlink(procFile(of, "ns/mnt")); err == nil && other == namespace {
			return true
		}
	}
	return false
}

// table is the mounts that an engine sees.
type table struct {
	engine int // its process
	mounts []mount
}

// tables reads the mounts of each engine.
func (e *engines) tables() []table {
	var tables []table
	for _, pid := range e.all() {
		if text, err := os.ReadFile(procFile(pid, "mountinfo")); err == nil {
			tables = append(tables, table{pid, parseMounts(string(text))})
		}
	}
	return tables
}

// mountedRoot is a container's root where an engine has mounted it.
type mountedRoot struct {
	engine int
	mount
}

// rootsIn finds where a container's root is mounted.
func (c *followed) rootsIn(tables []table) []mountedRoot {
	var found []mountedRoot
	for _, t := range tables {
		for _, m := range t.mounts {
			if c.hasRootAt(m.target) && m.ownSystem() {
				found = append(found, mountedRoot{t.engine, m})
			}
		}
	}
	return found
}

// enginePIDs finds one process for each mount table that an engine has.
func enginePIDs() []int {
	byName := map[string][]int{}
	for _, pid := range processes() {
		if name, ok := commandOf(pid); ok && slices.Contains(engineNames, name) {
			byName[name] = append(byName[name], pid)
		}
	}
	byName["init"] = append(byName["init"], 1)
	var pids []int
	var tables []string
	for _, name := range engineNames {
		for _, pid := range byName[name] {
			table, err := os.Readlink(procFile(pid, "ns/mnt"))
			if err == nil && !slices.Contains(tables, table) && !strings.HasPrefix(table, "/") {
				pids, tables = append(pids, pid), append(tables, table)
			}
		}
	}
	return pids
}
