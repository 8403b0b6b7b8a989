package model

import "slices"

// Unseen says why nothing is known of what a service writes.
type Unseen uint8

// The reasons, in the order in which they pass.
const (
	Seen         Unseen = iota // something is known: at least one container has answered
	NotListed                  // no engine has said yet which containers there are
	NotMade                    // it has no container
	NeverStarted               // its containers were created, and never ran
	Unreadable                 // its changes could not be read
	NotAsked                   // its containers have not been asked for their changes yet
)

// Unseen says why nothing is known of what a service writes.
func (s *Service) Unseen() Unseen {
	switch {
	case s.Unlisted:
		return NotListed
	case len(s.Containers) == 0:
		return NotMade
	case s.NeverRan():
		return NeverStarted
	case slices.ContainsFunc(s.Changes, func(c ContainerChanges) bool { return !c.Taken.IsZero() }):
		return Seen
	case slices.ContainsFunc(s.Changes, func(c ContainerChanges) bool { return c.Err != "" }):
		return Unreadable
	default:
		return NotAsked
	}
}

// NotSeen says why nothing is known of what a service writes, for a reader; "" where
// something is known.
func (s *Service) NotSeen() string {
	switch s.Unseen() {
	case NotListed:
		return "no engine has answered yet"
	case NotMade:
		return "no container was created yet"
	case NeverStarted:
		return "its containers never ran"
	case Unreadable:
		return "its changes could not be read: " + s.unread()
	case NotAsked:
		return "its containers have not been asked for their changes yet"
	default:
		return ""
	}
}

func (s *Service) unread() string {
	for _, changes := range s.Changes {
		if changes.Err != "" {
			return changes.Err
		}
	}
	return ""
}
