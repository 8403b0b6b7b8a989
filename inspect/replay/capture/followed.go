package main

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"log"
	"regexp"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"
)

// What is kept of the files in a container.
const (
	maxFiles    = 2000      // paths of one container; further ones are left out
	maxFile     = 128 << 10 // bytes of a content; of larger files only what describes them
	maxContents = 8 << 20   // bytes of all contents of one container
)

// followed is one container that is followed.
type followed struct {
	*capture
	id      string
	imageID string
	heard   chan context.Context // asks for an inspect, as of an event
	started chan struct{}        // its log goes on
	changed map[string]bool      // every path that was in some change
	files   map[string]file      // the paths that were asked for
	read    int64                // bytes of contents
	warned  bool
}

func newFollowed(c *capture, id string) *followed {
	return &followed{
		capture: c,
		id:      id,
		heard:   make(chan context.Context, 100),
		started: make(chan struct{}, 1),
		changed: map[string]bool{},
		files:   map[string]file{},
	}
}

// file is what was seen of a path when it was last asked for.
type file struct {
	asked   time.Time
	regular bool
	written time.Time
}

// hear takes an event of the container.
func (c *followed) hear(asOf context.Context, action events.Action) {
	select {
	case c.heard <- asOf:
	case <-asOf.Done():
	}
	if action == events.ActionStart {
		select {
		case c.started <- struct{}{}:
		default: // it is said already
		}
	}
}

// follow asks for the container until it is gone. One question follows the other:
// an engine lets an inspect wait while it compares the same container.
func (c *followed) follow(ctx context.Context) {
	found, err := c.inspect(ctx)
	if err != nil {
		warn(ctx, err)
		return
	}
	secrets(found)
	c.imageID = found.Image
	c.image(ctx, found.Image)
	c.all.Go(func() { c.follows(ctx, found.Config != nil && found.Config.Tty) })
	inspects := time.NewTicker(listEvery)
	defer inspects.Stop()
	diffs := time.NewTimer(0)
	defer diffs.Stop()
	for ctx.Err() == nil {
		var err error
		select {
		case <-ctx.Done():
		case asOf := <-c.heard:
			_, err = c.inspect(asOf)
		case <-inspects.C:
			_, err = c.inspect(ctx)
		case <-diffs.C:
			err = c.diff(ctx)
			diffs.Reset(diffEvery)
		}
		if errdefs.IsNotFound(err) {
			return
		}
		warn(ctx, err)
	}
}

func (c *followed) inspect(ctx context.Context) (container.InspectResponse, error) {
	found, err := c.api.ContainerInspect(ctx, c.id, client.ContainerInspectOptions{})
	if err != nil {
		return found.Container, fmt.Errorf("inspect %s: %w", c.id, err)
	}
	return found.Container, nil
}

// image asks for an image once.
func (c *capture) image(ctx context.Context, id string) {
	c.mu.Lock()
	known := c.images[id]
	c.images[id] = true
	c.mu.Unlock()
	if !known {
		_, err := c.api.ImageInspect(ctx, id)
		warn(ctx, err)
	}
}

// diff asks for the changes, and for the files that changed.
func (c *followed) diff(ctx context.Context) error {
	select {
	case c.diffs <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	changes, err := c.api.ContainerDiff(ctx, c.id, client.ContainerDiffOptions{})
	<-c.diffs
	if err != nil {
		return fmt.Errorf("compare %s: %w", c.id, err)
	}
	c.file(ctx, "/etc/passwd") // owners are named after it
	for _, change := range changes.Changes {
		c.changed[change.Path] = true
		c.file(ctx, change.Path)
	}
	return nil
}

// file asks for a path when it is due: once, and again while it is being written.
func (c *followed) file(ctx context.Context, path string) {
	last, known := c.files[path]
	now := time.Now()
	active := last.regular && last.asked.Sub(last.written) < time.Minute
	if known && (!active || now.Sub(last.asked) < filesEvery) || ctx.Err() != nil {
		return
	}
	if !known && len(c.files) >= maxFiles {
		c.left("files after the first %d", maxFiles)
		return
	}
	next := file{asked: now}
	if header, err := c.archive(ctx, path); err == nil {
		next.regular, next.written = header.Typeflag == tar.TypeReg, header.ModTime
	}
	c.files[path] = next
}

// archive reads as much of a path as is worth keeping. What it gets wrong, such as
// a path that has gone, is an answer as well.
func (c *followed) archive(ctx context.Context, path string) (*tar.Header, error) {
	answer, err := c.api.CopyFromContainer(ctx, c.id, client.CopyFromContainerOptions{SourcePath: path})
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Content.Close() }()
	header, err := tar.NewReader(answer.Content).Next()
	if err != nil || header.Typeflag == tar.TypeDir || header.Size > maxFile {
		return header, err
	}
	if c.read += header.Size; c.read > maxContents {
		c.left("contents after the first %d MiB", maxContents>>20)
		return header, nil
	}
	_, err = io.Copy(io.Discard, answer.Content)
	return header, err
}

// left says once that something is left out.
func (c *followed) left(format string, args ...any) {
	if !c.warned {
		c.warned = true
		log.Printf("%.12s: left out "+format, append([]any{c.id}, args...)...)
	}
}

var secretName = regexp.MustCompile(`(?i)passw|secret|token|credential|api_?key|private`)

// secrets warns of environment values that the capture will show to its readers.
func secrets(c container.InspectResponse) {
	if c.Config == nil {
		return
	}
	for _, pair := range c.Config.Env {
		if name, value, _ := strings.Cut(pair, "="); value != "" && secretName.MatchString(name) {
			log.Printf("%s: the capture holds the value of %s", c.Name, name)
		}
	}
}
