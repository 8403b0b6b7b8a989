// Package proofs keeps the last trial of each service between runs.
package proofs

import (
	"bytes"
	"compress/gzip"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"petrify/inspect/keep"
	"petrify/inspect/unpack"
	"petrify/model"
)

// The rules of keeping:
//
//   - There is one trial for each project, service and image, and the last one counts. One
//     that somebody stopped before it had a result replaces none.
//   - What a command line or a log says may be secret: neither is kept.
//   - What is kept is bounded: in each trial by folding paths into their directories, in all
//     by dropping the oldest.
//   - A file that cannot be read, or that a newer petrify wrote, is as good as none. The
//     one of a newer petrify is left alone.
//   - Paths are any bytes, so the form is not JSON.
const (
	version   = 1
	mostPaths = 5000 // of each run
	mostFiles = 500
	mostBytes = 64 << 20 // of all files
	mostText  = 64 << 20 // of one file, whatever it says that it unpacks to
	ending    = ".petrify-trial.gz"
)

// Store is a folder of trials.
type Store struct{ folder keep.Folder }

// Open returns the store in a folder, which is made when something is saved; "" is
// the one in the user's XDG state folder.
func Open(dir string) *Store {
	return &Store{keep.Folder{Dir: dir, Ending: ending, MostFiles: mostFiles, MostBytes: mostBytes}.InState("trials")}
}

// document is what a file holds.
type document struct {
	Version int
	Trial   model.Trial
}

// Project returns the trials that are kept of a project.
func (s *Store) Project(name string) []*model.Trial {
	files, err := s.folder.Files()
	if err != nil {
		return nil
	}
	var trials []*model.Trial
	for _, file := range files {
		if t, err := read(file); err == nil && t.Project == name {
			trials = append(trials, t)
		}
	}
	return trials
}

// Save keeps a trial in place of the one before.
func (s *Store) Save(t *model.Trial) error {
	path := s.folder.Path(t.Project, t.Service, t.ImageID)
	before, err := read(path)
	if errors.Is(err, keep.ErrNewer) || before != nil && t.Result == model.TrialUnfinished {
		return nil
	}
	var content bytes.Buffer
	packed := gzip.NewWriter(&content)
	if err := errors.Join(gob.NewEncoder(packed).Encode(document{version, kept(t)}), packed.Close()); err != nil {
		return fmt.Errorf("keep the trial of %s: %w", t.Service, err)
	}
	if err := s.folder.Replace(path, content.Bytes()); err != nil {
		return fmt.Errorf("keep the trial of %s: %w", t.Service, err)
	}
	return nil
}

// kept is a trial as it is kept.
func kept(t *model.Trial) model.Trial {
	k := *t
	k.Options.Exercise = slices.Clone(t.Options.Exercise)
	for i := range k.Options.Exercise {
		if e := &k.Options.Exercise[i]; len(e.Command) > 1 {
			e.Command = e.Command[:1]
		}
	}
	k.Baseline = keptRun(t.Baseline)
	k.Rounds = slices.Clone(t.Rounds)
	for i := range k.Rounds {
		k.Rounds[i].Run = keptRun(k.Rounds[i].Run)
	}
	return k
}

func keptRun(r model.Run) model.Run {
	r.Log = nil
	r.Steps = slices.Clone(r.Steps)
	for i := range r.Steps {
		if s := &r.Steps[i]; s.Kind == model.ExerciseStep {
			s.What, _, _ = strings.Cut(s.What, " ")
			s.Answer = ""
		}
	}
	e := &r.Evidence
	e.Sets, e.Live, e.PerSecond = nil, false, 0
	e.Writes = model.Fold(slices.Clone(e.Writes), mostPaths)
	e.Root = changesOf(e.Root, e.Writes)
	e.InMounts = changesOf(e.InMounts, e.Writes)
	e.Processes = slices.Clone(e.Processes)
	for i := range e.Processes {
		e.Processes[i].Line = ""
	}
	return r
}

// changesOf leaves only those changes of which more is kept, where there are too many.
func changesOf(changes []model.Change, writes []model.Write) []model.Change {
	if len(changes) <= mostPaths {
		return changes
	}
	known := make(map[string]bool, len(writes))
	for i := range writes {
		known[writes[i].Path] = true
	}
	return slices.DeleteFunc(slices.Clone(changes), func(c model.Change) bool { return !known[c.Path] })
}

func read(path string) (*model.Trial, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return decode(f)
}

func decode(r io.Reader) (*model.Trial, error) {
	unpacked, _, err := unpack.Open(r)
	if err != nil {
		return nil, err
	}
	defer unpacked.Close()
	var d document
	if err := gob.NewDecoder(io.LimitReader(unpacked, mostText)).Decode(&d); err != nil {
		return nil, err
	}
	if d.Version > version {
		return nil, keep.ErrNewer
	}
	return &d.Trial, nil
}
