// Package helper runs a recorder in a container of its own: the one thing that
// petrify ever asks an engine to make.
package helper

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/model"
)

// The rules of the helper:
//
//   - Its image holds petrify's own program and nothing else; no registry is asked.
//   - It sees the processes of the engine's host, for their files are what is watched,
//     and has the two capabilities that takes. It has no network, no mounts, no other
//     rights, and a root that it cannot write.
//   - It ends when its input does, so that it is gone when petrify is, however that
//     ended, and the engine removes it (AutoRemove).
//   - All that is made is labelled. What a petrify left that was killed is removed by
//     the next one: containers that do not run and images that nobody uses. Those of
//     another petrify that records at the same time are in use, and stay.
const (
	label       = "io.petrify.recorder"
	repository  = "petrify-recorder"
	memoryLimit = 256 << 20
	pidsLimit   = 64
	leftOver    = time.Minute // that a container has existed without running
	patience    = 20 * time.Second
	removePause = 50 * time.Millisecond
)

var (
	capabilities = []string{"SYS_ADMIN", "SYS_PTRACE"}
	namespaces   = []string{"pid"}
)

// Client is what the helper needs of an engine's client.
type Client interface {
	ServerVersion(context.Context, client.ServerVersionOptions) (client.ServerVersionResult, error)
	ImageImport(context.Context, client.ImageImportSource, string, client.ImageImportOptions) (client.ImageImportResult, error)
	ImageInspect(context.Context, string, ...client.ImageInspectOption) (client.ImageInspectResult, error)
	ImageList(context.Context, client.ImageListOptions) (client.ImageListResult, error)
	ImageRemove(context.Context, string, client.ImageRemoveOptions) (client.ImageRemoveResult, error)
	ContainerList(context.Context, client.ContainerListOptions) (client.ContainerListResult, error)
	ContainerCreate(context.Context, client.ContainerCreateOptions) (client.ContainerCreateResult, error)
	ContainerAttach(context.Context, string, client.ContainerAttachOptions) (client.ContainerAttachResult, error)
	ContainerStart(context.Context, string, client.ContainerStartOptions) (client.ContainerStartResult, error)
	ContainerRemove(context.Context, string, client.ContainerRemoveOptions) (client.ContainerRemoveResult, error)
}

// Helper makes helper containers on one engine.
type Helper struct {
	api Client
	own func() (program, error)
}

// New returns a helper on the engine that a client speaks to.
func New(api Client) *Helper { return &Helper{api: api, own: ownProgram} }

// Check says what would be made, or why it cannot be.
func (h *Helper) Check(ctx context.Context) (*model.HelperContainer, error) {
	p, err := h.program(ctx)
	if err != nil {
		return nil, err
	}
	return &model.HelperContainer{Image: p.image(), Capabilities: capabilities, Namespaces: namespaces}, nil
}

// program finds the one that runs on the engine.
func (h *Helper) program(ctx context.Context) (program, error) {
	version, err := h.api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		return program{}, fmt.Errorf("ask the engine about itself: %w", err)
	}
	if version.Os != "linux" {
		return program{}, fmt.Errorf("the engine runs on %s, and only Linux tells who writes", version.Os)
	}
	if p, ok := shipped(version.Arch); ok {
		return p, nil
	}
	if runtime.GOOS != "linux" || runtime.GOARCH != version.Arch {
		return program{}, fmt.Errorf("this petrify was built without a recorder for linux/%s: take a release, which has it", version.Arch)
	}
	return h.own()
}

// Talk is a recorder that runs: closing In ends it; Wait says how it ended, when
// nothing of it is left.
type Talk struct {
	In   io.WriteCloser
	Out  io.Reader
	Wait func() error
}

