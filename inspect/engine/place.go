package engine

import (
	"context"

	"petrify/model"
)

// Place is where a container's files and its first process are, as the engine's
// host sees them. What an engine does not tell is empty: with containerd's image
// store it names no directories.
type Place struct {
	Container model.Container
	PID       int    // 0 while it does not run
	Root      string // where its root is mounted while it runs
	Upper     string // the directory of its writable layer
	Lower     string // the directories of its image, with colons between
}

// Place says where a container is.
func (e *Engine) Place(ctx context.Context, id string) (Place, error) {
	found, err := e.inspect(ctx, id)
	if err != nil {
		return Place{}, e.failedAt(ctx, id, "inspect container", err)
	}
	p := Place{Container: fromInspect(found)}
	if found.State != nil {
		p.PID = found.State.Pid
	}
	if driver := found.GraphDriver; driver != nil {
		p.Root, p.Upper, p.Lower = driver.Data["MergedDir"], driver.Data["UpperDir"], driver.Data["LowerDir"]
	}
	return p, nil
}
