package main

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	"github.com/moby/moby/client"

	"petrify/inspect/engine"
	"petrify/inspect/engine/enginetest"
	"petrify/inspect/replay"
	"petrify/model"
)

// What the engine package reads from the capture is what it reads from the
// engine: capture asks for all that it asks for.
func TestLiveCaptureAnswersAsTheEngine(t *testing.T) {
	host, transport, err := reach("")
	if err != nil {
		t.Fatal(err)
	}
	api := enginetest.Require(t)
	id := enginetest.Start(t, enginetest.Container{
		Name:   "capture",
		Labels: map[string]string{projectLabel: "pt-capture", "com.docker.compose.service": "app"},
		Script: []string{
			"log hello", "err oops", "write /etc/app.conf changed", "rm /srv/tree/one", "mkdir /new", "write /new/file new",
			"symlink /new/file /link", "fill /new/large 200000", "mkdir /run/app", "write /run/app/pid 1", "write /srv/tree/new x", "hold",
		},
	})
	c, err := newCapture(host, transport, &hidden{project: "pt-capture"})
	if err != nil {
		t.Fatal(err)
	}
	captureOnce(t, c, id)
	var file bytes.Buffer
	if err := c.capturer.Write(&file, replay.About{}); err != nil {
		t.Fatal(err)
	}
	capture, err := replay.Open(&file)
	if err != nil {
		t.Fatal(err)
	}
	played, err := capture.At(time.Hour).Client(time.Now)
	if err != nil {
		t.Fatal(err)
	}
	live, captured := engine.New(api, model.Engine{}), engine.New(played, model.Engine{})
	compare := func(name string, ask func(e *engine.Engine) (any, error)) {
		want, err := ask(live)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, err := ask(captured); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", name, got, err, want)
		}
	}
	ctx := t.Context()
	compare("about", func(e *engine.Engine) (any, error) {
		about, _, err := e.About(ctx)
		return about, err
	})
	compare("inspect", func(e *engine.Engine) (any, error) { return e.Inspect(ctx, id) })
	compare("image", func(e *engine.Engine) (any, error) {
		c, err := e.Inspect(ctx, id)
		if err != nil {
			return nil, err
		}
		return e.Image(ctx, c.ImageID)
	})
	kinds := func(e *engine.Engine) (any, error) {
		changes, err := e.Changes(ctx, id)
		byPath := map[string]model.ChangeKind{}
		for _, change := range changes {
			byPath[change.Path] = change.Kind
		}
		return byPath, err
	}
	compare("changes", kinds)
	changes, err := kinds(live)
	if err != nil {
		t.Fatal(err)
	}
	for path := range changes.(map[string]model.ChangeKind) {
		compare("stat of "+path, func(e *engine.Engine) (any, error) { return e.Stat(ctx, id, []string{path}) })
		if path != "/new/large" {
			compare("comparison of "+path, func(e *engine.Engine) (any, error) { return e.Compare(ctx, id, path) })
		}
	}
	compare("facts", func(e *engine.Engine) (any, error) {
		one, err := e.Inspect(ctx, id)
		if err != nil {
			return nil, err
		}
		changes, err := e.Changes(ctx, id)
		if err != nil {
			return nil, err
		}
		return e.Facts(ctx, one, model.Image{ID: one.ImageID}, []string{"/run/app", "/srv/tree", "/new", "/etc", "/var/run", "/tmp"}, changes)
	})
	large, err := captured.Compare(ctx, id, "/new/large")
	if err != nil || large.Now.Problem == "" {
		t.Errorf("a file too large to keep: %+v, %v", large.Now, err)
	}
}

// captureOnce asks for everything about a container one time.
func captureOnce(t *testing.T, c *capture, id string) {
	t.Helper()
	ctx := t.Context()
	if err := c.asked(ctx); err != nil {
		t.Fatal(err)
	}
	one := newFollowed(c, id)
	c.containers[id] = one
	found, err := one.inspect(ctx)
	if err != nil {
		t.Fatal(err)
	}
	one.imageID = found.Image
	c.image(ctx, found.Image)
	if err := one.diff(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := one.log(ctx, false, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true}); err != nil {
		t.Fatal(err)
	}
	if err := c.facts(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.originals(ctx); err != nil {
		t.Fatal(err)
	}
}
