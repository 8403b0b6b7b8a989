// Package helper runs petrify in a container of its own: the only thing that petrify
// asks an engine to make in order to look.
package helper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"petrify/model"
)

// The rules of a helper:
//
//   - Its image holds petrify's own program and nothing else; no registry is asked.
//   - It has the rights that its task needs, which are shown to somebody who has to
//     agree before it is made: no other capabilities, namespaces, mounts and network,
//     and a root that it cannot write.
//   - It ends when its input ends, and the engine removes it (AutoRemove): so it is gone
//     when petrify is, however petrify ended.
//   - All that is made is labelled. Engines do not remove the image of a container that
//     runs, not even when they are forced to. So what a petrify left that was killed is
//     removed when the next helper starts, and when it ends: containers that do not run
//     and images that no container uses, however young they are. Where two petrifies
//     start at the same time, one may remove what the other is about to start; the
//     other then makes it again.
const (
	label       = "io.petrify.helper"
	repository  = "petrify-helper"
	memoryLimit = 256 << 20
	pidsLimit   = 64
	tries       = 3 // to start, where another petrify tidies up at the same time
	removeLimit = 20 * time.Second
	removePause = 50 * time.Millisecond
)

// Task is what a helper is for.
type Task struct {
	Purpose      string   // in a word, such as "recorder", for labels and errors
	Arguments    []string // of petrify
	Capabilities []string // the only ones that it gets
	HostPIDs     bool     // it sees the processes of the engine's host
	Network      string   // as the engine names it, such as that of a container; "" for none
	Mounts       []mount.Mount
	Labels       map[string]string // beside the one of all helpers
}

// namespaces are those of the host that the helper shares.
func (t Task) namespaces() []string {
	if t.HostPIDs {
		return []string{"pid"}
	}
	return nil
}

// Changer is what a helper needs of an engine's client. Nothing else in petrify gets
// calls that create or remove.
type Changer interface {
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
	api Changer
	own func() (program, error)
}

// New returns a helper on the engine of a client.
func New(api Changer) *Helper { return &Helper{api: api, own: ownProgram} }

// WithProgram returns a helper that runs the petrify in a file instead of this one, for
// tests of this one.
func WithProgram(api Changer, path string) *Helper {
	return &Helper{api: api, own: func() (program, error) { return programAt(path) }}
}

// Consent lists what a task would create; the error says why it cannot be.
func (h *Helper) Consent(ctx context.Context, task Task) (model.Consent, error) {
	p, err := h.program(ctx)
	if err != nil {
		return model.Consent{}, err
	}
	return model.Consent{
		Images: []string{p.image()},
		Containers: []model.NewContainer{{
			Image: p.image(), Capabilities: slices.Clone(task.Capabilities), Namespaces: task.namespaces(),
		}},
	}, nil
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
		return program{}, fmt.Errorf("this petrify was built without a helper for linux/%s: take a release, which has it", version.Arch)
	}
	return h.own()
}

// Start makes the image and the container, and starts it. Until it returns, it can be
// cancelled; after that, the end of ctx cuts the talk off, and Wait still has to be
// called. A start that fails removes what it made.
func (h *Helper) Start(ctx context.Context, task Task) (*Talk, error) {
	p, err := h.program(ctx)
	if err != nil {
		return nil, err
	}
	var talk *Talk
	for range tries {
		h.sweep(ctx)
		talk, err = h.start(ctx, p, task)
		if err == nil {
			return talk, nil
		}
		if ctx.Err() != nil || !errdefs.IsNotFound(err) {
			break
		}
	}
	ctx, cancel := cleanup(ctx)
	defer cancel()
	h.sweep(ctx)
	return nil, fmt.Errorf("start the %s: %w", task.Purpose, err)
}

