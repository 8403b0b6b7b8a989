package model

import "time"

// Stack is a project as declared, laid over its containers as observed.
type Stack struct {
	At       time.Time
	Engine   Engine
	Link     Link
	Name     string
	Files    []string
	Version  string // that the files state; see Project.FileVersion
	Problem  *Problem
	Services []Service // declared ones by name, then those that only run
	Inactive []string
	Warnings []string // what reading the Compose files made worth knowing
	Totals   Totals
	Recorder Recorder

	seen Observation // what it was laid from, for the next one
}

// Totals counts the services of a stack by the outcome of their verdicts.
type Totals struct {
	Services, ReadOnly, WouldRun, Breaks, Unknown int
}

// Service is one service: what is declared beside what runs.
type Service struct {
	Name       string
	Declared   *Declared   // nil: running but not declared
	Containers []Container // by number; those of `docker compose run` last
	Unlisted   bool        // no engine has said yet which containers there are
	Image      *Image      // nil while unknown
	Mounts     []MountPair // by target
	Drift      []Difference
	Changes    []ContainerChanges // one for each container that was asked
	Counts     Counts             // of the paths, each once, however many containers changed it
	Recording  *Recording         // of the image that it runs; nil without one
	Recorded   []Change           // what only the recording saw, in mounts as well
	Verdict    Verdict

	changed []Change // of all containers, each path once, without shadows
	written []Change // the same, with what only a recording saw

	recorded []*Recording // what Recording is joined from
}

// ContainerChanges are the changes of one container of a service.
type ContainerChanges struct {
	Container string // ID
	Changes
}

// Counts are changed paths by kind.
type Counts struct{ Added, Modified, Deleted int }

// Total is the number of paths, whatever happened to them.
func (c Counts) Total() int { return c.Added + c.Modified + c.Deleted }

// MountPair is one target of a service: the mount declared for it beside the live one.
type MountPair struct {
	Target   string
	Declared *Mount // nil: only live
	Live     *Mount // nil: only declared
	Risk     Risk
	Users    []VolumeUse // other containers that hold the same volume or host path
}

// Current is the mount as it is live, or as declared where nothing runs.
func (p MountPair) Current() *Mount {
	if p.Live != nil {
		return p.Live
	}
	return p.Declared
}

// Severe reports whether a risk is more than a note: the engine's socket, or a
// path of the host that the service can write to.
func (p MountPair) Severe() bool {
	m := p.Current()
	return p.Risk != "" && m.Kind != Volume && (!m.ReadOnly || isEngineSocket(m.Source))
}

// Risk says why a mount deserves a second look; empty when it does not.
type Risk string

// Difference is one field in which the running containers differ from the files.
type Difference struct {
	Field    string // in Compose's words: image, command, mounts ...
	Subject  string // which mount, port or variable; "" for plain fields
	Declared string // "" when not declared
	Live     string // "" when not there
}

// Outcome is the short word of a verdict.
type Outcome string

// What a read-only root would mean for a service, as far as is known.
const (
	IsReadOnly Outcome = "read-only"   // it already is
	WouldBreak Outcome = "would break" // it wrote to its root
	WouldRun   Outcome = "would run"   // a thorough recording saw nothing that it would refuse
	NotKnown   Outcome = "unknown"     // nothing seen is not nothing needed
)

// Verdict is what a read-only root would mean for a service, with its evidence.
type Verdict struct {
	Outcome  Outcome
	Blocked  []Change      // written paths that a read-only root would refuse
	Allowed  []AllowedPath // written paths that a declared mount already takes
	Reason   string        // one sentence, for a reader
	Evidence string        // "changes over 4 min", "not asked yet"
	Watched  time.Duration // how long its containers have run under watch of the writable layer
	Blind    []string      // what this evidence cannot see
}

// AllowedPath is a written path with the mount that would take its writes.
type AllowedPath struct {
	Change Change
	Mount  Mount
}
