package wire

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"petrify/model"
)

var errImpossible = errors.New("the line has values that cannot be")

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
	follow := c.Follow
	if c.Read != nil {
		follow = &c.Read.Follow
		if c.Read.Ask < 1 {
			return errImpossible
		}
	}
	if f := follow; f != nil {
		ids = append(ids, f.Container)
		if f.Container == "" || f.PID < 0 || f.Root != "" && f.Root[0] != '/' || f.Upper != "" && f.Upper[0] != '/' {
			return errImpossible
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
			return errImpossible
		}
	}
	if p := r.Process; p != nil {
		ids = append(ids, p.Container)
		if p.Container == "" || p.ID < 1 || p.PID < 0 || p.UID < -1 {
			return errImpossible
		}
	}
	if r.Layer != nil && r.Layer.check() != nil {
		return errImpossible
	}
	if s := r.Seen; s != nil {
		ids = append(ids, s.Container)
		if s.Container == "" {
			return errImpossible
		}
	}
	if u := r.Used; u != nil {
		ids = append(ids, u.Container)
		if u.Container == "" || slices.ContainsFunc(u.Mounts, func(m Use) bool { return m.Bytes < 0 || len(m.Target) == 0 || m.Target[0] != '/' }) {
			return errImpossible
		}
	}
	return allIDs(ids...)
}

func (w *Write) check() error {
	switch {
	case len(w.Path) == 0 || w.Path[0] != '/' || len(w.Path) > longestPath,
		len(w.Mount) > 0 && (w.Mount[0] != '/' || len(w.Mount) > longestPath),
		w.Acts&^model.AllActs != 0 || (w.Acts == 0) != (w.Count == 0) || w.Acts == 0 && w.Refused == nil,
		w.Count < 0 || w.Inside < 0 || w.Process < 0 || w.Bytes < -1,
		w.Last.Before(w.First),
		w.Refused != nil && !w.Refused.sound():
		return errImpossible
	}
	return nil
}

func (r *Refused) sound() bool {
	return r.Count > 0 && r.Tries >= 0 && r.Tries <= r.Count && r.Acts&^model.AllActs == 0 && r.Err.Known() && len(r.Call) <= longestCall
}

// allIDs reports whether texts are container IDs, as far as there are any.
func allIDs(texts ...string) error {
	for _, text := range texts {
		if text != "" && (len(text) < fewestDigits || len(text) > idDigits || strings.Trim(text, "0123456789abcdef") != "") {
			return errImpossible
		}
	}
	return nil
}
