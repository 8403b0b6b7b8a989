// Package ui is petrify's terminal program: it shows a stack and what follows from it.
package ui

import (
	"context"

	"petrify/model"
)

// Source is where the stack on screen comes from: an engine, a recording, a test.
// Its methods may be called from several goroutines.
type Source interface {
	// Next waits for a stack newer than the last one it returned. Its error is
	// final: the source has ended.
	Next(ctx context.Context) (*model.Stack, error)
	// Look says what is on screen: the selected service, and whether its changes
	// are, so that the engine is asked for nothing else.
	Look(service string, changes bool)
	// Refresh reads the Compose files and asks the engine for everything again.
	Refresh()
	// Stat describes paths of a container, in their order; one that cannot be
	// read says so in its Err.
	Stat(ctx context.Context, container string, paths []string) ([]model.FileInfo, error)
	// Recorder says what recording the stack's writes would start.
	Recorder(ctx context.Context) (model.RecorderOffer, error)
	// Record starts or stops recording; the stacks tell how it goes.
	Record(ctx context.Context, on bool, services ...string) error
	// Plan makes the plan of a service, asking the engine what its image holds.
	Plan(ctx context.Context, stack *model.Stack, service string) (model.Plan, error)
	// Compare reads a changed file beside the image's original.
	Compare(ctx context.Context, container, path string) (model.Comparison, error)
	// Logs calls each for the last tail lines of a container and then for every
	// new one, until ctx is done or the container is gone.
	Logs(ctx context.Context, container string, tail int, each func(model.LogLine)) error
}
