package engine

import (
	"fmt"
	"strings"
	"testing"

	"petrify/inspect/engine/enginetest"
	"petrify/model"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

func TestLiveFacts(t *testing.T) {
	e := live(t)
	api := enginetest.Require(t)
	id := enginetest.Start(t, enginetest.Container{
		Script: []string{
			"mkdir /run/app", "chown 1000 7 /run/app", "chmod 750 /run/app", "socket /run/app/sock", "write /etc/app.conf x", "rm /srv/tree/deep",
			"write /srv/new x", "write /scratch/inside x", "write /data/db x", "mkdir /new", "write /new/file x", "hold",
		},
		Host: container.HostConfig{
			Tmpfs:  map[string]string{"/scratch": ""},
			Mounts: []mount.Mount{{Type: mount.TypeBind, Source: "/etc", Target: "/host", ReadOnly: true}},
		},
	})
	paths := []string{
		"/var/run", "/var/run/app", "/run", "/run/app", "/etc", "/etc/app.conf", "/srv/tree", "/srv/tree/deep", "/srv/new", "/tmp",
		"/scratch", "/data", "/data/db", "/new", "/host/passwd", "/none", "/program/below",
	}
	want := `
"/data" none directory 0755 0:0, at /data
"/data/db" none file 0644 0:0, at /data/db
"/etc" ships directory 0755 0:0 with files, at /etc
"/etc/app.conf" ships file 0644 0:0, at /etc/app.conf
"/host/passwd" none file 0644 0:0, at /host/passwd
"/new" none directory 0755 0:0, at /new
"/none" none, at /none
"/program/below" none, at /program/below
"/run" ships directory 0755 0:0, at /run
"/run/app" none directory 0750 1000:7, at /run/app
"/scratch" none directory 0755 0:0, at /scratch
"/srv/new" none file 0644 0:0, at /srv/new
"/srv/tree" ships directory 0755 0:0 with files, at /srv/tree
"/srv/tree/deep" ships with files bounded, at /srv/tree/deep
"/tmp" ships directory 0755 0:0, at /tmp
"/var/run" ships symlink 0777 0:0 -> /run, at /run
"/var/run/app" none directory 0750 1000:7, at /run/app`[1:]
	look := func(t *testing.T) {
		c, err := e.Inspect(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		img, err := e.Image(t.Context(), c.ImageID)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := e.Changes(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if user, err := e.User(t.Context(), id, "1000"); err != nil || user == nil || *user != (model.User{UID: 1000, GID: 1000}) {
			t.Errorf("user 1000 starts as %v, %v", user, err)
		}
		e.shipped = shipped{}
		facts, err := e.Facts(t.Context(), c, img, paths, changes)
		if err != nil {
			t.Fatal(err)
		}
		if got := sketchFacts(facts); got != want {
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		}
		if size := facts["/etc/app.conf"].Size; size != 1 {
			t.Errorf("/etc/app.conf has %d bytes, want 1", size)
		}
	}
	t.Run("running", look)
	if _, err := api.ContainerStop(t.Context(), id, client.ContainerStopOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Run("stopped", look)
}

// A directory to which a container added more than is read.
func TestLiveFactsOfALargeDirectory(t *testing.T) {
	e := live(t)
	script := []string{"mkdir /tmp/many", fmt.Sprintf("fill /tmp/many/large %d", maxWalked+1), "write /tmp/many/small x", "hold"}
	id := enginetest.Run(t, script...)
	c, err := e.Inspect(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	changes, err := e.Changes(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	img, err := e.Image(t.Context(), c.ImageID)
	if err != nil {
		t.Fatal(err)
	}
	facts, err := e.Facts(t.Context(), c, img, []string{"/tmp", "/tmp/many"}, changes)
	if err != nil {
		t.Fatal(err)
	}
	got := sketchFacts(facts)
	if !strings.HasPrefix(got, `"/tmp" ships directory 0755 0:0 with files bounded, at /tmp`) {
		t.Errorf("got:\n%s", got)
	}
}
