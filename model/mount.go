package model

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
	Anonymous bool   // a volume that nobody named
	FromImage bool   // asked for by the image's VOLUME, not by the project
	Copied    bool   // a config or secret without a file: Compose writes it into the container's layer, and nothing is mounted
	Driver    string // of a volume; "" for the engine's default
	Options   string // as the engine has them, such as "mode=1777,size=64m"
}

// VolumeUse is one container's hold on a volume or a host path, from any project.
type VolumeUse struct {
	Container string // name
	Project   string
	Service   string
	Running   bool
	Mount     Mount
}
