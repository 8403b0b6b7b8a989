package engine

import (
	"archive/tar"
	"context"
	"errors"
	"io"

	"petrify/model"
)

// MountPoints tells what volumes of a container are in it, by target. The engine mounts
// them anew to answer, so that the container need not run. What it does not tell is
// missing.
func (e *Engine) MountPoints(ctx context.Context, id string, targets []string) (map[string]model.MountPoint, error) {
	points := make(map[string]model.MountPoint, len(targets))
	for _, target := range targets {
		err := e.open(ctx, id, target, func(info model.FileInfo, files *tar.Reader) error {
			if info.Type != model.Directory || info.OwnerUnknown {
				return nil
			}
			_, err := files.Next() // the first one in it
			points[target] = model.MountPoint{Mode: info.Mode, UID: info.UID, GID: info.GID, Empty: errors.Is(err, io.EOF)}
			return nil
		})
		if err != nil && !errors.Is(err, errNoFile) && !aboutPath(err) {
			return nil, e.failedAt(ctx, id, "look at the volumes of container", err)
		}
	}
	return points, nil
}
