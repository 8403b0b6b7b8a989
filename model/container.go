package model

import "time"

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
	Env        map[string]Masked
	TTY        bool
	HealthLog  []Probe // oldest first

	// Where Compose found the project, from the labels it leaves.
	ProjectDir   string
	ProjectFiles []string
}

// NeverRan reports whether a container was created and never started.
func (c *Container) NeverRan() bool { return c.State == Created && c.Started.IsZero() }

// runs reports whether a container has processes now.
func (c *Container) runs() bool { return c.State == Running || c.State == Paused }

// Probe is one run of a health check.
type Probe struct {
	At       time.Time
	ExitCode int
	Output   string
}

// Image is what an image brings along for its containers.
type Image struct {
	ID         string
	Tags       []string
	Entrypoint []string
	Command    []string
	User       string
	WorkingDir string
	Env        map[string]Masked
	Volumes    []string // targets of its VOLUME lines
	Size       int64    // bytes
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
