// Package store keeps recordings between runs, one file for each project, service
// and image, which only their user can read.
package store

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

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
//   - A file that cannot be read does not keep others from being read. It is reported,
//     and left alone. One that a newer petrify wrote is never replaced.
const (
	mostPaths    = 10_000
	mostSittings = 200
	mostFiles    = 500
	mostBytes    = 64 << 20 // of all files
	mostText     = 32 << 20 // of one file, whatever it says that it unpacks to
	ending       = ".petrify-recording.gz"
)

// Store is a folder of recordings.
type Store struct{ folder keep.Folder }

// Open returns the store in a folder, which is made when something is saved; "" is
// the one in the user's XDG state folder.
func Open(dir string) *Store {
	return &Store{keep.Folder{Dir: dir, Ending: ending, MostFiles: mostFiles, MostBytes: mostBytes}.InState("recordings")}
}

// Save keeps a recording, joined with what is kept already. It returns what is kept.
func (s *Store) Save(r *model.Recording) (*model.Recording, error) {
	file := s.file(r)
	kept := *r
	before, err := read(file)
	switch {
	case errors.Is(err, keep.ErrNewer):
		return nil, fmt.Errorf("keep the recording: a newer petrify has written %s: update this one", file)
	case err == nil && before.Project == r.Project && before.Service == r.Service:
		kept = *model.Join(before, r)
	}
	// One that cannot be read otherwise is no loss: it is broken.
	kept.Live, kept.PerSecond = false, 0
	kept.Writes = model.Fold(kept.Writes, mostPaths)
	if extra := len(kept.Sittings) - mostSittings; extra > 0 {
		kept.Sittings = kept.Sittings[extra:]
	}
	content, err := encode(&kept)
	if err != nil {
		return nil, fmt.Errorf("keep the recording: %w", err)
	}
	if err := s.folder.Replace(file, content); err != nil {
		return nil, fmt.Errorf("keep the recording: %w", err)
	}
	return &kept, nil
}

func (s *Store) file(r *model.Recording) string {
	return s.folder.Path(r.Project, r.Service, r.ImageID)
}

// All returns every recording, by project and service. Its error tells which files
// could not be read; the others are returned all the same.
func (s *Store) All() ([]*model.Recording, error) {
	files, err := s.folder.Files()
	if err != nil {
		return nil, err
	}
	var all []*model.Recording
	var problems []error
	for _, file := range files {
		r, err := read(file)
		if err != nil {
			problems = append(problems, fmt.Errorf("the recording %s cannot be read (%w): delete it, or update petrify", file, err))
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
		if by := b.Sum().Ended.Compare(a.Sum().Ended); by != 0 {
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
