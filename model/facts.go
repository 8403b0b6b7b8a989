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
	OwnerUnknown  bool   // the engine does not tell whose it is: UID and GID are empty
	Size          int64  // bytes of a regular file, as it is in the container
	Link          string // target of a symbolic link, as stored
	HasContent    bool   // a directory with at least one entry that the image ships, placeholders aside
	HasFiles      bool   // and at least one below it is no directory: more is hidden than empty folders
	Bounded       bool   // a directory not read to its end, so that content is assumed
	Placeholder   bool   // a directory that holds a file which only keeps it in the image, see IsPlaceholder
	Real          string // canonical path, with the image's links resolved
}

// HasContent says whether an image has something in a directory. Where that is not known,
// it has to be assumed.
func (f Facts) HasContent(dir string) bool {
	fact := f[dir]
	return !fact.Known || fact.Exists && (fact.HasContent || fact.Bounded)
}

// HasFiles says whether an image certainly has more in a directory than empty folders.
func (f Facts) HasFiles(dir string) bool {
	fact := f[dir]
	return fact.Known && fact.Exists && (fact.HasFiles || fact.Bounded)
}

// IsEmpty says whether an image ships a directory, and nothing in it but a placeholder.
func (f Facts) IsEmpty(dir string) bool {
	fact := f[dir]
	return fact.Known && fact.Exists && fact.Type == Directory && !fact.HasContent && !fact.Bounded
}

// mostOfPlaceholder is how large a file may be that stands for nothing: a page that
// only hides the list of a directory has less, and one that says something has more.
const mostOfPlaceholder = 256

// IsPlaceholder says whether nobody would miss a file of an image: it is there only so
// that its directory is not empty, or comes with every new home directory.
func IsPlaceholder(name string, size int64) bool {
	switch name {
	case ".gitkeep", ".keep", ".gitignore", ".placeholder", ".empty":
		return true
	case "index.html", "index.htm":
		return size <= mostOfPlaceholder
	case ".bashrc", ".bash_profile", ".bash_logout", ".profile", ".cshrc", ".kshrc", ".zshrc":
		return true
	default:
		return false
	}
}

// HasDirectory says whether an image ships a directory at a path.
func (f Facts) HasDirectory(p string) bool {
	fact := f[p]
	return fact.Known && fact.Exists && fact.Type == Directory
}

// Lacks says whether an image certainly has nothing at a path.
func (f Facts) Lacks(p string) bool { return f[p].Known && !f[p].Exists }

// Owner returns mode and owner of a directory, as the image or the container has
// it, where the engine tells both.
func (f Facts) Owner(dir string) (fact ImagePath, ok bool) {
	fact = f[dir]
	return fact, fact.Known && fact.Type == Directory && !fact.OwnerUnknown
}

// Mode returns the mode of a directory, whosever it is.
func (f Facts) Mode(dir string) (mode uint32, ok bool) {
	fact := f[dir]
	return fact.Mode, fact.Known && fact.Type == Directory && fact.Mode != 0
}

// OwnersUnknown reports whether an engine does not tell whose files are.
func (f Facts) OwnersUnknown() bool {
	for _, fact := range f {
		if fact.OwnerUnknown {
			return true
		}
	}
	return false
}

// Resolve returns a path without the symbolic links that facts know of. Targets
// through a link are mounted in random order with those behind it (Docker 20.10).
func (f Facts) Resolve(p string) string {
	p = Canonical(p)
	for at := p; at != "/"; at = Parent(at) {
		if fact := f[at]; fact.Known && fact.Real != "" && fact.Real != at {
			return Canonical(strings.TrimSuffix(fact.Real, "/") + p[len(at):])
		}
	}
	return p
}

// ResolveWrite returns the path of a write without links above it: what is
// written may be a link itself.
func (f Facts) ResolveWrite(p string) string {
	p = Canonical(p)
	if p == "/" {
		return p
	}
	dir := Parent(p)
	if real := f.Resolve(dir); real != dir {
		return Canonical(real + p[strings.LastIndexByte(p, '/'):])
	}
	return p
}
