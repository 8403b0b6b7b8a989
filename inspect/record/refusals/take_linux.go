//go:build amd64 || arm64

package refusals

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// setClock finds out how the kernel's clock stands to the time.
func (w *watcher) setClock() time.Time {
	var t unix.Timespec
	now := time.Now()
	if unix.ClockGettime(unix.CLOCK_BOOTTIME, &t) == nil {
		w.offset = time.Duration(now.UnixNano() - t.Nano())
	}
	return now
}

// take adds one event to those that wait to be told.
func (w *watcher) take(raw []byte) {
	var e event
	if err := e.decode(raw); err != nil {
		w.drop(1)
		return
	}
	if !e.counts() {
		return
	}
	at := time.Unix(0, int64(e.time)).Add(w.offset)
	r := Refusal{
		MountNS: e.mount, PID: e.process, Thread: e.thread, UID: e.user, Command: e.command,
		Call: e.call.name, Act: e.call.act, Err: syscall.Errno(e.err),
		Flags: e.flags | e.call.implied, Count: 1, At: at, Last: at,
	}
	var cut, cut2 bool
	r.Path, r.Way, cut = w.resolve(&e, 0)
	r.Path2, r.Way2, cut2 = w.resolve(&e, 1)
	r.Cut = cut || cut2
	if !w.together.add(r) {
		w.tell()
		w.together.add(r)
	}
}

// counts leaves out what has the form of a refused write and is none: a socket without a
// path, and memory without a file.
func (e *event) counts() bool {
	switch e.call.name {
	case "bind":
		first := &e.paths[0]
		if length := int(e.arguments[2]) - addressStart; length >= 0 && length < len(first.path) {
			first.path = first.path[:length]
		}
		return len(text(first.path)) > 0
	case "mmap":
		return e.arguments[3]&mapAnonymous == 0
	}
	return true
}

// resolve makes a path absolute and clean.
func (w *watcher) resolve(e *event, i int) (_ string, how Way, cut bool) {
	p := e.paths[i]
	argument, directory := e.call.path, e.call.at
	if i == 1 {
		argument, directory = e.call.path2, e.call.at2
	}
	if argument == none && directory == none {
		if i == 0 && e.call.act == Execute {
			return w.mapped(e)
		}
		return "", Unknown, false
	}
	said := text(p.path)
	switch {
	case p.marks&(markUnread|markDetached) != 0:
		return said, Unknown, false
	case p.marks&markNoBase == 0:
		how = Kernel
		if strings.HasPrefix(said, "/") {
			how = Whole
		}
		return clean(upward(p.base), said, how)
	case strings.HasPrefix(said, "/"):
		return clean("", said, Whole)
	}
	link := "cwd"
	if directory != none && int32(e.arguments[directory]) != fromHere {
		link = "fd/" + strconv.Itoa(int(int32(e.arguments[directory])))
	}
	if from, ok := w.lookAt(e, link); ok {
		return clean(from, said, Process)
	}
	return said, Unknown, false
}

// upward puts names together that were read from the deepest directory up.
func upward(names []byte) string {
	parts := bytes.Split(bytes.TrimSuffix(names, []byte{0}), []byte{0})
	slices.Reverse(parts)
	return "/" + string(bytes.Join(parts, []byte{'/'}))
}

// clean joins a path to where it starts from, as text: no link is followed.
func clean(from, said string, how Way) (string, Way, bool) {
	p := path.Clean("/" + from + "/" + said)
	if len(p) > mostPath {
		return p[:mostPath], how, true
	}
	return p, how, false
}

// lookAt asks /proc for a directory of a process, as long as that lives and is in the
// same container.
func (w *watcher) lookAt(e *event, link string) (string, bool) {
	if w.looks >= mostLooks {
		return "", false
	}
	w.looks++
	from, err := os.Readlink(fmt.Sprintf("/proc/%d/%s", e.process, link))
	if err != nil || !strings.HasPrefix(from, "/") {
		return "", false
	}
	number, err := mountNamespace(strconv.Itoa(e.process))
	return from, err == nil && number == e.mount
}

// mapped finds the file that memory is of, which a process may not run.
func (w *watcher) mapped(e *event) (string, Way, bool) {
	if w.looks >= mostLooks {
		return "", Unknown, false
	}
	w.looks++
	file, err := os.Open(fmt.Sprintf("/proc/%d/maps", e.process))
	if err != nil {
		return "", Unknown, false
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.SplitN(lines.Text(), " ", 6)
		first, last, _ := strings.Cut(fields[0], "-")
		begin, err1 := strconv.ParseUint(first, 16, 64)
		end, err2 := strconv.ParseUint(last, 16, 64)
		if err1 != nil || err2 != nil || len(fields) < 6 || e.arguments[0] < begin || e.arguments[0] >= end {
			continue
		}
		if name := strings.TrimLeft(fields[5], " "); strings.HasPrefix(name, "/") {
			return clean("", name, Process)
		}
		break
	}
	return "", Unknown, false
}

func (w *watcher) drop(n uint64) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.dropped += n
}

// tell tells what was gathered of those who are followed, and holds the rest if that is
// wanted.
func (w *watcher) tell() {
	w.looks = 0
	w.lock.Lock()
	holding, known := w.holding, w.known
	w.known = nil
	due := map[uint64]bool{}
	for _, r := range w.together.list {
		due[r.MountNS] = w.followed[r.MountNS]
	}
	w.lock.Unlock()

	for _, r := range w.held.remove(func(r *Refusal) bool { return slices.Contains(known, r.MountNS) }) {
		w.each(r)
	}
	for _, r := range w.together.remove(func(*Refusal) bool { return true }) {
		switch {
		case due[r.MountNS]:
			w.each(r)
		case holding && !w.held.add(r):
			w.drop(uint64(r.Count))
		}
	}
	oldest := time.Now().Add(-keepUnknown)
	w.held.remove(func(r *Refusal) bool { return !holding || r.Last.Before(oldest) })
}

// gathering makes one of equal refusals, up to a bound.
type gathering struct {
	list  []Refusal
	index map[Refusal]int
	most  int
}

func newGathering(most int) gathering { return gathering{index: map[Refusal]int{}, most: most} }

// key is what equal refusals have in common.
func (r Refusal) key() Refusal {
	r.Thread, r.Count, r.At, r.Last = 0, 0, time.Time{}, time.Time{}
	return r
}

// add says whether there was room.
func (g *gathering) add(r Refusal) bool {
	key := r.key()
	if i, ok := g.index[key]; ok {
		old := &g.list[i]
		old.Count, old.Thread, old.Last = old.Count+r.Count, r.Thread, r.Last
		return true
	}
	if len(g.list) >= g.most {
		return false
	}
	g.index[key] = len(g.list)
	g.list = append(g.list, r)
	return true
}

// remove takes out those of a kind.
func (g *gathering) remove(is func(*Refusal) bool) []Refusal {
	var removed []Refusal
	kept := g.list[:0]
	for _, r := range g.list {
		if is(&r) {
			removed = append(removed, r)
		} else {
			kept = append(kept, r)
		}
	}
	if len(removed) > 0 {
		clear(g.list[len(kept):])
		g.list = kept
		clear(g.index)
		for i, r := range g.list {
			g.index[r.key()] = i
		}
	}
	return removed
}
