package watch

import (
	"context"
	"maps"

	"petrify/model"
	"petrify/model/stack"
)

// behind asks where the mount points of a container are that its changes do not show
// where they were said to be, each once. What an engine does not answer is taken to be
// there: then what it made behind a link counts as the service's.
func behind(ctx context.Context, e Engine, c model.Container, img *model.Image, paths []model.Change) map[string]string {
	targets := stack.MaybeBehind(paths, c, img)
	if len(targets) == 0 {
		return c.Behind
	}
	known := map[string]string{}
	maps.Copy(known, c.Behind)
	for _, target := range targets {
		if _, ok := known[target]; ok {
			continue
		}
		real, err := e.Behind(ctx, c.ID, target)
		switch {
		case err == nil:
			known[target] = real
		case ctx.Err() == nil:
			known[target] = target
		}
	}
	return known
}
