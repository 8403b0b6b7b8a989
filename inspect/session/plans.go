package session

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"petrify/inspect/engine"
	"petrify/model"
	"petrify/model/plan"
)

// images is what plans ask an engine for.
type images interface {
	Facts(ctx context.Context, c model.Container, img model.Image, paths []string, changes []model.Change) (model.Facts, error)
	User(ctx context.Context, container, spec string) (*model.User, error)
	Accounts(ctx context.Context, container string) ([]model.Account, error)
}

// earlierPlans is where the last plan of a service and image is kept.
type earlierPlans interface {
	Plan(project, service, image string) *model.Plan
	// Last returns the last plan of a service, whatever image it was for.
	Last(project, service string) *model.Plan
	Save(project, image string, plan model.Plan) error
}

// planner makes plans with what an engine knows of images, and with the plans before.
type planner struct {
	from    images
	earlier earlierPlans // nil where none are kept
}

// Plans finds out what the images of services hold, and plans those that are named,
// or all, in their order. It may look at an image through the others' containers.
func (p planner) Plans(ctx context.Context, stack *model.Stack, options model.PlanOptions, services ...string) ([]model.Plan, error) {
	wanted, err := stack.Only(services...)
	if err != nil {
		return nil, err
	}
	plans := make([]model.Plan, len(wanted.Services))
	for i := range wanted.Services {
		s, err := p.withUsers(ctx, stack, wanted.Services[i])
		if err != nil {
			return nil, err
		}
		facts, err := p.factsOf(ctx, stack, &s, plan.Paths(&s))
		if err != nil {
			return nil, err
		}
		plans[i] = p.plan(stack.Name, &s, facts, options)
	}
	return plans, nil
}

// withUsers finds out who the users of a service are: that tells which paths matter.
func (p planner) withUsers(ctx context.Context, stack *model.Stack, s model.Service) (model.Service, error) {
	if err := usersOf(ctx, p.from, stack, &s); err != nil {
		return s, fmt.Errorf("ask for the user of %s: %w", s.Name, explained(err))
	}
	return s, nil
}

// factsOf finds out what the image of a service has at some paths.
func (p planner) factsOf(ctx context.Context, stack *model.Stack, s *model.Service, paths []string) (model.Facts, error) {
	facts, err := factsOf(ctx, p.from, stack, s, paths)
	if err != nil {
		return nil, fmt.Errorf("ask what the image of %s holds: %w", s.Name, explained(err))
	}
	return facts, nil
}

// plan makes one plan, and keeps it for the next one. That it cannot be kept is no
// reason not to have it.
func (p planner) plan(project string, s *model.Service, facts model.Facts, options model.PlanOptions) model.Plan {
	image := s.ImageID()
	if p.earlier == nil {
		return plan.Make(s, facts, options)
	}
	if image != "" {
		options.Earlier = p.earlier.Plan(project, s.Name, image)
	}
	made := plan.Make(s, facts, options)
	if made.NotSeen != "" && options.OrLast {
		if last := cmp.Or(options.Earlier, p.earlier.Last(project, s.Name)); last != nil {
			return *last
		}
	}
	if image != "" && made.Planned() && !options.NoAssumptions {
		_ = p.earlier.Save(project, image, made)
	}
	return made
}

// factsOf asks one container after the other: what a scaled service wrote in
// only one of them has its owner only there.
func factsOf(ctx context.Context, from images, stack *model.Stack, s *model.Service, wanted []string) (model.Facts, error) {
	facts := make(model.Facts)
	for _, source := range imageSources(stack, s) {
		if len(wanted) == 0 {
			break
		}
		found, err := from.Facts(ctx, source.container, source.image, wanted, source.changes)
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

// usersOf asks containers until one tells who the service starts as and, where mounts are
// planned for it, which users there are.
func usersOf(ctx context.Context, from images, stack *model.Stack, s *model.Service) error {
	spec, planned := s.UserSpec(), s.WithoutPlan().NextRoot() != model.RootReadOnly || len(s.RefusedWrites()) > 0
	done := func() bool { return (spec == "" || s.StartsAs != nil) && (!planned || s.Accounts != nil) }
	for _, source := range imageSources(stack, s) {
		if done() {
			break
		}
		var err error
		if spec != "" && s.StartsAs == nil {
			s.StartsAs, err = from.User(ctx, source.container.ID, spec)
		}
		if err == nil && planned && s.Accounts == nil {
			s.Accounts, err = from.Accounts(ctx, source.container.ID)
		}
		if err != nil && !engine.IsGone(err) {
			return err
		}
	}
	return nil
}

// imageSource is a container through which an image is seen.
type imageSource struct {
	container model.Container
	image     model.Image
	changes   []model.Change
}

// imageSources are the containers of a service, or those that others have of the
// image that it declares.
func imageSources(stack *model.Stack, s *model.Service) []imageSource {
	var all []imageSource
	for i := range s.Containers {
		all = append(all, newImageSource(s, s.Containers[i]))
	}
	if len(all) > 0 || s.Declared == nil {
		return all
	}
	for i := range stack.Services {
		other := &stack.Services[i]
		for _, c := range other.Containers {
			if c.MadeFrom(s.Declared) {
				all = append(all, newImageSource(other, c))
			}
		}
	}
	return all
}

func newImageSource(s *model.Service, c model.Container) imageSource {
	source := imageSource{container: c, image: model.Image{ID: c.ImageID}}
	if s.Image != nil && s.Image.ID == c.ImageID {
		source.image = *s.Image
	}
	for _, changes := range s.Changes {
		if changes.Container == c.ID {
			source.changes = slices.Concat(changes.Paths, changes.EngineMade)
		}
	}
	return source
}
