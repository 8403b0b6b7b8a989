package record

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/helper"
	"petrify/inspect/process"
	"petrify/inspect/record/recorder"
	"petrify/model"
)

// Direct reports whether this process can record by itself: it is root on the
// engine's own host. An engine on a local socket may still run elsewhere: petrify may be
// in a container with the socket mounted. So a running container has to be
// found among the processes here or, where none runs, the engine's data directory.
func Direct(ctx context.Context, e Engine, known []engine.Place, address, dataRoot string) bool {
	if !strings.HasPrefix(address, "unix://") || recorder.Possible() != nil {
		return false
	}
	if slices.ContainsFunc(known, isHere) {
		return true
	}
	containers, err := e.List(ctx)
	if err != nil {
		return false
	}
	containers = slices.DeleteFunc(containers, func(c model.Container) bool { return c.State != model.Running })
	if len(containers) > 0 {
		return process.Finds(ids(containers)) || anyHere(ctx, e, containers)
	}
	if dataRoot == "" {
		return false
	}
	info, err := os.Stat(filepath.Join(dataRoot, "containers"))
	return err == nil && info.IsDir()
}

func ids(containers []model.Container) []string {
	ids := make([]string, len(containers))
	for i, c := range containers {
		ids[i] = c.ID
	}
	return ids
}

// directLimit is how long is waited for an engine to say where its containers are: it may
// be comparing some of them with their images, and of those it says nothing meanwhile.
const directLimit = 2 * time.Second

// anyHere asks where containers are, side by side, until one is found here.
func anyHere(ctx context.Context, e Engine, containers []model.Container) bool {
	ctx, cancel := context.WithTimeout(ctx, directLimit)
	defer cancel()
	turns := make(chan struct{}, asksAtOnce)
	here := make(chan bool, len(containers))
	for _, c := range containers {
		go func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			p, err := e.Place(ctx, c.ID)
			here <- err == nil && isHere(p)
		}()
	}
	for range containers {
		if <-here {
			return true
		}
	}
	return false
}

// isHere reports whether a container's process is one of this host.
func isHere(p engine.Place) bool { return process.InContainer(p.PID, p.Container.ID) }

// Task is what a helper does that records: it watches the files of the host's processes.
var Task = helper.Task{
	Purpose: "recorder", Arguments: []string{"recorder"},
	Capabilities: []string{"SYS_ADMIN", "SYS_PTRACE"}, HostPIDs: true,
}

// OpenDirect starts a recorder in this process. It ends with ctx.
func OpenDirect(ctx context.Context) (*helper.Talk, error) {
	commands, in := io.Pipe()
	out, reports := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := recorder.Run(ctx, commands, reports)
		reports.Close()
		commands.CloseWithError(io.ErrClosedPipe)
		ended <- err
	}()
	return helper.NewTalk(in, out, func() error { return <-ended }), nil
}
