package watch

import (
	"context"
	"slices"

	"petrify/inspect/engine"
	"petrify/model"
)

func (k *keeper) wantImageOf(c *watched) {
	if k.inScope(c) {
		k.wantImage(c.ImageID)
	}
}

func (k *keeper) wantImage(id string) {
	if _, known := k.images[id]; known || id == "" || k.imageAsked[id] {
		return
	}
	k.imageAsked[id], k.imageOpen[id] = true, true
	k.imageQueue = append(k.imageQueue, id)
}

func (k *keeper) askImage(id string) {
	ask(k, callLimit, func(ctx context.Context) (model.Image, error) {
		return k.engine.Image(ctx, id)
	}, func(img model.Image, err error) {
		delete(k.imageOpen, id)
		k.lookComplete()
		switch {
		case err == nil:
			k.takeImage(id, img)
			k.news = true
		case !engine.IsGone(err): // a running container may outlive its image
			k.relist = true
		}
	})
}

// takeImage notes an image, and that its tags are its own from here on: after a
// build the image that had them before may be known still, and would say that
// the new containers run something else than their files name. An image without a
// tag and without a container is forgotten.
func (k *keeper) takeImage(id string, img model.Image) {
	k.images[id] = img
	used := map[string]bool{id: true}
	for _, c := range k.containers {
		used[c.ImageID] = true
	}
	for other, before := range k.images {
		if other == id {
			continue
		}
		before.Tags = slices.DeleteFunc(slices.Clone(before.Tags), func(tag string) bool { return slices.Contains(img.Tags, tag) })
		k.images[other] = before
		if len(before.Tags) == 0 && !used[other] {
			delete(k.images, other)
			delete(k.imageAsked, other)
		}
	}
}
