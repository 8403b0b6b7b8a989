package recorder

import (
	"bytes"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"petrify/inspect/record/wire"

	"golang.org/x/sys/unix"
)

// people tells who the processes are that write.
type people struct {
	known    map[int]*person // by process number
	programs map[program]*wire.Process
	fresh    []*wire.Process // that have not been reported as they are
}

// person is what is known of one process number.
type person struct {
	container string // ID; "" for nobody knows
	started   string // name of the program that it started last
	uid       int    // when it started that; -1: unknown
	said      *wire.Process
	looked    time.Time
}

// program is what makes processes one for the report.
type program struct {
	container, command string
	uid                int
}

func newPeople() *people {
	return &people{known: map[int]*person{}, programs: map[program]*wire.Process{}}
}

func (p *people) of(pid int) *person {
	who := p.known[pid]
	if who == nil {
		if len(p.known) >= mostProcesses {
			clear(p.known) // numbers come again, and the living are read again
		}
		who = &person{uid: -1}
		p.known[pid] = who
	}
	return who
}

// starts notes that a process started a program, while it can still be looked at.
func (p *people) starts(pid int, container, file string) {
	name := path.Base(file)
	if strings.HasPrefix(name, "ld-") || strings.HasPrefix(name, "ld.so") {
		return // the loader of the program that the event before was about
	}
	who := p.of(pid)
	who.container, who.started, who.said = container, name, nil
	if uid, ok := uidOf(pid); ok {
		who.uid = uid
	}
}

// enginesProcess begins the name of what sets a container up, before it becomes the
// container's first program.
const enginesProcess = "runc:["

// writes returns who wrote in a container; nil where nobody knows. What the engine
// itself writes there counts for nobody.
func (p *people) writes(pid int, container string, now time.Time, users func(uid int) string) (by *wire.Process, engine bool) {
	who := p.of(pid)
	if who.said != nil && who.said.Container == container && now.Sub(who.looked) < processIsFresh {
		return who.said, false
	}
	command, alive := commandOf(pid)
	if strings.HasPrefix(command, enginesProcess) {
		return nil, true
	}
	if !alive {
		if who.said != nil && who.said.Container == container {
			return who.said, false
		}
		command = who.started
	}
	if command == "" {
		return nil, false
	}
	uid := who.uid
	var line []byte
	if alive {
		if now, ok := uidOf(pid); ok {
			uid = now
		}
		line = lineOf(pid)
	}
	who.container, who.uid, who.looked = container, uid, now
	who.said = p.process(program{container, command, uid}, pid, line, users)
	return who.said, false
}

// process returns the process as it is reported, and has it reported again when it
// has another number.
func (p *people) process(of program, pid int, line []byte, users func(int) string) *wire.Process {
	said := p.programs[of]
	if said == nil {
		said = &wire.Process{ID: len(p.programs) + 1, Container: of.container, Command: []byte(of.command), UID: of.uid}
		if of.uid >= 0 {
			said.User = []byte(users(of.uid))
		}
		p.programs[of] = said
	} else if said.PID == pid {
		return said
	}
	said.PID = pid
	if len(line) > 0 {
		said.Line = line
	}
	p.fresh = append(p.fresh, said)
	return said
}

// report hands over the processes that are new or have changed.
func (p *people) report(each func(wire.Process)) {
	said := map[int]bool{}
	for _, process := range p.fresh {
		if !said[process.ID] {
			said[process.ID] = true
			each(*process)
		}
	}
	p.fresh = p.fresh[:0]
}

func procFile(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

func commandOf(pid int) (string, bool) {
	text, err := os.ReadFile(procFile(pid, "comm"))
	return strings.TrimSuffix(string(text), "\n"), err == nil && len(text) > 0
}

// mostLine is how much of a command line is of use to a reader.
const mostLine = 256

func lineOf(pid int) []byte {
	file, err := os.Open(procFile(pid, "cmdline"))
	if err != nil {
		return nil
	}
	defer file.Close()
	line := make([]byte, mostLine)
	n, _ := file.Read(line)
	return bytes.ReplaceAll(bytes.TrimRight(line[:n], "\x00"), []byte{0}, []byte{' '})
}

// uidOf returns the user that a process writes files as.
func uidOf(pid int) (int, bool) {
	text, err := os.ReadFile(procFile(pid, "status"))
	if err != nil {
		return -1, false
	}
	_, rest, found := strings.Cut(string(text), "\nUid:\t")
	fields := strings.Fields(rest)
	if !found || len(fields) < 4 {
		return -1, false
	}
	uid, err := strconv.Atoi(fields[3])
	return uid, err == nil
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

// mostPasswd is as much as is read of a container's list of users.
const mostPasswd = 1 << 20

// usersIn reads the names of users below a root.
func usersIn(root int) map[int]string {
	fd, err := openIn(root, "/etc/passwd", unix.O_RDONLY|unix.O_NONBLOCK)
	if err != nil {
		return nil
	}
	file := os.NewFile(uintptr(fd), "passwd")
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(file, mostPasswd))
	users := map[int]string{}
	for line := range strings.Lines(string(text)) {
		fields := strings.Split(line, ":")
		if len(fields) < 3 {
			continue
		}
		if uid, err := strconv.Atoi(fields[2]); err == nil && users[uid] == "" {
			users[uid] = fields[0]
		}
	}
	return users
}
