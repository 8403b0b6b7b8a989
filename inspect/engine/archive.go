package engine

// Files of a container are read through GET /containers/ID/archive?path=, which
// runs nothing in it. What Docker 20.10 does for it:
//
//   - It mounts the container's root and its volumes anew, outside the container:
//     a tmpfs, /dev and /proc are not in it, and a path below one is not found.
//   - It holds the container's lock until the answer is closed: whoever inspects
//     the container, or reads another file from it, waits. So only the header is
//     read and the answer closed. For a directory of 1 GB that takes a few
//     milliseconds, and the engine stops packing at once.
//   - A symbolic link at the end of the path is answered as itself, one before
//     it is followed inside the container's root.
//   - The header X-Docker-Container-Path-Stat comes before the archive, and says
//     all but the owner. For a socket there is nothing else: archives have none.
//   - For the owner of a file, see ids.go.
//   - An event archive-path, and mount and unmount events of every volume.

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"petrify/model"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"golang.org/x/sync/errgroup"
)

// parallelReads bounds the questions at once. One container's are answered one
// after the other anyway; this hides the way there and back.
const parallelReads = 4

// Stat describes paths of a container, in their order. One that cannot be read
// says so in its Err; the error is for when none can.
func (e *Engine) Stat(ctx context.Context, id string, paths []string) ([]model.FileInfo, error) {
	infos := make([]model.FileInfo, len(paths))
	readers, within := errgroup.WithContext(ctx)
	readers.SetLimit(parallelReads)
	for i, path := range paths {
		readers.Go(func() error {
			err := e.open(within, id, path, func(info model.FileInfo, _ *tar.Reader) error {
				infos[i] = info
				return nil
			})
			if err != nil && aboutPath(err) {
				infos[i] = model.FileInfo{Path: path, Err: unreadable(path, err)}
				return nil
			}
			return err
		})
	}
	if err := readers.Wait(); err != nil {
		return nil, e.failedAt(ctx, id, "look at files of container", err)
	}
	owners := e.owners(ctx, id)
	for i := range infos {
		if infos[i].Err == "" && !infos[i].OwnerUnknown {
			infos[i].Owner = owners[infos[i].UID]
		}
	}
	return infos, nil
}

// errNoFile means that the container is there and the path is not.
var errNoFile = errors.New("not there any more")

// open gives use what is at a path: its description, and the archive after that,
// which is the content of a regular file and what follows a directory. What use
// does not read stays with the engine.
func (e *Engine) open(ctx context.Context, id, path string, use func(model.FileInfo, *tar.Reader) error) error {
	answer, err := e.api.CopyFromContainer(ctx, id, client.CopyFromContainerOptions{SourcePath: path})
	switch {
	case errdefs.IsNotFound(err) && !strings.Contains(strings.ToLower(err.Error()), "no such container"),
		// where a file is in the place of a directory, Docker fails with this
		err != nil && strings.HasSuffix(err.Error(), ": not a directory"):
		return errNoFile
	case err != nil:
		return err
	}
	defer answer.Content.Close()

	files := tar.NewReader(answer.Content)
	header, err := files.Next()
	if errors.Is(err, io.EOF) {
		info := fromStat(answer.Stat)
		info.Path = path
		return use(info, files)
	}
	if err != nil {
		return fmt.Errorf("read the archive of %q: %w", path, err)
	}
	info := fromHeader(header)
	info.Path = path
	e.ids(ctx).own(&info)
	if !answer.Stat.Mtime.IsZero() {
		info.Modified = answer.Stat.Mtime // the archive's own has whole seconds only
	}
	return use(info, files)
}

// aboutPath tells trouble with one path from trouble that every path would have.
func aboutPath(err error) bool {
	return !IsGone(err) && !errors.Is(err, context.Canceled) && !timedOut(err) && !client.IsErrConnectionFailed(err)
}

func unreadable(path string, err error) string {
	if errors.Is(err, errNoFile) && strings.ContainsRune(path, '\uFFFD') {
		return "its name is not UTF-8, and the engine does not tell the bytes: it cannot be asked for"
	}
	return said(err)
}

func fromHeader(h *tar.Header) model.FileInfo {
	info := model.FileInfo{
		Type:     model.Regular,
		Mode:     uint32(h.Mode & 0o7777),
		UID:      h.Uid,
		GID:      h.Gid,
		Size:     h.Size,
		Modified: h.ModTime,
	}
	switch h.Typeflag {
	case tar.TypeDir:
		info.Type = model.Directory
	case tar.TypeSymlink:
		info.Type, info.Link = model.Symlink, h.Linkname
	case tar.TypeFifo:
		info.Type = model.FIFO
	case tar.TypeChar, tar.TypeBlock:
		info.Type = model.Device
	}
	return info
}

func fromStat(s container.PathStat) model.FileInfo {
	info := model.FileInfo{Type: model.Regular, Mode: uint32(s.Mode.Perm()), Size: s.Size, Modified: s.Mtime, Link: s.LinkTarget}
	for bit, mode := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
		if s.Mode&bit != 0 {
			info.Mode |= mode
		}
	}
	switch {
	case s.Mode.IsDir():
		info.Type = model.Directory
	case s.Mode&fs.ModeSymlink != 0:
		info.Type = model.Symlink
	case s.Mode&fs.ModeSocket != 0:
		info.Type = model.Socket
	case s.Mode&fs.ModeNamedPipe != 0:
		info.Type = model.FIFO
	case s.Mode&fs.ModeDevice != 0:
		info.Type = model.Device
	}
	return info
}
