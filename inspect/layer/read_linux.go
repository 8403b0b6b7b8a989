package layer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"petrify/model"

	"golang.org/x/sys/unix"
)

// node is a directory of the container, for what is said of it later.
type node struct {
	parent *node // nil at the root
	path   string
	listed bool // it is a change, and so are the directories above it
	inner  bool // something in it was copied up as well
}

// copied is what was copied up, and did not differ itself.
type copied struct {
	*node
	directory bool
	changed   time.Time
}

// folder is a directory that is still to be compared.
type folder struct {
	*node
	now, before           []spot // what it is made of in the container, and in the image
	aboveNow, aboveBefore []spot // the same of its parent
}

// reader compares an overlay with the one below its topmost layer.
type reader struct {
	*layers
	ctx    context.Context
	left   int // names that may still be read
	queue  []folder
	copied []copied
	result Result
}

func read(ctx context.Context, dirs Dirs, most int) (Result, error) {
	layers, err := openLayers(dirs)
	if err != nil {
		return Result{}, err
	}
	defer layers.close()
	r := &reader{layers: layers, ctx: ctx, left: most}
	root := folder{node: &node{path: "/"}}
	for i := range layers.roots {
		root.now = append(root.now, spot{i, "."})
	}
	root.before = root.now[1:]
	r.queue = append(r.queue, root)
	for len(r.queue) > 0 && !r.result.Truncated {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		next := r.queue[len(r.queue)-1]
		r.queue = r.queue[:len(r.queue)-1]
		err := r.compare(next)
		if errors.Is(err, os.ErrPermission) {
			return Result{}, fmt.Errorf("%w: only its owner may enter %q", ErrNotHere, next.path)
		}
		if err != nil {
			return Result{}, fmt.Errorf("read the writable layer at %q: %w", next.path, err)
		}
	}
	var st unix.Stat_t
	if err := unix.Fstat(layers.roots[0], &st); err != nil || st.Nlink == 0 {
		return Result{}, fmt.Errorf("the writable layer was removed while it was read: %w", ErrNotHere)
	}
	for _, c := range r.copied {
		if !c.listed && !c.inner {
			r.result.CopiedUp = append(r.result.CopiedUp, model.CopiedUp{Path: c.path, Directory: c.directory, Changed: c.changed})
		}
	}
	return r.result, nil
}

// compare compares the two sides of one directory, and has the directories in it
// compared later.
func (r *reader) compare(f folder) error {
	now, own, err := r.openMerged(f.now, f.aboveNow)
	switch {
	case gone(err):
		return nil
	case errors.Is(err, unix.ENAMETOOLONG):
		r.result.Truncated = true // deeper than any path leads
		return nil
	case err != nil:
		return err
	}
	defer closeAll(now)
	upper := f.now[0].layer == 0
	shared := upper && !own && slices.Equal(f.now[1:], f.before)
	before := now[1:]
	if !shared {
		if before, _, err = r.openMerged(f.before, f.aboveBefore); err != nil {
			return err
		}
		defer closeAll(before)
	}
	d := &directory{reader: r, folder: f, now: now, before: before, shared: shared, upper: upper}
	d.spotsNow, d.spotsBefore = spotsOf(now), spotsOf(before)
	if shared {
		return r.names(now[0], d.inUpper)
	}
	return d.all()
}

// directory is one that is being compared.
type directory struct {
	*reader
	folder
	now, before           []opened
	spotsNow, spotsBefore []spot
	upper                 bool // the writable layer has it
	shared                bool // and the layers below it are those of the image: what it does not hold is the same
}

func spotsOf(dirs []opened) []spot {
	spots := make([]spot, len(dirs))
	for i, dir := range dirs {
		spots[i] = dir.spot
	}
	return spots
}

// namesAtOnce is how many names are read before it is looked whether to stop.
const namesAtOnce = 1024

