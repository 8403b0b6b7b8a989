package recorder

import (
	"bytes"
	"cmp"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"petrify/inspect/record/wire"
	"petrify/model"

	"golang.org/x/sys/unix"
)

// writers tells who the processes are that write.
type writers struct {
	known    map[int]*writer // by process number
	programs map[program]*wire.Process
	fresh    []*wire.Process // that have not been reported as they are
	starting []start         // of this round, which were not under way yet when they were looked at
}

// writer is what is known of one process number.
type writer struct {
	standing standing  // towards the container that was asked about last
	of       *followed // that one
	stood    time.Time // when that was found out
	exec     bool      // it came by docker exec
	started  string    // name of the program that it started last
	uid      int       // when it started that; -1: unknown
	reported *wire.Process
	looked   time.Time
}

// program is what makes processes one for the report.
type program struct {
	container, command string
	uid                int
	exec               bool
}

// start is a program that a process starts, and the file of it.
type start struct {
	pid  int
	file file
	name string
}

func newWriters() *writers {
	return &writers{known: map[int]*writer{}, programs: map[program]*wire.Process{}}
}

func (p *writers) of(pid int) *writer {
	who := p.known[pid]
	if who == nil {
		if len(p.known) >= mostProcesses {
			clear(p.known) // numbers come again, and the living are read again
		}
		who = &writer{uid: -1}
		p.known[pid] = who
	}
	return who
}

// starts notes that a process of a container starts a program, while it can still be
// looked at.
func (p *writers) starts(c *followed, pid int, o opened) {
	name := path.Base(o.path)
	if strings.HasPrefix(name, "ld-") || strings.HasPrefix(name, "ld.so") {
		return // the loader of the program that the event before was about
	}
	who := p.of(pid)
	who.started, who.reported, who.uid, who.exec = name, nil, -1, false
	who.standing, who.of, who.stood = insideStanding, c, time.Now()
	who.identify(p, c, pid)
	s := start{pid, file{o.dev, o.inode}, name}
	if !p.named(s) && len(p.starting) < mostProcesses {
		p.starting = append(p.starting, s)
	}
}

// identify finds out as whom a process runs, and how it came into its container. Where one of
// the two is missing, the other says nothing: with both unknown it is taken for the only one
// of its program.
func (who *writer) identify(p *writers, c *followed, pid int) {
	exec, known := p.byExec(c, pid)
	uid, ok := uidOf(pid)
	if known && ok {
		who.exec, who.uid = exec, uid
	}
}

// nameStarts looks again at the programs that were not under way yet when their start
// was told: only then they have a name of their own.
func (p *writers) nameStarts() {
	for _, s := range p.starting {
		p.named(s)
	}
	p.starting = p.starting[:0]
}

// named takes the name of a program that runs, by which the same one is known later:
// its file may have another one ("python3.11", or "busybox").
func (p *writers) named(s start) bool {
	var st unix.Stat_t
	if unix.Stat(procFile(s.pid, "exe"), &st) != nil || deviceOf(st.Dev) != s.file.dev || st.Ino != s.file.inode {
		return false
	}
	name, _, alive := look(s.pid)
	if who := p.of(s.pid); alive && who.started == s.name {
		who.started = name
	}
	return true
}

func deviceOf(dev uint64) string {
	return strconv.Itoa(int(unix.Major(dev))) + ":" + strconv.Itoa(int(unix.Minor(dev)))
}

// enginesProcess begins the name of what sets a container up, before it becomes the
// container's first program.
const enginesProcess = "runc:["

// writes returns who wrote in a container; nil where nobody knows. What the engine
// itself writes there counts for nobody.
func (p *writers) writes(pid int, c *followed, now time.Time) (by *wire.Process, engine bool) {
	who := p.of(pid)
	here := who.reported != nil && who.reported.Container == c.Container
	if here && now.Sub(who.looked) < processIsFresh {
		return who.reported, false
	}
	command, line, alive := look(pid)
	if strings.HasPrefix(command, enginesProcess) {
		return nil, true
	}
	if !alive {
		if here {
			return who.reported, false
		}
		command = cmp.Or(who.started, command)
	}
	if command == "" {
		return nil, false
	}
	if alive {
		who.identify(p, c, pid)
	}
	who.looked = now
	who.reported = p.process(c, program{c.Container, command, who.uid, who.exec}, pid, line)
	return who.reported, false
}

// process returns the process as it is reported, and has it reported again when more
// is known of it.
func (p *writers) process(c *followed, of program, pid int, line []byte) *wire.Process {
	reported := p.programs[of]
	if reported == nil {
		reported = &wire.Process{ID: len(p.programs) + 1, Container: of.container, Command: []byte(of.command), UID: of.uid, Exec: of.exec}
		p.programs[of] = reported
	} else if reported.PID == pid && (len(reported.User) > 0 || reported.UID < 0) {
		return reported
	}
	reported.PID = pid
	if len(line) > 0 {
		reported.Line = line
	}
	if name := c.user(reported.UID); name != "" && len(reported.User) == 0 {
		reported.User = []byte(name)
	}
	p.fresh = append(p.fresh, reported)
	return reported
}

// report hands over the processes that are new or have changed.
func (p *writers) report(each func(wire.Process)) {
	reported := map[int]bool{}
	for _, process := range p.fresh {
		if !reported[process.ID] {
			reported[process.ID] = true
			each(*process)
		}
	}
	p.fresh = p.fresh[:0]
}

// mostLine is how much of a command line is of use to a reader.
const mostLine = 256

// look returns the name of a program and, while it runs, what it was called with.
func look(pid int) (name string, line []byte, alive bool) {
	name, alive = commandOf(pid)
	if !alive {
		return "", nil, false
	}
	file, err := os.Open(procFile(pid, "cmdline"))
	if err != nil {
		return name, nil, true
	}
	defer file.Close()
	line = make([]byte, mostLine)
	n, _ := file.Read(line)
	line = bytes.TrimRight(line[:n], "\x00")
	program, err := os.Readlink(procFile(pid, "exe"))
	if err != nil && len(line) == 0 {
		return name, nil, false // it is ending: all that is left is a name that may have been cut
	}
	return nameOf(name, line, program), bytes.ReplaceAll(line, []byte{0}, []byte{' '}), true
}

// nameOf is what a program is called: as the kernel has it, but whole where it was cut,
// and not as it calls its first thread ("MainThread").
func nameOf(kernel string, line []byte, file string) string {
	if strings.HasPrefix(kernel, enginesProcess) {
		return kernel
	}
	words := strings.SplitN(string(line), "\x00", 3)
	for _, word := range words[:min(len(words), 2)] { // a script is the second
		word = path.Base(word)
		if word == kernel || len(kernel) == model.KernelName && strings.HasPrefix(word, kernel) && !strings.Contains(word, " ") {
			return word
		}
	}
	if called := path.Base(words[0]); called != "." && called == path.Base(file) {
		return called
	}
	return kernel
}
