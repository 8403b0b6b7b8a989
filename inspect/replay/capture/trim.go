package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"path"
	"slices"
	"strings"

	"petrify/inspect/unpack"
)

// maxOriginal is the size up to which the original of a file is kept; nobody is
// shown more of it.
const maxOriginal = 1 << 20

// maxLinks is how many links are followed on the way to a file, as in Linux.
const maxLinks = 40

// trim cuts an export down to what tells the originals of some paths: what
// describes the image, and of its layers the entries of these paths, of the
// directories above them, of what they link to, and the marks of what was deleted.
// Layers come out uncompressed.
func trim(export io.ReadSeeker, paths map[string]bool) ([]byte, error) {
	layers, err := layersOf(export)
	if err != nil {
		return nil, err
	}
	wanted := newWanted(paths)
	if err := wanted.follow(export, layers); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	if err := wanted.copy(w, export, layers); err != nil {
		return nil, err
	}
	return out.Bytes(), w.Close()
}

// layersOf reads from the export's manifest which of its files are layers.
func layersOf(export io.ReadSeeker) ([]string, error) {
	var layers []string
	found := false
	err := each(export, func(header *tar.Header, content *tar.Reader) error {
		if header.Name != "manifest.json" {
			return nil
		}
		found = true
		var images []struct{ Layers []string }
		if err := json.NewDecoder(content).Decode(&images); err != nil {
			return fmt.Errorf("read manifest.json: %w", err)
		}
		for _, image := range images {
			layers = append(layers, image.Layers...)
		}
		return nil
	})
	if err == nil && !found {
		err = errors.New("it has no manifest.json")
	}
	return layers, err
}

// each goes through the export from its start.
func each(export io.ReadSeeker, do func(*tar.Header, *tar.Reader) error) error {
	if _, err := export.Seek(0, io.SeekStart); err != nil {
		return err
	}
	r := tar.NewReader(bufio.NewReaderSize(export, 1<<20))
	return entries(r, func(header *tar.Header) error { return do(header, r) })
}

func entries(r *tar.Reader, do func(*tar.Header) error) error {
	for {
		header, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = do(header)
		}
		if err != nil {
			return err
		}
	}
}

// eachLayer goes through the layers. One that is the same as another may be a
// symbolic link to it, and has no content of its own.
func eachLayer(export io.ReadSeeker, layers []string, do func(*tar.Reader) error) error {
	return each(export, func(header *tar.Header, content *tar.Reader) error {
		if header.Typeflag != tar.TypeReg || !slices.Contains(layers, header.Name) {
			return nil
		}
		layer, _, err := unpack.Open(content)
		if err != nil {
			return fmt.Errorf("layer %s: %w", header.Name, err)
		}
		defer layer.Close()
		if err := do(tar.NewReader(layer)); err != nil {
			return fmt.Errorf("layer %s: %w", header.Name, err)
		}
		return nil
	})
}

// wanted are the paths whose originals are kept, relative to the root.
type wanted struct {
	paths map[string]bool
	above map[string]bool // the directories above them
}

func newWanted(paths map[string]bool) *wanted {
	w := &wanted{paths: map[string]bool{}, above: map[string]bool{}}
	for p := range paths {
		w.add(p)
	}
	return w
}

// add returns whether a path is new.
func (w *wanted) add(p string) bool {
	p = inRoot(p)
	if w.paths[p] {
		return false
	}
	w.paths[p] = true
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		w.above[dir] = true
	}
	return true
}

// follow adds what is found through links, until none leads to anything new.
func (w *wanted) follow(export io.ReadSeeker, layers []string) error {
	for range maxLinks {
		added := false
		err := eachLayer(export, layers, func(layer *tar.Reader) error {
			return entries(layer, func(header *tar.Header) error {
				added = w.addTarget(header) || added
				return nil
			})
		})
		if err != nil || !added {
			return err
		}
	}
	return nil
}

// addTarget adds what a wanted entry links to. A link above wanted paths leads to
// where they really are.
func (w *wanted) addTarget(header *tar.Header) bool {
	name := inRoot(header.Name)
	if !w.paths[name] && !w.above[name] {
		return false
	}
	switch header.Typeflag {
	case tar.TypeLink:
		return w.add(header.Linkname)
	case tar.TypeSymlink:
		target := header.Linkname
		if !path.IsAbs(target) {
			target = path.Join(path.Dir(name), target)
		}
		added := w.add(target)
		for _, p := range slices.Collect(maps.Keys(w.paths)) {
			if rest, below := strings.CutPrefix(p, name+"/"); below {
				added = w.add(path.Join(target, rest)) || added
			}
		}
		return added
	}
	return false
}

// has says whether an entry is kept. A mark ".wh.NAME" deletes NAME of the layers
// below, and ".wh..wh..opq" all that is in its directory.
func (w *wanted) has(name string) bool {
	name = inRoot(name)
	dir, base := path.Split(name)
	if base == ".wh..wh..opq" {
		return w.above[path.Clean(dir)]
	}
	name = dir + strings.TrimPrefix(base, ".wh.")
	return w.paths[name] || w.above[name]
}

func inRoot(p string) string { return strings.TrimPrefix(path.Clean("/"+p), "/") }

// copy writes the trimmed export.
func (w *wanted) copy(out *tar.Writer, export io.ReadSeeker, layers []string) error {
	const maxDescription = 1 << 20 // manifests and configurations are far smaller
	return each(export, func(header *tar.Header, content *tar.Reader) error {
		switch {
		case slices.Contains(layers, header.Name) && header.Typeflag == tar.TypeReg:
			plain, _, err := unpack.Open(content)
			if err != nil {
				return fmt.Errorf("layer %s: %w", header.Name, err)
			}
			defer plain.Close()
			layer, err := w.layer(plain)
			if err != nil {
				return fmt.Errorf("layer %s: %w", header.Name, err)
			}
			header.Size = int64(len(layer))
			return put(out, header, bytes.NewReader(layer))
		case header.Size <= maxDescription:
			return put(out, header, content)
		}
		return nil
	})
}

func (w *wanted) layer(content io.Reader) ([]byte, error) {
	var out bytes.Buffer
	tw := tar.NewWriter(&out)
	r := tar.NewReader(content)
	err := entries(r, func(header *tar.Header) error {
		if !w.has(header.Name) {
			return nil
		}
		if header.Size > maxOriginal {
			log.Printf("left out the original of /%s: it has %d bytes", inRoot(header.Name), header.Size)
			return nil
		}
		return put(tw, header, r)
	})
	if err != nil {
		return nil, err
	}
	return out.Bytes(), tw.Close()
}

func put(w *tar.Writer, header *tar.Header, content io.Reader) error {
	header.Format = tar.FormatUnknown // the writer chooses one that holds it all
	if err := w.WriteHeader(header); err != nil {
		return fmt.Errorf("%q: %w", header.Name, err)
	}
	_, err := io.Copy(w, content)
	return err
}
