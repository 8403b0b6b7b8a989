package model

import "strings"

// Facts are what an image has at some paths, by the path asked for.
type Facts map[string]ImagePath

// ImagePath is what an image has at one path. Nothing in it holds unless Known.
// Where the image has nothing but the container has, as with a directory that an
// entrypoint makes, Exists is false, and Type, Mode, UID, GID and Size are the
// container's own.
type ImagePath struct {
	Known, Exists bool
	Type          FileType
	Mode          uint32 // permission bits with setuid, setgid and sticky
	UID, GID      int
	Size          int64  // bytes of a regular file, as it is in the container
	Link          string // target of a symbolic link, as stored
	HasContent    bool   // a directory with at least one entry that the image ships
	HasFiles      bool   // and at least one below it is no directory: more is hidden than empty folders
	Bounded       bool   // a directory not read to its end, so that content is assumed
	Real          string // canonical path, with the image's links resolved
}

// content says whether an image has something in a directory. Who does not know
// has to assume it.
func (f Facts) content(dir string) bool {
	fact := f[dir]
	return !fact.Known || fact.Exists && (fact.HasContent || fact.Bounded)
}

// files says whether an image certainly has more in a directory than empty folders.
func (f Facts) files(dir string) bool {
	fact := f[dir]
	return fact.Known && fact.Exists && (fact.HasFiles || fact.Bounded)
}

// empty says whether an image ships a directory, and nothing in it.
func (f Facts) empty(dir string) bool {
	fact := f[dir]
	return fact.Known && fact.Exists && fact.Type == Directory && !fact.HasContent && !fact.Bounded
}

// lacks says whether an image certainly has nothing at a path.
func (f Facts) lacks(p string) bool { return f[p].Known && !f[p].Exists }

// owner returns mode and owner of a directory, as the image or the container has
// it.
func (f Facts) owner(dir string) (fact ImagePath, ok bool) {
	fact = f[dir]
	return fact, fact.Known && fact.Type == Directory
}

// resolve returns a path without the symbolic links that facts know of. Targets
// through a link are mounted in random order with those behind it (Docker 20.10).
func (f Facts) resolve(p string) string {
	p = canonical(p)
	for at := p; at != "/"; at = parentOf(at) {
		if fact := f[at]; fact.Known && fact.Real != "" && fact.Real != at {
			return canonical(strings.TrimSuffix(fact.Real, "/") + p[len(at):])
		}
	}
	return p
}

// resolveWrite returns the path of a write without links above it: what is
// written may be a link itself.
func (f Facts) resolveWrite(p string) string {
	p = canonical(p)
	if p == "/" {
		return p
	}
	dir := parentOf(p)
	if real := f.resolve(dir); real != dir {
		return canonical(real + p[strings.LastIndexByte(p, '/'):])
	}
	return p
}
