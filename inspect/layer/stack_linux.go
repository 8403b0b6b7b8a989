package layer

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// layers are opened layers, the topmost first.
type layers struct {
	roots []int
	marks marks
}

// spot is a directory of one layer.
type spot struct {
	layer int
	path  string // below the layer's root; "." is the root
}

func (s spot) child(name string) spot { return spot{s.layer, path.Join(s.path, name)} }

// opened is a spot that can be read.
type opened struct {
	spot
	file *os.File
	fd   int
}

// found is what an overlay shows at a name.
type found struct {
	stat   unix.Stat_t
	in     opened // where it is
	merged []spot // of a directory: the directories that it is made of
}

func openLayers(dirs Dirs) (*layers, error) {
	l := &layers{marks: marksOf[dirs.Form]}
	for _, dir := range append([]string{dirs.Upper}, dirs.Lower...) {
		fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
		if err != nil {
			l.close()
			return nil, fmt.Errorf("%w: open layer %s: %w", ErrNotHere, dir, err)
		}
		l.roots = append(l.roots, fd)
	}
	return l, nil
}

func (l *layers) close() {
	for _, fd := range l.roots {
		unix.Close(fd)
	}
}

// how lets no name lead out of a layer: neither through a link nor into a mount,
// which the overlay would not show.
var how = unix.OpenHow{
	Flags:   unix.O_RDONLY | unix.O_DIRECTORY | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC,
	Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS | unix.RESOLVE_NO_XDEV,
}

func (l *layers) open(s spot) (opened, error) {
	fd, err := unix.Openat2(l.roots[s.layer], s.path, &how)
	if err != nil {
		return opened{}, err
	}
	// By this name a directory's entries are looked at whose type the file system
	// does not tell.
	return opened{s, os.NewFile(uintptr(fd), "/proc/self/fd/"+strconv.Itoa(fd)), fd}, nil
}

func closeAll(dirs []opened) {
	for _, dir := range dirs {
		dir.file.Close()
	}
}

// openMerged opens the directories that one of the overlay is made of, down to the
// first that is opaque. above are those that its parent is made of. own says that
// the first stands for itself: it is opaque, or has its lower part elsewhere.
func (l *layers) openMerged(spots, above []spot) (dirs []opened, own bool, err error) {
	for i := 0; i < len(spots); i++ {
		dir, err := l.open(spots[i])
		switch {
		case err == nil:
		case errors.Is(err, unix.ENOENT) && i > 0:
			continue
		case gone(err) && i > 0:
			return dirs, own, nil // something else stands in the way
		default:
			closeAll(dirs)
			return nil, false, err
		}
		dirs = append(dirs, dir)
		hides, redirect, err := l.marksAt(dir)
		if err != nil {
			closeAll(dirs)
			return nil, false, err
		}
		own = own || i == 0 && (hides || redirect != "")
		if hides {
			return dirs, own, nil
		}
		if redirect != "" {
			spots = append(spots[:i+1:i+1], l.redirected(spots[i], redirect, above)...)
			above = nil
		}
	}
	return dirs, own, nil
}

// marksAt reads the marks of a directory.
func (l *layers) marksAt(dir opened) (hides bool, redirect string, err error) {
	for _, name := range l.marks.opaque {
		value, err := attribute(dir.fd, name)
		if err != nil || value == "y" {
			return err == nil, "", err
		}
	}
	if l.marks.files {
		var st unix.Stat_t
		return unix.Fstatat(dir.fd, opaque, &st, unix.AT_SYMLINK_NOFOLLOW) == nil, "", nil
	}
	redirect, err = attribute(dir.fd, l.marks.redirect)
	return false, redirect, err
}

// redirected says where the layers below have a directory that was renamed: at a
// path from their roots, or under another name in the same parent.
func (l *layers) redirected(from spot, to string, above []spot) []spot {
	var spots []spot
	if !strings.HasPrefix(to, "/") {
		if above != nil {
			for _, parent := range above {
				if parent.layer > from.layer {
					spots = append(spots, parent.child(to))
				}
			}
			return spots
		}
		to = path.Join(path.Dir(from.path), to)
	}
	for layer := from.layer + 1; layer < len(l.roots); layer++ {
		spots = append(spots, spot{layer, path.Join(".", to)})
	}
	return spots
}

// presence says what a layer has at a name.
type presence uint8

const (
	nothing presence = iota
	deleted
	there
)

func (l *layers) at(dir opened, name string, st *unix.Stat_t) (presence, error) {
	err := unix.Fstatat(dir.fd, name, st, unix.AT_SYMLINK_NOFOLLOW)
	switch {
	case err == nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == 0:
		return deleted, nil
	case err == nil:
		return there, nil
	case errors.Is(err, unix.ENAMETOOLONG):
		return nothing, nil
	case !errors.Is(err, unix.ENOENT):
		return nothing, fmt.Errorf("look at %q: %w", path.Join(dir.path, name), err)
	case l.marks.files && unix.Fstatat(dir.fd, whiteout+name, st, unix.AT_SYMLINK_NOFOLLOW) == nil:
		return deleted, nil
	}
	return nothing, nil
}

// lookup finds what a merged directory shows at a name: the topmost layer that has
// something there counts, and directories below a directory belong to it until
// something else stands in the way.
func (l *layers) lookup(dirs []opened, name string) (f found, ok bool, err error) {
	for _, dir := range dirs {
		var st unix.Stat_t
		is, err := l.at(dir, name, &st)
		if err != nil {
			return found{}, false, err
		}
		if is == nothing {
			continue
		}
		if is == there && !ok {
			f.stat, f.in = st, dir
		}
		if is == deleted || !isDir(&st) {
			return f, ok || is == there, nil
		}
		f.merged, ok = append(f.merged, dir.child(name)), true
	}
	return f, ok, nil
}

// mostAttribute is more than any of the attributes has that are read.
const mostAttribute = unix.PathMax

func attribute(fd int, name string) (string, error) {
	var value [mostAttribute]byte
	n, err := unix.Fgetxattr(fd, name, value[:])
	return attributeOf(value[:max(n, 0)], err)
}

// capability reads the attribute with the capabilities of a program.
func capability(dir opened, name string) (string, error) {
	var value [256]byte
	n, err := unix.Lgetxattr("/proc/self/fd/"+strconv.Itoa(dir.fd)+"/"+name, "security.capability", value[:])
	return attributeOf(value[:max(n, 0)], err)
}

func attributeOf(value []byte, err error) (string, error) {
	if errors.Is(err, unix.ENODATA) || errors.Is(err, unix.ENOTSUP) || errors.Is(err, unix.ENOENT) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read an attribute: %w", err)
	}
	return string(value), nil
}

// gone reports whether a directory is not one any more.
func gone(err error) bool {
	return errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP)
}

func isDir(st *unix.Stat_t) bool { return st.Mode&unix.S_IFMT == unix.S_IFDIR }

// different reports whether the engine tells two files apart by what stat says.
func different(a, b *unix.Stat_t) bool {
	if a.Mode != b.Mode || a.Uid != b.Uid || a.Gid != b.Gid || a.Rdev != b.Rdev {
		return true
	}
	return !isDir(a) && (a.Size != b.Size || !sameTime(a.Mtim, b.Mtim))
}

func sameTime(a, b unix.Timespec) bool {
	return a.Sec == b.Sec && (a.Nsec == b.Nsec || a.Nsec == 0 || b.Nsec == 0)
}
