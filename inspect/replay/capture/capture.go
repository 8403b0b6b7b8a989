package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/types/events"
	"github.com/moby/moby/client"

	"petrify/inspect/replay"
)

// How often what is asked for, whatever the events say.
const (
	listEvery   = 5 * time.Second // and each inspect
	diffEvery   = 3 * time.Second // after the last one ended
	filesEvery  = 15 * time.Second
	diffsAtOnce = 2
)

const projectLabel = "com.docker.compose.project"

// capture asks an engine about one project. Its client goes through the capturer.
type capture struct {
	project  string
	capturer *replay.Capturer
	api      *client.Client
	diffs    chan struct{} // holds a place for each comparison that may run

	mu         sync.Mutex
	containers map[string]*followed // by ID; also those that are gone
	images     map[string]bool      // the ones that were inspected
	all        sync.WaitGroup
}

func newCapture(host string, transport http.RoundTripper, h *hidden) (*capture, error) {
	capturer := replay.NewCapturer(transport, time.Now, h.rewrite)
	// The host comes first: the client refuses to set one on a transport that is not its own.
	api, err := client.New(client.WithHost(host), client.WithHTTPClient(&http.Client{Transport: capturer}))
	if err != nil {
		return nil, err
	}
	return &capture{
		project:    h.project,
		capturer:   capturer,
		api:        api,
		diffs:      make(chan struct{}, diffsAtOnce),
		containers: map[string]*followed{},
		images:     map[string]bool{},
	}, nil
}

// asked asks for what does not change.
func (c *capture) asked(ctx context.Context) error {
	if _, err := c.api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true}); err != nil {
		return err
	}
	if _, err := c.api.ServerVersion(ctx, client.ServerVersionOptions{}); err != nil {
		return err
	}
	_, err := c.api.Info(ctx, client.InfoOptions{})
	return err
}

// run follows the project until ctx is done.
func (c *capture) run(ctx context.Context) error {
	stream := c.api.Events(ctx, client.EventsListOptions{})
	defer c.all.Wait()
	if err := c.list(ctx, ctx); err != nil {
		return err
	}
	tick := time.NewTicker(listEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-stream.Messages:
			if err := c.happened(ctx, m); err != nil {
				return err
			}
		case err := <-stream.Err:
			if ctx.Err() != nil {
				return nil
			}
			return fmt.Errorf("follow the events: %w", err)
		case <-tick.C:
			warn(ctx, c.list(ctx, ctx))
		}
	}
}

// list asks for the containers with one context, and has those of the project that
// are new followed with the other.
func (c *capture) list(ask, follow context.Context) error {
	list, err := c.api.ContainerList(ask, client.ContainerListOptions{All: true})
	if err != nil {
		return fmt.Errorf("list the containers: %w", err)
	}
	for _, item := range list.Items {
		if item.Labels[projectLabel] == c.project {
			c.join(follow, item.ID)
		}
	}
	return nil
}

// join starts following a container, unless it is followed.
func (c *capture) join(ctx context.Context, id string) *followed {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.containers[id]
	if one == nil {
		one = newFollowed(c, id)
		c.containers[id] = one
		c.all.Go(func() { one.follow(ctx) })
	}
	return one
}

// happened keeps an event of the project, and asks for what it has changed.
func (c *capture) happened(ctx context.Context, m events.Message) error {
	if !c.ours(m) || noise(m) {
		return nil
	}
	raw, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode an event: %w", err)
	}
	asOf := c.capturer.AsOf(ctx)
	c.capturer.Event(raw)
	if m.Type == events.ContainerEventType {
		warn(ctx, c.list(asOf, ctx))
		c.join(ctx, m.Actor.ID).hear(asOf, m.Action)
	}
	return nil
}

// ours says whether an event is of the project: networks and volumes name the
// container that uses them.
func (c *capture) ours(m events.Message) bool {
	if m.Actor.Attributes[projectLabel] == c.project {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.containers[m.Actor.ID] != nil || c.containers[m.Actor.Attributes["container"]] != nil
}

// noise says whether an event is of a health check, or of our own reading of files:
// an engine mounts a container's volumes for it, and says so.
func noise(m events.Message) bool {
	switch m.Action {
	case events.ActionArchivePath, events.ActionMount, events.ActionUnmount:
		return true
	}
	return strings.HasPrefix(string(m.Action), "exec_")
}

// warn mentions an error after which capturing goes on.
func warn(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		log.Print(err)
	}
}
