package engine

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"petrify/inspect/engine/enginetest"
	"petrify/model"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"
)

// live is the engine that the environment names; without one the test skips.
func live(t testing.TB) *Engine {
	t.Helper()
	return New(enginetest.Require(t), model.Engine{Address: "test"})
}

// changesOf asks for the changes that a script makes, one a line and sorted,
// without the mount point of the image's VOLUME.
func changesOf(t *testing.T, e *Engine, id string) string {
	t.Helper()
	changes, err := e.Changes(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range changes {
		if c.Path != "/data" {
			lines = append(lines, fmt.Sprintf("%c %+q", "CAD"[c.Kind], c.Path))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestLiveChanges(t *testing.T) {
	e := live(t)
	longest := 255
	if storage(t, e) == "fuse-overlayfs" {
		longest -= len(".wh.") // it keeps room for a whiteout of the name
	}
	long := strings.Repeat("n", longest)
	for name, test := range map[string]struct {
		script []string
		want   []string
	}{
		"nothing": {nil, nil},
		"added": {
			[]string{"mkdir /new/dir", "write /new/dir/file x", "fifo /new/fifo", "socket /new/sock", "symlink nowhere /new/link"},
			[]string{`A "/new"`, `A "/new/dir"`, `A "/new/dir/file"`, `A "/new/fifo"`, `A "/new/link"`, `A "/new/sock"`},
		},
		"modified": {
			[]string{"write /etc/app.conf x", "chmod 600 /srv/tree/one", "mmapwrite /srv/tree/two changed"},
			[]string{`C "/etc"`, `C "/etc/app.conf"`, `C "/srv"`, `C "/srv/tree"`, `C "/srv/tree/one"`, `C "/srv/tree/two"`},
		},
		"deleted": {
			[]string{"rm /srv/tree"},
			[]string{`C "/srv"`, `D "/srv/tree"`},
		},
		"renamed": {
			[]string{"rename /srv/tree /srv/forest"},
			[]string{`A "/srv/forest"`, `A "/srv/forest/deep"`, `A "/srv/forest/deep/three"`, `A "/srv/forest/one"`, `A "/srv/forest/two"`, `C "/srv"`, `D "/srv/tree"`},
		},
		"awkward names": {
			[]string{`write "/a\nb" x`, `write "/\x1b[31mred" x`, `write "/\xff\xfe" x`, "write \"/\u202egnp.exe\" x", "write /" + long + " x"},
			[]string{`A "/\u202egnp.exe"`, `A "/\x1b[31mred"`, `A "/a\nb"`, `A "/` + long + `"`, `A "/\ufffd\ufffd"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			id := enginetest.Run(t, append(test.script, "hold")...)
			slices.Sort(test.want)
			if got, want := changesOf(t, e, id), strings.Join(test.want, "\n"); got != want {
				t.Errorf("changes:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func TestLiveManyChanges(t *testing.T) {
	if testing.Short() {
		t.Skip("100,000 files take a while")
	}
	e := live(t)
	files := 100_000
	if storage(t, e) == "fuse-overlayfs" {
		files /= 10 // it makes less than a thousand a second
	}
	id := enginetest.Run(t, fmt.Sprintf("many %d /many", files), "hold")
	changes, err := e.Changes(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if want := 2 + files/1000 + files; len(changes) != want { // with /many, /data and the directories
		t.Errorf("%d changes, want %d", len(changes), want)
	}
}

func storage(t *testing.T, e *Engine) string {
	t.Helper()
	about, _, err := e.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return about.Storage
}

func TestLiveStat(t *testing.T) {
	e := live(t)
	id := enginetest.Start(t, enginetest.Container{
		Script: []string{
			`write "/a\nb" hello`, "chown 1000 7 /etc/app.conf", "chmod 4750 /etc/app.conf", "symlink nowhere /link",
			"fifo /fifo", "socket /sock", `write "/\xff" x`, "rm /srv/tree/one", "mkdir /big", "fill /big/file 50000000",
			"write /scratch/inside x", "hold",
		},
		Host: container.HostConfig{Tmpfs: map[string]string{"/scratch": ""}},
	})
	paths := []string{"/a\nb", "/etc/app.conf", "/link", "/fifo", "/sock", "/big", "/var/run", "/srv/tree/one", "/\uFFFD", "/\xff", "/scratch/inside", "/etc/app.conf/below"}
	infos, err := e.Stat(t.Context(), id, paths)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, i := range infos {
		if i.Err != "" {
			got = append(got, fmt.Sprintf("%+q: %s", i.Path, i.Err))
			continue
		}
		if i.Modified.IsZero() {
			t.Errorf("%q has no time", i.Path)
		}
		got = append(got, fmt.Sprintf("%+q %s %04o %d:%d %s %d %s", i.Path, i.Type, i.Mode, i.UID, i.GID, i.Owner, i.Size, i.Link))
	}
	want := []string{
		`"/a\nb" file 0644 0:0 root 5 `,
		`"/etc/app.conf" file 4750 1000:7 app 27 `,
		`"/link" symlink 0777 0:0 root 0 nowhere`,
		`"/fifo" fifo 0644 0:0 root 0 `,
		`"/sock" socket 0755 0:0 root 0 `,
		`"/big" directory 0755 0:0 root 0 `,
		`"/var/run" symlink 0777 0:0 root 0 /run`,
		`"/srv/tree/one": not there any more`,
		`"/\ufffd": its name is not UTF-8, and the engine does not tell the bytes: it cannot be asked for`,
		`"/\xff" file 0644 0:0 root 1 `,
		`"/scratch/inside": not there any more`,
		`"/etc/app.conf/below": not there any more`,
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got:\n%s\nwant:\n%s", g, w)
	}
}

func TestLiveContainerThatIsGone(t *testing.T) {
	e := live(t)
	id := enginetest.Run(t, "hold")
	enginetest.Remove(t, id)
	_, inspect := e.Inspect(t.Context(), id)
	_, changes := e.Changes(t.Context(), id)
	_, stat := e.Stat(t.Context(), id, []string{"/etc"})
	_, compare := e.Compare(t.Context(), id, "/etc/app.conf")
	logs := e.Logs(t.Context(), id, 10, func(model.LogLine) {})
	for name, err := range map[string]error{"inspect": inspect, "changes": changes, "stat": stat, "compare": compare, "logs": logs} {
		if !IsGone(err) {
			t.Errorf("%s: %v, want an error that says it is gone", name, err)
		}
	}
}

// A container that goes while the engine looks at it must be told as gone, or
// not be noticed, and never as an engine in trouble.
func TestLiveContainerThatDiesWhileRead(t *testing.T) {
	e := live(t)
	for range 3 {
		id := enginetest.Run(t, "many 500 /many", "hold")
		done := make(chan error)
		go func() {
			for {
				if _, err := e.Changes(t.Context(), id); err != nil {
					done <- err
					return
				}
			}
		}()
		enginetest.Remove(t, id)
		if err := <-done; !IsGone(err) {
			t.Errorf("an error that does not say it is gone: %v", err)
		}
	}
}

func TestLiveStates(t *testing.T) {
	e := live(t)
	api := enginetest.Require(t)
	paused := enginetest.Run(t, "write /x x", "hold")
	if _, err := api.ContainerPause(t.Context(), paused, client.ContainerPauseOptions{}); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		id   string
		want string
	}{
		"running": {enginetest.Run(t, "hold"), "running 0"},
		"exited":  {enginetest.Run(t, "exit 3"), "exited 3"},
		"paused":  {paused, "paused 0"},
		"created": {enginetest.Start(t, enginetest.Container{Script: []string{"hold"}, Created: true}), "created 0"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := e.Inspect(t.Context(), test.id)
			if err != nil {
				t.Fatal(err)
			}
			if got := fmt.Sprintf("%s %d", c.State, c.ExitCode); got != test.want {
				t.Errorf("inspect says %s, want %s", got, test.want)
			}
			if c.Started.IsZero() != (name == "created") {
				t.Errorf("started %v", c.Started)
			}
			if c.Finished.IsZero() != (name != "exited") {
				t.Errorf("finished %v", c.Finished)
			}
			all, err := e.List(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(all, func(c model.Container) bool { return c.ID == test.id })
			if i < 0 {
				t.Fatal("not in the list")
			}
			if got := fmt.Sprintf("%s %d", all[i].State, all[i].ExitCode); got != test.want {
				t.Errorf("the list says %s, want %s", got, test.want)
			}
			if _, err := e.Changes(t.Context(), test.id); err != nil {
				t.Errorf("its changes: %v", err)
			}
			if _, err := e.Stat(t.Context(), test.id, []string{"/etc/app.conf"}); err != nil {
				t.Errorf("its files: %v", err)
			}
		})
	}
}

func TestLiveRestarting(t *testing.T) {
	e := live(t)
	id := enginetest.Start(t, enginetest.Container{
		Script: []string{"exit 4"},
		Host:   container.HostConfig{RestartPolicy: container.RestartPolicy{Name: "always"}},
	})
	for {
		c, err := e.Inspect(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if c.State != model.Restarting || c.Restarts < 2 {
			continue // the engine waits longer before each start, so this comes
		}
		if c.ExitCode != 4 {
			t.Errorf("exit code %d, want the last one", c.ExitCode)
		}
		if _, err := e.Changes(t.Context(), id); err != nil {
			t.Error(err)
		}
		return
	}
}

func TestLiveMounts(t *testing.T) {
	e := live(t)
	bound := t.TempDir()
	id := enginetest.Start(t, enginetest.Container{
		Script: []string{"hold"},
		Host: container.HostConfig{
			ReadonlyRootfs: true,
			Resources:      container.Resources{Memory: 64 << 20},
			Tmpfs:          map[string]string{"/tmp/": "size=1m,mode=1777", "/var/run": ""},
			Binds:          []string{bound + ":/srv/bound:ro"},
			Mounts: []mount.Mount{
				{Type: mount.TypeTmpfs, Target: "/scratch", TmpfsOptions: &mount.TmpfsOptions{SizeBytes: 65536, Mode: 0o700}},
			},
		},
	})
	c, err := e.Inspect(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if !c.ReadOnly {
		t.Error("its root is said to be writable")
	}
	if c.Memory != 64<<20 {
		t.Errorf("its memory limit is %d", c.Memory)
	}
	var got []string
	for _, m := range c.Mounts {
		source := m.Source
		if m.Anonymous {
			source = "anonymous"
		}
		got = append(got, fmt.Sprintf("%s %s %s ro=%v %s", m.Target, m.Kind, source, m.ReadOnly, m.Options))
	}
	want := []string{
		"/data volume anonymous ro=false ",
		"/scratch tmpfs  ro=false size=65536,mode=700",
		"/srv/bound bind " + bound + " ro=true ro",
		"/tmp tmpfs  ro=false size=1m,mode=1777",
		"/var/run tmpfs  ro=false ", // the engine keeps a target that is a link as it was given
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got:\n%s\nwant:\n%s", g, w)
	}
}
