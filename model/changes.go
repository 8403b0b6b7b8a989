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

// Changes is what differs between a container and its image, without what the engine
// itself made. It was read from the writable layer, or the engine told it.
type Changes struct {
	Paths []Change // order as found, which says nothing
	Taken time.Time
	Took  time.Duration
	// EngineMade are the changes left out: mount points and their parents.
	EngineMade []Change
	// CopiedUp are written paths that are as in the image. Only the layer shows them.
	CopiedUp []CopiedUp
	// Asked says why the layer was not read, and the engine asked; "" where it was read,
	// or nobody could have.
	Asked string
	Cut   bool   // the layer holds more than was read
	Err   string // why the last attempt failed; Paths are then of an earlier one
}

// CopiedUp is a path that the writable layer holds although it does not differ from the
// image: something wrote there and left no trace. In a directory that is a name that came
// and went, or the same mode set again; a file was opened for writing, or set so.
type CopiedUp struct {
	Path      string
	Directory bool
	Changed   time.Time // when that was last
}

// Text says what is known of it, for a reader. The path in it is foreign.
func (c CopiedUp) Text() string {
	if c.Directory {
		return "something was written in " + c.Path + " that left no trace"
	}
	return c.Path + " was opened for writing or set, and is as in the image"
}

// FileInfo is what an archive header says of one path in a container.
type FileInfo struct {
	Path     string
	Type     FileType
	Mode     uint32 // permission bits with setuid, setgid and sticky
	UID, GID int
	// OwnerUnknown says that nobody can tell whose the file is: UID and GID are empty.
	OwnerUnknown bool
	Owner        string // name in the container's own /etc/passwd; "" when it has none
	Size         int64  // bytes; of the file itself
	Modified     time.Time
	Link         string // target of a symbolic link
	Err          string // why it could not be read; the rest is then empty
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

// strongest orders kinds for when containers disagree about a path.
var strongest = [...]ChangeKind{Added, Modified, Deleted}

// Stronger returns the kind of a path that two containers disagree about: what is
// new in one of them is new, and what is there in one of them is not gone.
func Stronger(a, b ChangeKind) ChangeKind {
	for _, kind := range strongest {
		if a == kind || b == kind {
			return kind
		}
	}
	return a
}

// CountChanges tallies changes by kind.
func CountChanges(changes []Change) Counts {
	var counts Counts
	for _, change := range changes {
		switch change.Kind {
		case Added:
			counts.Added++
		case Modified:
			counts.Modified++
		case Deleted:
			counts.Deleted++
		}
	}
	return counts
}
