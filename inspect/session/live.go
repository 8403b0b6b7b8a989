package session

import (
	"context"
	"fmt"

	"petrify/inspect/watch"
	"petrify/model"
)

// Live is a stack that is watched, planned and recorded.
type Live struct {
	*watch.Watcher
	from images
	tape
}

// Plan finds out what a service's image holds and plans the service.
func (l *Live) Plan(ctx context.Context, stack *model.Stack, service string) (model.Plan, error) {
	for i := range stack.Services {
		s := &stack.Services[i]
		if s.Name != service {
			continue
		}
		facts, err := factsOf(ctx, l.from, stack, s)
		if err != nil {
			return model.Plan{}, fmt.Errorf("ask what the image of %s holds: %w", service, err)
		}
		return model.MakePlan(s, facts, model.PlanOptions{}), nil
	}
	return model.Plan{}, fmt.Errorf("project %q has no service %q", stack.Name, service)
}
