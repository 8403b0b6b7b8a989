package main

import (
	"bytes"
	"context"
	"fmt"
	"image/color"
	"os"
	"time"

	"petrify/inspect/replay"
	"petrify/inspect/session"
	"petrify/screenshots/draw"
	"petrify/screenshots/drive"
	"petrify/ui"
)

// picture plays the capture to its moment, drives the real screen to a scene,
// and draws it.
func picture(ctx context.Context, capture *replay.Capture, scene Scene) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	source, clock, err := session.Replay(ctx, capture.At(moment), time.Now)
	if err != nil {
		return nil, err
	}
	var background color.Color = color.White
	if scene.Dark {
		background = color.Black
	}
	frame, err := drive.Frame(ctx, ui.New(ctx, source, ui.Options{Now: clock, Zone: time.UTC}), drive.Script{
		Columns: scene.Columns, Rows: scene.Rows, Background: background,
		Ready: started, Keys: scene.Keys, Done: scene.Until,
	})
	if err != nil {
		return nil, fmt.Errorf("scene %s: %w", scene.Name, err)
	}
	var b bytes.Buffer
	err = draw.SVG(&b, frame, draw.Options{Columns: scene.Columns, Rows: scene.Rows, Title: scene.Title, Dark: scene.Dark})
	if err != nil {
		return nil, fmt.Errorf("scene %s: %w", scene.Name, err)
	}
	return b.Bytes(), nil
}

// demo is the capture that `petrify demo` plays, from the top of the repository.
const demo = "inspect/replay/demo.petrify.gz"

func openCapture(name string) (*replay.Capture, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // only read
	return replay.Open(file)
}
