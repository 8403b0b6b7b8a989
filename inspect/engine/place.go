package engine

import (
	"context"

	"petrify/model"
)

// Place is where a container is.
type Place = model.Place

// Place says where a container is, and all else that is known of it.
func (e *Engine) Place(ctx context.Context, id string) (Place, error) {
	found, err := e.inspect(ctx, id)
	if err != nil {
		return Place{}, e.failedAt(ctx, id, "inspect container", err)
	}
	p := Place{Container: fromInspect(found)}
	e.memory.of(id, func(n *note) { n.known, n.tty, n.image = true, p.Container.TTY, p.Container.ImageID })
	if found.State != nil {
		p.PID = found.State.Pid
	}
	if driver := found.GraphDriver; driver != nil {
		p.Root, p.Upper, p.Lower = driver.Data["MergedDir"], driver.Data["UpperDir"], driver.Data["LowerDir"]
		p.Driver = driver.Name
	}
	return p, nil
}
