package pane

import (
	"cmp"
	"math/bits"

	"petrify/model"
)

// The worst service is the one that needs most work: first those whose writes are refused
// already, then those that would break, then those of which nothing is known. Of two that
// stand alike the one of whose paths many more are blocked comes first; a few more are no
// reason to change places while somebody reads.
func worseFirst(a, b *model.Service) int {
	return cmp.Or(
		cmp.Compare(urgency(a), urgency(b)),
		cmp.Compare(bits.Len(uint(len(b.Verdict.Blocked))), bits.Len(uint(len(a.Verdict.Blocked)))),
	)
}

// urgency is the place of a service among others by its verdict.
func urgency(s *model.Service) int {
	switch {
	case s.Verdict.Outcome == model.IsReadOnly && s.Breaks():
		return 0
	case s.Breaks():
		return 1
	case s.Verdict.Outcome == model.NotKnown && len(s.Containers) > 0:
		return 2
	case s.Verdict.Outcome == model.NotKnown:
		return 3
	case s.Verdict.Outcome == model.WouldRun:
		return 4
	default:
		return 5
	}
}
