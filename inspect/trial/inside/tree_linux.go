package inside

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// How a tree is copied, while somebody else may be writing to it:
//
//   - Owners, modes, times, attributes, links and holes come along. Where the file system
//     can share content, nothing is copied but names.
//   - What goes meanwhile is passed over. Sockets are: whoever listens makes them anew.
//   - Devices, and attributes that may not be set, are counted.

// inode tells a file from all others of its host.
type inode struct{ device, number uint64 }

func isGone(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// clearDirectory empties a directory, and makes it what an engine makes a new volume: one
// of root that everybody may read.
func clearDirectory(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if err := os.RemoveAll(filepath.Join(dir, entry.Name())); err != nil {
			return err
		}
	}
	return errors.Join(os.Chown(dir, 0, 0), os.Chmod(dir, 0o755))
}

// copying is one copy under way.
type copying struct {
	linked  map[inode]string // where files with several names were put first
	skipped int
	times   []func() // of directories, set when nothing changes in them any more
}

// copyTree copies what is in a tree, or a file, into an empty directory, and returns how
// much could not be copied as it is.
func copyTree(ctx context.Context, from, to string) (skipped int, err error) {
	c := &copying{linked: map[inode]string{}}
	info, err := os.Lstat(from)
	if err == nil {
		err = os.MkdirAll(to, 0o755)
	}
	if err != nil {
		return 0, err
	}
	if !info.IsDir() {
		err = c.copy(from, filepath.Join(to, FileName))
		return c.skipped, err
	}
	err = filepath.WalkDir(from, func(path string, _ fs.DirEntry, err error) error {
		if isGone(err) && path != from {
			return nil
		}
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		target := to + strings.TrimPrefix(path, from)
		if err := c.copy(path, target); err != nil && !isGone(err) {
			return fmt.Errorf("copy %s: %w", path, err)
		}
		return nil
	})
	for _, set := range c.times {
		set()
	}
	return c.skipped, err
}

// FileName is that of a single file in the directory that it is copied into.
const FileName = "file"

func (c *copying) copy(from, to string) error {
	var st unix.Stat_t
	if err := unix.Lstat(from, &st); err != nil {
		return err
	}
	kind := st.Mode & unix.S_IFMT
	if first, ok := c.linked[inode{st.Dev, st.Ino}]; ok && kind != unix.S_IFDIR {
		return os.Link(first, to)
	}
	var err error
	switch kind {
	case unix.S_IFDIR:
		if err = os.Mkdir(to, 0o700); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	case unix.S_IFREG:
		err = copyContent(from, to)
	case unix.S_IFLNK:
		var target string
		if target, err = os.Readlink(from); err == nil {
			err = os.Symlink(target, to)
		}
	case unix.S_IFIFO:
		err = unix.Mkfifo(to, 0o600)
	case unix.S_IFSOCK:
		return nil
	default:
		c.skipped++
		return nil
	}
	if err != nil {
		return err
	}
	if st.Nlink > 1 && kind != unix.S_IFDIR {
		c.linked[inode{st.Dev, st.Ino}] = to
	}
	return c.dress(from, to, &st)
}

// dress gives a copy the owner, mode, attributes and times of the original.
func (c *copying) dress(from, to string, st *unix.Stat_t) error {
	if err := os.Lchown(to, int(st.Uid), int(st.Gid)); err != nil {
		return err
	}
	kind := st.Mode & unix.S_IFMT
	if kind != unix.S_IFLNK {
		// After the owner: that takes the bits for other users away.
		if err := unix.Chmod(to, st.Mode&0o7777); err != nil {
			return err
		}
	}
	c.copyAttributes(from, to)
	times := []unix.Timespec{st.Atim, st.Mtim}
	set := func() { _ = unix.UtimesNanoAt(unix.AT_FDCWD, to, times, unix.AT_SYMLINK_NOFOLLOW) }
	if kind == unix.S_IFDIR {
		c.times = append(c.times, set)
	} else {
		set()
	}
	return nil
}

func (c *copying) copyAttributes(from, to string) {
	names := make([]byte, 64<<10) // the most that the kernel lists
	n, err := unix.Llistxattr(from, names)
	if err != nil || n == 0 {
		return
	}
	for name := range strings.SplitSeq(strings.Trim(string(names[:n]), "\x00"), "\x00") {
		value := make([]byte, 64<<10)
		n, err := unix.Lgetxattr(from, name, value)
		if err != nil || strings.HasPrefix(name, "trusted.") || name == "security.selinux" {
			continue
		}
		if unix.Lsetxattr(to, name, value[:n], 0) != nil {
			c.skipped++
		}
	}
}

// copyContent copies a file with its holes.
func copyContent(from, to string) (err error) {
	in, err := os.OpenFile(from, os.O_RDONLY|unix.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, out.Close()) }()
	if unix.IoctlFileClone(int(out.Fd()), int(in.Fd())) == nil {
		return nil
	}
	info, err := in.Stat()
	if err != nil {
		return err
	}
	for at := int64(0); at < info.Size(); {
		start, end := nextData(in, at, info.Size())
		if start >= end {
			break
		}
		if _, err := in.Seek(start, io.SeekStart); err != nil {
			return err
		}
		if _, err := out.Seek(start, io.SeekStart); err != nil {
			return err
		}
		if _, err := io.CopyN(out, in, end-start); errors.Is(err, io.EOF) {
			break // it has become shorter
		} else if err != nil {
			return err
		}
		at = end
	}
	return out.Truncate(info.Size())
}

// nextData is the next stretch of a file that is no hole.
func nextData(f *os.File, at, size int64) (start, end int64) {
	start, err := unix.Seek(int(f.Fd()), at, unix.SEEK_DATA)
	if errors.Is(err, unix.ENXIO) {
		return size, size
	}
	if err != nil {
		return at, size // the file system does not tell holes
	}
	end, err = unix.Seek(int(f.Fd()), start, unix.SEEK_HOLE)
	if err != nil {
		end = size
	}
	return start, min(end, size)
}
