package model

import (
	"slices"
	"strings"
)

// AlwaysWritable is what every container can write, also on a read-only root.
var AlwaysWritable = []string{"/dev", "/dev/shm", "/dev/mqueue"}

// Moment says of when it is told what a service can write.
type Moment uint8

// The moments.
const (
	Now       Moment = iota // as it runs or, where it has no container, as it is declared
	NextStart               // as it is declared or, where it is not, as it runs
)

// Writable is one place that a service can write.
type Writable struct {
	Target string
	Mount  *Mount     // nil: the root, or what every container has
	Pair   *MountPair // of the mount; nil where that is
	Always bool       // writable in every container, on a read-only root as well
}

// WritableSurface returns all the places that a service can write at a moment: its root, if
// not read-only, its writable mounts by target, and what every container has (/dev
// with /dev/shm and /dev/mqueue, on engines of all kinds).
func (s *Service) WritableSurface(at Moment) []Writable {
	all := make([]Writable, 0, 1+len(s.Mounts)+len(AlwaysWritable))
	if s.RootAt(at) != RootReadOnly {
		all = append(all, Writable{Target: "/"})
	}
	for i := range s.Mounts {
		pair := &s.Mounts[i]
		if m, ok := s.MountAt(*pair, at); ok && m.Writable() {
			all = append(all, Writable{Target: pair.Target, Mount: &m, Pair: pair})
		}
	}
	for _, target := range AlwaysWritable {
		if m, ok := s.takes(target, at); !ok || m.Target != target {
			all = append(all, Writable{Target: target, Always: true})
		}
	}
	return all
}

// MountAt returns the mount that is at a target at a moment; false where none is. A volume
// that the image asks for comes with every container; what Compose copies in is no mount.
func (s *Service) MountAt(p MountPair, at Moment) (Mount, bool) {
	switch {
	case at == NextStart:
		return p.InForce(s.Declared != nil)
	case p.Live != nil:
		return *p.Live, true
	case slices.ContainsFunc(s.Containers, func(c Container) bool { return c.Inspected }):
		return Mount{}, false // declared since
	default:
		return p.InForce(true)
	}
}

// Allows returns the writable mount that takes writes to a path, whatever the
// root is: the deepest mount above it decides.
func (s *Service) Allows(p string) (Mount, bool) {
	m, ok := s.Takes(Canonical(p))
	return m, ok && !m.ReadOnly
}

// Takes returns the deepest mount that holds a path, from the next start on.
func (s *Service) Takes(p string) (Mount, bool) { return s.takes(p, NextStart) }

func (s *Service) takes(p string, at Moment) (Mount, bool) {
	var deepest Mount
	depth := -1
	for _, pair := range s.Mounts {
		target, ok := pair.holds(p)
		if !ok || len(target) <= depth {
			continue
		}
		if m, ok := s.MountAt(pair, at); ok {
			deepest, depth = m, len(target)
		}
	}
	return deepest, depth >= 0
}

// InForce returns the mount that decides about its target from the next start on: as declared where the
// service is declared, else as it is. A volume that the image asks for comes
// with every container and counts as well; what Compose copies in is no mount.
func (p MountPair) InForce(declared bool) (Mount, bool) {
	switch {
	case p.Declared != nil:
		return *p.Declared, !p.Declared.Copied
	case p.Live != nil && (!declared || p.Live.FromImage):
		return *p.Live, true
	default:
		return Mount{}, false
	}
}

// linkedTargets are links that nearly every image has. A mount whose target goes
// through one lands where the link points, and there engines list its changes.
var linkedTargets = []struct{ link, target string }{
	{"/var/run", "/run"},
	{"/var/lock", "/run/lock"},
}

// BehindLink resolves a target that goes through a usual link.
func BehindLink(target string) (string, bool) {
	for _, through := range linkedTargets {
		if Within(target, through.link) {
			return through.target + target[len(through.link):], true
		}
	}
	return "", false
}

// holds returns the target of a pair, as written or behind links, when a path is in it.
func (p MountPair) holds(path string) (string, bool) {
	if p.Behind != "" && Within(path, p.Behind) {
		return p.Behind, true
	}
	return holding(p.Target, path)
}

// holding returns the target of a mount, as written or behind a link, when a
// path is in it.
func holding(target, p string) (string, bool) {
	if Within(p, target) {
		return target, true
	}
	if strings.HasPrefix(p, "/run") {
		if behind, ok := BehindLink(target); ok && Within(p, behind) {
			return behind, true
		}
	}
	return "", false
}

// Refused parts what a service wrote into what a read-only root would refuse and what
// its mounts would take. Where no mount takes any, nothing is copied.
func (s *Service) Refused() (refused []Change, allowed []AllowedPath) {
	root := s.Evidence.Root
	if !s.hasWritableMount() {
		return root, nil
	}
	for i, change := range root {
		m, ok := s.Takes(change.Path)
		ok = ok && !m.ReadOnly
		switch {
		case ok && allowed == nil:
			refused = slices.Clone(root[:i])
			fallthrough
		case ok:
			allowed = append(allowed, AllowedPath{Change: change, Mount: m})
		case allowed != nil:
			refused = append(refused, change)
		}
	}
	if allowed == nil {
		return root, nil
	}
	return refused, allowed
}

func (s *Service) hasWritableMount() bool {
	return slices.ContainsFunc(s.Mounts, func(p MountPair) bool {
		m, ok := p.InForce(s.Declared != nil)
		return ok && !m.ReadOnly
	})
}
