package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Standing returns the containers that stand for their service: all but the
// one-off ones, or those where there are no others.
func (s *Service) Standing() []Container {
	for i, c := range s.Containers {
		if c.OneOff && i > 0 {
			return s.Containers[:i]
		}
	}
	return s.Containers
}

// UserSpec is what the processes of a service start as, by name or number, with
// or without a group: as declared, else as it runs, else as its image says. It is
// empty for root.
func (s *Service) UserSpec() string {
	switch {
	case s.Declared != nil && s.Declared.User != "":
		return s.Declared.User
	case len(s.Containers) > 0 && s.Containers[0].Inspected && s.Containers[0].User != "":
		return s.Containers[0].User
	case s.Image != nil:
		return s.Image.User
	}
	return ""
}

// Starts is who the processes of a service start as, by number: as its container's own
// lists have it, else as far as the number is written. It is false for a name that
// nobody looked up.
func (s *Service) Starts() (User, bool) {
	if s.StartsAs != nil {
		return *s.StartsAs, true
	}
	id, group, _ := strings.Cut(s.UserSpec(), ":")
	if id == "" || id == "root" || id == "0" {
		return User{}, true
	}
	uid, err := strconv.Atoi(id)
	if err != nil {
		return User{}, false
	}
	gid, err := strconv.Atoi(group)
	if err != nil {
		gid = 0 // as of a user that no list has
	}
	return User{UID: uid, GID: gid}, true
}

// MoreGroups reports whether the processes of a service are in groups that its user is not
// in by itself.
func (s *Service) MoreGroups() bool {
	if s.Declared != nil {
		return len(s.Declared.Groups) > 0
	}
	return slices.ContainsFunc(s.Standing(), func(c Container) bool { return len(c.Groups) > 0 })
}

// MountPoint is what a mount of a service is in its containers; false where nobody asked.
func (s *Service) MountPoint(m Mount) (MountPoint, bool) {
	for _, c := range s.Standing() {
		point, ok := c.MountPoints[m.Target]
		if ok && slices.ContainsFunc(c.Mounts, func(live Mount) bool {
			return live.Target == m.Target && live.Kind == m.Kind && live.Source == m.Source
		}) {
			return point, true
		}
	}
	return MountPoint{}, false
}

// NeverRan reports whether every container of a service was only created: such ones are
// not asked for changes, since nothing has run in them.
func (s *Service) NeverRan() bool {
	return len(s.Containers) > 0 && !slices.ContainsFunc(s.Containers, func(c Container) bool { return !c.NeverRan() })
}

// RootAccess says what a service can do with its root file system.
type RootAccess string

// The accesses to a root.
const (
	RootUnknown  RootAccess = ""
	RootReadOnly RootAccess = "read-only"
	RootWritable RootAccess = "writable"
)

func rootAccess(readOnly bool) RootAccess {
	if readOnly {
		return RootReadOnly
	}
	return RootWritable
}

// declaredRoot is the root as the files declare it; unknown for a service that they
// do not.
func (s *Service) declaredRoot() RootAccess {
	if s.Declared == nil {
		return RootUnknown
	}
	return rootAccess(s.Declared.ReadOnly)
}

// LiveRoot is the root as the service's containers have it: writable where one of
// them can write, unknown while none was inspected.
func (s *Service) LiveRoot() RootAccess {
	access := RootUnknown
	for _, c := range s.Standing() {
		if c.Inspected && access != RootWritable {
			access = rootAccess(c.ReadOnly)
		}
	}
	return access
}

// Root is the root as it is now: as it runs or, where nothing does, as declared.
func (s *Service) Root() RootAccess { return cmp.Or(s.LiveRoot(), s.declaredRoot()) }

// NextRoot is the root as the next start brings it: as declared, else as it runs.
func (s *Service) NextRoot() RootAccess { return cmp.Or(s.declaredRoot(), s.LiveRoot()) }

// RootAt is the root at a moment.
func (s *Service) RootAt(at Moment) RootAccess {
	if at == NextStart {
		return s.NextRoot()
	}
	return s.Root()
}

