package session

import (
	"context"
	"errors"

	"petrify/model"
)

// Source is what Settle needs of a watcher.
type Source interface {
	Next(ctx context.Context) (*model.Stack, error)
}

// Settle waits until everything has been asked once and returns that stack. What
// could not be told of one container is for the report to say. An engine that cannot be reached is an error: somebody waits for a report.
func Settle(ctx context.Context, source Source) (*model.Stack, error) {
	for {
		stack, err := source.Next(ctx)
		if err != nil {
			return nil, err
		}
		if link := stack.Link; link.State != model.Live && link.Reason != "" {
			problem := model.Problem{Text: link.Reason, Advice: link.Advice}
			return nil, &Explained{problem, errors.New(link.Reason)}
		}
		if settled(stack) {
			return stack, nil
		}
	}
}

func settled(stack *model.Stack) bool {
	if stack.Link.State != model.Live || stack.Name == "" {
		return false
	}
	for i := range stack.Services {
		s := &stack.Services[i]
		asked := map[string]bool{}
		for _, changes := range s.Changes {
			asked[changes.Container] = true
		}
		for _, c := range s.Containers {
			if !c.Inspected && c.Err == "" || hasLayer(c.State) && !asked[c.ID] {
				return false
			}
		}
	}
	return true
}

// hasLayer reports whether a container in this state is asked for its changes.
func hasLayer(s model.State) bool {
	switch s {
	case model.Running, model.Restarting, model.Paused, model.Exited:
		return true
	}
	return false
}
