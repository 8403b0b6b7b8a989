package engine

import (
	"archive/tar"
	"io"
	"path"
	"strings"

	"petrify/model"
)

// The marks of deleted paths in a layer: .wh.NAME deletes NAME from the layers
// below, and .wh..wh..opq deletes all that they have in its directory.
const (
	whiteout = ".wh."
	opaque   = ".wh..wh..opq"
)

// wanted says which paths of an image to collect, and how much of them.
type wanted struct {
	paths   map[string]bool
	parents map[string]bool
	first   string // kept whatever it takes
	room    int64  // bytes of content for the others
}

func newWanted(first string, room int64, others ...string) *wanted {
	w := &wanted{paths: make(map[string]bool), parents: make(map[string]bool), first: first, room: room}
	w.add(first)
	for _, p := range others {
		w.add(p)
	}
	return w
}

func (w *wanted) add(p string) {
	w.paths[p] = true
	for dir := path.Dir(p); !w.parents[dir]; dir = path.Dir(dir) {
		w.parents[dir] = true
	}
}

// layer is what one layer says of the wanted paths.
type layer struct {
	files  map[string]layerFile
	hidden map[string]bool // deleted, or in the way: the layers below do not show through
	opaque map[string]bool // directories of which only this layer counts
}

type layerFile struct {
	version  model.Version
	hardLink string // the path in the same layer that has the content
	left     bool   // the content was left out for want of room
}

func readLayer(r io.Reader, w *wanted) (*layer, error) {
	l := &layer{files: make(map[string]layerFile), hidden: make(map[string]bool), opaque: make(map[string]bool)}
	files := tar.NewReader(r)
	for {
		header, err := files.Next()
		if err == io.EOF {
			return l, nil
		}
		if err != nil {
			return l, err
		}
		if err := l.take(header, files, w); err != nil {
			return l, err
		}
	}
}

func (l *layer) take(h *tar.Header, content io.Reader, w *wanted) error {
	name := path.Clean("/" + h.Name)
	dir, base := path.Split(name)
	dir = path.Clean(dir)
	switch {
	case base == opaque:
		if w.parents[dir] {
			l.opaque[dir] = true
		}
		return nil
	case strings.HasPrefix(base, whiteout):
		if deleted := path.Join(dir, base[len(whiteout):]); w.paths[deleted] || w.parents[deleted] {
			l.hidden[deleted] = true
		}
		return nil
	}
	if w.parents[name] && h.Typeflag != tar.TypeDir {
		l.hidden[name] = true
	}
	if !w.paths[name] {
		return nil
	}
	f := layerFile{version: model.Version{Exists: true, Info: fromHeader(h)}}
	f.version.Info.Path = name
	switch {
	case h.Typeflag == tar.TypeLink:
		f.hardLink = path.Clean("/" + h.Linkname)
	case f.version.Info.Type == model.Regular && name != w.first && min(h.Size, maxContent) > w.room:
		f.left = true
	case f.version.Info.Type == model.Regular:
		var err error
		if f.version, err = readVersion(f.version.Info, content); err != nil {
			return err
		}
		if name != w.first {
			w.room -= int64(len(f.version.Content))
		}
	}
	l.files[name] = f
	return nil
}

// find looks a path up, in the topmost layer that says something of it.
func find(layers []*layer, p string) (layerFile, bool) {
	for i := len(layers) - 1; i >= 0; i-- {
		l := layers[i]
		if f, ok := l.files[p]; ok {
			return l.follow(f), true
		}
		if l.hides(p) {
			break
		}
	}
	return layerFile{}, false
}

// follow gives a hard link the content of the file that it is.
func (l *layer) follow(f layerFile) layerFile {
	target, ok := l.files[f.hardLink]
	if f.hardLink == "" || !ok || target.hardLink != "" {
		return f
	}
	target.version.Info.Path = f.version.Info.Path
	return target
}

func (l *layer) hides(p string) bool {
	if l.hidden[p] {
		return true
	}
	for p != "/" && p != "." {
		p = path.Dir(p)
		if l.hidden[p] || l.opaque[p] {
			return true
		}
	}
	return false
}
