package model

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// State is a container's state, in the engine's words.
type State string

// The states that engines report.
const (
	Created    State = "created"
	Running    State = "running"
	Paused     State = "paused"
	Restarting State = "restarting"
	Removing   State = "removing"
	Exited     State = "exited"
	Dead       State = "dead"
)

// Health is what a container's health check says, in the engine's words.
type Health string

// The answers of a health check; NoHealth where there is none.
const (
	NoHealth  Health = ""
	Starting  Health = "starting"
	Healthy   Health = "healthy"
	Unhealthy Health = "unhealthy"
)

// Container is one container as the engine describes it.
type Container struct {
	ID        string
	Name      string // without the leading slash
	Project   string // label com.docker.compose.project
	Service   string // label com.docker.compose.service
	Number    int    // label com.docker.compose.container-number
	OneOff    bool   // made by `docker compose run`
	Image     string // the reference it was made from
	Reference string // the same, spelled out with registry and tag
	ImageID   string
	State     State
	Health    Health
	ExitCode  int
	OOMKilled bool
	Error     string // the engine's own word on why it did not start
	Restarts  int
	Created   time.Time
	Started   time.Time // zero when it never ran
	Finished  time.Time // zero while it runs for the first time
	Mounts    []Mount
	Ports     []Port
	Err       string // why it could not be inspected when it was last asked

	// Inspected is false while only the engine's list is known: what follows is
	// then empty, and Health and Restarts may be.
	Inspected  bool
	Entrypoint []string
	Command    []string
	User       string
	WorkingDir string
	ReadOnly   bool
	Init       bool     // the engine puts an init program into it
	Memory     int64    // its limit in bytes; 0 for none
	Groups     []string // that its processes are in as well
	Env        map[string]Masked
	TTY        bool
	HealthLog  []Probe // oldest first

	// Behind says where mount points and the working directory are that links of the
	// image lead elsewhere, as far as the engine was asked.
	Behind map[string]string

	// StartsAs is the user whom User names, and MountPoints what its volumes are in it, by
	// target: of those with a read-only root and another user than root, as far as the
	// engine was asked.
	StartsAs    *User
	MountPoints map[string]MountPoint

	// Where Compose found the project, from the labels it leaves.
	ProjectDir   string
	ProjectFiles []string
}

// NeverRan reports whether a container was created and never started.
func (c *Container) NeverRan() bool { return c.State == Created && c.Started.IsZero() }

// MadeFrom reports whether a container was made from the image that a service
// declares, whatever that name leads to by now. Podman puts what it builds or loads under
// localhost/, and finds it there by a name without a registry.
func (c *Container) MadeFrom(d *Declared) bool {
	declared, live := cmp.Or(d.Reference, d.Image), cmp.Or(c.Reference, c.Image)
	if declared == live {
		return true
	}
	built, local := strings.CutPrefix(live, "localhost/")
	named := d.Image != "" && !strings.HasPrefix(d.Image, "docker.io/")
	return (d.Build || named) && local && built == strings.TrimPrefix(strings.TrimPrefix(declared, "docker.io/"), "library/")
}

// Runs reports whether a container has processes now.
func (c *Container) Runs() bool { return c.State == Running || c.State == Paused }

// HasLayer reports whether an engine is asked for the changes of a container: not of
// one that was never started, nor of one on its way out.
func (c *Container) HasLayer() bool {
	switch c.State {
	case Running, Restarting, Paused, Exited:
		return true
	default:
		return false
	}
}

// Probe is one run of a health check.
type Probe struct {
	At       time.Time
	ExitCode int
	Output   string
}

// Image is what an image brings along for its containers.
type Image struct {
	ID         string
	Tags       []string // references that name it, spelled out
	Entrypoint []string
	Command    []string
	User       string
	WorkingDir string
	Env        map[string]Masked
	Volumes    []string // targets of its VOLUME lines
	Size       int64    // bytes
}

// User is a user of a container by number, with the primary group.
type User struct{ UID, GID int }

// Account is a user as a container's own list has it.
type Account struct {
	Name string
	UID  int
	Home string
}

// Port is one port, published or only exposed.
type Port struct {
	HostIP   string // "": all addresses
	Host     string // published port or range; "": not published, or the engine chooses
	Target   int
	Protocol string // tcp, udp or sctp
}

// ProjectSummary is one Compose project that an engine knows.
type ProjectSummary struct {
	Name    string
	Dir     string
	Files   []string
	States  map[State]int // containers by state
	Healths map[Health]int
}

// HasVolume reports whether an image asks for a volume at a target.
func (img *Image) HasVolume(target string) bool {
	return slices.ContainsFunc(img.Volumes, func(v string) bool { return Canonical(v) == target })
}
