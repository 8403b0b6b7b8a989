//go:build linux

package helper

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/client"

	"petrify/inspect/engine/enginetest"
)

// Set in the process that TestWhatAKilledPetrifyLeftIsRemoved kills: its program, and the
// step at which it stops.
const (
	killedHelper = "PETRIFY_TEST_KILLED_HELPER"
	killedAt     = "PETRIFY_TEST_KILLED_AT"
)

// steps are those of a helper's life at which its petrify is killed.
var steps = []struct {
	name  string
	alone bool // what it left goes by itself, but for the image
}{
	{"within ImageImport", false},
	{"after ImageImport", false},
	{"after ContainerCreate", false},
	{"after ContainerAttach", false},
	{"after ContainerStart", true},
	{"running", true},
	{"before ContainerRemove", true},
	{"before ImageRemove", true},
}

// A petrify that is killed cannot tidy up. Its container ends with it, and whatever else
// it left the next one removes at once, also where that brings another program.
func TestWhatAKilledPetrifyLeftIsRemoved(t *testing.T) {
	api := enginetest.Require(t)
	if path := os.Getenv(killedHelper); path != "" {
		liveUntil(t, api, path, os.Getenv(killedAt))
		select {} // until it is killed
	}
	path := buildPetrify(t)
	binary, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	next := filepath.Join(t.TempDir(), "petrify")
	if err := os.WriteFile(next, append(binary, 'x'), 0o700); err != nil {
		t.Fatal(err)
	}
	before := everything(t, api)
	for _, step := range steps {
		t.Run(step.name, func(t *testing.T) {
			killAt(t, path, step.name)
			if step.alone {
				waitFor(t, "the container to go", func() bool { containers, _ := left(t, api); return containers == 0 })
			}
			talk, err := WithProgram(api, next).Start(t.Context(), recorder)
			if err != nil {
				t.Fatal(err)
			}
			waitFor(t, "only the new helper to be left", func() bool { containers, images := left(t, api); return containers == 1 && images == 1 })
			_ = talk.In.Close()
			if err := talk.Wait(); err != nil {
				t.Error(err)
			}
			if after := everything(t, api); !slices.Equal(before, after) {
				t.Errorf("the engine had\n%s\nand has\n%s", strings.Join(before, "\n"), strings.Join(after, "\n"))
			}
		})
	}
}

// killAt has a process live until a step, and kills it there.
func killAt(t *testing.T, path, step string) {
	t.Helper()
	self := exec.Command(os.Args[0], "-test.run", "^TestWhatAKilledPetrifyLeftIsRemoved$", "-test.v")
	self.Env = append(os.Environ(), killedHelper+"="+path, killedAt+"="+step)
	said, err := self.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Start(); err != nil {
		t.Fatal(err)
	}
	reached := false
	for lines := bufio.NewScanner(said); !reached && lines.Scan(); {
		reached = strings.Contains(lines.Text(), reachedStep)
		if !reached && !strings.HasPrefix(lines.Text(), "=== ") {
			t.Log(lines.Text())
		}
	}
	if err := self.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = self.Wait()
	if !reached {
		t.Fatal("it did not come so far")
	}
}

const reachedStep = "it is there"

// liveUntil lives the life of a helper until a step.
func liveUntil(t *testing.T, api *client.Client, path, step string) {
	h := WithProgram(stepper{api, step}, path)
	talk, err := h.Start(t.Context(), recorder)
	if err != nil {
		t.Fatal(err)
	}
	stepper{api, step}.stop("running")
	_ = talk.In.Close()
	t.Fatal("it went on: ", talk.Wait())
}

// stepper stops for ever at one step.
type stepper struct {
	Changer
	step string
}

func (s stepper) stop(at string) {
	if at == s.step {
		fmt.Println(reachedStep)
		select {}
	}
}

func (s stepper) ImageImport(ctx context.Context, from client.ImageImportSource, to string, o client.ImageImportOptions) (client.ImageImportResult, error) {
	from.Source = &half{from.Source, func() { s.stop("within ImageImport") }, 0}
	made, err := s.Changer.ImageImport(ctx, from, to, o)
	if err != nil {
		return made, err
	}
	return importing{made, func() { s.stop("after ImageImport") }}, nil
}

// half calls stop when some of it was read.
type half struct {
	io.Reader
	stop func()
	read int
}

func (h *half) Read(p []byte) (int, error) {
	if h.read > 1<<20 {
		h.stop()
	}
	n, err := h.Reader.Read(p)
	h.read += n
	return n, err
}

// importing calls stop when it is done.
type importing struct {
	client.ImageImportResult
	stop func()
}

func (i importing) Close() error {
	i.stop()
	return i.ImageImportResult.Close()
}

func (s stepper) ImageRemove(ctx context.Context, id string, o client.ImageRemoveOptions) (client.ImageRemoveResult, error) {
	s.stop("before ImageRemove")
	return s.Changer.ImageRemove(ctx, id, o)
}

func (s stepper) ContainerCreate(ctx context.Context, o client.ContainerCreateOptions) (client.ContainerCreateResult, error) {
	made, err := s.Changer.ContainerCreate(ctx, o)
	s.stop("after ContainerCreate")
	return made, err
}

func (s stepper) ContainerAttach(ctx context.Context, id string, o client.ContainerAttachOptions) (client.ContainerAttachResult, error) {
	attached, err := s.Changer.ContainerAttach(ctx, id, o)
	s.stop("after ContainerAttach")
	return attached, err
}

func (s stepper) ContainerStart(ctx context.Context, id string, o client.ContainerStartOptions) (client.ContainerStartResult, error) {
	started, err := s.Changer.ContainerStart(ctx, id, o)
	s.stop("after ContainerStart")
	return started, err
}

func (s stepper) ContainerRemove(ctx context.Context, id string, o client.ContainerRemoveOptions) (client.ContainerRemoveResult, error) {
	s.stop("before ContainerRemove")
	return s.Changer.ContainerRemove(ctx, id, o)
}

// everything lists all containers and images of an engine, but for those of other tests,
// which may run beside this one.
func everything(t *testing.T, api *client.Client) []string {
	t.Helper()
	var all []string
	containers, err := api.ContainerList(t.Context(), client.ContainerListOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range containers.Items {
		if c.Labels[enginetest.Label] != "" {
			continue
		}
		all = append(all, "container "+c.ID)
	}
	images, err := api.ImageList(t.Context(), client.ImageListOptions{All: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range images.Items {
		if i.Labels[enginetest.Label] != "" {
			continue
		}
		all = append(all, "image "+i.ID+" "+strings.Join(i.RepoTags, " "))
	}
	slices.Sort(all)
	return all
}
