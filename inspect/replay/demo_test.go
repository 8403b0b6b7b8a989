package replay_test

import (
	"compress/gzip"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/replay"
	"petrify/model"
)

// The demo answers whatever the screen may ask for, once the stack is up.
func TestDemoIsWhole(t *testing.T) {
	capture, err := replay.Demo()
	if err != nil {
		t.Fatal(err)
	}
	if capture.Project == "" || len(capture.Files) == 0 || capture.Duration() < time.Minute {
		t.Errorf("it holds project %q, %d Compose files, %v", capture.Project, len(capture.Files), capture.Duration())
	}
	for _, offset := range []time.Duration{capture.Duration() / 4, capture.Duration()} {
		e := engine.New(clientOf(t, capture.At(offset), time.Now), model.Engine{})
		ctx := t.Context()
		if about, root, err := e.About(ctx); err != nil || about.Version == "" || root == "" {
			t.Errorf("about: %+v, %q, %v", about, root, err)
		}
		containers, err := e.List(ctx)
		if err != nil || len(containers) == 0 {
			t.Fatalf("%d containers, %v", len(containers), err)
		}
		for _, listed := range containers {
			c, err := e.Inspect(ctx, listed.ID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Image(ctx, c.ImageID); err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
			changes, err := e.Changes(ctx, c.ID)
			if err != nil {
				t.Errorf("%s: %v", c.Name, err)
			}
			for _, change := range changes {
				compared, err := e.Compare(ctx, c.ID, change.Path)
				if err != nil {
					t.Errorf("%s: %s: %v", c.Name, change.Path, err)
				}
				now, original := compared.Now, compared.Original
				if (change.Kind == model.Deleted) == now.Exists || now.Problem != "" {
					t.Errorf("%s: %v, and now %+v", c.Name, change, now)
				}
				if (change.Kind == model.Added) == original.Exists || original.Problem != "" {
					t.Errorf("%s: %v, and original %+v", c.Name, change, original)
				}
			}
		}
	}
}

func TestDemoIsSmall(t *testing.T) {
	info, err := os.Stat("demo.petrify.gz")
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > 3<<19 {
		t.Errorf("it has %d bytes, and is to add no more than 1.5 MiB to the program", info.Size())
	}
}

// A capture is public: it names neither whose machine it was nor where on it.
func TestDemoTellsNothingOfItsMachine(t *testing.T) {
	shown := text(t)
	for _, private := range []string{"/home/", "/Users/", "/root/", "HttpProxy"} {
		if strings.Contains(shown, private) {
			t.Errorf("it holds %q", private)
		}
	}
}

// text is the whole capture as zcat shows it.
func text(t *testing.T) string {
	t.Helper()
	file, err := os.Open("demo.petrify.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	z, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}
