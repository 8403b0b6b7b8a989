// Package trial runs throw-away copies of a project's services: the only place where
// petrify starts a user's image.
package trial

import (
	"context"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/inspect/helper"
	"petrify/inspect/record"
	"petrify/model"
)

// The rules of copies:
//
//   - Nothing of the user's is touched. An original is never stopped, written to, or
//     joined to anything. Its volumes and folders are mounted read-only where a copy only
//     reads them, and else copied; its networks are left alone.
//   - Each copy is made of what the engine tells of the original: the same image by its
//     ID, the same configuration, less what would reach the world outside or the
//     original's place in it (see copyof.go).
//   - All copies of a trial are in one network of their own, with the names of the
//     services in it. It leads nowhere, unless somebody asked for that.
//   - The data is copied once, when the trial begins. Every run starts from that, and from
//     fresh containers, also of what the service depends on.
//   - Everything that is made carries the trial's label, and has a name of its own. It is
//     removed when the trial ends, however that comes about.
//   - One container of petrify's own, the keeper, is made first and removed last. It ends
//     with the petrify that started it. What carries the label of a trial whose keeper
//     does not run is of a petrify that was killed, and is removed by the next trial: that
//     holds on every engine, and from every host.
//   - The environment of the services reaches the engine and nobody else: it is in no
//     error and no list of processes.

// The labels of what a trial makes. Each has the trial's ID.
const (
	label       = "io.petrify.trial"
	labelKeeper = "io.petrify.trial.keeper"
)

// Changer is what copies need of an engine's client. Nothing else in petrify gets calls
// that start a user's image, or remove what a trial made.
type Changer interface {
	ContainerCreate(context.Context, client.ContainerCreateOptions) (client.ContainerCreateResult, error)
	ContainerStart(context.Context, string, client.ContainerStartOptions) (client.ContainerStartResult, error)
	ContainerStop(context.Context, string, client.ContainerStopOptions) (client.ContainerStopResult, error)
	ContainerRemove(context.Context, string, client.ContainerRemoveOptions) (client.ContainerRemoveResult, error)
	ContainerList(context.Context, client.ContainerListOptions) (client.ContainerListResult, error)
	ContainerInspect(context.Context, string, client.ContainerInspectOptions) (client.ContainerInspectResult, error)
	ContainerStatPath(context.Context, string, client.ContainerStatPathOptions) (client.ContainerStatPathResult, error)
	ContainerLogs(context.Context, string, client.ContainerLogsOptions) (client.ContainerLogsResult, error)
	ContainerStats(context.Context, string, client.ContainerStatsOptions) (client.ContainerStatsResult, error)
	CopyFromContainer(context.Context, string, client.CopyFromContainerOptions) (client.CopyFromContainerResult, error)
	CopyToContainer(context.Context, string, client.CopyToContainerOptions) (client.CopyToContainerResult, error)
	ExecCreate(context.Context, string, client.ExecCreateOptions) (client.ExecCreateResult, error)
	ExecAttach(context.Context, string, client.ExecAttachOptions) (client.ExecAttachResult, error)
	ExecInspect(context.Context, string, client.ExecInspectOptions) (client.ExecInspectResult, error)
	ImageInspect(context.Context, string, ...client.ImageInspectOption) (client.ImageInspectResult, error)
	NetworkCreate(context.Context, string, client.NetworkCreateOptions) (client.NetworkCreateResult, error)
	NetworkList(context.Context, client.NetworkListOptions) (client.NetworkListResult, error)
	NetworkRemove(context.Context, string, client.NetworkRemoveOptions) (client.NetworkRemoveResult, error)
	VolumeCreate(context.Context, client.VolumeCreateOptions) (client.VolumeCreateResult, error)
	VolumeInspect(context.Context, string, client.VolumeInspectOptions) (client.VolumeInspectResult, error)
	VolumeList(context.Context, client.VolumeListOptions) (client.VolumeListResult, error)
	VolumeRemove(context.Context, string, client.VolumeRemoveOptions) (client.VolumeRemoveResult, error)
}

// Engine is what is asked of an engine without changing it.
type Engine interface {
	record.Engine
	About(ctx context.Context) (about model.Engine, root string, err error)
	Inspect(ctx context.Context, id string) (model.Container, error)
	InspectRaw(ctx context.Context, id string) (container.InspectResponse, error)
}

// Helper makes a petrify in a container of its own.
type Helper interface {
	Consent(context.Context, helper.Task) (model.Consent, error)
	Start(context.Context, helper.Task) (*helper.Talk, error)
}

// Trials makes copies on one engine.
type Trials struct {
	api    Changer
	engine Engine
	helper Helper
	files  Files
}

// Files reads the Compose files of a stack, for what has no container yet.
type Files func(ctx context.Context, stack *model.Stack) (*types.Project, error)

// New returns trials on the engine that a client speaks to.
func New(api Changer, engine Engine, helper Helper, files Files) *Trials {
	return &Trials{api: api, engine: engine, helper: helper, files: files}
}
