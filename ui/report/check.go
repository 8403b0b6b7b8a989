package report

import (
	"slices"

	"petrify/model"
)

// Check is what a report is about: a stack of which everything is known, and what
// plans would make of it.
type Check struct {
	Stack *model.Stack
	// Planned are the second verdicts of services, by name. One that is not there was
	// not asked for.
	Planned map[string]model.Planned
	// ByPlan says that the second verdicts decide what is found, not the first.
	ByPlan bool
	// ByProof says that a plan without a proof is found as well. It goes with ByPlan.
	ByProof bool
	// Flags are those that name the project, for commands that a reader may type.
	Flags Flags
}

// ExitCode returns what `petrify check` ends with: 0 when it found nothing, 1 on
// findings, 2 when it could not look, because the engine did not answer or there
// is no container to look at.
func (c *Check) ExitCode() int {
	switch {
	case !looked(c.Stack):
		return 2
	case slices.ContainsFunc(c.Findings(), Finding.fails):
		return 1
	default:
		return 0
	}
}

func looked(s *model.Stack) bool {
	return s.Link.State == model.Live && slices.ContainsFunc(s.Services, func(svc model.Service) bool {
		return len(svc.Containers) > 0
	})
}

// planned is the second verdict on a service that is judged by it; false where the
// first one decides.
func (c *Check) planned(svc *model.Service) (model.Planned, bool) {
	judged, ok := c.Planned[svc.Name]
	return judged, ok && c.ByPlan
}

// Findings returns what is worth a reader's attention: the project's own first,
// then by service in the stack's order, each by kind.
func (c *Check) Findings() []Finding {
	var found []Finding
	for i := range kinds {
		if kinds[i].ofProject != nil {
			found = append(found, kinds[i].complete(c, kinds[i].ofProject(c), nil)...)
		}
	}
	for i := range c.Stack.Services {
		for j := range kinds {
			found = append(found, kinds[j].of(c, &c.Stack.Services[i])...)
		}
	}
	return found
}

// of finds what a service has of a kind.
func (k *kind) of(c *Check, svc *model.Service) []Finding {
	if k.ofService == nil {
		return nil
	}
	return k.complete(c, k.ofService(c, svc), svc)
}

// complete fills in what follows from the kind and from the service, which is nil for
// the project as a whole.
func (k *kind) complete(c *Check, found []Finding, svc *model.Service) []Finding {
	for i := range found {
		f := &found[i]
		f.Rule, f.Command = k.Rule, k.command(c, svc)
		if f.Severity == "" {
			f.Severity = k.Severity
		}
		if svc == nil {
			continue
		}
		f.Service = svc.Name
		if svc.Declared != nil {
			f.File, f.Line = svc.Declared.File, svc.Declared.Line
		}
	}
	return found
}