// MemoryLimit is how much memory a container of the service gets at its next start, in
// bytes: as declared, else the least that one runs with; 0 for no limit.
func (s *Service) MemoryLimit() int64 {
	if s.Declared != nil {
		return s.Declared.Memory
	}
	var least int64
	for _, c := range s.Standing() {
		if c.Memory > 0 && (least == 0 || c.Memory < least) {
			least = c.Memory
		}
	}
	return least
}

// Breaks reports whether writes of a service would be refused on a read-only root or,
// where it has one already, are refused.
func (s *Service) Breaks() bool {
	return s.Verdict.Outcome == WouldBreak || s.Verdict.Outcome == IsReadOnly && len(s.Verdict.Blocked) > 0
}

// CanChange reports whether something runs that may write at any time.
func (s *Service) CanChange() bool {
	return slices.ContainsFunc(s.Containers, func(c Container) bool {
		return c.State == Running || c.State == Restarting
	})
}

// CopiedIn returns the configs and secrets that Compose copies into a service's
// containers, as the changes that they are there.
func (s *Service) CopiedIn() []Change {
	var copied []Change
	for _, pair := range s.Mounts {
		if pair.Declared != nil && pair.Declared.Copied {
			copied = append(copied, Change{Path: pair.Target, Kind: Added})
		}
	}
	return copied
}

// RunsImage reports whether a service runs an image, or would where it has no
// container yet.
func (s *Service) RunsImage(id string) bool {
	if len(s.Containers) == 0 {
		return s.Image != nil && s.Image.ID == id
	}
	return slices.ContainsFunc(s.Containers, func(c Container) bool { return c.ImageID == id })
}

// PlanInUse returns the mounts with which a plan in use runs: those that containers
// with a read-only root have and the files do not declare, and those that only a
// file of petrify's own declares.
func (s *Service) PlanInUse() []Mount {
	if s.Declared == nil {
		return nil
	}
	live := s.LiveRoot() == RootReadOnly
	var inUse []Mount
	for _, pair := range s.Mounts {
		switch {
		case pair.Declared != nil && pair.Declared.ByPlan:
			m := *pair.Current()
			m.Instead = pair.Declared.Instead
			inUse = append(inUse, m)
		case pair.Declared == nil && live && !pair.Live.ComesAlong() && !pair.Live.Anonymous &&
			(pair.Live.Kind == Tmpfs || pair.Live.Kind == Volume):
			inUse = append(inUse, *pair.Live)
		}
	}
	return inUse
}

// WithoutPlan returns the service as its files declare it without a plan in use.
func (s *Service) WithoutPlan() *Service {
	if s.Declared == nil {
		return s
	}
	bare, declared := *s, *s.Declared
	bare.Declared = &declared
	if declared.ByPlan {
		declared.ReadOnly, declared.ByPlan = false, false
	}
	bare.Mounts = make([]MountPair, 0, len(s.Mounts))
	for _, pair := range s.Mounts {
		if pair.Declared != nil && pair.Declared.ByPlan {
			pair.Declared = pair.Declared.Instead
		}
		if pair.Declared != nil || pair.Live != nil {
			bare.Mounts = append(bare.Mounts, pair)
		}
	}
	return &bare
}

// SeenToRestart reports whether a service was seen to stop, or to start again: some
// write only then.
func (s *Service) SeenToRestart() bool {
	standing := s.Standing()
	if slices.ContainsFunc(standing, func(c Container) bool { return c.Restarts > 0 || !c.Finished.IsZero() }) {
		return true
	}
	return s.Evidence.Has(FromTrial) || s.Evidence.Recorded().Starts > max(len(standing), 1)
}

// EvidenceSpan returns when a service began to write, as far as its containers tell,
// and when it was last looked at.
func (s *Service) EvidenceSpan() (since, at time.Time) {
	for _, c := range s.Containers {
		if !c.Started.IsZero() && (since.IsZero() || c.Started.Before(since)) {
			since = c.Started
		}
	}
	at = s.Evidence.Recorded().Ended
	for _, changes := range s.Changes {
		if changes.Taken.After(at) {
			at = changes.Taken
		}
	}
	return since, at
}

// ImageID is the image of a service's containers or, where there are none, the one that
// it would run; "" while it is not known.
func (s *Service) ImageID() string {
	if len(s.Containers) > 0 {
		return s.Containers[0].ImageID
	}
	if s.Image != nil {
		return s.Image.ID
	}
	return ""
}
