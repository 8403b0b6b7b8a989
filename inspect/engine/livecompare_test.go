package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/inspect/engine/enginetest"
	"petrify/model"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

func TestLiveCompare(t *testing.T) {
	e := live(t)
	id := enginetest.Run(t, "write /etc/app.conf changed", "write /new x", "rm /srv/tree", "write /srv/tree file", "rm /run", `write "/\xff" x`, "fill /new-big 2000000", "hold")
	for path, want := range map[string]string{
		"/etc/app.conf":    `now "changed", original "port = 80\nhost = localhost\n"`,
		"/new":             `now "x", original none`,
		"/new-big":         `now 1048576 of 2000000 bytes, original none`,
		"/srv/tree":        `now "file", original directory`,
		"/run":             `now none, original directory`,
		"/srv/tree/one":    `now none, original "one\n"`,
		"/never/was/there": `now none, original none`,
		"/\uFFFD":          `now none (its name is not UTF-8, and the engine does not tell the bytes: it cannot be asked for), original none`,
	} {
		t.Run(path, func(t *testing.T) {
			c, err := e.Compare(t.Context(), id, path)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("now %s, original %s", sketch(c.Now), sketch(c.Original)); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// sketch says what a version is, in a few words.
func sketch(v model.Version) string {
	text := "none"
	switch {
	case v.Truncated:
		text = fmt.Sprintf("%d of %d bytes", len(v.Content), v.Info.Size)
	case v.Exists && v.Info.Type == model.Regular:
		text = fmt.Sprintf("%q", v.Content)
	case v.Exists:
		text = strings.TrimSpace(string(v.Info.Type) + " " + v.Info.Link)
	}
	if v.Problem != "" {
		text += " (" + v.Problem + ")"
	}
	return text
}

// An image made of several layers, whose upper ones delete and replace what the
// lower ones have.
func TestLiveCompareThroughLayers(t *testing.T) {
	e := live(t)
	api := enginetest.Require(t)
	image := ""
	for _, script := range [][]string{
		{"write /etc/app.conf second", "rm /srv/tree/deep", "rm /srv/tree/one"},
		{"write /etc/app.conf third", "mkdir /srv/tree/deep", "write /srv/tree/deep/four four", "link /srv/tree/two /srv/tree/hard"},
	} {
		id := enginetest.Start(t, enginetest.Container{Image: image, Script: script})
		made, err := api.ContainerCommit(t.Context(), id, client.ContainerCommitOptions{Changes: []string{"LABEL " + enginetest.Label + "=layers"}})
		if err != nil {
			t.Fatal(err)
		}
		image = made.ID
		t.Cleanup(func() {
			ctx := context.WithoutCancel(t.Context())
			if _, err := api.ImageRemove(ctx, made.ID, client.ImageRemoveOptions{Force: true}); err != nil {
				t.Logf("remove the image: %v", err)
			}
		})
	}
	id := enginetest.Start(t, enginetest.Container{Image: image, Script: []string{
		"write /etc/app.conf now", "write /srv/tree/two now", "write /srv/tree/hard now", "rm /srv/tree/deep/four", "hold",
	}})
	for path, want := range map[string]string{
		"/etc/app.conf":        `"third"`,
		"/srv/tree/one":        "none",
		"/srv/tree/deep/three": "none",
		"/srv/tree/deep/four":  `"four"`,
		"/srv/tree/two":        `"two\n"`,
		"/srv/tree/hard":       `"two\n"`,
	} {
		c, err := e.Compare(t.Context(), id, path)
		if err != nil {
			t.Fatal(err)
		}
		if got := sketch(c.Original); got != want {
			t.Errorf("the original of %s is %s, want %s", path, got, want)
		}
	}
}

func TestLiveLogs(t *testing.T) {
	e := live(t)
	long := strings.Repeat("0123456789", 4000) // Docker cuts it into three messages
	script := []string{"log first", "err second", `log "\x1b[31mred"`, "log " + long, `print "no end"`}
	for _, tty := range []bool{false, true} {
		t.Run(fmt.Sprintf("terminal %v", tty), func(t *testing.T) {
			id := enginetest.Start(t, enginetest.Container{Script: script, TTY: tty})
			var got []string
			err := e.Logs(t.Context(), id, -1, func(l model.LogLine) {
				if l.At.IsZero() {
					t.Errorf("%.20q has no time", l.Text)
				}
				got = append(got, fmt.Sprintf("%v %.20q %d", l.Stderr, l.Text, len(l.Text)))
			})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{`false "first" 5`, fmt.Sprintf(`%v "second" 6`, !tty), `false "\x1b[31mred" 8`, `false "01234567890123456789" 40000`, `false "no end" 6`}
			// The engine reads the two streams side by side: their order is lost.
			slices.Sort(got)
			slices.Sort(want)
			if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
				t.Errorf("got:\n%s\nwant:\n%s", g, w)
			}
		})
	}
}

func TestLiveLogsFollow(t *testing.T) {
	e := live(t)
	id := enginetest.Run(t, "log old", "log tail", "hold")
	ctx, cancel := context.WithCancel(t.Context())
	var got []string
	err := e.Logs(ctx, id, 2, func(l model.LogLine) {
		got = append(got, l.Text)
		if l.Text == "holding" {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if g := strings.Join(got, " "); g != "tail holding" {
		t.Errorf("got %s", g)
	}
}

func TestLiveEvents(t *testing.T) {
	e := live(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	events := make(chan Event)
	ended := make(chan error, 1)
	go func() {
		ended <- e.Events(ctx, func(event Event) {
			select {
			case events <- event:
			case <-ctx.Done():
			}
		})
	}()
	if first := <-events; first.Action != Connected {
		t.Fatalf("the first event is %+v", first)
	}
	made := make(chan string)
	go func() {
		id := enginetest.Start(t, enginetest.Container{
			Script: []string{"hold"}, Check: []string{"exit 0"},
			Labels: map[string]string{labelProject: "pt-shop", labelService: "web"},
			Host:   container.HostConfig{},
		})
		made <- id
	}()
	var id string
	var got []string
	for event := range events {
		if event.Project != "pt-shop" {
			continue // of somebody else's container
		}
		got = append(got, string(event.Action))
		switch event.Action {
		case Start:
			id = <-made
		case Health: // the check itself, an exec, was not told
			if _, err := e.Stat(t.Context(), id, []string{"/etc"}); err != nil { // nor is this
				t.Error(err)
			}
			go enginetest.Remove(t, id)
		}
		if event.Service != "web" || event.ID == "" || event.At.IsZero() {
			t.Errorf("incomplete: %+v", event)
		}
		if event.Action == Destroy {
			break
		}
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if g := strings.Join(got, " "); g != "create start health_status die destroy" {
		t.Errorf("got %s", g)
	}
}

// A search ends with the log as it is, also of a container that runs, and begins where
// the last one ended.
func TestLiveSearchLog(t *testing.T) {
	e := live(t)
	id := enginetest.Run(t, "log one", "err two", "log three", "hold")
	search := func(after time.Time) (texts []string, last time.Time) {
		t.Helper()
		cut, err := e.SearchLog(t.Context(), id, after, func(l model.LogLine) {
			texts = append(texts, l.Text)
			if l.At.After(last) {
				last = l.At
			}
		})
		if err != nil || cut {
			t.Fatalf("cut %v, %v", cut, err)
		}
		slices.Sort(texts)
		return texts, last
	}
	texts, last := search(time.Time{})
	if got := strings.Join(texts, " "); got != "holding one three two" {
		t.Errorf("found %q", got)
	}
	if texts, _ = search(last); len(texts) != 0 {
		t.Errorf("found %q again", texts)
	}
}
