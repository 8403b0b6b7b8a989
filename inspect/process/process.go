// Package process tells which of the processes here are in a container.
package process

import (
	"bytes"
	"os"
	"slices"
	"strconv"
)

// InContainer reports whether a process of this host is in a container: its control groups,
// or the files that the engine binds into it, name the container. Where the engine runs
// elsewhere, its process numbers are somebody else's here.
func InContainer(pid int, container string) bool {
	if pid <= 0 || container == "" {
		return false
	}
	for _, file := range []string{"cgroup", "mountinfo"} {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/" + file)
		if err == nil && bytes.Contains(text, []byte(container)) {
			return true
		}
	}
	return false
}

// Finds reports whether processes of containers, by their IDs, are among those here. This
// process's own container says nothing: that is here wherever its engine is.
func Finds(containers []string) bool { return finds("/proc", containers) }

func finds(proc string, containers []string) bool {
	own, err := os.ReadFile(proc + "/self/cgroup")
	if err != nil {
		return false
	}
	var wanted [][]byte
	for _, id := range containers {
		if id != "" && !bytes.Contains(own, []byte(id)) {
			wanted = append(wanted, []byte(id))
		}
	}
	entries, err := os.ReadDir(proc)
	if err != nil || len(wanted) == 0 {
		return false
	}
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		groups, err := os.ReadFile(proc + "/" + entry.Name() + "/cgroup")
		if err == nil && slices.ContainsFunc(wanted, func(id []byte) bool { return bytes.Contains(groups, id) }) {
			return true
		}
	}
	return false
}
