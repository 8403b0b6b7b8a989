package store

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"petrify/inspect/keep"
	"petrify/inspect/unpack"
	"petrify/model"
)

// version of the format. A newer one is not read. Version 2 knew nothing of refused writes.
const version = 3

// text is foreign bytes, which a JSON string would not keep.
type text []byte

type document struct {
	Version   int       `json:"version"`
	Project   string    `json:"project"`
	Service   string    `json:"service"`
	ImageID   string    `json:"image"`
	Sittings  []sitting `json:"sittings,omitempty"`
	Processes []process `json:"processes,omitempty"`
	Writes    []write   `json:"writes,omitempty"`

	sums // of version 1
}

type sitting struct {
	Began    time.Time     `json:"began"`
	Ended    time.Time     `json:"ended"`
	Ran      time.Duration `json:"ran"` // nanoseconds
	Starts   int           `json:"starts"`
	Lost     uint64        `json:"lost,omitempty"`
	Garbled  int           `json:"garbled,omitempty"`
	Blind    []blindSpot   `json:"blind,omitempty"`
	Refusals bool          `json:"refusals,omitempty"`
}

type blindSpot struct {
	Kind   model.BlindKind `json:"kind"`
	Count  int             `json:"count,omitempty"`
	Detail text            `json:"detail,omitempty"`
}

// sums are what version 1 kept of all sittings together.
type sums struct {
	Began  time.Time     `json:"began,omitzero"`
	Ended  time.Time     `json:"ended,omitzero"`
	Took   time.Duration `json:"took,omitempty"`
	Starts int           `json:"starts,omitempty"`
	Lost   uint64        `json:"lost,omitempty"`
	Blind  []string      `json:"blind,omitempty"`
}

// sitting makes one sitting of sums. How long the service ran in it was not kept, so
// that it is never thorough.
func (s sums) sitting() model.Sitting {
	one := model.Sitting{Began: s.Began, Ended: s.Ended, Starts: s.Starts, Lost: s.Lost}
	for _, what := range s.Blind {
		one.Blind = append(one.Blind, model.BlindSpot{Kind: model.BlindOther, Detail: what})
	}
	return one
}

type process struct {
	Command text `json:"command"`
	Line    text `json:"line,omitempty"`
	User    text `json:"user,omitempty"`
	UID     int  `json:"uid"`
	PID     int  `json:"pid"`
	Count   int  `json:"count"`
	Exec    bool `json:"exec,omitempty"`
}

type write struct {
	Path    text           `json:"path"`
	Mount   text           `json:"mount,omitempty"`
	Acts    model.Acts     `json:"acts"`
	Type    model.FileType `json:"type,omitempty"`
	Count   int            `json:"count"`
	Inside  int            `json:"inside,omitempty"`
	Bytes   int64          `json:"bytes"`
	First   time.Time      `json:"first"`
	Last    time.Time      `json:"last"`
	By      []int          `json:"by,omitempty"`
	Gone    bool           `json:"gone,omitempty"`
	Refused *refused       `json:"refused,omitempty"`
}

type refused struct {
	Count int         `json:"count"`
	Tries int         `json:"tries,omitempty"`
	Acts  model.Acts  `json:"acts"`
	Err   model.Errno `json:"err"`
	Call  text        `json:"call,omitempty"`
	Last  time.Time   `json:"last"`
}

func newRefused(w *model.Write) *refused {
	if w.Refused == 0 {
		return nil
	}
	r := w.Refusal
	return &refused{w.Refused, r.Tries, r.Acts, r.Err, text(r.Call), r.Last}
}

// addTo adds what was refused to a write, and reports whether it makes sense.
func (r *refused) addTo(w *model.Write) bool {
	if r == nil {
		return true
	}
	w.Refused = r.Count
	w.Refusal = model.Refusal{Tries: r.Tries, Acts: r.Acts, Err: r.Err, Call: string(r.Call), Last: r.Last}
	return r.Count > 0 && r.Tries >= 0 && r.Tries <= r.Count && r.Err.Known()
}

func encode(r *model.Recording) ([]byte, error) {
	d := document{
		Version: version, Project: r.Project, Service: r.Service, ImageID: r.ImageID,
	}
	for _, s := range r.Sittings {
		kept := sitting{Began: s.Began, Ended: s.Ended, Ran: s.Ran, Starts: s.Starts, Lost: s.Lost, Garbled: s.Garbled, Refusals: s.Refusals}
		for _, spot := range s.Blind {
			kept.Blind = append(kept.Blind, blindSpot{spot.Kind, spot.Count, text(spot.Detail)})
		}
		d.Sittings = append(d.Sittings, kept)
	}
	for _, p := range r.Processes {
		d.Processes = append(d.Processes, process{text(p.Command), text(p.Line), text(p.User), p.UID, p.PID, p.Count, p.Exec})
	}
	for _, w := range r.Writes {
		d.Writes = append(d.Writes, write{text(w.Path), text(w.Mount), w.Acts, w.Type, w.Count, w.Inside, w.Bytes, w.First, w.Last, w.By, w.Gone, newRefused(&w)})
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
	content, _, err := unpack.Open(from)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	var d document
	if err := json.NewDecoder(io.LimitReader(content, mostText)).Decode(&d); err != nil {
		return nil, err
	}
	switch {
	case d.Version > version:
		return nil, keep.ErrNewer
	case d.Version < 1:
		return nil, errors.New("it is no recording")
	}
	r := &model.Recording{Project: d.Project, Service: d.Service, ImageID: d.ImageID}
	if d.Version == 1 {
		r.Sittings = []model.Sitting{d.sitting()}
	}
	for _, s := range d.Sittings {
		if s.Ran < 0 || s.Starts < 0 || s.Garbled < 0 {
			return nil, errors.New("one of its sittings makes no sense")
		}
		kept := model.Sitting{Began: s.Began, Ended: s.Ended, Ran: s.Ran, Starts: s.Starts, Lost: s.Lost, Garbled: s.Garbled, Refusals: s.Refusals}
		for _, spot := range s.Blind {
			kept.Blind = append(kept.Blind, model.BlindSpot{Kind: spot.Kind, Count: spot.Count, Detail: string(spot.Detail)})
		}
		r.Sittings = append(r.Sittings, kept)
	}
	for _, p := range d.Processes {
		r.Processes = append(r.Processes, model.Process{
			Command: string(p.Command), Line: string(p.Line), User: string(p.User), UID: p.UID, PID: p.PID, Count: p.Count, Exec: p.Exec,
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
		kept := model.Write{
			Path: string(w.Path), Mount: string(w.Mount), Acts: w.Acts, Type: w.Type, Count: w.Count, Inside: w.Inside,
			Bytes: w.Bytes, First: w.First, Last: w.Last, By: w.By, Gone: w.Gone,
		}
		if !w.Refused.addTo(&kept) {
			return nil, fmt.Errorf("its write %d makes no sense", i)
		}
		r.Writes = append(r.Writes, kept)
	}
	slices.SortFunc(r.Writes, model.CompareWrites)
	return r, nil
}
