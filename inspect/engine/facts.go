package engine

// What an image holds is read from a container of it, as nothing is made or run
// to find it out. What the container shows, less its changes, is the image's:
//
//   - What is added, and all below it, the image does not have.
//   - What is modified or deleted it has. Of a modified directory the container
//     knows mode and owner as they are now, of a deleted one neither.
//   - A name that is not UTF-8 is listed with a U+FFFD for each odd byte, while an
//     archive has its bytes: they are compared as they are listed. Of two that are
//     listed alike nobody knows which one the image has, so that both may be its.
//   - A volume hides what the image has below it, and was filled with that when
//     it was made: what is in it stands for the image, as Bounded. A bind hides
//     it for good. A tmpfs is not in the archives of Docker, so it hides nothing.
//
// An archive of a directory holds all below it, in order of names. It is read
// until a file of the image turns up, which mostly is among the first entries.
// Docker 20.10 starts a process of its own to pack one, which takes 60 ms; so a
// path is asked for once.

import (
	"archive/tar"
	"context"
	"errors"
	"io"
	"math"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"petrify/model"

	"golang.org/x/sync/errgroup"
)

const (
	maxEntries = 10_000   // of one directory that are looked at
	maxWalked  = 64 << 20 // bytes of files that are passed over meanwhile
	maxLinks   = 40       // as in the kernel
)

// Facts returns what an image holds at some paths, seen through a container of
// it, which need not run. The changes are all of that container's, with those
// that the engine itself made. Where a path is a symbolic link, the facts of
// what it leads to are there as well, by their own path.
func (e *Engine) Facts(ctx context.Context, c model.Container, img model.Image, paths []string, changes []model.Change) (model.Facts, error) {
	v := newView(e, c.ID, img.ID, changes)
	doing := "look at the image through container"
	if err := v.resolveMounts(ctx, c.Mounts); err != nil {
		return nil, e.failedAt(ctx, c.ID, doing, err)
	}
	found, err := v.all(ctx, paths)
	if err != nil {
		return nil, e.failedAt(ctx, c.ID, doing, err)
	}
	facts := make(model.Facts, len(paths))
	var behind []string
	for i, p := range paths {
		facts[p] = found[i]
		if found[i].Type == model.Symlink && found[i].Real != p {
			behind = append(behind, found[i].Real)
		}
	}
	found, err = v.all(ctx, behind)
	if err != nil {
		return nil, e.failedAt(ctx, c.ID, doing, err)
	}
	for i, p := range behind {
		facts[p] = found[i]
	}
	return facts, nil
}

// view is a container seen as its image.
type view struct {
	engine    *Engine
	container string
	image     string
	own       map[string]model.ChangeKind // the container's changes
	held      map[string]bool             // directories below which the image has something that changed
	lost      map[string]bool             // directories below which something of the image was deleted
	hiding    []model.Mount               // the deepest first, with targets resolved
	resolved  bool                        // hiding is known

	mu    sync.Mutex
	asked map[string]func() (seen, error)
}

// seen is what a container shows at a path.
type seen struct {
	known   bool
	there   bool
	info    model.FileInfo
	content bool // a directory with something that the image ships, placeholders aside
	files   bool // and not only with directories
	bounded bool
	holder  bool // a directory with a placeholder
}

func newView(e *Engine, container, image string, changes []model.Change) *view {
	v := &view{
		engine: e, container: container, image: image,
		own:   make(map[string]model.ChangeKind, len(changes)),
		held:  make(map[string]bool),
		lost:  make(map[string]bool),
		asked: make(map[string]func() (seen, error)),
	}
	for _, change := range changes {
		v.own[change.Path] = change.Kind
		if change.Path == "/" {
			continue
		}
		// Nobody misses a placeholder: caches are cleared together with it. Its size is
		// not known any more, so that only its name tells.
		at := change.Path
		if model.IsPlaceholder(path.Base(at), math.MaxInt64) && path.Dir(at) != "/" {
			at = path.Dir(at)
		}
		switch change.Kind {
		case model.Deleted:
			markAbove(v.lost, at)
			fallthrough
		case model.Modified:
			markAbove(v.held, at)
		}
	}
	return v
}

func markAbove(marked map[string]bool, p string) {
	for dir := path.Dir(p); !marked[dir]; dir = path.Dir(dir) {
		marked[dir] = true
	}
}

