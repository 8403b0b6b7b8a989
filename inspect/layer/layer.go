// Package layer reads a container's writable layer directly, where the engine
// keeps it, and tells the same changes as `docker diff`. It takes the time that
// the changes take, while the engine walks all files of the image as well.
//
// The rules are those of the engine, which mounts the container's root and its
// image's and compares the two (moby/go-archive, ChangesDirs):
//   - What the image does not have is Added, with all that is in it. What the
//     container does not have any more is Deleted, without what was in it.
//   - What both have is Modified where type, mode, owner, group, device number or
//     the attribute security.capability differ; and, for all but directories, size
//     or time of modification. Times are also equal where the seconds are and one of
//     the two has no fraction.
//   - A directory with a change in it is Modified, up to below the root. The root
//     itself is never listed.
//   - A directory made anew in the place of one of the image is compared with it. A
//     directory that something else replaced is Modified, and what was in it is not
//     listed. (Docker before 29 lists it where a socket took the place.)
//
// What the engine cannot tell, since it sees no layers: the paths that the writable
// layer holds although they are as in the image. They were copied up when somebody
// wrote there, and nothing is left of it: a file that came and went, an open for
// writing, a chmod to the same mode.
//
// The names are bytes of the container's choosing. They are only ever opened one
// below the other without following a link, and whatever vanishes while it is read
// is left out. A directory that may not be entered is no such thing: root without
// DAC_OVERRIDE, as a helper is, tells nothing of a layer that has one.
package layer

import (
	"context"
	"errors"

	"petrify/model"
)

// ErrNotHere is why a layer cannot be read directly, while the engine still can be
// asked for the changes.
var ErrNotHere = errors.New("the writable layer cannot be read directly")

// Form is how an overlay marks what it deletes from the layers below. Each form
// takes the marks of the others for plain files and attributes, which a container
// may make as it likes: so a wrong form makes a wrong answer.
type Form uint8

// The forms of overlays.
const (
	Overlay     Form = iota // the kernel's: devices and attributes that only the host's root can set
	UserOverlay             // the kernel's, mounted with userxattr, as rootless engines do
	Fuse                    // fuse-overlayfs: all marks that there are
)

// Dirs is where the layers of a container are.
type Dirs struct {
	Upper string   // the writable layer
	Lower []string // the layers below, the topmost first
	Form  Form
}

// Result is what a writable layer holds.
type Result struct {
	Changes []model.Change // in any order; the paths are the bytes of the file system
	// CopiedUp are paths that are in the writable layer and do not differ from the
	// image, without the directories on the way to them.
	CopiedUp []model.CopiedUp
	// Truncated says that there are more entries than are read, and that some are
	// missing here.
	Truncated bool
}

// mostEntries is how many names are read at most.
const mostEntries = 4_000_000

// Read compares a writable layer with the layers below it. Only what the writable
// layer holds is looked up in them.
func Read(ctx context.Context, dirs Dirs) (Result, error) {
	return read(ctx, dirs, mostEntries)
}

// ReadUpTo is Read for somebody with little room: no more than so many names are read.
func ReadUpTo(ctx context.Context, dirs Dirs, most int) (Result, error) {
	return read(ctx, dirs, most)
}

// marks is what a form takes for marks.
type marks struct {
	opaque   []string // attributes that hide what the layers below have in a directory
	redirect string   // the attribute that says where the layers below have a directory
	files    bool     // files whose names begin with whiteout are marks
}

var marksOf = map[Form]marks{
	Overlay:     {opaque: []string{"trusted.overlay.opaque"}, redirect: "trusted.overlay.redirect"},
	UserOverlay: {opaque: []string{"user.overlay.opaque"}, redirect: "user.overlay.redirect"},
	Fuse:        {opaque: []string{"trusted.overlay.opaque", "user.overlay.opaque", "user.fuseoverlayfs.opaque"}, files: true},
}

// The names of files that are marks: whiteout before a name deletes it, and opaque
// hides what the layers below have in its directory.
const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)
