package session

import (
	"context"
	"errors"
	"slices"

	"petrify/model"
)

// source hands out stacks.
type source interface {
	Next(ctx context.Context) (*model.Stack, error)
}

// complete waits until everything has been asked once and returns that stack. Until
// then each is told what is waited for. What could not be told of one container is
// for the report to say. An engine that cannot be reached is an error: somebody
// waits for a report.
func complete(ctx context.Context, from source, each func([]model.Waiting)) (*model.Stack, error) {
	for {
		stack, err := from.Next(ctx)
		if err != nil {
			return nil, err
		}
		link := stack.Link
		switch {
		case link.State != model.Live && link.Reason != "":
			return nil, &model.ProblemError{Problem: model.Problem{Text: link.Reason, Advice: link.Advice}}
		case link.State != model.Live || slices.ContainsFunc(stack.Waiting, model.Waiting.Open):
			each(stack.Waiting)
		case stack.Name == "" && stack.Problem != nil:
			return nil, &model.ProblemError{Problem: *stack.Problem}
		case stack.Name == "":
			return nil, errNoProject
		default:
			return stack, nil
		}
	}
}

var errNoProject = errors.New("there is no Compose project here; name one with -p")
