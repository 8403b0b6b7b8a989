//go:build amd64 || arm64

package refusals

import (
	"encoding/binary"
	"errors"
)

// What the eBPF program hands over: a head, then the paths as the process gave them,
// then the names of the directories that they start from. These come from the deepest
// up to the root, each with a zero after it.
const (
	headTime      = 0
	headMount     = 8
	headThread    = 16 // its number, and that of its process above it
	headUser      = 24
	headFlags     = 32
	headArguments = 40 // 8, of which 6 are used: an index may have any 3 bits
	headCommand   = 104
	commandSize   = 16
	headErr       = 120
	headCall      = 124 // index in calls
	headMarks     = 128
	headPath      = 132 // length of the first, then of the second
	headBase      = 140 // length of the first, then of the second
	headSize      = 152
)

// What can be told of a path, for the first; for the second it stands markShift higher.
const (
	markUnread   = 1 << iota // the path could not be read
	markNoBase               // where it starts from could not be found
	markDetached             // that is in no directory: a pipe, a file in memory
	markShift    = 8
)

var errShort = errors.New("a report of the kernel is shorter than it says")

// event is one refused call.
type event struct {
	time, mount, flags uint64
	arguments          [6]uint64
	process, thread    int
	user               int
	command            string
	err                uint32
	call               *call
	paths              [2]place
}

// place is a path as the kernel told it.
type place struct {
	path  []byte
	base  []byte
	marks uint32
}

func (e *event) decode(b []byte) error {
	if len(b) < headSize {
		return errShort
	}
	order := binary.NativeEndian
	e.time, e.mount, e.flags = order.Uint64(b[headTime:]), order.Uint64(b[headMount:]), order.Uint64(b[headFlags:])
	thread := order.Uint64(b[headThread:])
	e.process, e.thread = int(thread>>32), int(uint32(thread))
	e.user = int(int32(order.Uint32(b[headUser:])))
	for i := range e.arguments {
		e.arguments[i] = order.Uint64(b[headArguments+8*i:])
	}
	e.command = text(b[headCommand : headCommand+commandSize])
	e.err = order.Uint32(b[headErr:])
	index := order.Uint32(b[headCall:])
	if int(index) >= len(calls) {
		return errors.New("a report of the kernel names no call")
	}
	e.call = &calls[index]
	marks := order.Uint32(b[headMarks:])
	rest := b[headSize:]
	for i := range e.paths {
		n := order.Uint32(b[headPath+4*i:])
		if int(n) > len(rest) {
			return errShort
		}
		e.paths[i].path, rest = rest[:n], rest[n:]
	}
	for i := range e.paths {
		n := order.Uint32(b[headBase+4*i:])
		if int(n) > len(rest) {
			return errShort
		}
		e.paths[i].base, rest = rest[:n], rest[n:]
		e.paths[i].marks = marks >> (markShift * i) & (1<<markShift - 1)
	}
	return nil
}

// text is what stands before the first zero.
func text(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}
