package model

import "cmp"

// MountKind is the kind of a mount, in Compose's words.
type MountKind string

// The kinds of mounts that Compose and engines know.
const (
	Bind   MountKind = "bind"
	Volume MountKind = "volume"
	Tmpfs  MountKind = "tmpfs"
	Config MountKind = "config"
	Secret MountKind = "secret"
	Other  MountKind = "other" // npipe, cluster, image
)

// Mount is one mount of a service, declared or live.
type Mount struct {
	Kind      MountKind
	Source    string // host path of a bind, engine name of a volume, name of a config or secret; "" for tmpfs
	Target    string // clean absolute path in the container
	ReadOnly  bool
	Anonymous bool // a volume that nobody named
	FromImage bool // asked for by the image's VOLUME, not by the project
	Copied    bool // a config or secret without a file: Compose writes it into the container's layer, and nothing is mounted
	ByPlan    bool // declared so only by a plan in use
	// Instead is what the files declare without the plan in use; nil for nothing.
	Instead  *Mount
	Long     bool   // a tmpfs that is declared in Compose's long form
	Spelling string // its target as a tmpfs of the short form spells it; "" where that is Target
	ByEngine bool   // the engine mounts it by itself where the root is read-only
	Driver   string // of a volume; "" for the engine's default
	Options  string // as the engine has them, such as "mode=1777,size=64m"
}

// VolumeUse is the use of a volume or a host path by one container, of any project.
type VolumeUse struct {
	Container string // name
	Project   string
	Service   string
	Running   bool
	Mount     Mount
}

// Name is the service that holds a mount, with its project where that is another one
// than the project that one looks at.
func (u VolumeUse) Name(project string) string {
	name := cmp.Or(u.Service, u.Container)
	if u.Project != "" && u.Project != project {
		name = u.Project + "/" + name
	}
	return name
}

// MountAccess says what a service can do with a mount.
type MountAccess string

// The accesses to a mount. What Compose copies in is no mount: it lies in the root.
const (
	MountWritable MountAccess = "writable"
	MountReadOnly MountAccess = "read-only"
	MountCopied   MountAccess = "copied"
)

// Access says what a service can do with a mount.
func (m *Mount) Access() MountAccess {
	switch {
	case m.Copied:
		return MountCopied
	case m.ReadOnly:
		return MountReadOnly
	default:
		return MountWritable
	}
}

// Writable reports whether a service can write through a mount.
func (m *Mount) Writable() bool { return m.Access() == MountWritable }

// ComesAlong reports whether a mount comes with the image or the engine, so that no file
// has to declare it.
func (m *Mount) ComesAlong() bool { return m.FromImage || m.ByEngine }
