// Package plans keeps the last plan of each service, so that the next one knows what
// the mounts of a plan in use were for.
package plans

import (
	"bytes"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"

	"petrify/inspect/keep"
	"petrify/model"
)

// The rules of keeping:
//
//   - There is one plan for each project, service and image: a plan says nothing of
//     another image.
//   - A file that cannot be read, or that a newer petrify wrote, is as good as none. The
//     one of a newer petrify is left alone.
//   - Paths are any bytes, so the form is not JSON.
const (
	version   = 1
	mostFiles = 1000
	mostBytes = 64 << 20 // of all files
	mostRead  = 16 << 20 // of one file
	ending    = ".petrify-plan"
)

// Store is a folder of plans.
type Store struct{ folder keep.Folder }

// Open returns the store in a folder, which is made when something is saved; "" is
// the one in the user's XDG state folder.
func Open(dir string) *Store {
	return &Store{keep.Folder{Dir: dir, Ending: ending, MostFiles: mostFiles, MostBytes: mostBytes}.InState("plans")}
}

// document is what a file holds.
type document struct {
	Version        int
	Project, Image string
	Plan           model.Plan
}

// Plan returns the last plan of a service and image; nil where none is known.
func (s *Store) Plan(project, service, image string) *model.Plan {
	d, err := read(s.folder.Path(project, service, image))
	if err != nil || d.Project != project || d.Plan.Service != service || d.Image != image {
		return nil
	}
	return &d.Plan
}

// Last returns the last plan of a service, whatever image it was for; nil where none is
// known.
func (s *Store) Last(project, service string) *model.Plan {
	files, err := s.folder.Files()
	if err != nil {
		return nil
	}
	for _, file := range files { // the newest first
		if d, err := read(file); err == nil && d.Project == project && d.Plan.Service == service {
			return &d.Plan
		}
	}
	return nil
}

// Save keeps a plan in place of the one before.
func (s *Store) Save(project, image string, plan model.Plan) error {
	path := s.folder.Path(project, plan.Service, image)
	if _, err := read(path); errors.Is(err, keep.ErrNewer) {
		return nil
	}
	var content bytes.Buffer
	if err := gob.NewEncoder(&content).Encode(document{version, project, image, plan}); err != nil {
		return fmt.Errorf("keep the plan of %s: %w", plan.Service, err)
	}
	if err := s.folder.Replace(path, content.Bytes()); err != nil {
		return fmt.Errorf("keep the plan of %s: %w", plan.Service, err)
	}
	return nil
}

func read(path string) (document, error) {
	f, err := os.Open(path)
	if err != nil {
		return document{}, err
	}
	defer f.Close()
	return decode(f)
}

func decode(r io.Reader) (document, error) {
	var d document
	if err := gob.NewDecoder(io.LimitReader(r, mostRead)).Decode(&d); err != nil {
		return document{}, err
	}
	if d.Version > version {
		return document{}, keep.ErrNewer
	}
	return d, nil
}
