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
	Services    []Declared
	// Inactive names the services that no active profile selects.
	Inactive []string
	// Warnings are what reading the files found odd, such as variables without a
	// value; one sentence each, foreign text.
	Warnings []string
}

// Declared is one service as the Compose files declare it, after merging and
// interpolation.
type Declared struct {
	Name       string
	Image      string // as written; Compose's default name when it is only built
	Build      bool
	Entrypoint []string // nil: the image's own
	Command    []string // nil: the image's own
	User       string   // "": the image's own
	WorkingDir string   // "": the image's own
	ReadOnly   bool
	Mounts     []Mount // binds, volumes, tmpfs, configs and secrets, by target
	Ports      []Port
	Env        map[string]Masked
	DependsOn  []string
	Replicas   int // how many containers `up` makes
	Profiles   []string
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

// Problem says why something could not be read, where, and what to do next.
type Problem struct {
	File   string // "" when no file is to blame
	Line   int    // 0 when unknown
	Text   string // what is wrong
	Advice string // what to do next
}
