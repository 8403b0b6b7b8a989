package recorder

import (
	"os"

	"golang.org/x/sys/unix"

	"petrify/model"
)

// spot is where a path leads in a container, with its links resolved.
type spot struct {
	path   string
	mount  string // target of the mount that it is in; "" for the root
	noExec bool   // that mount is not for programs
	known  bool   // it was looked at
	there  bool
	kind   model.FileType
}

// spots are those that were looked for. Equal refusals come again and again.
type spots map[spotKey]spot

type spotKey struct {
	container, path string
	follows         bool
}

// find looks for a path, and follows a link at its end where the call does. What is too
// much to look for is taken as it was said.
func (all spots) find(c *followed, path string, follows bool) spot {
	key := spotKey{c.Container, path, follows}
	if found, ok := all[key]; ok {
		return found
	}
	found, ok := spot{}, false
	if len(all) < looksAtOnce {
		found, ok = c.look(path, follows)
	}
	if !ok {
		found = c.said(path)
	}
	all[key] = found
	return found
}

// look opens a path as the container sees it, or the directory that it is in.
func (c *followed) look(path string, follows bool) (spot, bool) {
	root, err := c.root()
	if err != nil {
		return spot{}, false
	}
	defer unix.Close(root)
	if follows {
		if fd, err := openThrough(root, path); err == nil {
			defer unix.Close(fd)
			return c.spotOf(fd, "")
		}
	}
	dir, err := openThrough(root, parentOf(path))
	if err != nil {
		return spot{}, false
	}
	defer unix.Close(dir)
	found, ok := c.spotOf(dir, baseOf(path))
	if !ok || path == "/" {
		return found, ok
	}
	fact, known := lookIn(root, found.path)
	found.known, found.there, found.kind = known, fact.there, fact.kind
	return found, true
}

// openThrough opens a path below a root, through all links.
func openThrough(root int, path string) (int, error) {
	return unix.Openat2(root, path, &unix.OpenHow{
		Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS,
	})
}

// spotOf says where an open file is, or a name in an open directory.
func (c *followed) spotOf(fd int, name string) (spot, bool) {
	o, err := describe(fd)
	if err != nil {
		return spot{}, false
	}
	found := spot{path: o.path, known: true, there: true, kind: o.kind}
	if name != "" {
		found.path = join(o.path, name)
	}
	for _, m := range c.all {
		if m.id == o.mount {
			found.in(m)
			return found, true
		}
	}
	return found, os.IsPathSeparator(o.path[0])
}

// said takes a path as it was said.
func (c *followed) said(path string) spot {
	found := spot{path: path}
	longest := -1
	for _, m := range c.all {
		if (m.target == "/" || below(path, m.target)) && len(m.target) > longest {
			longest = len(m.target)
			found.in(m)
		}
	}
	return found
}

func (s *spot) in(m mount) {
	s.mount, s.noExec = m.target, m.noExec
	if m.target == "/" {
		s.mount = ""
	}
}
