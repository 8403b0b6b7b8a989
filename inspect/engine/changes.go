package engine

import (
	"context"

	"petrify/model"

	"github.com/moby/moby/client"
)

// Changes returns the paths that differ between a container's writable layer
// and its image, as the engine has them; they are not to be changed.
//
// The engine walks all files of the container for it, and whoever inspects the
// container meanwhile waits. The order is random, and the body is null when
// there is no change. Names are JSON: the engine's encoder turns each byte
// that is not UTF-8 into U+FFFD, so that such a path cannot be asked for again.
func (e *Engine) Changes(ctx context.Context, id string) ([]model.Change, error) {
	answer, err := e.api.ContainerDiff(ctx, id, client.ContainerDiffOptions{})
	if err != nil {
		return nil, e.failedAt(ctx, id, "ask for the changes of container", err)
	}
	changes := make([]model.Change, len(answer.Changes))
	for i, change := range answer.Changes {
		changes[i] = model.Change{Path: change.Path, Kind: model.ChangeKind(change.Kind)}
	}
	e.memory.of(id, func(n *note) { n.changes, n.read = changes, false })
	return changes, nil
}

// KeepChanges remembers changes of a container that were found without asking the engine,
// so that it is not asked for them either by whoever compares a file.
func (e *Engine) KeepChanges(id string, changes []model.Change) {
	e.memory.of(id, func(n *note) { n.changes, n.read = changes, true })
}
