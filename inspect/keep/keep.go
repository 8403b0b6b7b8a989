// Package keep writes a file whole or not at all, and over nothing that somebody
// else wrote.
package keep

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/moby/sys/atomicwriter"

	"petrify/model"
)

// MayReplace returns a [model.FileTakenError] when what is there is no file, or one that is
// not ours by its first 256 bytes, unless it is to be replaced whoever wrote it.
func MayReplace(name string, ours func(head []byte) bool, whoever bool) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular(): // a rename would put a file in the place of a device
		return &model.FileTakenError{Name: name}
	case whoever:
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
		return &model.FileTakenError{Name: name, Regular: true}
	}
	return nil
}

// mostRead bounds what is read of a file that is to be replaced.
const mostRead = 64 << 20

// Read returns what a file holds, within bounds; nothing where there is none.
func Read(name string) ([]byte, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, mostRead))
	if err != nil {
		return nil, fmt.Errorf("look at %s before replacing it: %w", name, err)
	}
	return content, nil
}

// Replace writes a file so that it is there whole or not at all. A link stays a
// link.
func Replace(name string, content []byte) error { return replace(name, content, 0o666&^umask) }

// replacePrivate is Replace for a file that only its user may read.
func replacePrivate(name string, content []byte) error { return replace(name, content, 0o600) }

// replace gives a new file the mode; one that is there keeps its own.
func replace(name string, content []byte, mode fs.FileMode) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
		if info, err := os.Stat(name); err == nil {
			mode = info.Mode().Perm()
		}
	}
	if err := atomicwriter.WriteFile(name, content, mode); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
