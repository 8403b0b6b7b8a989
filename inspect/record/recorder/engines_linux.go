package recorder

import (
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// engines are the processes that mount the roots of containers: an engine may have
// a mount table of its own, which only the files of its process show.
type engines struct {
	pids  []int // one for each mount table
	files []int
	stop  int
	wait  sync.WaitGroup
}

// engineNames are the programs that mount roots, in the order in which they are
// trusted to have the table.
var engineNames = []string{"dockerd", "containerd", "podman", "systemd", "init"}

// watchEngines calls moved whenever something was mounted or unmounted.
func watchEngines(moved func()) *engines {
	e := &engines{pids: enginePIDs(), stop: -1}
	stop, err := unix.Eventfd(0, unix.EFD_CLOEXEC)
	if err != nil {
		return e
	}
	e.stop = stop
	polled := []unix.PollFd{{Fd: int32(stop), Events: unix.POLLIN}}
	for _, pid := range e.pids {
		// Not with os.Open: Go's runtime would poll it as well, and who polls first is
		// the only one that is told.
		if fd, err := unix.Open(procFile(pid, "mountinfo"), unix.O_RDONLY|unix.O_CLOEXEC, 0); err == nil {
			e.files = append(e.files, fd)
			polled = append(polled, unix.PollFd{Fd: int32(fd), Events: unix.POLLPRI})
		}
	}
	e.wait.Go(func() {
		for {
			// The kernel tells once of each change, to whoever has the table open (proc(5)).
			if _, err := unix.Poll(polled, -1); err != nil && err != unix.EINTR {
				return
			}
			if polled[0].Revents != 0 {
				return
			}
			moved()
		}
	})
	return e
}

func (e *engines) close() {
	if e.stop < 0 {
		return
	}
	_, _ = unix.Write(e.stop, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	e.wait.Wait()
	unix.Close(e.stop)
	for _, fd := range e.files {
		unix.Close(fd)
	}
}

// first is the process that most likely sees the engine's directories; 0 when
// there is none.
func (e *engines) first() int {
	if len(e.pids) == 0 {
		return 0
	}
	return e.pids[0]
}

// tables reads the mounts of each engine, by its process.
func (e *engines) tables() map[int][]mount {
	tables := map[int][]mount{}
	for _, pid := range e.pids {
		if text, err := os.ReadFile(procFile(pid, "mountinfo")); err == nil {
			tables[pid] = parseMounts(string(text))
		}
	}
	return tables
}

// enginePIDs finds one process for each mount table that an engine has.
func enginePIDs() []int {
	byName := map[string][]int{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
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
