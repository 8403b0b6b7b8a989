package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"maps"
	"net/url"
	"os"
	"slices"
)

// originals exports each image whose files were changed, and keeps of the export
// what those changes need. Nothing is run or created for it.
func (c *capture) originals(ctx context.Context) error {
	changed := map[string]map[string]bool{} // by image
	for _, one := range c.containers {
		if one.imageID == "" || len(one.changed) == 0 {
			continue
		}
		if changed[one.imageID] == nil {
			changed[one.imageID] = map[string]bool{}
		}
		maps.Copy(changed[one.imageID], one.changed)
	}
	for _, id := range slices.Sorted(maps.Keys(changed)) {
		export, err := c.export(ctx, id, changed[id])
		if err != nil {
			return fmt.Errorf("export %s: %w", id, err)
		}
		log.Printf("%.19s: kept %d KiB of its export", id, len(export)>>10)
		c.capturer.Put("/images/get", url.Values{"names": {id}}, "application/x-tar", export)
	}
	return nil
}

// export goes through a file: a link may lead to what stood before it.
func (c *capture) export(ctx context.Context, id string, paths map[string]bool) ([]byte, error) {
	file, err := os.CreateTemp("", "petrify-export-*.tar")
	if err != nil {
		return nil, err
	}
	defer func() {
		_ = file.Close()
		_ = os.Remove(file.Name())
	}()
	image, err := c.api.ImageSave(ctx, []string{id})
	if err != nil {
		return nil, err
	}
	defer func() { _ = image.Close() }()
	if _, err := io.Copy(file, image); err != nil {
		return nil, err
	}
	return trim(file, paths)
}
