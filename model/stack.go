package model

import (
	"fmt"
	"strings"
	"time"
)

// Stack is a project as declared, laid over its containers as observed.
type Stack struct {
	At        time.Time
	Engine    Engine
	Link      Link
	Name      string
	Files     []string
	PlanFiles []string // those of Files that are a plan in use
	Version   string   // that the files state; see Project.FileVersion
	Problem   *Problem
	Services  []Service // declared ones by name, then those that only run
	Inactive  []string  // declared services that no active profile selects, and of which nothing runs
	Warnings  []string  // what reading the Compose files made worth knowing
	Totals    Totals
	Recorder  Recorder
	Trying    Trying
	Waiting   []Waiting // for what is not known yet, or is asked again; what waits longest for others first

	From Observation // what it was laid from, for the next one
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
	StartsAs   *User       // nil while nobody asked for it, as a plan does
	Accounts   []Account   // of its container's own list; nil while nobody asked for it, as a plan does
	Mounts     []MountPair // by target
	Drift      []Difference
	Changes    []ContainerChanges // one for each container that was asked
	Logs       []ContainerLog     // one for each container whose log was searched
	Counts     Counts             // of the paths, each once, however many containers changed it
	Recordings []*Recording       // of the image that it runs
	Trial      *Trial             // the last one of the image that it runs; nil where there is none
	Layers     Evidence           // what its writable layers hold
	Evidence   Evidence           // all that is known of what it writes
	Verdict    Verdict
}

// ContainerChanges are the changes of one container of a service.
type ContainerChanges struct {
	Container string // ID
	Changes
}

// ContainerLog is what was found in the log of one container of a service.
type ContainerLog struct {
	Container string // ID
	LogSearch
}

// Counts are changed paths by kind.
type Counts struct{ Added, Modified, Deleted int }

// Total is the number of paths, whatever happened to them.
func (c Counts) Total() int { return c.Added + c.Modified + c.Deleted }

// MountPair is one target of a service: the mount declared for it beside the live one.
type MountPair struct {
	Target   string
	Behind   string // where links of the image lead the target; "" where to itself, or nobody knows
	Declared *Mount // nil: only live
	Live     *Mount // nil: only declared
	Risk     Risk
	Faults   []MountFault // what keeps the service from using it
	Users    []VolumeUse  // other containers that hold the same volume or host path
}

// Current is the mount as it is live, or as declared where nothing runs.
func (p MountPair) Current() *Mount {
	if p.Live != nil {
		return p.Live
	}
	return p.Declared
}

// Pairing says how the two sides of a mount fit together.
type Pairing string

// The pairings of a mount.
const (
	PairingFits        Pairing = ""
	PairingNotMounted  Pairing = "declared, but not mounted"
	PairingNotDeclared Pairing = "mounted, but not declared"
	PairingOtherAccess Pairing = "declared with another access"
)

// Pairing says how the two sides of one of a service's mounts fit together. What
// Compose copies in is never mounted, and what the image asks for never declared.
func (s *Service) Pairing(p MountPair) Pairing {
	switch {
	case s.Declared == nil || len(s.Containers) == 0:
		return PairingFits
	case p.Live == nil && !p.Declared.Copied:
		return PairingNotMounted
	case p.Live == nil:
		return PairingFits
	case p.Declared == nil && !p.Live.ComesAlong():
		return PairingNotDeclared
	case p.Declared != nil && p.Declared.ReadOnly != p.Live.ReadOnly:
		return PairingOtherAccess
	default:
		return PairingFits
	}
}

// Severe reports whether a risk is more than a note: the engine's socket, or a
// path of the host that the service can write to.
func (p MountPair) Severe() bool {
	m := p.Current()
	return p.Risk != "" && m.Kind != Volume && (!m.ReadOnly || IsEngineSocket(m.Source))
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

	// With a plan only, where it would break without one:
	Mended       Outcome = "mended"         // the plan's mounts take all that was seen
	MendedInPart Outcome = "mended in part" // they take some of it
	Proved       Outcome = "proved"         // a trial held with them
)

// Verdict is what a read-only root would mean for a service, with its evidence.
type Verdict struct {
	Outcome  Outcome
	Blocked  []Change      // written paths that a read-only root would refuse
	Allowed  []AllowedPath // written paths that a declared mount already takes
	Reason   string        // one sentence, for a reader
	Evidence string        // "changes over 4 min", "not asked yet"
	Watched  time.Duration // how long its containers have run under watch of the writable layer
	Blind    []BlindSpot   // what this evidence cannot see
}

// AllowedPath is a written path with the mount that would take its writes.
type AllowedPath struct {
	Change Change
	Mount  Mount
}

// TotalsOf counts services by the outcome of their verdicts.
func TotalsOf(services []Service) Totals {
	totals := Totals{Services: len(services)}
	for i := range services {
		switch services[i].Verdict.Outcome {
		case IsReadOnly:
			totals.ReadOnly++
		case WouldBreak:
			totals.Breaks++
		case WouldRun:
			totals.WouldRun++
		default:
			totals.Unknown++
		}
	}
	return totals
}

// Service returns a service by its name; nil when there is none, or no stack.
func (s *Stack) Service(name string) *Service {
	if s == nil {
		return nil
	}
	for i := range s.Services {
		if s.Services[i].Name == name {
			return &s.Services[i]
		}
	}
	return nil
}

// Undeclared reports whether a service runs, and is in none of the Compose files, which
// were found.
func (s *Stack) Undeclared(svc *Service) bool { return svc.Declared == nil && len(s.Files) > 0 }

// Only keeps some services of a stack, by name; all when none is named. Its error
// names the services that there are.
func (s *Stack) Only(names ...string) (*Stack, error) {
	if len(names) == 0 {
		return s, nil
	}
	kept := *s
	kept.Services = nil
	for _, name := range names {
		service := s.Service(name)
		if service == nil {
			return nil, &UnknownServiceError{Project: s.Name, Service: name, Known: s.names()}
		}
		kept.Services = append(kept.Services, *service)
	}
	kept.Totals = TotalsOf(kept.Services)
	return &kept, nil
}

// UnknownServiceError says that a project has no service of a name.
type UnknownServiceError struct {
	Project, Service string
	Known            []string // the services that it has
}

func (e *UnknownServiceError) Error() string {
	return fmt.Sprintf("project %q has no service %q; it has %s", e.Project, e.Service, strings.Join(e.Known, ", "))
}

func (s *Stack) names() []string {
	names := make([]string, len(s.Services))
	for i := range s.Services {
		names[i] = s.Services[i].Name
	}
	return names
}
