package keep

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/adrg/xdg"
)

// ErrNewer says that a newer petrify wrote a file: it is left alone.
var ErrNewer = errors.New("it was written by a newer petrify")

// Folder is where files are kept between runs, which only their user can read. What is
// in it is bounded: the oldest files are dropped.
type Folder struct {
	Dir       string
	Ending    string // of its files; others are left alone
	MostFiles int
	MostBytes int64 // of all files
}

// InState returns the folder with a directory where it has none: the one of that name in the
// user's XDG state folder.
func (f Folder) InState(name string) Folder {
	if f.Dir == "" {
		f.Dir = filepath.Join(xdg.StateHome, "petrify", name)
	}
	return f
}

// Path returns the file of what is named by some words. Names are hostile, so files are
// named by a hash of them.
func (f Folder) Path(words ...string) string {
	hash := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return filepath.Join(f.Dir, hex.EncodeToString(hash[:])[:32]+f.Ending)
}

// Replace writes a file of the folder whole, which is made when there is none, and
// drops the oldest files where there are too many.
func (f Folder) Replace(path string, content []byte) error {
	if err := os.MkdirAll(f.Dir, 0o700); err != nil {
		return err
	}
	if err := replacePrivate(path, content); err != nil {
		return err
	}
	return f.makeRoom(path)
}

// Files lists the files of the folder, the newest first.
func (f Folder) Files() ([]string, error) {
	infos, err := f.infos()
	paths := make([]string, len(infos))
	for i, info := range infos {
		paths[i] = filepath.Join(f.Dir, info.Name())
	}
	return paths, err
}

func (f Folder) infos() ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(f.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for what is kept: %w", err)
	}
	var infos []fs.FileInfo
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(entry.Name(), f.Ending) {
			infos = append(infos, info)
		}
	}
	slices.SortFunc(infos, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	return infos, nil
}

// makeRoom drops the oldest files, but never the one that was just written.
func (f Folder) makeRoom(newest string) error {
	infos, err := f.infos()
	if err != nil {
		return err
	}
	var bytes int64
	for i, info := range infos {
		bytes += info.Size()
		path := filepath.Join(f.Dir, info.Name())
		if (i >= f.MostFiles || bytes > f.MostBytes) && path != newest {
			if err := os.Remove(path); err != nil {
				return err
			}
		}
	}
	return nil
}
