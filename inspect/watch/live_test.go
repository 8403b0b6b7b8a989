package watch_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/engine/enginetest"
	"petrify/inspect/layer"
	"petrify/inspect/watch"
	"petrify/model"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

// TestLiveScaleRestartRemove watches a project on a real engine from its first
// container to its last.
func TestLiveScaleRestartRemove(t *testing.T) {
	api := enginetest.Require(t)
	e := engine.New(api, model.Engine{Address: "test"})
	t.Run("layers", func(t *testing.T) { scaleRestartRemove(t, api, watch.Options{Engine: e, Layers: layer.NewReader(e)}) })
	t.Run("asked", func(t *testing.T) { scaleRestartRemove(t, api, watch.Options{Engine: e}) })
}

func scaleRestartRemove(t *testing.T, api *client.Client, options watch.Options) {
	project := "pt-watch-" + strings.ToLower(rand.Text()[:8])
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	options.Load = func(context.Context) (string, *model.Project, *model.Problem) { return project, nil, nil }
	w := watch.Start(ctx, options)
	start := func(number int, script ...string) string {
		return enginetest.Start(t, enginetest.Container{
			Name: "watch",
			Labels: map[string]string{
				"com.docker.compose.project":          project,
				"com.docker.compose.service":          "web",
				"com.docker.compose.container-number": fmt.Sprint(number),
				"com.docker.compose.oneoff":           "False",
			},
			Script: script,
		})
	}
	// await reads stacks until one is as wanted.
	await := func(what, want string) {
		t.Helper()
		var got string
		for got != want {
			s, err := w.Next(ctx)
			if err != nil {
				t.Fatalf("%s: waiting for %q, at last %q: %v", what, want, got, err)
			}
			got = summary(s)
		}
	}

	await("nothing there", "live:")
	first := start(1, "log begun", "write /run/one 1", "hold")
	await("one container", "live: 1 running +1")
	second := start(2, "write /run/one 1", "hold")
	third := start(3, "write /run/one 1", "write /run/two 2", "hold")
	await("three containers", "live: 1 running +1, 2 running +1, 3 running +2")

	lines := make(chan string)
	logs, stop := context.WithCancel(ctx)
	followed := make(chan error, 1)
	go func() {
		followed <- w.Logs(logs, first, 10, func(line model.LogLine) {
			select {
			case lines <- line.Text:
			case <-logs.Done():
			}
		})
	}()
	defer stop()
	expectLines := func(want ...string) {
		t.Helper()
		for _, text := range want {
			select {
			case got := <-lines:
				if got != text {
					t.Fatalf("log line %q, want %q", got, text)
				}
			case <-ctx.Done():
				t.Fatalf("no log line %q", text)
			}
		}
	}
	expectLines("begun", "holding")
	at := 0
	if _, err := api.ContainerRestart(ctx, first, client.ContainerRestartOptions{Timeout: &at}); err != nil {
		t.Fatal(err)
	}
	expectLines("begun", "holding")

	if _, err := api.ContainerPause(ctx, second, client.ContainerPauseOptions{}); err != nil {
		t.Fatal(err)
	}
	await("paused", "live: 1 running +1, 2 paused +1, 3 running +2")
	if _, err := api.ContainerKill(ctx, third, client.ContainerKillOptions{Signal: "KILL"}); err != nil {
		t.Fatal(err)
	}
	await("killed", "live: 1 running +1, 2 paused +1, 3 exited(137) +2")

	infos, err := w.Stat(ctx, first, []string{"/run/one"})
	if err != nil || len(infos) != 1 || infos[0].Size != 1 {
		t.Errorf("Stat: %+v, %v", infos, err)
	}
	for _, id := range []string{first, second, third} {
		enginetest.Remove(t, id)
	}
	await("removed", "live:")
	if err := <-followed; err != nil {
		t.Errorf("logs of a container that is gone: %v", err)
	}
}

