// Package recorder watches the file systems of containers from the engine's own
// host, and reports who writes what.
package recorder

import (
	"context"
	"io"
	"time"
)

// The rules of recording, and what is known of kernels that led to them.
//
//   - There are two kinds of marks, since neither sees everything. A mark on a whole root (its file
//     system, where it has one of its own) or on one of its mounts tells of content:
//     writing, and closing what was open for writing, which is all that an mmap
//     write or an open without a write leaves. Marks on directories tell of names:
//     made, removed, renamed, attributes set. Directories take marks one by one, and
//     since Linux 6.8 also where a file system has no number of its own (FUSE).
//   - The kernel queues 16384 events for content and as many for names of each mount.
//     It drops what is more, and says so: every drop is reported.
//   - The kernel joins equal events that wait. So the more events come, the longer they
//     are left waiting: what is written in a loop then costs little.
//   - Each write costs the service a little. So for a file that is written again and
//     again, the kernel is told to be quiet about writes for a while. It still tells of
//     opening and closing that file.
//   - A process may be gone when its event is read. Its start was an event as well
//     (FAN_OPEN_EXEC), so its program is known anyway. Events for names
//     are resolved after all events for content that came before them, which
//     include the starts.
//   - A root can be marked from the moment the engine mounts it, before there is any
//     process: the engine's mount table is watched for that. The first start of a
//     program in it leads to the container's other mounts.
//   - Whether a write is the container's, standing_linux.go says: what the engine and the host
//     do in it is not.
//   - No container ever waits for a recorder: it asks for no permission events.
//   - What was missed is looked for in the writable layer, when a container is joined
//     and when it ends: a directory that was copied up and holds nothing had
//     something in it that came and went.
//   - Everything is bounded: what does not fit is folded into its directory.
const (
	flushEvery     = 250 * time.Millisecond
	mostWaiting    = 16384 // events that the kernel queues
	namesAtOnce    = 4096  // that are read before the content that came with them
	calmPerSecond  = 1000  // events that call for no patience
	paceWindow     = 100 * time.Millisecond
	busyPause      = 5 * time.Millisecond // between two reads, when more come
	writesTold     = 3                    // of one file, before the kernel is asked to be quiet about them
	mostMuted      = 4096                 // files at once
	mutedFor       = 5 * time.Second
	pathsAtOnce    = 8000        // between two flushes
	looksAtOnce    = 400         // paths that are looked at in one flush, whether they are still there
	mostDirs       = 20_000      // marked in one mount
	mostDepth      = 100         // of directories
	mostLeft       = 100_000     // paths that are read of a writable layer
	mostProcesses  = 10_000      // process numbers that are remembered
	processIsFresh = time.Second // that a process is taken for what it was
	usersAreFresh  = 10 * time.Second
	mostKnown      = 1 << 19 // paths that are remembered as seen, of one container
)

// Run records until ctx is done or the input ends: commands come in, reports go
// out. It returns an error when it cannot record at all; a container that cannot be watched
// is only reported.
func Run(ctx context.Context, in io.Reader, out io.Writer) error { return run(ctx, in, out) }

// Possible returns why this process may not record; nil when it may.
func Possible() error { return possible() }
