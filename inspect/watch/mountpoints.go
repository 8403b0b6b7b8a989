package watch

import (
	"context"

	"petrify/model"
)

// whose is who a container starts as, and what its volumes are in it.
type whose struct {
	user   *model.User
	points map[string]model.MountPoint
}

// lookWhose asks whose the volumes of a container with a read-only root are, where it does
// not start as root. What an engine does not answer stays unknown.
func lookWhose(ctx context.Context, e Engine, c model.Container) whose {
	switch c.User {
	case "", "0", "root", "0:0", "root:root":
		return whose{}
	}
	var w whose
	user, err := e.User(ctx, c.ID, c.User)
	if err != nil || user == nil || user.UID == 0 {
		return w
	}
	w.user = user
	var targets []string
	for _, m := range c.Mounts {
		if m.Kind == model.Volume && !m.ReadOnly && !m.Copied {
			targets = append(targets, m.Target)
		}
	}
	if len(targets) == 0 {
		return w
	}
	if points, err := e.MountPoints(ctx, c.ID, targets); err == nil {
		w.points = points
	}
	return w
}
