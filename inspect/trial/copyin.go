package trial

import (
	"context"
	"errors"
	"fmt"

	"github.com/moby/moby/client"

	"petrify/model"
)

// copyIn puts into a copy what Compose puts into its original's own layer: configs and
// secrets without a file.
func (r *run) copyIn(ctx context.Context, made *copied) error {
	if len(made.copies) == 0 {
		return nil
	}
	switch {
	case !made.made:
		return errors.New("files are copied into it by Compose, which can only be taken from a container that it made: bring the service up first")
	case r.plan != nil && made.original == r.c.tried():
		return errors.New(model.StaysCopiedIn.String())
	}
	api := r.c.t.api
	for _, path := range made.copies {
		content, err := api.CopyFromContainer(ctx, made.found.ID, client.CopyFromContainerOptions{SourcePath: path})
		if err != nil {
			return fmt.Errorf("read %s of its original: %w", path, err)
		}
		_, err = api.CopyToContainer(ctx, made.id, client.CopyToContainerOptions{DestinationPath: model.Parent(path), Content: content.Content, CopyUIDGID: true})
		content.Content.Close()
		if err != nil {
			return fmt.Errorf("copy %s into it: %w", path, err)
		}
	}
	return nil
}
