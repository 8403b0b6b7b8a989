package recorder

import (
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"petrify/model"

	"golang.org/x/sys/unix"
)

// left is a path that the writable layer of a container holds.
type left struct {
	path    string
	kind    model.FileType
	size    int64
	changed time.Time
	removed bool // it stands for a file of the image that is gone
	empty   bool // a directory without anything in it
}

// layerRoot is where the writable layer can be read; "" where it cannot.
func (c *followed) layerRoot() string {
	if c.upper == "" {
		return ""
	}
	return c.host() + c.upper
}

// layer lists the writable layer as it is, by hashes of the paths.
func (c *followed) layer() map[uint64]bool {
	held := map[uint64]bool{}
	c.walkLayer(func(l left) { held[maphash.String(seed, l.path)] = true })
	return held
}

// whiteout begins the names that fuse-overlayfs gives to what is gone; overlayfs has
// devices in their place.
const whiteout = ".wh."

// walkLayer reads the directory that overlays keep what a container writes in.
// What only its owner may enter stays unread.
func (c *followed) walkLayer(each func(left)) {
	top := c.layerRoot()
	if top == "" {
		return
	}
	n := 0
	_ = filepath.WalkDir(top, func(p string, d fs.DirEntry, unread error) error {
		if n++; n > mostLeft {
			return fs.SkipAll
		}
		if unread != nil || p == top {
			return nil //nolint:nilerr // what cannot be read is left out
		}
		var st unix.Stat_t
		if unix.Lstat(p, &st) != nil {
			return nil //nolint:nilerr // it is gone
		}
		l := left{path: p[len(top):], kind: fileType(st.Mode), size: st.Size, changed: time.Unix(st.Ctim.Unix())}
		name := d.Name()
		switch {
		case name == whiteout+whiteout+".opq" || name == whiteout+".opq": // fuse-overlayfs: the directory is a new one
			return nil
		case strings.HasPrefix(name, whiteout):
			l.path = join(parentOf(l.path), strings.TrimPrefix(name, whiteout))
			l.removed = true
		case st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0:
			l.removed = true
		case l.kind == model.Directory:
			l.empty = isEmpty(p)
		}
		each(l)
		return nil
	})
}

func isEmpty(dir string) bool {
	file, err := os.Open(dir)
	if err != nil {
		return false
	}
	defer file.Close()
	names, _ := file.Readdirnames(1)
	return len(names) == 0
}

// inImage reports whether the image has a path; known only where the engine says
// which directories it is made of.
func (c *followed) inImage(path string) (has, known bool) {
	if len(c.lower) == 0 {
		return false, false
	}
	for _, dir := range c.lower {
		_, err := os.Lstat(c.host() + dir + path)
		if err == nil {
			return true, true
		}
		if !os.IsNotExist(err) {
			return false, false
		}
	}
	return false, true
}

// lookInLayer says what is at a path of a root that is gone. What the layer does not
// hold may be in a mount, or in the image.
func (c *followed) lookInLayer(path string) (f fact, known bool) {
	top := c.layerRoot()
	if top == "" {
		return fact{}, false
	}
	var st unix.Stat_t
	switch err := unix.Lstat(top+path, &st); {
	case err == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0:
		return fact{}, true
	case err == nil:
		return fact{there: true, kind: fileType(st.Mode), size: st.Size}, true
	case unix.Lstat(top+join(parentOf(path), whiteout+baseOf(path)), &st) == nil:
		return fact{}, true
	default:
		return fact{}, false
	}
}

// reportPassed reports the directories in which something came and went before the
// container was joined: they were copied up from the image for it, and are empty.
func (w *watcher) reportPassed(c *followed) {
	c.walkLayer(func(l left) { w.passed(c, l) })
}

func (w *watcher) passed(c *followed, l left) {
	if !l.empty || c.knows(l.path) {
		return
	}
	if has, known := c.inImage(l.path); !has || !known {
		return
	}
	c.notes(l.path)
	w.gathered.add(seen{
		place: place{c.Container, l.path}, acts: model.Made | model.Removed,
		inside: true, kind: model.Directory, bytes: -1, at: l.changed,
	})
}

// reportLeft reports what the writable layer has kept that no event told of.
func (w *watcher) reportLeft(c *followed) {
	c.walkLayer(func(l left) {
		hash := maphash.String(seed, l.path)
		if c.before[hash] || c.known[hash] || c.hasMountAt(l.path, unix.FAN_CREATE) {
			return
		}
		s := seen{place: place{c.Container, l.path}, acts: model.Made, kind: l.kind, bytes: -1, at: l.changed}
		has, known := c.inImage(l.path)
		switch {
		case l.removed:
			s.acts, s.gone, s.kind = model.Removed, true, ""
		case l.kind == model.Directory && has:
			w.passed(c, l)
			return
		case known && has:
			s.acts = model.Stored
		}
		if l.kind == model.Regular && !l.removed {
			s.bytes = l.size
		}
		w.gathered.add(s)
	})
}
