// Package engine reads a Docker or Podman engine into model values: it asks,
// and never changes anything.
package engine

import (
	"context"
	"net"
	"sync/atomic"

	"petrify/model"

	"github.com/moby/moby/client"
)

// Engine answers questions about one engine. Its methods may be called from
// several goroutines.
type Engine struct {
	api       Reader
	about     model.Engine
	memory    memory
	originals originals
	shipped   shipped
	owned     atomic.Pointer[ids] // nil until the engine told about itself
}

// Reader is all that is asked of an engine. Nothing in it changes one, so neither can
// an Engine. The dialer is for raw, which sends nothing but GET.
type Reader interface {
	Dialer() func(context.Context) (net.Conn, error)
	ClientVersion() string
	Ping(context.Context, client.PingOptions) (client.PingResult, error)
	Info(context.Context, client.InfoOptions) (client.SystemInfoResult, error)
	ServerVersion(context.Context, client.ServerVersionOptions) (client.ServerVersionResult, error)
	Events(context.Context, client.EventsListOptions) client.EventsResult
	ContainerList(context.Context, client.ContainerListOptions) (client.ContainerListResult, error)
	ContainerInspect(context.Context, string, client.ContainerInspectOptions) (client.ContainerInspectResult, error)
	ContainerDiff(context.Context, string, client.ContainerDiffOptions) (client.ContainerDiffResult, error)
	ContainerStatPath(context.Context, string, client.ContainerStatPathOptions) (client.ContainerStatPathResult, error)
	ContainerLogs(context.Context, string, client.ContainerLogsOptions) (client.ContainerLogsResult, error)
	CopyFromContainer(context.Context, string, client.CopyFromContainerOptions) (client.CopyFromContainerResult, error)
	ImageInspect(context.Context, string, ...client.ImageInspectOption) (client.ImageInspectResult, error)
	ImageSave(context.Context, []string, ...client.ImageSaveOption) (client.ImageSaveResult, error)
}

// New returns an engine that is asked through api. What about says of it is what
// About starts from.
func New(api Reader, about model.Engine) *Engine {
	return &Engine{api: api, about: about, originals: originals{turn: make(chan struct{}, 1)}}
}

// Reached says how the engine is reached, which is known before it answers.
func (e *Engine) Reached() model.Engine { return e.about }
