package wire

import (
	"errors"
	"fmt"
	"strings"

	"petrify/model"
)

var errNonsense = errors.New("the line makes no sense")

// Check reports whether both sides speak the same version.
func (h Hello) Check() error {
	switch {
	case h.Version == Version:
		return nil
	case h.Version > Version:
		return fmt.Errorf("the other side speaks version %d and this petrify %d: update this one", h.Version, Version)
	default:
		return fmt.Errorf("the other side speaks version %d and this petrify %d: update the other one", h.Version, Version)
	}
}

// Check reports whether a command makes sense.
func (c Command) Check() error {
	ids := []string{c.Ended, c.Forget}
	if f := c.Follow; f != nil {
		ids = append(ids, f.Container)
		if f.Container == "" || f.PID < 0 || f.Root != "" && f.Root[0] != '/' || f.Upper != "" && f.Upper[0] != '/' {
			return errNonsense
		}
	}
	return allIDs(ids...)
}

// Check reports whether a report makes sense.
func (r Report) Check() error {
	ids := []string{r.Left}
	if j := r.Joined; j != nil {
		ids = append(ids, j.Container)
		if j.Container == "" || j.Directories < 0 {
			return errNonsense
		}
	}
	if p := r.Process; p != nil {
		ids = append(ids, p.Container)
		if p.Container == "" || p.ID < 1 || p.PID < 0 || p.UID < -1 {
			return errNonsense
		}
	}
	if s := r.Seen; s != nil {
		ids = append(ids, s.Container)
		if s.Container == "" {
			return errNonsense
		}
		for i := range s.Writes {
			if err := s.Writes[i].check(); err != nil {
				return err
			}
		}
	}
	return allIDs(ids...)
}

func (w *Write) check() error {
	const all = model.Made | model.Stored | model.Opened | model.Removed | model.Set
	switch {
	case len(w.Path) == 0 || w.Path[0] != '/' || len(w.Path) > longestPath,
		len(w.Mount) > 0 && (w.Mount[0] != '/' || len(w.Mount) > longestPath),
		w.Acts == 0 || w.Acts&^all != 0,
		w.Count < 1 || w.Inside < 0 || w.Process < 0 || w.Bytes < -1,
		w.Last.Before(w.First):
		return errNonsense
	}
	return nil
}

// allIDs reports whether texts are container IDs, as far as there are any.
func allIDs(texts ...string) error {
	for _, text := range texts {
		if text != "" && (len(text) < fewestDigits || len(text) > idDigits || strings.Trim(text, "0123456789abcdef") != "") {
			return errNonsense
		}
	}
	return nil
}
