package main

import (
	"context"
	"fmt"
	"log"
	"maps"
	"slices"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
	"petrify/model/plan"
	"petrify/model/stack"
)

// facts asks for what plans of the services ask for.
func (c *capture) facts(ctx context.Context) error {
	o := model.Observation{
		Name: c.project, Link: model.Link{State: model.Live},
		Images: map[string]model.Image{}, Changes: map[string]model.Changes{},
	}
	raw := map[string][]model.Change{}
	for _, id := range slices.Sorted(maps.Keys(c.containers)) {
		err := c.observe(ctx, id, &o, raw)
		if err != nil && !engine.IsGone(err) {
			return fmt.Errorf("look at %.12s for its plan: %w", id, err)
		}
	}
	stack := stack.Lay(o, nil)
	for i := range stack.Services {
		s := &stack.Services[i]
		for _, one := range s.Containers {
			// One engine for all would not ask again what another container of the
			// same image has told, and in a replay this one may be asked first.
			e := engine.New(c.api, model.Engine{})
			known, err := e.Facts(ctx, one, o.Images[one.ImageID], plan.Paths(s), raw[one.ID])
			if err != nil && !engine.IsGone(err) {
				return fmt.Errorf("look at the image of %s for its plan: %w", one.Name, err)
			}
			if _, err := e.User(ctx, one.ID, s.UserSpec()); err != nil && !engine.IsGone(err) {
				return fmt.Errorf("look for the user of %s for its plan: %w", one.Name, err)
			}
			log.Printf("%s: kept what its image has at %d paths", one.Name, len(known))
		}
	}
	return nil
}

// observe adds one container, as it is now.
func (c *capture) observe(ctx context.Context, id string, o *model.Observation, raw map[string][]model.Change) error {
	e := engine.New(c.api, model.Engine{})
	one, err := e.Inspect(ctx, id)
	if err != nil {
		return err
	}
	img, err := e.Image(ctx, one.ImageID)
	if err != nil {
		return err
	}
	changes, err := e.Changes(ctx, id)
	if err != nil {
		return err
	}
	o.Containers = append(o.Containers, one)
	o.Images[one.ImageID] = img
	o.Changes[id] = stack.NewChanges(changes, one, &img, time.Now(), 0)
	raw[id] = changes
	return nil
}
