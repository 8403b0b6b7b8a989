package main

import (
	"bytes"
	"context"
	"log"

	"github.com/moby/moby/client"

	"petrify/inspect/replay"
	"petrify/inspect/session"
)

// trials tries the plans that the capture leads to, and adds that to it.
func (c *capture) trials(ctx context.Context, changes *client.Client, about replay.About) error {
	var soFar bytes.Buffer
	if err := c.capturer.Write(&soFar, about); err != nil {
		return err
	}
	captured, err := replay.Open(&soFar)
	if err != nil {
		return err
	}
	return session.CaptureTrials(ctx, captured, c.api, changes, func(t replay.Trial) error {
		log.Printf("%s: tried in %d runs", t.Service, len(t.Runs))
		return c.capturer.Trial(t)
	})
}