// A layer that is read tells what the engine tells, and no more than a container did:
// neither what the engine itself makes and does there, nor what petrify asks it.
func TestLiveLayersTellWhatTheEngineTells(t *testing.T) {
	api := enginetest.Require(t)
	e := engine.New(api, model.Engine{Address: "test"})
	layers := layer.NewReader(e)
	withInit := true
	project := "pt-watch-" + strings.ToLower(rand.Text()[:8])
	start := func(service string, host container.HostConfig, check []string, script ...string) string {
		return enginetest.Start(t, enginetest.Container{
			Name: service, Script: script, Host: host, Check: check,
			Labels: map[string]string{"com.docker.compose.project": project, "com.docker.compose.service": service, "com.docker.compose.container-number": "1"},
		})
	}
	mounts := container.HostConfig{
		Init: &withInit, Binds: []string{t.TempDir() + ":/srv/tree/bound"},
		Tmpfs:  map[string]string{"/run": "", "/new/tmpfs": ""},
		Mounts: []mount.Mount{{Type: mount.TypeVolume, Target: "/srv/tree/deep"}, {Type: mount.TypeVolume, Target: "/var/run/volume"}},
	}
	quiet := start("quiet", mounts, []string{"exit 0"}, "hold")
	start("busy", container.HostConfig{}, nil, "write /srv/tree/one x", "rm /srv/tree/two", "write /tmp/passing x", "rm /tmp/passing", "hold")
	if _, err := layers.Read(t.Context(), quiet); errors.Is(err, layer.ErrNotHere) && os.Getenv("PETRIFY_REQUIRE_ENGINE") != "1" {
		t.Skip(err)
	}
	for _, path := range []string{"/etc/passwd", "/tmp"} { // as petrify itself reads what it shows
		if _, err := e.Stat(t.Context(), quiet, []string{path}); err != nil {
			t.Fatal(err)
		}
		if _, err := e.Compare(t.Context(), quiet, path); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := e.Accounts(t.Context(), quiet); err != nil {
		t.Fatal(err)
	}
	at := 0
	if _, err := api.ContainerRestart(t.Context(), quiet, client.ContainerRestartOptions{Timeout: &at}); err != nil {
		t.Fatal(err)
	}

	look := func(layers watch.Layers) map[string]model.Changes {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w := watch.Start(ctx, watch.Options{
			Engine: e, Layers: layers,
			Load: func(context.Context) (string, *model.Project, *model.Problem) { return project, nil, nil },
		})
		found := map[string]model.Changes{}
		for len(found) < 2 {
			s, err := w.Next(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, service := range s.Services {
				for _, changes := range service.Changes {
					found[service.Name] = changes.Changes
				}
			}
		}
		return found
	}
	read, asked := look(layers), look(nil)
	for service := range read {
		if a, b := fmt.Sprint(sorted(read[service].Paths)), fmt.Sprint(sorted(asked[service].Paths)); a != b || read[service].Asked != "" {
			t.Errorf("%s: read %s, asked %s (%s)", service, a, b, read[service].Asked)
		}
		if a, b := fmt.Sprint(sorted(read[service].EngineMade)), fmt.Sprint(sorted(asked[service].EngineMade)); a != b {
			t.Errorf("%s: made by the engine: read %s, asked %s", service, a, b)
		}
	}
	if copied := read["quiet"].CopiedUp; len(copied) > 0 || len(read["quiet"].Paths) > 0 {
		t.Errorf("an idle container: %v, copied up %v", read["quiet"].Paths, copied)
	}
	if copied := read["busy"].CopiedUp; len(copied) != 1 || copied[0].Path != "/tmp" {
		t.Errorf("copied up: %v", copied)
	}
}

func sorted(changes []model.Change) []model.Change {
	return slices.SortedFunc(slices.Values(changes), model.ByPath)
}

// summary is a stack in one line: each container's number, state and added files.
func summary(s *model.Stack) string {
	var containers []string
	for i := range s.Services {
		for _, c := range s.Services[i].Containers {
			text := fmt.Sprintf("%d %s", c.Number, c.State)
			if c.ExitCode != 0 {
				text += fmt.Sprintf("(%d)", c.ExitCode)
			}
			for _, changes := range s.Services[i].Changes {
				if changes.Container != c.ID {
					continue
				}
				added := 0
				for _, change := range changes.Paths {
					if change.Kind == model.Added && strings.HasPrefix(change.Path, "/run/") {
						added++
					}
				}
				text += fmt.Sprintf(" +%d", added)
			}
			containers = append(containers, text)
		}
	}
	return strings.TrimSuffix(string(s.Link.State)+": "+strings.Join(containers, ", "), " ")
}
