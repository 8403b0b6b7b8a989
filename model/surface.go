package model

import "strings"

// AlwaysWritable is what every container can write, also on a read-only root.
var AlwaysWritable = []string{"/dev", "/dev/shm", "/dev/mqueue"}

// Writable is one place that a service can write.
type Writable struct {
	Target string
	Mount  *Mount // nil: the root, or what every container has
	Always bool   // writable in every container, on a read-only root as well
}

// WritableSurface returns all the places a service can write: its root, if not
// read-only, its writable mounts by target, and what every container has (/dev
// with /dev/shm and /dev/mqueue, on engines of all kinds).
func (s *Service) WritableSurface() []Writable {
	var all []Writable
	if !s.ReadOnlyRoot() {
		all = append(all, Writable{Target: "/"})
	}
	for _, pair := range s.Mounts {
		if m, ok := pair.surface(s.Declared != nil); ok && !m.ReadOnly {
			all = append(all, Writable{Target: pair.Target, Mount: &m})
		}
	}
	for _, target := range AlwaysWritable {
		if m, ok := s.takes(target); !ok || m.Target != target {
			all = append(all, Writable{Target: target, Always: true})
		}
	}
	return all
}

// ReadOnlyRoot says whether the root is read-only: as declared where the service
// is declared, for that is what the next start brings; else as it runs.
func (s *Service) ReadOnlyRoot() bool {
	if s.Declared != nil {
		return s.Declared.ReadOnly
	}
	readOnly, _ := liveRoot(s)
	return readOnly
}

// Allows returns the writable mount that takes writes to a path, whatever the
// root is: the deepest mount above it decides.
func (s *Service) Allows(p string) (Mount, bool) {
	m, ok := s.takes(canonical(p))
	return m, ok && !m.ReadOnly
}

// takes returns the deepest mount that holds a path.
func (s *Service) takes(p string) (Mount, bool) {
	var deepest Mount
	depth := -1
	for _, pair := range s.Mounts {
		target, ok := holding(pair.Target, p)
		if !ok || len(target) <= depth {
			continue
		}
		if m, ok := pair.surface(s.Declared != nil); ok {
			deepest, depth = m, len(target)
		}
	}
	return deepest, depth >= 0
}

// surface returns the mount that decides about its target: as declared where the
// service is declared, else as it is. A volume that the image asks for comes
// with every container and counts as well; what Compose copies in is no mount.
func (p MountPair) surface(declared bool) (Mount, bool) {
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

// behindLink resolves a target that goes through a usual link.
func behindLink(target string) (string, bool) {
	for _, through := range linkedTargets {
		if within(target, through.link) {
			return through.target + target[len(through.link):], true
		}
	}
	return "", false
}

// holding returns the target of a mount, as written or behind a link, when a
// path is in it.
func holding(target, p string) (string, bool) {
	if within(p, target) {
		return target, true
	}
	if strings.HasPrefix(p, "/run") {
		if behind, ok := behindLink(target); ok && within(p, behind) {
			return behind, true
		}
	}
	return "", false
}
