// Package model says what a stack is and what follows from it: plain values and
// pure functions, without clock, colour or I/O.
package model

// Project is a Compose project as its files declare it.
type Project struct {
	Name       string
	WorkingDir string   // absolute; relative bind sources start here
	Files      []string // in merge order; "-" for standard input
	// FileVersion is what the first file says of its format, which only older
	// programs and Swarm still heed; "" where it says nothing.
	FileVersion string
	Profiles    []string // active profiles
	// PlanFiles are those of Files that petrify wrote: they are a plan in use, and no
	// declaration.
	PlanFiles []string
	Services  []Declared
	// Inactive are the services that no active profile selects. Their containers are there
	// all the same when somebody started them with the profile, or by name.
	Inactive []Declared
	// Warnings are what reading the files found odd, such as variables without a
	// value; one sentence each, foreign text.
	Warnings []string
}

// Declared is one service as the Compose files declare it, after merging and
// interpolation.
type Declared struct {
	Name       string
	File       string // the first one that declares it; "" when unknown
	Line       int    // of its key in File; 0 when unknown
	Image      string // as written; Compose's default name when it is only built
	Reference  string // the same, spelled out with registry and tag
	Build      bool
	Entrypoint []string // nil: the image's own
	Command    []string // nil: the image's own
	User       string   // "": the image's own
	WorkingDir string   // "": the image's own
	ReadOnly   bool
	// ByPlan says that the root is read-only only because a plan in use makes it so.
	ByPlan    bool
	Mounts    []Mount // binds, volumes, tmpfs, configs and secrets, by target
	Ports     []Port
	Env       map[string]Masked
	DependsOn []string
	Replicas  int   // how many containers `up` makes
	Memory    int64 // the limit of each container in bytes; 0 for none
	Profiles  []string
	Inactive  bool     // no active profile selects it
	Synced    []string // where `docker compose watch` copies files to, by target
	Groups    []string // that its processes are in as well
}

// Masked is a value that may be secret: it prints as a mask wherever it is
// formatted or encoded. Reveal gives the value itself.
type Masked string

// Mask stands where a value is not shown.
const Mask = "••••••"

// String returns the mask, or nothing for an empty value.
func (m Masked) String() string {
	if m == "" {
		return ""
	}
	return Mask
}

// MarshalText keeps values out of JSON.
func (m Masked) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// Reveal returns the value itself, for a user who asked to see it.
func (m Masked) Reveal() string { return string(m) }

// Problem says why something could not be read or done, where, and what to do next.
type Problem struct {
	File   string // "" when no file is to blame
	Line   int    // 0 when unknown
	Text   string // what is wrong
	Advice string // what to do next
	// Unreadable says that there are Compose files here, and that they are broken: what
	// they declare is unknown.
	Unreadable bool
}

// ProblemError is a problem that ends what was asked for.
type ProblemError struct {
	Problem
	Cause error // nil where the problem says all
}

func (e *ProblemError) Error() string { return e.Text }

// Unwrap returns the cause.
func (e *ProblemError) Unwrap() error { return e.Cause }
