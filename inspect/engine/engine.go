// Package engine reads a Docker or Podman engine into model values: it asks,
// and never changes anything.
package engine

import (
	"context"
	"net"

	"petrify/model"

	"github.com/moby/moby/client"
)

// Engine answers questions about one engine. Its methods may be called from
// several goroutines.
type Engine struct {
	api       reader
	whole     *client.Client
	about     model.Engine
	memory    memory
	originals originals
	shipped   shipped
}

// reader is all that is asked of an engine. Nothing in it can change one, so
// neither can this package.
type reader interface {
	Dialer() func(context.Context) (net.Conn, error)
	ClientVersion() string
	Ping(context.Context, client.PingOptions) (client.PingResult, error)
	Info(context.Context, client.InfoOptions) (client.SystemInfoResult, error)
	ServerVersion(context.Context, client.ServerVersionOptions) (client.ServerVersionResult, error)
	Events(context.Context, client.EventsListOptions) client.EventsResult
	ContainerList(context.Context, client.ContainerListOptions) (client.ContainerListResult, error)
	ContainerInspect(context.Context, string, client.ContainerInspectOptions) (client.ContainerInspectResult, error)
	ContainerDiff(context.Context, string, client.ContainerDiffOptions) (client.ContainerDiffResult, error)
	ContainerLogs(context.Context, string, client.ContainerLogsOptions) (client.ContainerLogsResult, error)
	CopyFromContainer(context.Context, string, client.CopyFromContainerOptions) (client.CopyFromContainerResult, error)
	ImageInspect(context.Context, string, ...client.ImageInspectOption) (client.ImageInspectResult, error)
	ImageSave(context.Context, []string, ...client.ImageSaveOption) (client.ImageSaveResult, error)
}

// New returns an engine that is asked through api: a recording or a stand-in.
// What about says of it is what About starts from.
func New(api *client.Client, about model.Engine) *Engine {
	return &Engine{api: api, whole: api, about: about, originals: originals{turn: make(chan struct{}, 1)}}
}

// Client returns the client that this package only asks with, for who has to
// change something: to record may take a container.
func (e *Engine) Client() *client.Client { return e.whole }

// Reached says how the engine is reached, which is known before it answers.
func (e *Engine) Reached() model.Engine { return e.about }
