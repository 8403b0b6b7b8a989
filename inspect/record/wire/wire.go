// Package wire is what petrify and its recorder say to each other: one JSON value
// a line, in both directions.
package wire

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"time"

	"petrify/model"
)

// Version is the first thing that both sides send. The talk ends where they differ.
const Version = 6

// Command is a line from petrify to the recorder. The end of the input ends the
// recording.
type Command struct {
	Hello  *Hello  `json:"hello,omitempty"`
	Follow *Follow `json:"follow,omitempty"`
	Ended  string  `json:"ended,omitempty"`  // ID of a container whose process ended
	Forget string  `json:"forget,omitempty"` // ID of a container that was removed
	Read   *Read   `json:"read,omitempty"`
}

// Hello begins each direction.
type Hello struct {
	Version int `json:"version"`
}

// Follow asks for a container to be watched: now, where it has a process, and in any
// case from its next start on. It may be said again, with a newer process.
type Follow struct {
	Container string `json:"container"`       // ID
	Runs      bool   `json:"runs,omitempty"`  // it runs, but as which process is still to be said: it is watched if the recorder finds out
	PID       int    `json:"pid,omitempty"`   // of its first process, as the engine's host counts; 0 while it does not run
	Root      string `json:"root,omitempty"`  // where the engine mounts its root; "" where it does not say
	Upper     string `json:"upper,omitempty"` // the directory of its writable layer; "" where the engine does not say
	Lower     string `json:"lower,omitempty"` // the directories of its image, with colons between; "" where the engine does not say
}

// Report is a line from the recorder to petrify.
type Report struct {
	Hello   *Hello   `json:"hello,omitempty"`
	Ready   bool     `json:"ready,omitempty"` // what starts from now on is seen from its first call
	Joined  *Joined  `json:"joined,omitempty"`
	Left    string   `json:"left,omitempty"` // ID of a container that is not watched any more
	Process *Process `json:"process,omitempty"`
	Seen    *Seen    `json:"seen,omitempty"`
	Used    *Used    `json:"used,omitempty"`
	Layer   *Layer   `json:"layer,omitempty"`
	Lost    uint64   `json:"lost,omitempty"`   // overflows of the kernel's queue, and refusals without room, since the last such line
	Unseen  uint64   `json:"unseen,omitempty"` // refused writes of 32-bit programs since the last such line
}

// Joined says that a container is watched.
type Joined struct {
	Container   string      `json:"container"`
	Early       bool        `json:"early,omitempty"`    // since before its first instruction
	Directories int         `json:"directories"`        // that are watched for names that come and go
	Refusals    bool        `json:"refusals,omitempty"` // writes that the kernel refuses are watched
	Blind       []BlindSpot `json:"blind,omitempty"`    // what could not be watched
}

// BlindSpot is a model.BlindSpot whose detail may be any bytes.
type BlindSpot struct {
	Kind   model.BlindKind `json:"kind"`
	Count  int             `json:"count,omitempty"`
	Detail []byte          `json:"detail,omitempty"`
}

// Process describes who writes, before the first write that names it; again when more
// is known.
type Process struct {
	ID        int    `json:"id"` // from 1 on, unique in a recording
	Container string `json:"container"`
	PID       int    `json:"pid"`
	Command   []byte `json:"command,omitempty"`
	Line      []byte `json:"line,omitempty"` // arguments with spaces between
	UID       int    `json:"uid"`            // -1 when it is not known
	User      []byte `json:"user,omitempty"`
	Exec      bool   `json:"exec,omitempty"` // it came by docker exec
}

// Used is how much is in mounts of a container that are in memory: more than ever before.
type Used struct {
	Container string `json:"container"`
	Mounts    []Use  `json:"mounts"`
}

// Use is how much is in one mount.
type Use struct {
	Target []byte `json:"target"`
	Bytes  int64  `json:"bytes"`
}

// Seen are writes in one container since the last such line about it.
type Seen struct {
	Container string  `json:"container"`
	Writes    []Write `json:"writes"`
	// Dropped counts the writes of the line that made no sense: the others are kept.
	Dropped int `json:"-"`
}

// UnmarshalJSON drops single writes that make no sense, and counts them.
func (s *Seen) UnmarshalJSON(line []byte) error {
	type plain Seen
	if err := json.Unmarshal(line, (*plain)(s)); err != nil {
		return err
	}
	all := len(s.Writes)
	s.Writes = slices.DeleteFunc(s.Writes, func(w Write) bool { return w.check() != nil })
	s.Dropped = all - len(s.Writes)
	return nil
}

// Write is what one process did to one path, or tried to.
type Write struct {
	Path    []byte         `json:"path"`
	Mount   []byte         `json:"mount,omitempty"`
	Acts    model.Acts     `json:"acts,omitempty"` // that were done
	Type    model.FileType `json:"type,omitempty"`
	Count   int            `json:"count,omitempty"`
	Inside  int            `json:"inside,omitempty"`
	Bytes   int64          `json:"bytes"`
	First   time.Time      `json:"first"`
	Last    time.Time      `json:"last"`
	Process int            `json:"process,omitempty"` // 0: nobody knows
	Gone    bool           `json:"gone,omitempty"`
	Refused *Refused       `json:"refused,omitempty"`
}

// Refused are the attempts of one process to write one path that failed.
type Refused struct {
	Count int         `json:"count"`
	Tries int         `json:"tries,omitempty"`
	Acts  model.Acts  `json:"acts"`
	Err   model.Errno `json:"err"`
	Call  string      `json:"call"`
	Last  time.Time   `json:"last"`
}

// Size is how many bytes of a line a write takes at most.
func (w *Write) Size() int {
	const rest = 600 // names, numbers and times
	return base64.StdEncoding.EncodedLen(len(w.Path)) + base64.StdEncoding.EncodedLen(len(w.Mount)) + rest
}