func (h *Helper) start(ctx context.Context, p program, task Task) (*Talk, error) {
	if err := h.makeImage(ctx, p); err != nil {
		return nil, fmt.Errorf("make its image: %w", err)
	}
	made, err := h.api.ContainerCreate(ctx, client.ContainerCreateOptions{Config: p.config(task), HostConfig: hostConfig(task)})
	if err != nil {
		return nil, fmt.Errorf("make its container: %w", err)
	}
	attached, err := h.api.ContainerAttach(ctx, made.ID, client.ContainerAttachOptions{Stream: true, Stdin: true, Stdout: true, Stderr: true})
	if err == nil {
		if _, err = h.api.ContainerStart(ctx, made.ID, client.ContainerStartOptions{}); err != nil {
			attached.Close()
		}
	}
	if err != nil {
		ctx, cancel := cleanup(ctx)
		defer cancel()
		h.remove(ctx, made.ID)
		return nil, fmt.Errorf("start its container: %w", err)
	}
	return h.talk(ctx, task, made.ID, attached), nil
}

func (p program) config(task Task) *container.Config {
	labels := map[string]string{label: task.Purpose}
	maps.Copy(labels, task.Labels)
	return &container.Config{
		Image: p.image(), Cmd: task.Arguments, Labels: labels,
		OpenStdin: true, StdinOnce: true, AttachStdin: true, AttachStdout: true, AttachStderr: true,
	}
}

func hostConfig(task Task) *container.HostConfig {
	pids := int64(pidsLimit)
	config := &container.HostConfig{
		NetworkMode: container.NetworkMode(cmp.Or(task.Network, "none")), IpcMode: "none", Mounts: task.Mounts, ReadonlyRootfs: true, AutoRemove: true,
		CapDrop: []string{"ALL"}, CapAdd: task.Capabilities, SecurityOpt: []string{"no-new-privileges"},
		LogConfig: container.LogConfig{Type: "none"}, // what it says is long, and only for petrify
		Resources: container.Resources{Memory: memoryLimit, PidsLimit: &pids},
	}
	if task.HostPIDs {
		// An engine that gives containers users of their own (userns-remap) shares the
		// host's processes only with those that have the host's.
		config.PidMode, config.UsernsMode = "host", "host"
	}
	if len(task.Mounts) > 0 {
		// On SELinux, what is mounted belongs to the containers that it was made for.
		config.SecurityOpt = append(config.SecurityOpt, "label=disable")
	}
	return config
}

// cleanup returns a context for removing what was made, also after ctx has ended.
func cleanup(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), removeLimit)
}

// remove waits until a container is gone.
func (h *Helper) remove(ctx context.Context, id string) {
	// The engine removes it, too, and answers that this is under way until it has.
	for ctx.Err() == nil {
		if _, err := h.api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true}); errdefs.IsNotFound(err) {
			return
		}
		time.Sleep(removePause)
	}
}

// sweep removes what no helper uses: what this one made, and what was left by a petrify
// that was killed.
func (h *Helper) sweep(ctx context.Context) {
	ours := make(client.Filters).Add("label", label)
	containers, err := h.api.ContainerList(ctx, client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		return // whatever is wrong shows at the next step
	}
	for _, c := range containers.Items {
		if c.State != container.StateRunning {
			h.remove(ctx, c.ID)
		}
	}
	images, err := h.api.ImageList(ctx, client.ImageListOptions{Filters: ours})
	if err != nil {
		return
	}
	for _, image := range images.Items {
		// Without force: the engine refuses where a container uses it.
		_, _ = h.api.ImageRemove(ctx, image.ID, client.ImageRemoveOptions{PruneChildren: true})
	}
}

// makeImage makes the image of a program, unless it is there.
func (h *Helper) makeImage(ctx context.Context, p program) error {
	_, err := h.api.ImageInspect(ctx, p.image())
	if err == nil || !errdefs.IsNotFound(err) {
		return err
	}
	files, err := p.archive()
	if err != nil {
		return err
	}
	made, err := h.api.ImageImport(ctx, client.ImageImportSource{SourceName: "-", Source: files}, p.image(), client.ImageImportOptions{
		Changes: []string{`ENTRYPOINT ["/petrify"]`, "LABEL " + label + "=" + p.hash},
	})
	if err != nil {
		return err
	}
	defer made.Close()
	said, err := io.ReadAll(io.LimitReader(made, 1<<20))
	if err == nil && strings.Contains(string(said), `"error"`) {
		err = errors.New(strings.TrimSpace(string(said)))
	}
	return err
}
