// Package store keeps recordings between runs, one file for each project, service
// and image, which only their user can read.
package store

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

	"petrify/inspect/keep"
	"petrify/model"
)

// The rules of keeping:
//
//   - A recording joins what is kept of the same project, service and image: what was
//     seen once has been seen.
//   - Names are hostile, so files are named by a hash of them.
//   - Two petrify may save at once. Each file is replaced whole; of two that join the
//     same file in the same moment one addition is lost, never the file.
//   - What is kept is bounded: in each file, by folding paths into their directories,
//     and in all, by dropping the oldest.
//   - A file that cannot be read hinders no other. It is reported, and left alone.
const (
	mostPaths = 10_000
	mostFiles = 500
	mostBytes = 64 << 20 // of all files
	mostText  = 32 << 20 // of one file, whatever it says that it unpacks to
	ending    = ".petrify-recording.gz"
)

// Store is a folder of recordings.
type Store struct{ dir string }

// Open returns the store in a folder, which is made when something is saved; "" is
// the one in the user's XDG state folder.
func Open(dir string) *Store {
	if dir == "" {
		dir = filepath.Join(xdg.StateHome, "petrify", "recordings")
	}
	return &Store{dir: dir}
}

// Save keeps a recording, joined with what is kept already. It returns what is kept.
func (s *Store) Save(r *model.Recording) (*model.Recording, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("keep the recording: %w", err)
	}
	file := s.file(r)
	kept := r
	// One that cannot be read is no loss: it is of an older petrify, or broken.
	if before, err := read(file); err == nil && before.Project == r.Project && before.Service == r.Service {
		kept = model.Join(before, r)
	}
	settled := *kept
	settled.Live, settled.PerSecond = false, 0
	settled.Writes = fold(settled.Writes, mostPaths)
	content, err := encode(&settled)
	if err != nil {
		return nil, fmt.Errorf("keep the recording: %w", err)
	}
	if err := keep.ReplacePrivate(file, content); err != nil {
		return nil, fmt.Errorf("keep the recording: %w", err)
	}
	return &settled, s.makeRoom(file)
}

func (s *Store) file(r *model.Recording) string {
	hash := sha256.Sum256([]byte(r.Project + "\x00" + r.Service + "\x00" + r.ImageID))
	return filepath.Join(s.dir, hex.EncodeToString(hash[:])[:32]+ending)
}

// All returns every recording, by project and service. Its error tells which files
// could not be read; the others are returned all the same.
func (s *Store) All() ([]*model.Recording, error) {
	files, err := s.files()
	if err != nil {
		return nil, err
	}
	var all []*model.Recording
	var problems []error
	for _, file := range files {
		r, err := read(file.path)
		if err != nil {
			problems = append(problems, fmt.Errorf("the recording %s cannot be read (%w): delete it, or update petrify", file.path, err))
			continue
		}
		all = append(all, r)
	}
	slices.SortFunc(all, func(a, b *model.Recording) int {
		if by := strings.Compare(a.Project, b.Project); by != 0 {
			return by
		}
		if by := strings.Compare(a.Service, b.Service); by != 0 {
			return by
		}
		if by := b.Ended.Compare(a.Ended); by != 0 {
			return by
		}
		return strings.Compare(a.ImageID, b.ImageID)
	})
	return all, errors.Join(problems...)
}

// Project returns the recordings of a project, with an error as All's.
func (s *Store) Project(name string) ([]*model.Recording, error) {
	all, err := s.All()
	return slices.DeleteFunc(all, func(r *model.Recording) bool { return r.Project != name }), err
}

// Clear removes the recordings of a project, or only those of some services, and
// returns how many there were.
func (s *Store) Clear(project string, services ...string) (int, error) {
	recordings, err := s.Project(project)
	if err != nil && len(recordings) == 0 {
		return 0, err
	}
	removed := 0
	for _, r := range recordings {
		if len(services) > 0 && !slices.Contains(services, r.Service) {
			continue
		}
		if err := os.Remove(s.file(r)); err != nil {
			return removed, err
		}
		removed++
	}
	return removed, nil
}

type file struct {
	path string
	fs.FileInfo
}

// files lists what is kept, the newest first.
func (s *Store) files() ([]file, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for recordings: %w", err)
	}
	var files []file
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() && strings.HasSuffix(entry.Name(), ending) {
			files = append(files, file{filepath.Join(s.dir, entry.Name()), info})
		}
	}
	slices.SortFunc(files, func(a, b file) int { return b.ModTime().Compare(a.ModTime()) })
	return files, nil
}

// makeRoom drops the oldest files, but never the one that was just written.
func (s *Store) makeRoom(newest string) error {
	files, err := s.files()
	if err != nil {
		return err
	}
	var bytes int64
	for i, f := range files {
		bytes += f.Size()
		if (i >= mostFiles || bytes > mostBytes) && f.path != newest {
			if err := os.Remove(f.path); err != nil {
				return err
			}
		}
	}
	return nil
}