// resolveMounts resolves where the mounts really are: one through a link, such as
// /var/run, lands where the link leads.
func (v *view) resolveMounts(ctx context.Context, mounts []model.Mount) error {
	for _, m := range mounts {
		if m.Kind == model.Tmpfs || m.Copied {
			continue
		}
		target, _, err := v.resolve(ctx, path.Clean("/"+m.Target))
		if err != nil {
			return err
		}
		m.Target = target
		v.hiding = append(v.hiding, m)
	}
	slices.SortStableFunc(v.hiding, func(a, b model.Mount) int { return len(b.Target) - len(a.Target) })
	v.resolved = true
	return nil
}

func (v *view) all(ctx context.Context, paths []string) ([]model.ImagePath, error) {
	found := make([]model.ImagePath, len(paths))
	readers, within := errgroup.WithContext(ctx)
	readers.SetLimit(parallelReads)
	for i, p := range paths {
		readers.Go(func() (err error) {
			found[i], err = v.fact(within, path.Clean("/"+p))
			return err
		})
	}
	return found, readers.Wait()
}

// fact is what the image has at one clean path.
func (v *view) fact(ctx context.Context, p string) (model.ImagePath, error) {
	dir, ok, err := v.resolve(ctx, path.Dir(p))
	if err != nil || !ok {
		return model.ImagePath{Real: p}, err
	}
	place := path.Join(dir, path.Base(p))
	s, err := v.at(ctx, place)
	if err != nil {
		return model.ImagePath{}, err
	}
	fact := v.judge(place, s)
	fact.Real = place
	if s.isLink() && fact.Exists {
		real, ok, err := v.resolve(ctx, place)
		if err != nil {
			return model.ImagePath{}, err
		}
		if ok {
			fact.Real = real
		}
	}
	return fact, nil
}

// judge tells what the image has of what the container shows at a resolved path.
func (v *view) judge(place string, s seen) model.ImagePath {
	fact := model.ImagePath{
		Known: s.known, Exists: s.there,
		Type: s.info.Type, Mode: s.info.Mode, UID: s.info.UID, GID: s.info.GID, OwnerUnknown: s.info.OwnerUnknown, Link: s.info.Link,
		HasContent: s.content, HasFiles: s.files, Bounded: s.bounded, Placeholder: s.holder,
	}
	if s.info.Type == model.Regular {
		fact.Size = s.info.Size
	}
	kind, changed := v.own[place]
	m, hidden := v.hiddenBy(place)
	switch {
	case changed && kind == model.Added, !changed && v.isOwn(place):
		fact.Known, fact.Exists, fact.HasContent, fact.HasFiles, fact.Bounded, fact.Placeholder = true, false, false, false, false, false
	case changed && kind == model.Deleted:
		fact = model.ImagePath{Known: true, Exists: true, HasContent: true, HasFiles: true, Bounded: true}
	case v.belowDeleted(place), hidden && m.Kind != model.Volume:
		fact = model.ImagePath{}
	case hidden:
		fact.Bounded = true
	}
	return fact
}

// resolve follows the symbolic links of the image in a clean path; ok is false
// when they lead in a circle.
func (v *view) resolve(ctx context.Context, p string) (real string, ok bool, err error) {
	done, links := "/", 0
	for rest := parts(p); len(rest) > 0; {
		next := path.Join(done, rest[0]) // for ".." as well
		rest = rest[1:]
		if _, hidden := v.hiddenBy(next); hidden || v.isOwn(next) {
			return path.Join(next, path.Join(rest...)), true, nil
		}
		s, err := v.at(ctx, next)
		if err != nil {
			return "", false, err
		}
		if s.known && !s.there {
			return path.Join(next, path.Join(rest...)), true, nil
		}
		if !s.isLink() {
			done = next
			continue
		}
		if links++; links > maxLinks {
			return p, false, nil
		}
		if strings.HasPrefix(s.info.Link, "/") {
			done = "/"
		}
		rest = append(parts(s.info.Link), rest...)
	}
	return done, true, nil
}

func parts(p string) []string {
	return strings.FieldsFunc(p, func(r rune) bool { return r == '/' })
}

func (s seen) isLink() bool { return s.there && s.info.Type == model.Symlink }

