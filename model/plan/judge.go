package plan

import (
	"slices"

	"petrify/model"
)

// The second verdict: what a read-only root would mean for a service with its plan.
//
//   - It differs from the first one only where writes are or would be refused: a plan
//     proves nothing about writes that nobody saw.
//   - The plan mends a service when its mounts take all that was seen, except for what
//     the service does without, what a person left, and what `docker compose watch`
//     copies.
//   - It mends it in part when something is left: code changes, which no plan allows,
//     also where a mount happens to take them, and writes that no mount is there for.
//   - It is proved when a trial held with its mounts, for this image and definition, and
//     nothing is left that this trial did not judge.

// Judge returns the second verdict on a service. Without a plan (nil), it is the first
// one.
func Judge(s *model.Service, p *model.Plan) model.Planned {
	judged := model.Planned{Outcome: s.Verdict.Outcome, NotProved: s.NotProved(p)}
	breaks := s.Breaks()
	if breaks {
		judged.Outcome = model.WouldBreak // until a plan mends that
	}
	if p == nil || !p.Planned() {
		if breaks {
			judged.Unsolved = len(s.Verdict.Blocked)
			judged.Reason = whyNoPlan(p)
		}
		return judged
	}
	judged.Made, judged.Mounts, judged.Reason = true, len(p.Mounts), p.Stays.String()
	for i := range p.Mounts {
		if p.Mounts[i].OpensProgram {
			judged.Opens = append(judged.Opens, p.Mounts[i].Target)
		}
		if p.Mounts[i].Mends != "" {
			judged.Mends = append(judged.Mends, p.Mounts[i].Target)
		}
	}
	if judged.NotProved == "" {
		judged.Proof = s.Trial.Course()
	}
	judged.CodeChanges, judged.Unsolved, judged.FirstCode = p.Left(s.Trial.Judging(s, p))
	switch {
	case judged.Proof != "" && (breaks || judged.Outcome != model.IsReadOnly):
		judged.Outcome = model.Proved
	case !breaks:
	case judged.Left() == 0:
		judged.Outcome = model.Mended
	case judged.Mounts > 0:
		judged.Outcome = model.MendedInPart
	}
	return judged
}

func whyNoPlan(p *model.Plan) string {
	switch {
	case p == nil:
		return "it was not planned"
	case p.Already && slices.ContainsFunc(p.Unsolved, func(u model.Unsolved) bool { return u.Advice != "" }):
		return "no override mends that: the plan says what does"
	case p.Already:
		return "it is declared read-only already, and not planned"
	default:
		return p.NotSeen
	}
}