// Start makes the image and the container, and starts it. What stays in the way of
// that is undone.
func (h *Helper) Start(ctx context.Context) (_ *Talk, err error) {
	h.sweep(ctx)
	p, err := h.program(ctx)
	if err != nil {
		return nil, err
	}
	if err := h.makeImage(ctx, p); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			h.removeImage(ctx, p.image())
		}
	}()
	made, err := h.api.ContainerCreate(ctx, client.ContainerCreateOptions{Config: p.config(), HostConfig: hostConfig()})
	if err != nil {
		return nil, fmt.Errorf("make the recorder's container: %w", err)
	}
	attached, err := h.api.ContainerAttach(ctx, made.ID, client.ContainerAttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err == nil {
		_, err = h.api.ContainerStart(ctx, made.ID, client.ContainerStartOptions{})
	}
	if err != nil {
		h.remove(ctx, made.ID)
		return nil, fmt.Errorf("start the recorder's container: %w", err)
	}
	return h.talk(ctx, made.ID, p.image(), attached), nil
}

func (p program) config() *container.Config {
	return &container.Config{
		Image: p.image(), Cmd: p.arguments, Labels: map[string]string{label: p.hash},
		OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true,
	}
}

func hostConfig() *container.HostConfig {
	pids := int64(pidsLimit)
	return &container.HostConfig{
		PidMode: "host", NetworkMode: "none", IpcMode: "none", ReadonlyRootfs: true, AutoRemove: true,
		CapDrop: []string{"ALL"}, CapAdd: capabilities, SecurityOpt: []string{"no-new-privileges"},
		LogConfig: container.LogConfig{Type: "none"}, // what it says is long, and only for petrify
		Resources: container.Resources{Memory: memoryLimit, PidsLimit: &pids},
	}
}

func (h *Helper) remove(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	// The engine removes it, too, and until it has says that this is under way.
	for ctx.Err() == nil {
		if _, err := h.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true}); errdefs.IsNotFound(err) {
			return
		}
		time.Sleep(removePause)
	}
}

func (h *Helper) removeImage(ctx context.Context, name string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	// Where another petrify records, it is in use: the last one removes it.
	_, _ = h.api.ImageRemove(ctx, name, client.ImageRemoveOptions{PruneChildren: true})
}

// sweep removes what a petrify left that could not.
func (h *Helper) sweep(ctx context.Context) {
	ours := make(client.Filters).Add("label", label)
	containers, err := h.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		return // whatever is wrong shows at the next step
	}
	for _, c := range containers.Items {
		if c.State != container.StateRunning && time.Since(time.Unix(c.Created, 0)) > leftOver {
			h.remove(ctx, c.ID)
		}
	}
	images, err := h.api.ImageList(ctx, client.ImageListOptions{Filters: ours})
	if err != nil {
		return
	}
	for _, image := range images.Items {
		if time.Since(time.Unix(image.Created, 0)) > leftOver {
			h.removeImage(ctx, image.ID)
		}
	}
}

// makeImage makes the image of a program, unless it is there.
func (h *Helper) makeImage(ctx context.Context, p program) error {
	_, err := h.api.ImageInspect(ctx, p.image())
	if err == nil {
		return nil
	}
	if !errdefs.IsNotFound(err) {
		return fmt.Errorf("look for the recorder's image: %w", err)
	}
	files, err := p.archive()
	if err != nil {
		return fmt.Errorf("make the recorder's image: %w", err)
	}
	made, err := h.api.ImageImport(ctx, client.ImageImportSource{SourceName: "-", Source: files}, p.image(), client.ImageImportOptions{
		Changes: []string{`ENTRYPOINT ["/petrify"]`, "LABEL " + label + "=" + p.hash},
	})
	if err != nil {
		return fmt.Errorf("make the recorder's image: %w", err)
	}
	defer made.Close()
	said, err := io.ReadAll(io.LimitReader(made, 1<<20))
	if err == nil && strings.Contains(string(said), `"error"`) {
		err = errors.New(strings.TrimSpace(string(said)))
	}
	if err != nil {
		return fmt.Errorf("make the recorder's image: %w", err)
	}
	return nil
}
