package engine

import (
	"cmp"
	"context"
	"maps"
	"path"
	"slices"

	"petrify/inspect/imageref"
	"petrify/model"

	"github.com/moby/moby/client"
)

// Image returns what an image brings along.
func (e *Engine) Image(ctx context.Context, id string) (model.Image, error) {
	found, err := e.api.ImageInspect(ctx, id)
	if err != nil {
		return model.Image{}, e.failed("inspect image "+id, err)
	}
	img := fromImage(found)
	img.ID = cmp.Or(img.ID, id)
	return img, nil
}

func fromImage(found client.ImageInspectResult) model.Image {
	img := model.Image{ID: found.ID, Tags: imageref.SpellOutAll(found.RepoTags), Size: found.Size}
	config := found.Config
	if config == nil {
		return img
	}
	img.Entrypoint, img.Command = config.Entrypoint, config.Cmd
	img.User, img.WorkingDir = config.User, config.WorkingDir
	img.Env = environment(config.Env)
	for _, target := range slices.Sorted(maps.Keys(config.Volumes)) {
		img.Volumes = append(img.Volumes, path.Clean(target))
	}
	return img
}
