package model

import "time"

// Recording is what a service was seen to write while it was recorded: by all of
// its containers, each path once. It is never changed once it has been handed over.
type Recording struct {
	Project, Service string
	ImageID          string // of the containers that were recorded
	Began, Ended     time.Time
	Took             time.Duration // in all, where it was recorded more than once
	// Starts counts the containers that were watched from before their first
	// instruction on: only then nothing was missed that came and went at the start.
	Starts    int
	Writes    []Written // by path
	Processes []Process // that wrote, in the order of their first write
	Lost      uint64    // events that the kernel dropped, as too many came at once
	Blind     []string  // what could not be watched, and why
	Live      bool      // it is being recorded now
	PerSecond float64   // writes in each of the last seconds, while it is Live
}

// Written is one path that a service wrote to, with all that happened to it.
type Written struct {
	Path  string // as the container sees it: absolute, any bytes
	Mount string // target of the mount that took it; "" for the root
	Acts  Acts
	Type  FileType // "" where it was gone before anybody could look
	Count int      // acts seen; the kernel joins what comes in quick succession
	// Inside counts paths that are known by their directory only, which is Path then:
	// unnamed temporary files, what came and went unwatched, and what is folded as
	// there were too many.
	Inside      int
	Bytes       int64 // the largest size seen of a file; -1 where it is not known
	First, Last time.Time
	By          []int // indices of Processes
	Gone        bool  // it was not there any more when it was last looked for
}

// Acts are what was done to a path.
type Acts uint8

// The acts that a recorder tells apart.
const (
	Made    Acts = 1 << iota // created, linked, or the target of a rename
	Stored                   // content was written
	Opened                   // opened for writing and closed, without a write seen: also a write through mmap
	Removed                  // deleted, or the source of a rename
	Set                      // mode, owner, times or attributes, also to what they were
)

// Transient reports whether a path came and went: `docker diff` never shows it. One
// that is gone without having been seen to be removed never was among the files of
// the image: it was made before it was watched, and removed while it was open.
func (w *Written) Transient() bool { return w.Gone && (w.Acts&Made != 0 || w.Acts&Removed == 0) }

// Process is a program that wrote, under one user. Its processes are one: a
// server's workers come and go.
type Process struct {
	Command string // the kernel's name of it; "" for one that was gone before it was looked at
	Line    string // its arguments, as far as they were read
	User    string // name in the container's own /etc/passwd; "" when it has none
	UID     int    // -1 when it is not known
	PID     int    // the last one, as the engine's host counts
	Count   int    // acts seen
}

// Recorder is what records, or why nothing does.
type Recorder struct {
	State      RecorderState
	Since      time.Time // of the state
	Reason     string    // why it failed or ended by itself, for a reader
	Advice     string    // what to do about it
	Containers int       // that are watched now
	Lost       uint64
}

// RecorderState is what a recorder is doing.
type RecorderState string

// The states of a recorder.
const (
	NotRecording  RecorderState = ""
	RecorderComes RecorderState = "starting"
	IsRecording   RecorderState = "recording"
	RecorderEnds  RecorderState = "stopping"
	RecorderFails RecorderState = "failed"
)

// RecorderOffer says what recording would start, for who has to agree to it.
type RecorderOffer struct {
	// Container is what is started in the engine; nil where petrify records by itself,
	// being root beside the engine.
	Container *HelperContainer
	Problem   *Problem // why nothing can be recorded; nil when it can
}

// HelperContainer describes the container that records.
type HelperContainer struct {
	Image        string
	Capabilities []string // the only ones that it has
	Namespaces   []string // of the host that it shares
}
