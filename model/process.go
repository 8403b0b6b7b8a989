package model

import (
	"fmt"
	"slices"
	"strings"
)

// Process is a program that wrote, under one user. Its processes are one: a
// server's workers come and go.
type Process struct {
	Command string // its name; "" for one that was gone before it was looked at
	Line    string // its arguments, as far as they were read
	User    string // name in the container's own /etc/passwd; "" when it has none
	UID     int    // -1 when it is not known
	PID     int    // the last one, as the engine's host counts
	Count   int    // acts seen, also those that were refused
	Exec    bool   // it came by `docker exec`, as a health check also does
}

// Name is a process's command and user.
func (p Process) Name() string {
	command := p.Command
	if command == "" {
		command = "a process that was gone"
	}
	var more []string
	switch {
	case p.User != "":
		more = append(more, p.User)
	case p.UID >= 0:
		more = append(more, fmt.Sprint(p.UID))
	}
	if p.Exec {
		more = append(more, "docker exec")
	}
	if len(more) == 0 {
		return command
	}
	return command + " (" + strings.Join(more, ", ") + ")"
}

// AddProcess adds a process to a list, in which those of one program and user are one,
// and returns its number there. What is not known of one is filled in from the other.
func AddProcess(processes []Process, p Process) ([]Process, int) {
	at := p.among(processes)
	if at < 0 {
		return append(processes, p), len(processes)
	}
	known := &processes[at]
	known.PID, known.Count = p.PID, known.Count+p.Count
	if len(p.Command) > len(known.Command) {
		known.Command = p.Command
	}
	if p.Line != "" {
		known.Line = p.Line
	}
	if known.UID < 0 {
		known.UID, known.Exec = p.UID, p.Exec
	}
	if known.User == "" {
		known.User = p.User
	}
	return processes, at
}

// among finds the process of a list that is the same program and user; -1 when there is
// none. A process that was gone before its user could be seen is taken for the only one
// of its program.
func (p Process) among(processes []Process) int {
	first, found := -1, 0
	for i, q := range processes {
		if !sameCommand(p.Command, q.Command) {
			continue
		}
		if p.UID == q.UID && p.Exec == q.Exec && (p.User == q.User || p.User == "" || q.User == "") {
			return i
		}
		if found++; found == 1 {
			first = i
		}
	}
	if found == 1 && (p.UID < 0 || processes[first].UID < 0) {
		return first
	}
	return -1
}

// KernelName is how many bytes the kernel keeps of a program's name.
const KernelName = 15

// sameCommand reports whether two names are of one program, of which one may be cut.
func sameCommand(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	return a == b || len(a) == KernelName && strings.HasPrefix(b, a)
}

// mergeProcesses adds processes to others, and returns the numbers that the second
// ones have in the result.
func mergeProcesses(a, b []Process) (merged []Process, index []int) {
	merged = slices.Clone(a)
	index = make([]int, len(b))
	for i, p := range b {
		merged, index[i] = AddProcess(merged, p)
	}
	return merged, index
}
