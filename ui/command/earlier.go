package command

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/export"
)

// withEarlier adds the plans that a file has and that would be lost when it is replaced: of
// services that were not named, or of which nothing is known now. They are as they were
// planned last.
func (p *Program) withEarlier(cmd *cobra.Command, all looked, o planOptions, stack *model.Stack, plans []model.Plan) (*model.Stack, []model.Plan, error) {
	earlier, err := p.Files.Read(o.file)
	if err != nil {
		return nil, nil, err
	}
	say := func(format string, args ...any) {
		fmt.Fprintln(cmd.ErrOrStderr(), "petrify:", clean.Line(fmt.Sprintf(format, args...)))
	}
	missing, gone := export.Missing(earlier, all.stack, plans)
	for _, name := range gone {
		say("%s: the project has no such service any more; its plan is not in %s any more, its volumes stay in the engine", name, o.file)
	}
	if len(missing) == 0 {
		return stack, plans, nil
	}
	o.OrLast = true
	for _, name := range missing {
		if all.stack.Service(name) == nil {
			continue // no active profile selects it
		}
		last, err := all.live.Plans(cmd.Context(), all.stack, o.PlanOptions, name)
		if err != nil {
			return nil, nil, err
		}
		plans = slices.DeleteFunc(plans, func(p model.Plan) bool { return p.Service == name })
		plans = append(plans, last...)
		if last[0].Planned() {
			say("%s: stays in %s as it was planned last", name, o.file)
		}
	}
	slices.SortStableFunc(plans, func(a, b model.Plan) int { return strings.Compare(a.Service, b.Service) })
	if !o.force {
		if err := export.MayReplace(o.file, earlier, all.stack, plans); err != nil {
			return nil, nil, err
		}
	}
	names := make([]string, len(plans))
	for i := range plans {
		names[i] = plans[i].Service
	}
	stack, err = all.stack.Only(names...)
	return stack, plans, err
}
