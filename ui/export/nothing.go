package export

import (
	"cmp"
	"fmt"
	"strings"

	"petrify/model"
)

// Nothing returns why there is nothing to write; nil where a plan is there. A file is
// replaced only by something better founded: never by an empty plan.
func (f Format) Nothing(stack *model.Stack, plans []model.Plan) error {
	if p := stack.Problem; p != nil && p.Unreadable {
		return &model.ProblemError{Problem: *p}
	}
	ready := 0
	var reasons, faults []string
	mend := "`petrify check` tells whether they run as declared"
	advice := "start the stack (docker compose up -d), use it, then plan again"
	for i := range plans {
		switch p := &plans[i]; {
		case p.Planned() && f.Override && p.Stays != "":
			reasons = append(reasons, fmt.Sprintf("%s: %s", p.Service, p.Stays))
			advice = p.Stays.Advice()
		case p.Planned():
			return nil
		case p.Already:
			ready++
			for _, u := range p.Unsolved {
				if u.Reason == model.OpenMountFault {
					faults, mend = append(faults, fmt.Sprintf("%s: %s", p.Service, u.Why)), u.Advice
				}
			}
		default:
			reasons = append(reasons, fmt.Sprintf("%s: %s", p.Service, p.NotSeen))
		}
	}
	if ready > 0 && len(reasons) == 0 {
		return &model.ProblemError{Problem: model.Problem{
			Text:   strings.Join(append([]string{"nothing to plan: " + model.Plural(ready, "service") + " declared read-only already"}, faults...), "; "),
			Advice: mend,
		}}
	}
	return &model.ProblemError{Problem: model.Problem{
		Text:   "nothing to plan from: " + cmp.Or(strings.Join(reasons, "; "), "the project has no service"),
		Advice: advice,
	}}
}
