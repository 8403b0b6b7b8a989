package store

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"petrify/model"
)

// version of the format. A newer one is not read.
const version = 1

var errNewer = errors.New("it was written by a newer petrify")

// text is foreign bytes, which a JSON string would not keep.
type text []byte

type document struct {
	Version   int           `json:"version"`
	Project   string        `json:"project"`
	Service   string        `json:"service"`
	ImageID   string        `json:"image"`
	Began     time.Time     `json:"began"`
	Ended     time.Time     `json:"ended"`
	Took      time.Duration `json:"took"` // nanoseconds
	Starts    int           `json:"starts"`
	Lost      uint64        `json:"lost,omitempty"`
	Blind     []string      `json:"blind,omitempty"`
	Processes []process     `json:"processes,omitempty"`
	Writes    []write       `json:"writes,omitempty"`
}

type process struct {
	Command text `json:"command"`
	Line    text `json:"line,omitempty"`
	User    text `json:"user,omitempty"`
	UID     int  `json:"uid"`
	PID     int  `json:"pid"`
	Count   int  `json:"count"`
}

type write struct {
	Path   text           `json:"path"`
	Mount  text           `json:"mount,omitempty"`
	Acts   model.Acts     `json:"acts"`
	Type   model.FileType `json:"type,omitempty"`
	Count  int            `json:"count"`
	Inside int            `json:"inside,omitempty"`
	Bytes  int64          `json:"bytes"`
	First  time.Time      `json:"first"`
	Last   time.Time      `json:"last"`
	By     []int          `json:"by,omitempty"`
	Gone   bool           `json:"gone,omitempty"`
}

func encode(r *model.Recording) ([]byte, error) {
	d := document{
		Version: version, Project: r.Project, Service: r.Service, ImageID: r.ImageID,
		Began: r.Began, Ended: r.Ended, Took: r.Took, Starts: r.Starts, Lost: r.Lost, Blind: r.Blind,
	}
	for _, p := range r.Processes {
		d.Processes = append(d.Processes, process{text(p.Command), text(p.Line), text(p.User), p.UID, p.PID, p.Count})
	}
	for _, w := range r.Writes {
		d.Writes = append(d.Writes, write{text(w.Path), text(w.Mount), w.Acts, w.Type, w.Count, w.Inside, w.Bytes, w.First, w.Last, w.By, w.Gone})
	}
	var out bytes.Buffer
	packed := gzip.NewWriter(&out)
	if err := json.NewEncoder(packed).Encode(d); err != nil {
		return nil, err
	}
	if err := packed.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func read(file string) (*model.Recording, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return decode(f)
}

// decode reads what may be anything: the file could have been written by anybody.
func decode(from io.Reader) (*model.Recording, error) {
	packed, err := gzip.NewReader(from)
	if err != nil {
		return nil, err
	}
	var d document
	if err := json.NewDecoder(io.LimitReader(packed, mostText)).Decode(&d); err != nil {
		return nil, err
	}
	switch {
	case d.Version > version:
		return nil, errNewer
	case d.Version < 1 || d.Took < 0 || d.Starts < 0:
		return nil, errors.New("it is no recording")
	}
	r := &model.Recording{
		Project: d.Project, Service: d.Service, ImageID: d.ImageID,
		Began: d.Began, Ended: d.Ended, Took: d.Took, Starts: d.Starts, Lost: d.Lost, Blind: d.Blind,
	}
	for _, p := range d.Processes {
		r.Processes = append(r.Processes, model.Process{
			Command: string(p.Command), Line: string(p.Line), User: string(p.User), UID: p.UID, PID: p.PID, Count: p.Count,
		})
	}
	for i, w := range d.Writes {
		if len(w.Path) == 0 || w.Path[0] != '/' || w.Count < 0 || w.Inside < 0 {
			return nil, fmt.Errorf("its write %d makes no sense", i)
		}
		for _, by := range w.By {
			if by < 0 || by >= len(r.Processes) {
				return nil, fmt.Errorf("its write %d is by nobody", i)
			}
		}
		r.Writes = append(r.Writes, model.Written{
			Path: string(w.Path), Mount: string(w.Mount), Acts: w.Acts, Type: w.Type, Count: w.Count, Inside: w.Inside,
			Bytes: w.Bytes, First: w.First, Last: w.Last, By: w.By, Gone: w.Gone,
		})
	}
	sortWrites(r.Writes)
	return r, nil
}
