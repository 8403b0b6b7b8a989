package recorder

import (
	"os"
	"strconv"
	"strings"
	"time"
)

func procFile(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

// processes are the numbers of all that run.
func processes() []int {
	proc, err := os.Open("/proc")
	if err != nil {
		return nil
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1)
	var pids []int
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

// running is which containers run, as the control groups of all processes tell.
type running struct {
	looked time.Time
	first  map[string]int // process of each container, by ID
}

// runningIsFresh is how long it is good enough: many containers are asked for at once.
const runningIsFresh = 100 * time.Millisecond

// process returns the first process of a container; 0 where it is not sure.
func (r *running) process(container string) int {
	if time.Since(r.looked) < runningIsFresh {
		return r.first[container]
	}
	r.first = map[string]int{}
	for _, pid := range processes() {
		id := containerOf(pid)
		if command, _ := commandOf(pid); id == "" || r.first[id] > 0 || strings.HasPrefix(command, enginesProcess) {
			continue
		}
		if first, level := firstProcess(pid); level > 0 && containerOf(first) == id {
			r.first[id] = first
		}
	}
	r.looked = time.Now()
	return r.first[container]
}

func commandOf(pid int) (string, bool) {
	text, err := os.ReadFile(procFile(pid, "comm"))
	return strings.TrimSuffix(string(text), "\n"), err == nil && len(text) > 0
}

// status is what the kernel tells of a process.
type status struct {
	parent  int
	uid     int   // that it writes files as, on the host
	numbers []int // of it, in each nested space of numbers
}

func (s status) level() int { return len(s.numbers) }

func statusOf(pid int) (s status, ok bool) {
	text, err := os.ReadFile(procFile(pid, "status"))
	if err != nil {
		return status{}, false
	}
	return parseStatus(string(text))
}

func parseStatus(text string) (s status, ok bool) {
	s.uid = -1
	for line := range strings.Lines(text) {
		name, rest, _ := strings.Cut(line, ":")
		fields := strings.Fields(rest)
		switch {
		case name == "PPid" && len(fields) == 1:
			s.parent, _ = strconv.Atoi(fields[0])
		case name == "Uid" && len(fields) == 4:
			if uid, err := strconv.Atoi(fields[3]); err == nil {
				s.uid = uid
			}
		case name == "NSpid":
			for _, field := range fields {
				n, _ := strconv.Atoi(field)
				s.numbers = append(s.numbers, n)
			}
		}
	}
	return s, s.uid >= 0
}

// containerOf returns the ID in a process's control groups, as engines put it
// there; "" for processes of no container.
func containerOf(pid int) string {
	text, err := os.ReadFile(procFile(pid, "cgroup"))
	if err != nil {
		return ""
	}
	return idIn(string(text))
}

// idLength is the number of hexadecimal digits of a container's ID.
const idLength = 64

// idIn finds the last container ID in a text.
func idIn(text string) string {
	found, digits := "", 0
	for i := 0; i <= len(text); i++ {
		if i < len(text) && strings.IndexByte("0123456789abcdef", text[i]) >= 0 {
			digits++
			continue
		}
		if digits == idLength {
			found = text[i-digits : i]
		}
		digits = 0
	}
	return found
}
