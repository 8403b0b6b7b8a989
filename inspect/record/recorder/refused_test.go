//go:build linux

package recorder

import (
	"fmt"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
	"golang.org/x/sys/unix"

	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// refusalText says what was refused, in words that tests look for.
func refusalText(w wire.Write, by string) string {
	if w.Refused == nil {
		return "nothing"
	}
	r := w.Refused
	text := fmt.Sprintf("%s %s %s", r.Acts, r.Err.String(), strings.ReplaceAll(by, " ", "/"))
	if r.Tries == r.Count {
		text += ", a try"
	}
	if !w.Gone {
		text += ", there"
	}
	if len(w.Mount) > 0 {
		text += ", in " + string(w.Mount)
	}
	return text
}

func TestWhatIsRefused(t *testing.T) {
	r := record(t)
	id := enginetest.Start(t, enginetest.Container{Name: "refused", Script: []string{"hold"}, Host: container.HostConfig{
		ReadonlyRootfs: true,
		Tmpfs:          map[string]string{"/scratch": "size=64k", "/own": "mode=0755", "/tools": ""},
		Binds:          []string{t.TempDir() + ":/host:ro"},
	}})
	r.follow(id)
	r.untilRefusals(id)
	for _, script := range []string{
		"mkdir /srv/made", "rm /srv/tree/one", "rm /srv/missing", "open /etc/passwd", "write /host/x x", "write /var/run/linked x",
		"rename /etc/app.conf /etc/other", "write /proc/sys/kernel/hostname x",
		"fill /scratch/big 100000",
	} {
		try(t, id, "", script)
	}
	for _, probe := range []string{
		fmt.Sprintf("syscall %d -100 @/srv/tree/two 2 0", unix.SYS_FACCESSAT),         // whether it may be written
		fmt.Sprintf("syscall %d -100 @/srv/tree/deep/three 2 0", unix.SYS_OPENAT),     // for reading and writing
		fmt.Sprintf("syscall %d -100 @/srv/tree/deep/three 0 0", unix.SYS_OPENAT),     // then for reading
		fmt.Sprintf("syscall %d -100 @/srv/tree/deep 0o755", unix.SYS_MKDIRAT),        // it is there
		fmt.Sprintf("syscall %d -100 @/srv/tree/deep/nothing 0 0", unix.SYS_UNLINKAT), // it is not
	} {
		inside(t, id, "", probe)
	}
	try(t, id, "1000", "write /own/mine x")
	try(t, id, "1000", "open /etc/passwd")
	try(t, id, "", "copy /program /tools/program", "run /tools/program")
	writes := r.finish(id)
	for path, want := range map[string]string{
		"/srv/made":      "made read-only file system program/root",
		"/srv/tree/one":  "removed read-only file system program/root, there",
		"/srv/missing":   "removed read-only file system program/root, a try",
		"/host/x":        "made read-only file system program/root, in /host",
		"/run/linked":    "made read-only file system program/root",
		"/etc/app.conf":  "removed read-only file system program/root, there",
		"/etc/other":     "made read-only file system program/root",
		"/scratch/big":   "written no space left program/root, there, in /scratch",
		"/tools/program": "run permission denied program/root, there, in /tools",
		"/own/mine":      "made permission denied program/app, in /own",

		"/srv/tree/two":          "opened for writing read-only file system program/root, a try, there",
		"/srv/tree/deep/three":   "opened for writing read-only file system program/root, a try, there",
		"/srv/tree/deep":         "nothing",
		"/srv/tree/deep/nothing": "removed read-only file system program/root, a try",
	} {
		if got := refusalText(writes[path], r.by[id][path]); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
	if w := writes["/etc/passwd"]; w.Refused == nil || w.Refused.Count < 2 || w.Refused.Acts != model.Opened {
		t.Errorf("/etc/passwd: %s", refusalText(w, r.by[id]["/etc/passwd"]))
	}
	for path, w := range writes {
		if below(path, "/proc") {
			t.Errorf("%s: %s", path, refusalText(w, ""))
		}
	}
}

// On a root that can be written, too, a mount may be too small, somebody else's, or not for
// programs. What is refused elsewhere is no matter of mounts.
func TestWhatMountsRefuseOnAWritableRoot(t *testing.T) {
	r := record(t)
	id := enginetest.Start(t, enginetest.Container{Name: "mounts", Script: []string{"hold"}, Host: container.HostConfig{
		Tmpfs: map[string]string{"/scratch": "size=64k", "/own": "mode=0755", "/tools": ""},
		Binds: []string{t.TempDir() + ":/host:ro"},
	}})
	r.follow(id)
	r.untilRefusals(id)
	try(t, id, "", "fill /scratch/big 100000")
	try(t, id, "", "write /host/x x")
	try(t, id, "1000", "write /own/mine x")
	try(t, id, "1000", "open /etc/passwd")
	try(t, id, "1000", "write /srv/new x")
	try(t, id, "", "copy /program /tools/program", "run /tools/program")
	writes := r.finish(id)
	for path, want := range map[string]string{
		"/scratch/big":   "written no space left program/root, there, in /scratch",
		"/host/x":        "made read-only file system program/root, in /host",
		"/own/mine":      "made permission denied program/app, in /own",
		"/etc/passwd":    "nothing",
		"/srv/new":       "nothing",
		"/tools/program": "run permission denied program/root, there, in /tools",
	} {
		if got := refusalText(writes[path], r.by[id][path]); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}

// What the first program of a container is refused comes before anybody could know its
// mount table.
func TestFirstRefusals(t *testing.T) {
	r := record(t)
	warm := enginetest.Run(t, "hold")
	r.follow(warm)
	r.untilRefusals(warm)
	id := enginetest.Start(t, enginetest.Container{
		Name: "first", Script: []string{`try "mkdir /srv/first"`, "sleep 300ms"}, Created: true,
		Host: container.HostConfig{ReadonlyRootfs: true},
	})
	r.follow(id)
	if _, err := r.api.ContainerStart(t.Context(), id, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	r.until("the first refusal", func() bool { return r.writes[id]["/srv/first"].Refused != nil })
	if got := refusalText(r.writes[id]["/srv/first"], r.by[id]["/srv/first"]); got != "made read-only file system program/root" {
		t.Errorf("%s", got)
	}
	r.finish(id)
}

// A program that was written and run is told, also when it is gone, and those of the image
// are not.
func TestProgramsThatWereWritten(t *testing.T) {
	r := record(t)
	id := enginetest.Start(t, enginetest.Container{Name: "ran", Script: []string{"hold"}, Host: container.HostConfig{
		Tmpfs: map[string]string{"/scratch": "exec"},
	}})
	r.follow(id)
	for _, program := range []string{"/tmp/helper", "/scratch/helper"} {
		inside(t, id, "", "copy /program "+program, "run "+program, "rm "+program)
	}
	writes := r.finish(id)
	for path, w := range writes {
		ran := path == "/tmp/helper" || path == "/scratch/helper"
		if (w.Acts&model.Ran != 0) != ran {
			t.Errorf("%s: %s", path, w.Acts)
		}
	}
	if w := writes["/tmp/helper"]; w.Acts&(model.Made|model.Ran) != model.Made|model.Ran || !w.Gone {
		t.Errorf("/tmp/helper: %s", describeWrite(w, r.by[id]["/tmp/helper"]))
	}
}
