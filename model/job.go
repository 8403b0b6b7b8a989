package model

import "time"

// Job is something that takes long, as far as a reader is told of it. Somebody agrees to
// it first (Consent), it can be stopped, and it is over only when it has cleaned up.
type Job struct {
	Kind        JobKind
	State       JobState
	Since       time.Time // of the state
	Step        string    // what it does now, for a reader; "" where there is only one thing
	Done, Total int       // of that step; Total is 0 where nobody knows how much there is
	Reason      string    // why it failed, or what is wrong while it goes on, for a reader
	Advice      string    // what to do about it
}

// JobKind is what a job is for.
type JobKind string

// RecordingJob is the kind of a recording.
const RecordingJob JobKind = "recording"

// JobState is what a job is doing.
type JobState string

// The states of a job.
const (
	NoJob       JobState = "" // none was started, or it ended well
	JobStarting JobState = "starting"
	JobRunning  JobState = "running"
	JobStopping JobState = "stopping" // it was told to end, and cleans up
	JobFailed   JobState = "failed"
)

// UnderWay reports whether a job goes on, also while it cleans up.
func (s JobState) UnderWay() bool { return s == JobStarting || s == JobRunning || s == JobStopping }

// Consent lists all that a job would create in the engine, for the person who has to agree to it.
// All of it is removed when the job ends. Empty lists say that it creates nothing.
type Consent struct {
	Images     []string
	Containers []NewContainer
	Networks   []NewNetwork
	Volumes    []NewVolume
	Notes      []string // what cannot be made as it is, and what is done instead; one sentence each
	Problem    *Problem // why the job cannot be done; nil when it can
}

// NewContainer describes a container that a job would start.
type NewContainer struct {
	Service      string // that it is a copy of; "" for petrify's own
	Image        string
	Capabilities []string // the only ones that it has
	Namespaces   []string // of the host that it shares
}

// Recorder is the job that records, or why none does.
type Recorder struct {
	Job
	Containers int    // that are watched now
	Lost       uint64 // events that the kernel dropped
	Garbled    int    // reports, or writes in them, that could not be read
}

// NewNetwork describes a network that a job would create.
type NewNetwork struct {
	Name   string
	Egress bool // it leads out of the engine's host
}

// NewVolume describes a volume that a job would create.
type NewVolume struct {
	Service string // whose copy gets it
	Target  string // where
	From    string // the volume or folder whose content is copied into it; "" where it begins empty
	Bytes   int64  // that are copied; -1 where nobody knows
}
