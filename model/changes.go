package model

import "time"

// ChangeKind says what happened to a path. The values are the engine's.
type ChangeKind uint8

// The kinds of `docker diff`.
const (
	Modified ChangeKind = 0
	Added    ChangeKind = 1
	Deleted  ChangeKind = 2
)

// Change is one path that differs between a container's root and its image.
type Change struct {
	Path string // absolute, as the engine has it: any bytes
	Kind ChangeKind
}

// Changes is one answer to `docker diff`, without what the engine itself made.
type Changes struct {
	Paths []Change // order as answered, which is random
	Taken time.Time
	Took  time.Duration
	// EngineMade are the changes left out: mount points and their parents.
	EngineMade []Change
	Err        string // why the last attempt failed; Paths are then of an earlier one
}

// FileInfo is what an archive header says of one path in a container.
type FileInfo struct {
	Path     string
	Type     FileType
	Mode     uint32 // permission bits with setuid, setgid and sticky
	UID, GID int
	Owner    string // name in the container's own /etc/passwd; "" when it has none
	Size     int64  // bytes; of the file itself
	Modified time.Time
	Link     string // target of a symbolic link
	Err      string // why it could not be read; the rest is then empty
}

// FileType is the type of a file as archives name it.
type FileType string

// The types of files in an archive. Engines do not archive sockets, and so do
// not tell who owns one.
const (
	Regular   FileType = "file"
	Directory FileType = "directory"
	Symlink   FileType = "symlink"
	FIFO      FileType = "fifo"
	Device    FileType = "device"
	Socket    FileType = "socket"
)

// Version is one side of a comparison: a file in the container or in its image.
type Version struct {
	Exists    bool
	Info      FileInfo
	Content   []byte // at most the limit asked for
	Truncated bool
	Problem   string // why it could not be read, and what to do about it
}

// Comparison is a changed file beside the image's original.
type Comparison struct {
	Path          string
	Now, Original Version
}