// names calls each with the entries of a directory.
func (r *reader) names(dir opened, each func(entry fs.DirEntry) error) error {
	for {
		if err := r.ctx.Err(); err != nil {
			return err
		}
		entries, err := dir.file.ReadDir(namesAtOnce)
		for _, entry := range entries {
			if r.left--; r.left < 0 {
				r.result.Truncated = true
				return nil
			}
			if err := each(entry); err != nil {
				return err
			}
		}
		if err == io.EOF || gone(err) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// inUpper takes an entry of the writable layer, in a directory whose other entries
// are the image's.
func (d *directory) inUpper(entry fs.DirEntry) error {
	name := entry.Name()
	if d.marks.files && strings.HasPrefix(name, whiteout) {
		if name = name[len(whiteout):]; name == "" || strings.HasPrefix(name, whiteout) {
			return nil // says something of its directory
		}
		var st unix.Stat_t
		if is, err := d.at(d.now[0], name, &st); err != nil || is == there {
			return err // it is there again
		}
	} else if len(d.before) == 0 && entry.Type()&fs.ModeCharDevice == 0 {
		d.added(name, entry.IsDir(), []spot{d.spotsNow[0].child(name)})
		return nil
	}
	var is found
	has, err := d.at(d.now[0], name, &is.stat)
	if err != nil || has == nothing {
		return err // vanished meanwhile
	}
	was, had, err := d.lookup(d.before, name)
	if err != nil {
		return err
	}
	is.in = d.now[0]
	if has == there && isDir(&is.stat) {
		is.merged = append([]spot{d.spotsNow[0].child(name)}, was.merged...)
	}
	return d.take(name, is, was, has == there, had)
}

// all compares all names that either side has.
func (d *directory) all() error {
	seen := map[string]bool{}
	for _, dir := range slices.Concat(d.now, d.before) {
		err := d.names(dir, func(entry fs.DirEntry) error {
			name := entry.Name()
			if seen[name] || d.marks.files && strings.HasPrefix(name, whiteout) {
				return nil
			}
			seen[name] = true
			is, has, err := d.lookup(d.now, name)
			if err != nil {
				return err
			}
			was, had, err := d.lookup(d.before, name)
			if err != nil {
				return err
			}
			return d.take(name, is, was, has, had)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// take says what became of a name.
func (d *directory) take(name string, is, was found, has, had bool) error {
	switch {
	case !has && !had:
		return nil
	case !has:
		d.list(path.Join(d.path, name), model.Deleted)
		return nil
	case !had:
		d.added(name, isDir(&is.stat), is.merged)
		return nil
	}
	differ := different(&is.stat, &was.stat)
	if !differ {
		a, err := capability(is.in, name)
		if err != nil {
			return err
		}
		b, err := capability(was.in, name)
		if err != nil {
			return err
		}
		differ = a != b
	}
	n := &node{parent: d.node, path: path.Join(d.path, name), listed: differ}
	if differ {
		d.list(n.path, model.Modified)
	} else if is.in.layer == 0 {
		d.inner = true
		// A process that writes cannot set this time.
		d.copied = append(d.copied, copied{n, isDir(&is.stat), time.Unix(is.stat.Ctim.Unix())})
	}
	if isDir(&is.stat) {
		d.queue = append(d.queue, folder{n, is.merged, was.merged, d.spotsNow, d.spotsBefore})
	}
	return nil
}

func (d *directory) added(name string, isDir bool, merged []spot) {
	p := path.Join(d.path, name)
	d.list(p, model.Added)
	if isDir {
		d.queue = append(d.queue, folder{&node{parent: d.node, path: p, listed: true}, merged, nil, d.spotsNow, nil})
	}
}

// list lists a change in a directory, and the directories above it that are not
// listed yet.
func (d *directory) list(p string, kind model.ChangeKind) {
	d.result.Changes = append(d.result.Changes, model.Change{Path: p, Kind: kind})
	for n := d.node; n.parent != nil && !n.listed; n = n.parent {
		n.listed = true
		d.result.Changes = append(d.result.Changes, model.Change{Path: n.path, Kind: model.Modified})
	}
}
