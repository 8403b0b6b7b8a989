package record

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"petrify/inspect/record/recorder"
	"petrify/model"
)

// Direct reports whether this process can record by itself: it is root on the
// engine's own host. An engine on a local socket may still run elsewhere, as it does
// for who is in a container with the socket mounted: so a running container has to be
// found among the processes here or, where none runs, the engine's data directory.
func Direct(ctx context.Context, e Engine, address, dataRoot string) bool {
	if !strings.HasPrefix(address, "unix://") || recorder.Possible() != nil {
		return false
	}
	containers, err := e.List(ctx)
	if err != nil {
		return false
	}
	runs := false
	for _, c := range containers {
		if c.State != model.Running {
			continue
		}
		runs = true
		if p, err := e.Place(ctx, c.ID); err == nil && p.PID > 0 && isHere(p.PID, c.ID) {
			return true
		}
	}
	if runs || dataRoot == "" {
		return false
	}
	info, err := os.Stat(filepath.Join(dataRoot, "containers"))
	return err == nil && info.IsDir()
}

// isHere reports whether a process of this host is in a container: its control
// groups, or the files that the engine binds into it, name the container.
func isHere(pid int, id string) bool {
	for _, name := range []string{"cgroup", "mountinfo"} {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/" + name)
		if err == nil && strings.Contains(string(text), id) {
			return true
		}
	}
	return false
}

// OpenDirect starts a recorder in this process.
func OpenDirect(ctx context.Context) (*Talk, error) {
	commands, in := io.Pipe()
	out, reports := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		err := recorder.Run(ctx, commands, reports)
		reports.Close()
		commands.CloseWithError(io.ErrClosedPipe)
		ended <- err
	}()
	return &Talk{In: in, Out: out, Wait: func() error { return <-ended }}, nil
}
