// Package keep writes a file whole or not at all, and over nothing that somebody
// else wrote.
package keep

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// MayReplace returns an error when what is there is no file, or one that is not
// ours by its first 256 bytes, unless that is wanted.
func MayReplace(name string, ours func(head []byte) bool, force bool) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular(): // a rename would put a file in the place of a device
		return fmt.Errorf("%s is not a file; leave -w out to print the plan", name)
	case force:
		return nil
	}
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	head := make([]byte, 256)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("look at %s before replacing it: %w", name, err)
	}
	if !ours(head[:n]) {
		return fmt.Errorf("%s was not written by petrify plan; choose another name, or replace it with `petrify plan --force`", name)
	}
	return nil
}

// Replace writes a file so that it is there whole or not at all: beside it first,
// since only a rename within one folder cannot stop half-way. A link stays a link.
func Replace(name string, content []byte) error { return replace(name, content, 0o666) }

// ReplacePrivate is Replace for a file that only its user may read.
func ReplacePrivate(name string, content []byte) error { return replace(name, content, 0o600) }

// replace takes the mode of a new file, which is less what the umask takes.
func replace(name string, content []byte, mode fs.FileMode) (err error) {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
		if info, err := os.Stat(name); err == nil {
			mode = info.Mode().Perm()
		}
	}
	beside := filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+"."+rand.Text()[:8])
	file, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(beside)
		}
	}()
	_, err = file.Write(content)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return os.Rename(beside, name)
}
