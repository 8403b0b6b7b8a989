// Package wire is what petrify and its recorder say to each other: one JSON value
// a line, in both directions.
package wire

import (
	"time"

	"petrify/model"
)

// Version is the first thing that both sides say. Another one ends the talk.
const Version = 1

// Command is a line from petrify to the recorder. The end of the input ends the
// recording.
type Command struct {
	Hello  *Hello  `json:"hello,omitempty"`
	Follow *Follow `json:"follow,omitempty"`
	Ended  string  `json:"ended,omitempty"`  // ID of a container whose process ended
	Forget string  `json:"forget,omitempty"` // ID of a container that was removed
}

// Hello begins each direction.
type Hello struct {
	Version int `json:"version"`
}

// Follow asks for a container to be watched: now, where it has a process, and in any
// case from its next start on. It may be said again, with a newer process.
type Follow struct {
	Container string `json:"container"`       // ID
	PID       int    `json:"pid,omitempty"`   // of its first process, as the engine's host counts; 0 while it does not run
	Root      string `json:"root,omitempty"`  // where the engine mounts its root; "" where it does not say
	Upper     string `json:"upper,omitempty"` // the directory of its writable layer; "" where the engine does not say
	Lower     string `json:"lower,omitempty"` // the directories of its image, with colons between; "" where the engine does not say
}

// Report is a line from the recorder to petrify.
type Report struct {
	Hello   *Hello   `json:"hello,omitempty"`
	Joined  *Joined  `json:"joined,omitempty"`
	Left    string   `json:"left,omitempty"` // ID of a container that is not watched any more
	Process *Process `json:"process,omitempty"`
	Seen    *Seen    `json:"seen,omitempty"`
	Lost    uint64   `json:"lost,omitempty"` // overflows of the kernel's queue since the last such line
}

// Joined says that a container is watched.
type Joined struct {
	Container   string   `json:"container"`
	Early       bool     `json:"early,omitempty"` // since before its first instruction
	Directories int      `json:"directories"`     // that are watched for names that come and go
	Blind       []string `json:"blind,omitempty"` // what could not be watched, and why
}

// Process describes who writes, before the first write that names it.
type Process struct {
	ID        int    `json:"id"` // from 1 on, unique in a recording
	Container string `json:"container"`
	PID       int    `json:"pid"`
	Command   []byte `json:"command,omitempty"`
	Line      []byte `json:"line,omitempty"` // arguments with spaces between
	UID       int    `json:"uid"`            // -1 when it is not known
	User      []byte `json:"user,omitempty"`
}

// Seen are writes in one container since the last such line about it.
type Seen struct {
	Container string  `json:"container"`
	Writes    []Write `json:"writes"`
}

// Write is what one process did to one path.
type Write struct {
	Path    []byte         `json:"path"`
	Mount   []byte         `json:"mount,omitempty"`
	Acts    model.Acts     `json:"acts"`
	Type    model.FileType `json:"type,omitempty"`
	Count   int            `json:"count"`
	Inside  int            `json:"inside,omitempty"`
	Bytes   int64          `json:"bytes"`
	First   time.Time      `json:"first"`
	Last    time.Time      `json:"last"`
	Process int            `json:"process,omitempty"` // 0: nobody knows
	Gone    bool           `json:"gone,omitempty"`
}