// at asks for a resolved path, once.
func (v *view) at(ctx context.Context, p string) (seen, error) {
	v.mu.Lock()
	ask, ok := v.asked[p]
	if !ok {
		ask = sync.OnceValues(func() (seen, error) { return v.ask(ctx, p) })
		v.asked[p] = ask
	}
	v.mu.Unlock()
	return ask()
}

func (v *view) ask(ctx context.Context, p string) (seen, error) {
	if p == "/" {
		return seen{known: true, there: true, info: model.FileInfo{Type: model.Directory, Mode: 0o755}, content: true, files: true}, nil
	}
	shared := v.isImages(p)
	if shared {
		if s, ok := v.engine.shipped.at(v.image, p); ok {
			return s, nil
		}
	}
	var s seen
	err := v.engine.open(ctx, v.container, p, func(info model.FileInfo, files *tar.Reader) error {
		s = seen{known: true, there: true, info: info}
		if info.Type == model.Directory {
			v.contentOf(&s, p, files)
		}
		return ctx.Err()
	})
	switch {
	case errors.Is(err, errNoFile):
		// A name that is not UTF-8 cannot be asked for: who knows.
		s.known = !strings.ContainsRune(p, '\uFFFD')
	case err != nil && aboutPath(err):
		return seen{}, nil
	case err != nil:
		return seen{}, err
	}
	if shared && s.known && !s.bounded {
		v.engine.shipped.keep(v.image, p, s)
	}
	return s, nil
}

// contentOf reads what follows a directory in its archive until there is a file
// of the image. An archive that breaks off is like one that is too long.
func (v *view) contentOf(s *seen, dir string, archive *tar.Reader) {
	if v.lost[dir] {
		s.content, s.files = true, true
		return
	}
	s.content = v.held[dir]
	var passed int64
	alike := map[string]bool{}
	for range maxEntries {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			break
		}
		p, ok := inside(dir, header.Name)
		if !ok {
			continue
		}
		listed := asListed(p)
		own := v.isOwn(p) || v.isOwn(listed) && !alike[listed] // as a layer has it, or as an engine lists it
		if listed != p {
			alike[listed] = true
		}
		if _, hidden := v.hiddenBy(path.Dir(p)); !hidden && !own {
			switch {
			case header.Typeflag == tar.TypeDir:
				s.content = true
			case header.Typeflag == tar.TypeReg && model.IsPlaceholder(path.Base(p), header.Size):
				s.holder = s.holder || path.Dir(p) == dir
			default:
				s.content, s.files = true, true
				return
			}
		}
		if passed += header.Size; passed > maxWalked {
			break
		}
	}
	s.content, s.files, s.bounded = true, true, true
}

// inside is the path of an entry in the archive of a directory. Their names
// begin with the directory's own; whatever they hold, it stays below it.
func inside(dir, name string) (string, bool) {
	_, below, ok := strings.Cut(strings.Trim(path.Clean("/"+name), "/"), "/")
	return path.Join(dir, below), ok && below != ""
}

// asListed writes a path as it stands among the changes that an engine lists.
func asListed(p string) string {
	if utf8.ValidString(p) {
		return p
	}
	return string([]rune(p))
}

// isOwn reports whether the container added a path, or a directory above it.
func (v *view) isOwn(p string) bool {
	for ; p != "/"; p = path.Dir(p) {
		if kind, changed := v.own[p]; changed {
			return kind == model.Added
		}
	}
	return false
}

func (v *view) belowDeleted(p string) bool {
	for p != "/" {
		p = path.Dir(p)
		if kind, changed := v.own[p]; changed {
			return kind == model.Deleted
		}
	}
	return false
}

// hiddenBy returns the mount at or above a path.
func (v *view) hiddenBy(p string) (model.Mount, bool) {
	for _, m := range v.hiding {
		if p == m.Target || strings.HasPrefix(p, strings.TrimSuffix(m.Target, "/")+"/") {
			return m, true
		}
	}
	return model.Mount{}, false
}

// isImages reports whether the container shows a path as its image has it.
func (v *view) isImages(p string) bool {
	if _, hidden := v.hiddenBy(p); hidden || !v.resolved {
		return false
	}
	if _, changed := v.own[p]; changed {
		return false
	}
	return !v.isOwn(p) && !v.belowDeleted(p)
}
