package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/color"
	"os"
	"slices"
	"time"

	"petrify/inspect/replay"
	"petrify/inspect/session"
	"petrify/screenshots/draw"
	"petrify/screenshots/drive"
	"petrify/ui"
)

// picture plays the capture to its moment, drives the real screen to a scene and the ones
// that follow it, and draws them.
func picture(ctx context.Context, capture *replay.Capture, scene Scene) ([]byte, error) {
	first, err := scene.frame(ctx, capture)
	frames := []draw.Frame{{Text: first, Seconds: scene.Seconds}}
	keys := scene.Keys
	for _, next := range scene.Then {
		if err != nil {
			break
		}
		keys = append(slices.Clone(keys), next.Keys...)
		shown := scene
		shown.Keys, shown.Until = keys, next.Until
		var text string
		text, err = shown.frame(ctx, capture)
		frames = append(frames, draw.Frame{Text: text, Seconds: next.Seconds})
	}
	if err != nil {
		return nil, fmt.Errorf("scene %s: %w", scene.Name, err)
	}
	var b bytes.Buffer
	if err := draw.SVG(&b, draw.Options{Columns: scene.Columns, Rows: scene.Rows, Title: scene.Title, Dark: scene.Dark}, frames...); err != nil {
		return nil, fmt.Errorf("scene %s: %w", scene.Name, err)
	}
	return b.Bytes(), nil
}

// frame drives the real screen to a scene.
func (scene Scene) frame(ctx context.Context, capture *replay.Capture) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	source, clock, err := session.Replay(ctx, capture.At(moment), time.Now)
	if err != nil {
		return "", err
	}
	var background color.Color = color.White
	if scene.Dark {
		background = color.Black
	}
	return drive.Frame(ctx, ui.New(ctx, source, ui.Options{Now: clock, Zone: time.UTC, Files: nowhere{}}), drive.Script{
		Columns: scene.Columns, Rows: scene.Rows, Background: background,
		Ready: started, Keys: scene.Keys, Done: scene.Until,
	})
}

// nowhere is where a picture writes plans.
type nowhere struct{}

func (nowhere) Keep(string, []byte, func([]byte) error) error {
	return errors.New("a picture writes nothing")
}
func (nowhere) Replaces(string, func([]byte) error) (bool, error) { return false, nil }
func (nowhere) Complete(string) []string                          { return nil }

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
