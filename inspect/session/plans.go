package session

import (
	"context"
	"slices"

	"petrify/inspect/engine"
	"petrify/model"
)

// images is what plans ask an engine for.
type images interface {
	Facts(ctx context.Context, c model.Container, img model.Image, paths []string, changes []model.Change) (model.Facts, error)
}

// Plans finds out what the services' images hold, and plans each service of a
// stack, in their order.
func (s *Session) Plans(ctx context.Context, stack *model.Stack, opt model.PlanOptions) ([]model.Plan, error) {
	plans, err := plansOf(ctx, s.engine, stack, opt)
	if err != nil {
		return nil, explained(err)
	}
	return plans, nil
}

func plansOf(ctx context.Context, from images, stack *model.Stack, opt model.PlanOptions) ([]model.Plan, error) {
	plans := make([]model.Plan, len(stack.Services))
	for i := range stack.Services {
		s := &stack.Services[i]
		facts, err := factsOf(ctx, from, stack, s)
		if err != nil {
			return nil, err
		}
		plans[i] = model.MakePlan(s, facts, opt)
	}
	return plans, nil
}

// factsOf asks one container after the other: what a scaled service wrote in
// only one of them has its owner only there.
func factsOf(ctx context.Context, from images, stack *model.Stack, s *model.Service) (model.Facts, error) {
	facts := make(model.Facts)
	wanted := model.PlanPaths(s)
	for _, w := range windows(stack, s) {
		if len(wanted) == 0 {
			break
		}
		found, err := from.Facts(ctx, w.container, w.image, wanted, w.changes)
		if engine.IsGone(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for p, fact := range found {
			if before, ok := facts[p]; !ok || fact.Known && (!before.Known || before.Type == "") {
				facts[p] = fact
			}
		}
		wanted = slices.DeleteFunc(wanted, func(p string) bool { return facts[p].Known && facts[p].Type != "" })
	}
	return facts, nil
}

// window is a container through which an image is seen.
type window struct {
	container model.Container
	image     model.Image
	changes   []model.Change
}

// windows are the containers of a service, or those that others have of the
// image that it declares.
func windows(stack *model.Stack, s *model.Service) []window {
	var all []window
	for i := range s.Containers {
		all = append(all, newWindow(s, s.Containers[i]))
	}
	if len(all) > 0 || s.Declared == nil {
		return all
	}
	for i := range stack.Services {
		other := &stack.Services[i]
		for _, c := range other.Containers {
			if c.Image == s.Declared.Image {
				all = append(all, newWindow(other, c))
			}
		}
	}
	return all
}

func newWindow(s *model.Service, c model.Container) window {
	w := window{container: c, image: model.Image{ID: c.ImageID}}
	if s.Image != nil && s.Image.ID == c.ImageID {
		w.image = *s.Image
	}
	for _, changes := range s.Changes {
		if changes.Container == c.ID {
			w.changes = slices.Concat(changes.Paths, changes.EngineMade)
		}
	}
	return w
}
