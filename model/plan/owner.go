package plan

import (
	"slices"

	"petrify/model"
)

// user is who the processes of a service start as.
type user struct {
	root, known bool // known: by number
	uid, gid    int
}

// userOf is the user of a service by number.
func userOf(s *model.Service) user {
	u, known := s.Starts()
	return user{root: known && u.UID == 0, known: known, uid: u.UID, gid: u.GID}
}

// setOwner sets mode and owner of a tmpfs. A tmpfs over a directory of the image takes
// its mode but not its owner, and one where the image has none is 1777 at the
// first start and 0755 after a restart (Docker 20.10): so both are always told.
func (p *planner) setOwner(m *model.PlannedMount) {
	fact, ok := p.facts.Owner(m.Target)
	switch {
	case ok && fact.Mode != 0:
		m.Mode, m.UID, m.GID = fact.Mode, fact.UID, fact.GID
	case m.Class == model.Temporary || slices.Contains(usualDirectories, m.Target) && m.Target != "/run":
		m.Mode = 0o1777
	case p.user.known && !p.user.root:
		m.Mode, m.UID, m.GID = 0o755, p.user.uid, p.user.gid
		if mode, ok := p.facts.Mode(m.Target); ok {
			m.Mode = mode
		}
	case m.Target == "/run" && p.user.root:
		m.Mode = 0o755
	default:
		// Root may give up its rights after the start.
		m.Mode = 0o1777
		m.AddWarning("everybody may write to it, as nobody knows whose the directory is")
	}
}
