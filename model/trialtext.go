package model

import (
	"fmt"
	"strings"
)

// What is said of a trial to a reader, in the screen, in commands and in files.

// mendingWords say what was changed of a mount.
var mendingWords = map[MendingKind]string{
	MountAdded: "+ mount at %s", MountRemoved: "- mount at %s", OwnerMended: "~ owner of %s", SizeMended: "~ size of %s", ExecMended: "~ exec on %s",
}

// String says a mending with its reason.
func (m Mending) String() string {
	text, ok := mendingWords[m.Kind]
	if !ok {
		text = string(m.Kind) + " %s"
	}
	text = fmt.Sprintf(text, m.Target)
	if m.Why != "" {
		text += ": " + m.Why
	}
	return text
}

// Text says how a run went, beside the unmodified copy's; nil for that one itself.
func (r *Run) Text(baseline *Run) string {
	var parts []string
	failed := r.Failed()
	switch {
	case failed != nil:
		parts = append(parts, failed.String())
	case baseline != nil && r.Went(baseline):
		parts = append(parts, "as the unmodified copy")
	case baseline != nil:
		parts = append(parts, "not as the unmodified copy: "+r.Differs(baseline))
	default:
		for _, step := range r.Steps {
			if step.Answer != "" && !step.Again {
				parts = append(parts, step.String())
			}
		}
	}
	if refused := len(r.Evidence.RefusedPaths()); refused > 0 {
		parts = append(parts, Plural(refused, "path")+" refused")
	}
	parts = append(parts, DurationText(r.Took))
	return strings.Join(parts, ", ")
}

// Differs says where a run first went another way than another one; "" where nowhere.
func (r *Run) Differs(from *Run) string {
	for i, step := range r.Steps {
		if i >= len(from.Steps) {
			return step.String() + ", which the unmodified copy did not do"
		}
		if before := from.Steps[i]; step.String() != before.String() {
			return step.String() + ", and the unmodified copy " + before.String()
		}
	}
	switch {
	case len(r.Steps) < len(from.Steps):
		return "it did not come to " + from.Steps[len(r.Steps)].String()
	case r.ExitCode != from.ExitCode:
		return fmt.Sprintf("it ended with exit code %d, and the unmodified copy with %d", r.ExitCode, from.ExitCode)
	default:
		return ""
	}
}

// TellsRefusals reports whether a run could see what was refused.
func (r *Run) TellsRefusals() bool {
	for _, spot := range r.Evidence.Blind {
		if spot.Kind == BlindRefusals || spot.Kind == BlindFailed {
			return false
		}
	}
	return true
}

// MountCounts are how many mounts a trial began and ended with.
func (t *Trial) MountCounts() (before, after int) {
	after = len(t.Plan.Mounts)
	before = after
	for _, round := range t.Rounds {
		for _, m := range round.Mended {
			switch m.Kind {
			case MountAdded:
				before--
			case MountRemoved:
				before++
			}
		}
	}
	return before, after
}

// mostMendings are so many changes of a plan that a round is told with.
const mostMendings = 12

// Lines tell how a trial went so far, a line for the unmodified copy, for each round,
// and for each change of the plan. Lines only ever join at the end. They are raw.
func (t *Trial) Lines() []string {
	var lines []string
	if len(t.Baseline.Steps) > 0 {
		lines = append(lines, "unmodified copy: "+t.Baseline.Text(nil))
	}
	for i := range t.Rounds {
		round := &t.Rounds[i]
		lines = append(lines, fmt.Sprintf("round %d: %s", i+1, round.Text(&t.Baseline)))
		for j, m := range round.Mended {
			if j == mostMendings {
				lines = append(lines, fmt.Sprintf("  and %d changes more", len(round.Mended)-j))
				break
			}
			lines = append(lines, "  "+m.String())
		}
	}
	return lines
}

// WantsProof reports whether a service is to be tried: it has no read-only root of its own
// declaration, or is refused writes on it.
func (s *Service) WantsProof() bool {
	return s.WithoutPlan().NextRoot() != RootReadOnly || s.Breaks()
}

// CanBeTried reports whether there is a container of a service, of which a copy can be made.
func (s *Service) CanBeTried() bool { return len(s.Containers) > 0 }

// NotProved says why a plan of a service is not proved; "" where it is.
func (s *Service) NotProved(p *Plan) string {
	t := s.Trial
	switch {
	case t == nil:
		return "no trial was made"
	case t.ImageID != s.ImageID():
		return "another image was tried than the one that runs"
	case t.Definition != s.Definition():
		return "the service was declared otherwise when it was tried"
	case t.Result != TrialProved:
		return "the last trial did not hold: " + t.String()
	case p == nil || !t.Plan.SameMounts(p):
		return "another plan was proved than this one"
	case p.Stays != "":
		return p.Stays.String()
	}
	if code, unsolved, _ := p.Left(t.Judged); code+unsolved > 0 {
		return "more was seen to be written since than the trial has judged"
	}
	return ""
}

// StepText says what a trial does now: "web · baseline: ready".
func (t *Trying) StepText() string {
	if t.Service == "" {
		return ""
	}
	text := t.Service
	switch {
	case t.Trial == nil:
	case len(t.Trial.Baseline.Steps) == 0:
		text += " · unmodified copy"
	default:
		text += fmt.Sprintf(" · round %d", len(t.Trial.Rounds)+1)
	}
	if t.Step != "" {
		text += " · " + t.Step
	}
	if t.Total > 1 {
		text += fmt.Sprintf(" (%d of %d)", t.Done+1, t.Total)
	}
	return text
}
