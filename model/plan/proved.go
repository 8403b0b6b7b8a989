package plan

import (
	"slices"

	"petrify/model"
)

// What a trial that held makes of a plan:
//
//   - The plan in force is the one that was proved, as long as image and definition of the
//     service are the same, with what is known by now.
//   - Where writes were seen that it does not take, and that the trial did not judge, it gets
//     the mounts for these. Then it is not proved any more.

// withProof is a plan of a service with what a trial of it has proved.
func withProof(s *model.Service, made model.Plan) model.Plan {
	t := s.Trial
	if !t.Holds(s) {
		return made
	}
	p := made
	p.Mounts = slices.Clone(t.Plan.Mounts)
	for _, m := range made.Mounts {
		missing := slices.ContainsFunc(m.Serves, func(c model.Change) bool {
			_, taken := t.Plan.Takes(c.Path)
			return !taken && !t.Judged(c.Path)
		})
		if missing {
			p.Mounts = append(p.Mounts, m)
		}
	}
	slices.SortFunc(p.Mounts, func(a, b model.PlannedMount) int { return model.ComparePaths(a.Target, b.Target) })
	return p
}
