package stack

import (
	"path"
	"slices"

	"petrify/model"
)

// What logs tell of writes that were refused:
//
//   - On the root only a read-only file system counts: other errors a service meets on a
//     writable root as well.
//   - In a mount every error counts: it says what is wrong with the mount.
//   - A path through /var/run or /var/lock is one behind that link, as in nearly every image.
//   - A relative path is taken from the working directory, where services mostly stay.
//   - A log is blind to all that other ways of looking are blind to. Where it tells of no
//     refusal it is no evidence at all: few services say what they were refused.

// addLogs adds what the logs of a service's containers tell.
func addLogs(s *model.Service) {
	found := fromLogs(s)
	limits := found.Blind
	if len(found.From) > 0 {
		found.Blind = slices.Concat(blindToDiff, limits)
		s.Evidence.Merge(found)
		s.Evidence.Watched = s.Layers.Watched
		return
	}
	for _, spot := range limits {
		if !slices.Contains(s.Evidence.Blind, spot) {
			s.Evidence.Blind = append(slices.Clip(s.Evidence.Blind), spot)
		}
	}
}

func fromLogs(s *model.Service) model.Evidence {
	var e model.Evidence
	for i := range s.Logs {
		log := &s.Logs[i]
		c := containerOf(s, log.Container)
		if c == nil {
			continue
		}
		e.Blind = append(e.Blind, log.Blind()...)
		for _, w := range log.Writes {
			if !path.IsAbs(w.Path) {
				w.Path = path.Join("/", workingDirOf(*c, s.Image), w.Path)
			}
			if behind, ok := model.BehindLink(w.Path); ok {
				w.Path = behind
			}
			w.Mount = mountOf(c, w.Path)
			if w.OnRoot() && w.Refusal.Err != model.ReadOnlyError {
				continue
			}
			e.Writes = append(e.Writes, w)
		}
	}
	e.Writes = model.MergeSamePaths(e.Writes)
	for i := range e.Writes {
		if w := &e.Writes[i]; w.OnRoot() {
			e.Root = append(e.Root, w.Change())
		} else {
			e.InMounts = append(e.InMounts, w.Change())
		}
	}
	if !e.Empty() {
		e.From = []model.Source{model.FromLogs}
		e.Sets = [][]model.Change{slices.Concat(e.Root, e.InMounts)}
	}
	return e
}

func containerOf(s *model.Service, id string) *model.Container {
	for i := range s.Containers {
		if s.Containers[i].ID == id {
			return &s.Containers[i]
		}
	}
	return nil
}

// mountOf is the target of the mount of a container that holds a path behind the usual
// links; "" for none.
func mountOf(c *model.Container, p string) string {
	deepest, depth := "", 0
	for _, m := range c.Mounts {
		target := model.Canonical(m.Target)
		real := target
		if behind, ok := model.BehindLink(target); ok {
			real = behind
		}
		if model.Within(p, real) && len(real) > depth {
			deepest, depth = target, len(real)
		}
	}
	return deepest
}
