// Package refusals sees the writes that the kernel refuses in containers, while they
// happen: which call, which error, which path, by whom. It needs no help from the
// container, which may have been running for a long time.
//
// How a recorder uses it:
//
//   - It calls Possible, in the background: that reads the kernel's description of
//     itself, which takes 30 ms the first time, and more on a busy machine. The error is a
//     blind spot.
//   - It starts one watcher for all containers. While one of them is expected to start,
//     it calls Hold, and Release when all have started.
//   - For each container that it joins it calls Follow with the number of the mount
//     namespace (stat of /proc/PID/ns/mnt) of one of the container's own processes: not of
//     "runc init", which may still be in the host's. A restarted container has another
//     number. When a container has ended, it calls Forget; the kernel may then give the
//     number to another container.
//   - It sets Wide for containers with a read-only root: their mounts may be too small,
//     belong to somebody else, or be mounted noexec.
//   - What a process named "runc:[..." is refused is the engine's doing, except for its
//     execve: that is the container's first program.
//   - Paths are as the container sees them, and no links in them are resolved. Removing or
//     renaming what is not there is refused as well (EROFS comes before ENOENT): the
//     recorder looks whether it is there. Making what is there already is not refused
//     (EEXIST comes before EROFS).
//   - It reports Lost and Unseen whenever they have grown.
package refusals

import (
	"syscall"
	"time"
)

// The rules of watching refusals, and what is known of kernels that led to them.
//
//   - An eBPF program runs at the end of every system call (the raw tracepoint
//     sys_exit). There the error is known. The arguments are still in the saved
//     registers, and the paths are in the memory of the process, which the kernel has
//     just read. It works on processes that run already and on those that live for
//     a millisecond.
//   - Any tracepoint on system calls sends all calls of the machine the slower way
//     through the kernel. So it is attached only while a container is followed, and
//     looks at the result before it does anything else.
//   - The kernel sorts out what is not wanted: calls that went well, other errors,
//     other mount namespaces, calls that write nothing.
//   - EROFS is always wanted: nothing but a write is refused with it. EACCES, EPERM and
//     ENOSPC are wanted where the caller asks for them (Options.Wide), for they are
//     also the answer to much that has nothing to do with mounts.
//   - A container is known by its mount namespace. Control groups would only do
//     where the machine uses their second version.
//   - A path is made absolute in the kernel, from the working directory or the open
//     directory that the call names, with the places of the kernel's structures from
//     its own description (BTF). Where that fails, /proc is asked while the process
//     lives. Symbolic links are not followed: a path is as the service gave it.
//   - Nothing grows without a bound, and whatever does not fit is counted (Lost).
//     Equal refusals become one, with a count.
//   - Calls of 32-bit programs have other numbers. Those refused with EROFS are
//     counted (Unseen). What io_uring is asked to do is not seen at all.
const (
	tellEvery     = 100 * time.Millisecond
	mostTogether  = 4096    // different refusals between two reports
	mostFollowed  = 1024    // containers
	ringSize      = 1 << 20 // bytes between the kernel and this process; a refusal takes 200 to 300
	mostPath      = 4096    // bytes of a path, as the kernel allows a call
	mostLooks     = 64      // at /proc, between two reports
	keepUnknown   = 10 * time.Second
	mostUnknown   = 4096 // refusals of containers that are not followed yet
	burst         = 1024 // refusals that are read before a rest
	restAfter     = 2 * time.Millisecond
	nearlyAtOnce  = 50 * time.Millisecond // a burst that came in less calls for a rest
	mostDirectory = 64                    // steps from a directory up to the root
)

// Options say what is wanted of a container.
type Options struct {
	Wide bool // also EACCES, EPERM and ENOSPC
}

// Act is what a refused call would have done.
type Act uint8

// The acts.
const (
	Open    Act = iota + 1 // open for writing, or create: Flags are those of open
	Make                   // a directory, link, node or socket
	Remove                 // a name
	Rename                 // from Path to Path2
	Set                    // mode, owner, times, other attributes
	Store                  // bytes into an open file, or its length
	Execute                // run a program, or map code: Flags are the protection of mmap and mprotect
	Probe                  // ask whether writing is allowed: Flags are the mode of access
)

// Way is how a path was found.
type Way uint8

// The ways.
const (
	Unknown Way = iota // it may be relative, or missing
	Whole              // the call gave an absolute path
	Kernel             // the kernel knew the directory or the open file that the call meant
	Process            // the process lived long enough to be asked for it
)

// Refusal is a call that the kernel refused, or several equal ones.
type Refusal struct {
	MountNS uint64 // number of the mount namespace
	PID     int    // of the process that did it last, as the engine's host counts
	Thread  int    // of that process, which did it last
	UID     int    // as the engine's host counts
	Command string // name of the thread, raw bytes
	Call    string // name of the system call
	Act     Act
	Err     syscall.Errno
	Path    string // absolute and clean where Way is not Unknown; raw bytes
	Path2   string // Rename: the new name. A hard link: the file that it would be a link to
	Way     Way    // of Path
	Way2    Way    // of Path2
	Cut     bool   // a path was longer than can be kept
	Flags   uint64 // see Act
	Count   int
	At      time.Time // the first of them
	Last    time.Time
}

// MayBeTry reports whether the service may well do without the write that was refused: it only asked, or opened a file that is there for both reading and writing,
// which many programs follow by opening it for reading.
func (r Refusal) MayBeTry() bool {
	return r.Act == Probe || r.Act == Open && r.Flags&(oRDWR|oCREAT|oTRUNC) == oRDWR
}

// Watcher watches refusals. Its methods may be called from any goroutine, but not from
// the function that it tells.
type Watcher struct{ watcher }

// Possible says why refusals cannot be seen here; nil when they can.
func Possible() error { return possible() }

// Start gets ready and follows nobody yet: until then it costs nothing. What is refused
// is told to each, in the order of the first of equal ones, from one goroutine.
func Start(each func(Refusal)) (*Watcher, error) { return start(each, ringSize, mostTogether) }

// Follow tells of the container with a mount namespace from now on, and of what was
// held for it (Hold).
func (w *Watcher) Follow(mountNS uint64, o Options) error { return w.follow(mountNS, o) }

// Forget ends that. What was refused until now is told before it returns.
func (w *Watcher) Forget(mountNS uint64) { w.forget(mountNS) }

// Hold keeps refusals in containers that are not followed, for a few seconds, until
// Follow names them: a container that is about to start is not known by its mount
// namespace before its first program runs.
func (w *Watcher) Hold(o Options) error { return w.hold(o) }

// Release ends Hold. What is held is forgotten.
func (w *Watcher) Release() { w.release() }

// Flush tells what was refused until now before it returns.
func (w *Watcher) Flush() { w.flush() }

// Lost counts the refusals that could not be told.
func (w *Watcher) Lost() uint64 { return w.lost() }

// Unseen counts refused calls of 32-bit programs, of which no more is known.
func (w *Watcher) Unseen() uint64 { return w.unseen() }

// Close tells what was refused until now, and ends.
func (w *Watcher) Close() { w.close() }
