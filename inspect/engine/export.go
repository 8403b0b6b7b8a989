package engine

// An export of an image is an archive of archives, one for each layer, in no
// order. Engines write it in one of two forms:
//
//   - docker save: manifest.json names the layers in order, lowest first. They
//     are <id>/layer.tar, or since Docker 25 blobs/sha256/<digest>; Podman has
//     <digest>.tar. A layer that is there twice may be a link the second time.
//   - OCI layout: index.json names manifests, and those the layers, all as
//     blobs/sha256/<digest>. Layers may be compressed, with gzip or zstd.
//
// Which blob is a layer is known only at the end, so everything that looks like
// an archive is read as one. What is read may be hostile: an image is made by
// anybody.

import (
	"archive/tar"
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"petrify/inspect/unpack"
)

const (
	maxManifest  = 4 << 20 // bytes of one JSON file in an export
	maxManifests = 16 << 20
	maxNesting   = 4 // of indexes that name indexes
	maxUnpacked  = 16 << 30
)

var errTooLarge = errors.New("it unpacks to more than can be read")

// exportReader collects what is wanted from an export.
type exportReader struct {
	wanted    *wanted
	layers    map[string]*layer
	links     map[string]string
	manifests map[string][]byte
	kept      int // bytes of manifests
	unpacked  int64
}

// readExport returns the layers of the exported image, lowest first, with
// what is wanted of each.
func readExport(r io.Reader, w *wanted) ([]*layer, error) {
	x := &exportReader{
		wanted: w, layers: make(map[string]*layer), links: make(map[string]string),
		manifests: make(map[string][]byte),
	}
	files := tar.NewReader(r)
	for {
		header, err := files.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("read the export: %w", err)
		}
		name := path.Clean(header.Name)
		switch header.Typeflag {
		case tar.TypeSymlink:
			x.links[name] = path.Join(path.Dir(name), header.Linkname)
		case tar.TypeLink:
			x.links[name] = path.Clean(header.Linkname)
		case tar.TypeReg:
			if err := x.file(name, header.Size, files); err != nil {
				return nil, fmt.Errorf("read %s of the export: %w", name, err)
			}
		}
	}
	return x.ordered()
}

// file reads one file of the export by what it looks like.
func (x *exportReader) file(name string, size int64, r io.Reader) error {
	content := bufio.NewReaderSize(r, 64<<10)
	head, err := content.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	plain, compressed, err := unpack.Open(content)
	if err != nil {
		return err
	}
	defer plain.Close()
	switch {
	case compressed || isArchive(head):
		return x.layer(name, plain)
	case len(head) > 0 && (head[0] == '{' || head[0] == '['):
		if size > maxManifest || x.kept+int(size) > maxManifests {
			return nil
		}
		x.kept += int(size)
		x.manifests[name], err = io.ReadAll(content)
		return err
	}
	x.layers[name] = new(layer) // an empty archive is zeros only
	return nil
}

// isArchive knows every archive of this century by its mark.
func isArchive(head []byte) bool {
	return len(head) >= 262 && string(head[257:262]) == "ustar"
}

func (x *exportReader) layer(name string, r io.Reader) error {
	l, err := readLayer(&bounded{r: r, read: &x.unpacked}, x.wanted)
	x.layers[name] = l
	return err
}

// bounded fails when too much was read, over all that share the count.
type bounded struct {
	r    io.Reader
	read *int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if *b.read += int64(n); *b.read > maxUnpacked {
		return n, errTooLarge
	}
	return n, err
}

// ordered finds the manifest, and the layers that it names.
func (x *exportReader) ordered() ([]*layer, error) {
	var saved []struct{ Layers []string }
	if content, ok := x.manifests["manifest.json"]; ok {
		if err := json.Unmarshal(content, &saved); err != nil {
			return nil, fmt.Errorf("read manifest.json of the export: %w", err)
		}
	}
	candidates := make([][]string, 0, len(saved))
	for _, manifest := range saved {
		candidates = append(candidates, manifest.Layers)
	}
	if len(candidates) == 0 {
		candidates = x.indexed("index.json", maxNesting)
	}
	// An image for several platforms names those that this engine does not
	// have; the one with all its layers is the one.
	for _, names := range candidates {
		if layers, ok := x.named(names); ok {
			return layers, nil
		}
	}
	return nil, errors.New("the export names no image with all its layers")
}

func (x *exportReader) named(names []string) ([]*layer, bool) {
	var layers []*layer
	for _, name := range names {
		name = path.Clean(name)
		if target, ok := x.links[name]; ok {
			name = target
		}
		l, ok := x.layers[name]
		if !ok {
			return nil, false
		}
		layers = append(layers, l)
	}
	return layers, true
}

// indexed returns the layers of every image below an OCI index or manifest.
func (x *exportReader) indexed(name string, depth int) [][]string {
	type descriptor struct{ Digest string }
	var document struct{ Manifests, Layers []descriptor }
	if depth == 0 || json.Unmarshal(x.manifests[name], &document) != nil {
		return nil
	}
	if len(document.Layers) > 0 {
		names := make([]string, len(document.Layers))
		for i, l := range document.Layers {
			names[i] = blob(l.Digest)
		}
		return [][]string{names}
	}
	var found [][]string
	for _, manifest := range document.Manifests {
		found = append(found, x.indexed(blob(manifest.Digest), depth-1)...)
	}
	return found
}

// blob is where an OCI layout has what a digest such as sha256:12ab names.
func blob(digest string) string {
	return path.Join("blobs", strings.Replace(digest, ":", "/", 1))
}
