package report

import (
	"fmt"
	"slices"
	"strings"

	"petrify/model"
	"petrify/model/plan"
)

// Finding is one thing that a check found. Its texts are raw.
type Finding struct {
	Rule     Rule     `json:"rule"`
	Severity Severity `json:"severity"`
	Service  string   `json:"service"` // "" for the project as a whole
	Subject  string   `json:"subject"` // a mount's target, a field, a container, a file; "" for the service as a whole
	Message  string   `json:"message"`
	Command  string   `json:"command"` // that leads on
	File     string   `json:"file"`    // the Compose file that it is about; "" when none is
	Line     int      `json:"line"`    // in it; 0 when unknown
}

func (f Finding) fails() bool { return f.Severity != Note }

func composeProblem(c *Check) []Finding {
	s, p := c.Stack, c.Stack.Problem
	if p == nil {
		return nil
	}
	f := Finding{Subject: p.File, Message: p.Text, File: p.File, Line: p.Line}
	if len(s.Files) > 0 {
		f.Severity = Warning
	}
	if p.File != "" {
		f.Message = place(*p) + ": " + p.Text
	}
	return []Finding{f}
}

// place is where a problem is, as compilers and editors write it.
func place(p model.Problem) string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

func readOnlyFailures(_ *Check, svc *model.Service) []Finding {
	var found []Finding
	for _, c := range svc.Standing() {
		lines := []string{c.Error}
		if _, ok := missingPoint(svc, c); ok {
			lines = nil // told of as such
		}
		// A health check's output is in no log: this is the only place to see it.
		if n := len(c.HealthLog); n > 0 && c.HealthLog[n-1].ExitCode != 0 {
			lines = append(lines, strings.Split(c.HealthLog[n-1].Output, "\n")...)
		}
		for _, log := range svc.Logs {
			if log.Container == c.ID && len(log.Writes) == 0 {
				lines = append(lines, log.Line) // with a path, it is a refused write
			}
		}
		if i := slices.IndexFunc(lines, model.ReadOnlyFailure); i >= 0 {
			found = append(found, Finding{
				Subject: c.Name,
				Message: c.Name + " cannot write: " + strings.TrimSpace(lines[i]),
			})
		}
	}
	return found
}

func writesToRoot(c *Check, svc *model.Service) []Finding {
	if svc.Verdict.Outcome != model.WouldBreak {
		return nil
	}
	blocked := written(svc)
	if len(blocked) == 0 && len(svc.CopiedIn()) > 0 {
		return nil // told of as such
	}
	if judged, ok := c.planned(svc); ok {
		if judged.Unsolved == 0 {
			return nil
		}
		return []Finding{{Message: sentence("with its plan: "+model.Plural(judged.Unsolved, "write")+" not solved", judged.Reason)}}
	}
	f := Finding{Message: svc.Verdict.Reason}
	if len(blocked) > 0 {
		first := slices.MinFunc(blocked, func(a, b model.Change) int { return strings.Compare(a.Path, b.Path) })
		f.Message += ", such as " + first.Path
	}
	return []Finding{f}
}

// codeChange raises an alarm of its own for what nobody should do after a deployment.
// No plan mends that. Where one was made, it knows what the image has, and so what a
// change is.
func codeChange(c *Check, svc *model.Service) []Finding {
	changed, first := codeIn(svc)
	if judged := c.Planned[svc.Name]; judged.Made {
		changed, first = judged.CodeChanges, judged.FirstCode
	}
	if changed == 0 {
		return nil
	}
	message := model.Plural(changed, "code change") + " after deployment, such as " + first
	return []Finding{{Subject: first, Message: message}}
}

// codeIn counts the code changes by their paths alone.
func codeIn(svc *model.Service) (changed int, first string) {
	if svc.Verdict.Outcome == model.IsReadOnly {
		return 0, "" // what it was refused did not change
	}
	for _, c := range svc.Verdict.Blocked {
		if !plan.Classify(c.Path, c.Kind, svc.Image).Class.Alarm() {
			continue
		}
		if changed++; first == "" || c.Path < first {
			first = c.Path
		}
	}
	return changed, first
}

// planOpens tells of plans that give away what a read-only root is there for.
func planOpens(c *Check, svc *model.Service) []Finding {
	var found []Finding
	for _, target := range c.Planned[svc.Name].Opens {
		f := Finding{Subject: target, Message: "its plan makes program files writable at " + target}
		if !c.ByPlan {
			f.Severity = Note
		}
		found = append(found, f)
	}
	return found
}

// notProved tells of services that neither have a read-only root of their own nor a plan that
// a trial has proved.
func notProved(c *Check, svc *model.Service) []Finding {
	judged := c.Planned[svc.Name]
	if !c.ByProof || !svc.WantsProof() || judged.Proof != "" {
		return nil
	}
	return []Finding{{Message: "its plan is not proved: " + judged.NotProved}}
}

func riskyMounts(_ *Check, svc *model.Service) []Finding {
	var found []Finding
	for _, pair := range svc.Mounts {
		if pair.Risk == "" {
			continue
		}
		f := Finding{Severity: Note, Subject: pair.Target, Message: pair.Target + ": " + string(pair.Risk)}
		if pair.Severe() {
			f.Severity = Warning
		}
		found = append(found, f)
	}
	return found
}

func drifts(_ *Check, svc *model.Service) []Finding {
	var found []Finding
	for _, d := range svc.Drift {
		found = append(found, Finding{
			Subject: strings.TrimSpace(d.Field + " " + d.Subject),
			Message: difference(d),
		})
	}
	return found
}

// difference says one field of drift as a phrase.
func difference(d model.Difference) string {
	field := strings.TrimSpace(d.Field + " " + d.Subject)
	switch {
	case d.Declared == "":
		return field + ": not declared, but runs with " + d.Live
	case d.Live == "":
		return field + ": declared " + d.Declared + ", but does not run with it"
	default:
		return field + ": declared " + d.Declared + ", runs with " + d.Live
	}
}

func unexamined(_ *Check, svc *model.Service) []Finding {
	var found []Finding
	for _, c := range svc.Standing() {
		if c.Err == "" && (c.ReadOnly || c.NeverRan()) {
			continue
		}
		why := "its changes were not asked for"
		i := slices.IndexFunc(svc.Changes, func(changes model.ContainerChanges) bool { return changes.Container == c.ID })
		if i >= 0 {
			why = svc.Changes[i].Err
		}
		if c.Err != "" {
			why = c.Err
		}
		if why != "" {
			found = append(found, Finding{
				Subject: c.Name,
				Message: c.Name + " could not be examined: " + why,
			})
		}
	}
	return found
}

func rootWritable(_ *Check, svc *model.Service) []Finding {
	if svc.NeverRan() || svc.Verdict.Outcome != model.NotKnown || svc.LiveRoot() != model.RootWritable {
		return nil
	}
	return []Finding{{Message: "its root is writable: " + svc.Verdict.Reason}}
}

func notCreated(_ *Check, svc *model.Service) []Finding {
	if len(svc.Containers) > 0 || svc.Unlisted {
		return nil
	}
	return []Finding{{Message: "no container of it exists yet"}}
}
