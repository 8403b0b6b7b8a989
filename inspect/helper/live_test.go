//go:build linux

package helper

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/wire"
)

// recorder is a task that petrify knows.
var recorder = Task{Purpose: "recorder", Arguments: []string{"recorder"}, Capabilities: []string{"SYS_ADMIN", "SYS_PTRACE"}, HostPIDs: true}

// ownPetrify is a helper whose program is a petrify that was built without libc; the
// test's own program may need it.
func ownPetrify(t *testing.T) (*Helper, *client.Client) {
	t.Helper()
	api := enginetest.Require(t)
	return WithProgram(api, buildPetrify(t)), api
}

func buildPetrify(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "petrify")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, "petrify")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return path
}

// inside runs instructions in a container.
func inside(t *testing.T, api *client.Client, id string, script ...string) {
	made, err := api.ExecCreate(t.Context(), id, client.ExecCreateOptions{Cmd: append([]string{"/program"}, script...), AttachStdout: true})
	if err != nil {
		t.Error(err)
		return
	}
	attached, err := api.ExecAttach(t.Context(), made.ID, client.ExecAttachOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	defer attached.Close()
	_, _ = io.Copy(io.Discard, attached.Reader) // ends with the program
}

// left are the helper's containers and images on the engine.
func left(t *testing.T, api *client.Client) (containers, images int) {
	t.Helper()
	ours := make(client.Filters).Add("label", label)
	cs, err := api.ContainerList(t.Context(), client.ContainerListOptions{All: true, Filters: ours})
	if err != nil {
		t.Fatal(err)
	}
	is, err := api.ImageList(t.Context(), client.ImageListOptions{Filters: ours})
	if err != nil {
		t.Fatal(err)
	}
	return len(cs.Items), len(is.Items)
}

func TestHelperRecordsAndLeavesNothing(t *testing.T) {
	h, api := ownPetrify(t)
	id := enginetest.Run(t, "hold")
	place, err := api.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	consent, err := h.Consent(t.Context(), recorder)
	if err != nil {
		t.Fatal(err)
	}
	talk, err := h.Start(t.Context(), recorder)
	if err != nil {
		t.Fatal(err)
	}
	running, err := api.ContainerList(t.Context(), client.ContainerListOptions{Filters: make(client.Filters).Add("label", label)})
	if err != nil || len(running.Items) != 1 || running.Items[0].Image != consent.Images[0] {
		t.Fatalf("%v, %+v", err, running.Items)
	}
	made, err := api.ContainerInspect(t.Context(), running.Items[0].ID, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if host := made.Container.HostConfig; host.Privileged || !host.ReadonlyRootfs || host.NetworkMode != "none" ||
		!slices.Equal(host.CapDrop, []string{"ALL"}) || len(host.CapAdd) != 2 || len(made.Container.Mounts) != 0 {
		t.Errorf("it has more rights than it needs: %+v", host)
	}

	to := wire.NewEncoder(talk.In)
	say := func(c wire.Command) {
		if err := to.Encode(c); err != nil {
			t.Error(err)
		}
	}
	say(wire.Command{Hello: &wire.Hello{Version: wire.Version}})
	say(wire.Command{Follow: &wire.Follow{Container: id, PID: place.Container.State.Pid}})
	time.AfterFunc(20*time.Second, func() { talk.In.Close() })
	var once sync.Once
	seen := map[string]bool{}
	if err := wire.Decode(talk.Out, func(r wire.Report) error {
		if r.Seen != nil && r.Seen.Container == id {
			for _, w := range r.Seen.Writes {
				seen[string(w.Path)] = true
			}
		}
		if r.Joined != nil && r.Joined.Directories >= 9 {
			once.Do(func() {
				inside(t, api, id, "write /tmp/came x", "rm /tmp/came", "mkdir /run/lock.d", "rm /run/lock.d", "write /data/kept x")
				talk.In.Close()
			})
		}
		return nil
	}, nil); err != nil {
		t.Fatal(err)
	}
	if err := talk.Wait(); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"/tmp/came", "/run/lock.d", "/data/kept"} {
		if !seen[path] {
			t.Errorf("%s was not seen among %v", path, seen)
		}
	}
	if containers, images := left(t, api); containers+images != 0 {
		t.Errorf("%d containers and %d images are left", containers, images)
	}
}

// What holds the stream may be killed: the connection is then closed without a word.
func TestHelperEndsWithItsStream(t *testing.T) {
	h, api := ownPetrify(t)
	talk, err := h.Start(t.Context(), recorder)
	if err != nil {
		t.Fatal(err)
	}
	defer talk.Wait()
	if err := talk.In.(input).attached.Conn.Close(); err != nil {
		t.Fatal(err)
	}
	for range 100 {
		if containers, _ := left(t, api); containers == 0 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Error("the container outlives its stream")
}

func waitFor(t *testing.T, what string, so func() bool) {
	t.Helper()
	for range 200 {
		if so() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}

func TestStartIsCancelled(t *testing.T) {
	h, api := ownPetrify(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if talk, err := h.Start(ctx, recorder); err == nil || talk != nil {
		t.Errorf("%v, %v", talk, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	talk, err := h.Start(ctx, recorder)
	if err != nil {
		t.Fatal(err)
	}
	cancel() // cuts it off
	if _, err := io.ReadAll(talk.Out); err == nil {
		t.Error("its output ends as if it were whole")
	}
	_ = talk.Wait()
	if containers, images := left(t, api); containers+images != 0 {
		t.Errorf("%d containers and %d images are left", containers, images)
	}
}

func TestProgramThatNeedsLibraries(t *testing.T) {
	if _, err := programAt("/bin/sh"); err == nil || !strings.Contains(err.Error(), "CGO_ENABLED=0") {
		t.Errorf("%v", err)
	}
}

func TestArchiveHoldsTheProgram(t *testing.T) {
	p := program{open: func() (io.ReadCloser, int64, error) { return io.NopCloser(strings.NewReader("binary")), 6, nil }}
	files, err := p.archive()
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(files)
	if err != nil || !strings.Contains(string(content), "binary") {
		t.Errorf("%v: %d bytes", err, len(content))
	}
}
