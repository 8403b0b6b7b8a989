//go:build linux

package trial

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"petrify/inspect/engine/enginetest"
	"petrify/model"
)

// opened opens copies that are closed when the test ends.
func opened(t *testing.T, tr *Trials, stack *model.Stack, service string, o model.TrialOptions) *Copies {
	t.Helper()
	c, err := tr.Open(t.Context(), stack, service, o, silent)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func ran(t *testing.T, c *Copies, p *model.Plan) model.Run {
	t.Helper()
	run, err := c.Run(t.Context(), p, logged(t))
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func networkOf(t *testing.T, api *client.Client, name string) {
	t.Helper()
	if _, err := api.NetworkCreate(t.Context(), name, client.NetworkCreateOptions{Labels: map[string]string{enginetest.Label: "x"}}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if _, err := api.NetworkRemove(ctx, name, client.NetworkRemoveOptions{}); err != nil {
			t.Error(err)
		}
	})
}

func volumeWith(t *testing.T, api *client.Client, name string) string {
	t.Helper()
	made, err := api.VolumeCreate(t.Context(), client.VolumeCreateOptions{Name: name, Labels: map[string]string{enginetest.Label: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if _, err := api.VolumeRemove(ctx, name, client.VolumeRemoveOptions{}); err != nil {
			t.Error(err)
		}
	})
	return made.Volume.Mountpoint
}

// Copies find each other by the names of the services, and nobody else.
func TestCopiesTalkToEachOther(t *testing.T) {
	tr, api := liveTrials(t)
	networkOf(t, api, "pt-trial-talk")
	host := container.HostConfig{NetworkMode: "pt-trial-talk"}
	db := enginetest.Start(t, enginetest.Container{Name: "db", Script: []string{"serve 5432", "hold"}, Host: host})
	found, err := api.ContainerInspect(t.Context(), db, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(found.Container.Name, "/")
	// It finds the database by its container's name and, in the trial, by its service's.
	web := enginetest.Start(t, enginetest.Container{Name: "web", Script: []string{"call " + name + ":5432", "try \"call db:5432\"", "serve 80", "hold"}, Host: host, Check: []string{"call localhost:80"}})
	leavesNothing(t)
	stack := stackOf(t, tr, map[string]string{"web": web, "db": db}, map[string][]string{"web": {"db"}})
	c := opened(t, tr, stack, "web", model.TrialOptions{Exercise: []model.Exercise{
		{Service: "web", Command: []string{"/program", "call db:5432"}},
		{Service: "web", Command: []string{"/program", "exit 3"}},
	}})
	run := ran(t, c, nil)
	want := `start
ready: healthy
port 80: HTTP 200
exercise web: /program call db:5432: exit code 0
exercise web: /program exit 3 failed: exit code 3
stop: exit code 0`
	if got := steps(run); got != want {
		t.Errorf("it went\n%s\nnot\n%s\n%v", got, want, run.Log)
	}
	c.options.Exercise = []model.Exercise{{Command: []string{"sh", "-c", "test -n \"$PETRIFY_WEB\" -a -n \"$PETRIFY_DB\""}}}
	run = ran(t, c, &model.Plan{Mounts: []model.PlannedMount{}})
	want = `start
ready: healthy
port 80: HTTP 200
exercise sh -c test -n "$PETRIFY_WEB" -a -n "$PETRIFY_DB": exit code 0
restart
ready again: healthy
port 80 again: HTTP 200
exercise sh -c test -n "$PETRIFY_WEB" -a -n "$PETRIFY_DB" again: exit code 0
stop: exit code 0`
	if got := steps(run); got != want {
		t.Errorf("it went\n%s\nnot\n%s\n%v", got, want, run.Log)
	}
}

// The data of the originals is there, and they never see what the copies make of it.
func TestDataIsCopied(t *testing.T) {
	tr, api := liveTrials(t)
	written := volumeWith(t, api, "pt-trial-written")
	read := volumeWith(t, api, "pt-trial-read")
	dir := t.TempDir()
	for name, content := range map[string]string{
		filepath.Join(written, "own"): "w", filepath.Join(read, "own"): "r", filepath.Join(dir, "in"): "d", filepath.Join(dir, "settings"): "f",
	} {
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chown(filepath.Join(written, "own"), 1000, 1000); err != nil {
		t.Fatal(err)
	}
	id := enginetest.Start(t, enginetest.Container{
		Name: "data", User: "1000:1000",
		// What it adds is only in its own volume, folder and file: the second run begins anew.
		Script: []string{"append /written/own x", "try \"write /folder/new x\"", "try \"append /settings x\"", "copy /read/own /dev/shm/read", "try \"write /read/own x\"", "hold"},
		Host: container.HostConfig{CapDrop: []string{"ALL"}, Init: new(true), Mounts: []mount.Mount{
			{Type: mount.TypeVolume, Source: "pt-trial-written", Target: "/written"},
			{Type: mount.TypeVolume, Source: "pt-trial-read", Target: "/read", ReadOnly: true},
			{Type: mount.TypeBind, Source: dir, Target: "/folder"},
			{Type: mount.TypeBind, Source: filepath.Join(dir, "settings"), Target: "/settings"},
			{Type: mount.TypeBind, Source: "/var/run/docker.sock", Target: "/engine.sock"},
		}},
	})
	before := contents(t, written, read, dir)
	leavesNothing(t)
	stack := stackOf(t, tr, map[string]string{"app": id}, nil)
	consent, err := tr.Consent(t.Context(), stack, []string{"app"}, model.TrialOptions{})
	if err != nil || consent.Problem != nil || len(consent.Volumes) != 4 || !slices.ContainsFunc(consent.Notes, func(n string) bool { return strings.Contains(n, "/var/run/docker.sock") }) {
		t.Errorf("%v: %+v", err, consent)
	}
	for _, v := range consent.Volumes {
		if v.Bytes < 0 || v.From == "" {
			t.Errorf("not known what is copied: %+v", v)
		}
	}
	c := opened(t, tr, stack, "app", model.TrialOptions{})
	for range 2 {
		run := ran(t, c, &model.Plan{})
		want := "start\nready: it runs\nrestart\nready again: it runs\nstop: exit code 143"
		if got := steps(run); got != want && got != strings.Replace(want, "143", "0", 1) {
			t.Errorf("it went\n%s\nnot\n%s\n%v", got, want, run.Log)
		}
		// The copies are gone, and their volumes are as they left them.
		for i, v := range c.layout.volumes {
			made, err := api.VolumeInspect(t.Context(), c.volumes[i], client.VolumeInspectOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if v.target == "/written" {
				if got := contents(t, made.Volume.Mountpoint); got != "/own -rw-r--r-- wxxx\n" {
					t.Errorf("the copy's volume holds %q", got)
				}
			}
		}
	}
	if after := contents(t, written, read, dir); after != before {
		t.Errorf("the originals had\n%s\nand have\n%s", before, after)
	}
}

// contents are the files of some folders.
func contents(t *testing.T, dirs ...string) string {
	t.Helper()
	var all strings.Builder
	for _, dir := range dirs {
		err := filepath.Walk(dir, func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			all.WriteString(strings.TrimPrefix(path, dir) + " " + info.Mode().String() + " " + string(text) + "\n")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

// A service that ends by itself is done when it ends as its original did.
func TestJobsAreDoneWhenTheyEnd(t *testing.T) {
	tr, _ := liveTrials(t)
	id := enginetest.Run(t, "write /tmp/x y", "exit 3")
	leavesNothing(t)
	c := opened(t, tr, stackOf(t, tr, map[string]string{"job": id}, nil), "job", model.TrialOptions{})
	run := ran(t, c, nil)
	want := "start\nready: it ended with exit code 3\nrestart\nready again: it ended with exit code 3\nstop: exit code 3"
	if got := steps(run); got != want {
		t.Errorf("it went\n%s\nnot\n%s", got, want)
	}
	run = ran(t, c, &model.Plan{})
	want = "start\nready failed: it ended with exit code 70\nstop: exit code 70"
	if got := steps(run); got != want || !strings.Contains(strings.Join(run.Log, "\n"), "read-only file system") {
		t.Errorf("it went\n%s\nnot\n%s\n%v", got, want, run.Log)
	}
}
