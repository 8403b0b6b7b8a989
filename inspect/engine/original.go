package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"petrify/model"

	"github.com/docker/go-units"
)

const (
	maxImage  = 4 << 30  // bytes of an image that is still exported
	maxKept   = 32 << 20 // bytes of originals, of all images
	maxWanted = 100_000  // paths that are looked for in one export
)

// originals keeps what was found in the images, so that the second file of an
// image costs nothing.
type originals struct {
	// One export at a time: the engine writes each to its own disk, whole,
	// before it sends the first byte.
	turn chan struct{}
	sets []*originalSet // the one used last is last
}

// originalSet is what one export told.
type originalSet struct {
	image    string
	looked   map[string]bool // paths that were looked for
	versions map[string]model.Version
	size     int64
}

// original is the image's own version of a path.
func (e *Engine) original(ctx context.Context, id, path string) (model.Version, error) {
	changes, err := e.knownChanges(ctx, id, path)
	if err != nil {
		return model.Version{}, err
	}
	if slices.Contains(changes, model.Change{Path: path, Kind: model.Added}) {
		return model.Version{}, nil
	}
	image, err := e.imageOf(ctx, id)
	if err != nil {
		return model.Version{}, err
	}
	select {
	case e.originals.turn <- struct{}{}:
		defer func() { <-e.originals.turn }()
	case <-ctx.Done():
		return model.Version{}, ctx.Err()
	}
	set := e.originals.take(image)
	if set == nil || !set.looked[path] {
		if set, err = e.export(ctx, image, path, changes, set); err != nil {
			if ctx.Err() != nil || !aboutPath(err) && !IsGone(err) {
				return model.Version{}, e.failed("read the image's original", err)
			}
			return model.Version{Problem: said(err)}, nil
		}
	}
	e.originals.keep(set)
	return set.versions[path], nil
}

// knownChanges are those that were found last. The engine is asked for them again only
// where it was asked before, and did not have the path.
func (e *Engine) knownChanges(ctx context.Context, id, path string) ([]model.Change, error) {
	var known []model.Change
	var read bool
	e.memory.of(id, func(n *note) { known, read = n.changes, n.read })
	if read || slices.ContainsFunc(known, func(c model.Change) bool { return c.Path == path }) {
		return known, nil
	}
	return e.Changes(ctx, id)
}

// imageOf is known without asking once the container was inspected.
func (e *Engine) imageOf(ctx context.Context, id string) (string, error) {
	var image string
	e.memory.of(id, func(n *note) { image = n.image })
	if image != "" {
		return image, nil
	}
	c, err := e.Inspect(ctx, id)
	return c.ImageID, err
}

// export reads the image once, for all changed paths of the container and for
// those that were looked for before: they are of another container of the image.
func (e *Engine) export(ctx context.Context, image, path string, changes []model.Change, before *originalSet) (*originalSet, error) {
	about, err := e.Image(ctx, image)
	if err != nil {
		return nil, err
	}
	if about.Size > maxImage {
		return nil, fmt.Errorf("the image is %s, and more than %s is not read through: `docker create` a container of it and `docker cp` the file out",
			units.BytesSize(float64(about.Size)), units.BytesSize(maxImage))
	}
	var others []string
	for _, change := range changes {
		if change.Kind != model.Added && len(others) < maxWanted {
			others = append(others, change.Path)
		}
	}
	if before != nil {
		for p := range before.looked {
			if len(others) < maxWanted {
				others = append(others, p)
			}
		}
	}
	w := newWanted(path, maxKept, others...)
	layers, err := e.layers(ctx, image, w)
	if err != nil {
		return nil, err
	}
	// A hard link has its content elsewhere in its layer, at a path that was
	// not looked for. That is rare enough for a second pass.
	if f, ok := find(layers, path); ok && f.hardLink != "" {
		w.room = maxKept
		w.add(f.hardLink)
		if layers, err = e.layers(ctx, image, w); err != nil {
			return nil, err
		}
	}
	return newSet(image, w, layers), nil
}

func (e *Engine) layers(ctx context.Context, image string, w *wanted) ([]*layer, error) {
	saved, err := e.api.ImageSave(ctx, []string{image})
	if err != nil {
		return nil, err
	}
	defer saved.Close()
	layers, err := readExport(saved, w)
	return layers, errors.Join(ctx.Err(), err)
}

func newSet(image string, w *wanted, layers []*layer) *originalSet {
	set := &originalSet{image: image, looked: make(map[string]bool, len(w.paths)), versions: make(map[string]model.Version)}
	for p := range w.paths {
		f, ok := find(layers, p)
		if ok && p != w.first && (f.left || f.hardLink != "") {
			continue // to be looked for again when somebody asks for it
		}
		set.looked[p] = true
		if !ok {
			continue
		}
		if f.hardLink != "" {
			f.version.Problem = "a hard link whose file the layer does not have"
		}
		set.versions[p] = f.version
		set.size += int64(len(f.version.Content))
	}
	return set
}

// take removes the set of an image, to be kept again as the one used last.
func (o *originals) take(image string) *originalSet {
	for i, set := range o.sets {
		if set.image == image {
			o.sets = slices.Delete(o.sets, i, i+1)
			return set
		}
	}
	return nil
}

func (o *originals) keep(set *originalSet) {
	o.sets = append(o.sets, set)
	var size int64
	for i := len(o.sets) - 1; i >= 0; i-- {
		if size += o.sets[i].size; size > maxKept && i < len(o.sets)-1 {
			o.sets = slices.Delete(o.sets, 0, i+1)
			return
		}
	}
}
