//go:build linux && (amd64 || arm64)

package refusals

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/inspect/engine/enginetest"
)

// collected is a watcher and what it told.
type collected struct {
	*Watcher
	t    testing.TB
	lock sync.Mutex
	told []Refusal
}

// collect starts a watcher, or skips the test where that cannot be.
func collect(t testing.TB, ring uint32, together int) *collected {
	t.Helper()
	if err := Possible(); err != nil {
		if os.Getenv("PETRIFY_REQUIRE_ENGINE") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	c := &collected{t: t}
	w, err := start(func(r Refusal) {
		c.lock.Lock()
		defer c.lock.Unlock()
		c.told = append(c.told, r)
	}, ring, together)
	if err != nil {
		t.Fatal(err)
	}
	c.Watcher = w
	t.Cleanup(w.Close)
	return c
}

// all is what was refused until now.
func (c *collected) all() []Refusal {
	c.Flush()
	c.lock.Lock()
	defer c.lock.Unlock()
	return slices.Clone(c.told)
}

// find returns the first refusal of a call at a path.
func (c *collected) find(call, path string) (Refusal, bool) {
	for _, r := range c.all() {
		if r.Call == call && r.Path == path {
			return r, true
		}
	}
	return Refusal{}, false
}

func (c *collected) mustFind(call, path string) Refusal {
	c.t.Helper()
	r, ok := c.find(call, path)
	if !ok {
		c.t.Errorf("no %s of %q was told, but:\n%s", call, path, listed(c.all()))
	}
	return r
}

func listed(all []Refusal) string {
	var b strings.Builder
	for _, r := range all {
		fmt.Fprintf(&b, "  %s %q %q: %v, way %d, %d times, by %s as %d\n", r.Call, r.Path, r.Path2, r.Err, r.Way, r.Count, r.Command, r.UID)
	}
	return b.String()
}

// namespaceOf is the mount namespace of a running container.
func namespaceOf(t testing.TB, id string) uint64 {
	t.Helper()
	found, err := enginetest.Require(t).ContainerInspect(t.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n, err := mountNamespace(strconv.Itoa(found.Container.State.Pid))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// inside runs instructions in a container, to their end.
func inside(t testing.TB, id, user string, script ...string) {
	t.Helper()
	run(t, id, user, "/program", script...)
}

// run is inside for another program of the same kind.
func run(t testing.TB, id, user, program string, script ...string) {
	t.Helper()
	api := enginetest.Require(t)
	made, err := api.ExecCreate(t.Context(), id, client.ExecCreateOptions{
		Cmd: append([]string{program}, script...), User: user, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	attached, err := api.ExecAttach(t.Context(), made.ID, client.ExecAttachOptions{})
	if err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(attached.Reader)
	attached.Close()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(said), "argument") || strings.Contains(string(said), "no such instruction") {
		t.Fatalf("%s", said)
	}
}

// locked starts a container with a read-only root.
func locked(t testing.TB, host container.HostConfig) string {
	t.Helper()
	host.ReadonlyRootfs = true
	return enginetest.Start(t, enginetest.Container{Name: "refusals", Script: []string{"hold"}, Host: host})
}

// Each call is refused once in a container with a read-only root, most with paths that
// are relative to a directory. The instructions go to /srv first.
var refused = []struct {
	call, arguments string
	path, path2     string
	flags           uint64
}{
	{"open", "@tree/one 1 0", "/srv/tree/one", "", 1},
	{"openat", "%/srv/tree @one 2 0", "/srv/tree/one", "", 2},
	{"openat", "-100 @../etc//./new 0o101 0o600", "/etc/new", "", 0o101},
	{"openat2", "%/srv/tree @two &1,0,0 24", "/srv/tree/two", "", 1},
	{"creat", "@/srv/new 0", "/srv/new", "", 0o1101},
	{"mkdir", "@made", "/srv/made", "", 0},
	{"mkdirat", "%/srv/tree/deep @made 0", "/srv/tree/deep/made", "", 0},
	{"mknod", "@node 0o10644 0", "/srv/node", "", 0},
	{"mknodat", "%/etc @node 0o10644 0", "/etc/node", "", 0},
	{"symlink", "@target @link", "/srv/link", "", 0},
	{"symlinkat", "@target %/etc @link", "/etc/link", "", 0},
	{"link", "@tree/one @hard", "/srv/hard", "/srv/tree/one", 0},
	{"linkat", "%/srv/tree @two %/etc @hard 0", "/etc/hard", "/srv/tree/two", 0},
	{"bind", "socket =/run/own.sock 16", "/run/own.sock", "", 0},
	{"rmdir", "@tree/deep", "/srv/tree/deep", "", 0},
	{"unlink", "@tree/one", "/srv/tree/one", "", 0},
	{"unlinkat", "%/srv @tree/two 0", "/srv/tree/two", "", 0},
	{"rename", "@tree/one @tree/three", "/srv/tree/one", "/srv/tree/three", 0},
	{"renameat", "%/srv/tree @one %/etc @one", "/srv/tree/one", "/etc/one", 0},
	{"renameat2", "%/srv/tree @two -100 @two 0", "/srv/tree/two", "/srv/two", 0},
	{"chmod", "@tree/one 0o600", "/srv/tree/one", "", 0},
	{"fchmod", "%/srv/tree/one 0o600", "/srv/tree/one", "", 0},
	{"fchmodat", "%/etc @passwd 0o600", "/etc/passwd", "", 0},
	{"fchmodat2", "%/etc @passwd 0o600 0", "/etc/passwd", "", 0},
	{"chown", "@tree/one 1 1", "/srv/tree/one", "", 0},
	{"lchown", "@tree/one 1 1", "/srv/tree/one", "", 0},
	{"fchown", "%/srv/tree/deep/three 1 1", "/srv/tree/deep/three", "", 0},
	{"fchownat", "%/srv/tree/deep @ 1 1 0x1000", "/srv/tree/deep", "", 0},
	{"utime", "@tree/one 0", "/srv/tree/one", "", 0},
	{"utimes", "@tree/one 0", "/srv/tree/one", "", 0},
	{"futimesat", "%/srv/tree @one 0", "/srv/tree/one", "", 0},
	{"utimensat", "%/srv/tree @one 0 0", "/srv/tree/one", "", 0},
	{"utimensat", "%/srv/tree/two 0 0 0", "/srv/tree/two", "", 0},
	{"setxattr", "@tree/one @user.x @v 1 0", "/srv/tree/one", "", 0},
	{"lsetxattr", "@tree/one @user.x @v 1 0", "/srv/tree/one", "", 0},
	{"fsetxattr", "%/srv/tree/one @user.x @v 1 0", "/srv/tree/one", "", 0},
	{"setxattrat", "%/srv/tree @one 0 @user.x &0,0 16", "/srv/tree/one", "", 0},
	{"removexattr", "@tree/one @user.x", "/srv/tree/one", "", 0},
	{"lremovexattr", "@tree/one @user.x", "/srv/tree/one", "", 0},
	{"fremovexattr", "%/srv/tree/one @user.x", "/srv/tree/one", "", 0},
	{"removexattrat", "%/srv/tree @one 0 @user.x", "/srv/tree/one", "", 0},
	{"truncate", "@tree/one 0", "/srv/tree/one", "", 0},
	{"access", "@tree/one 2", "/srv/tree/one", "", 2},
	{"faccessat", "%/srv/tree @one 6", "/srv/tree/one", "", 6},
	{"faccessat2", "%/srv/tree @one 2 0", "/srv/tree/one", "", 2},
}

// instruction is what makes a call; false where this machine has none of that name.
func instruction(name, arguments string) (string, bool) {
	i := slices.IndexFunc(calls, func(c call) bool { return c.name == name })
	if i < 0 {
		return "", false
	}
	number, ok := calls[i].number(runtime.GOARCH)
	return fmt.Sprintf("syscall %d %s", number, arguments), ok
}

func TestEachCallOnAReadOnlyRoot(t *testing.T) {
	// The engine's profile of allowed calls may be older than some of these.
	id := locked(t, container.HostConfig{SecurityOpt: []string{"seccomp=unconfined"}})
	c := collect(t, ringSize, mostTogether)
	ns := namespaceOf(t, id)
	if err := c.Follow(ns, Options{}); err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, r := range refused {
		does, ok := instruction(r.call, r.arguments)
		if !ok {
			continue
		}
		tested[r.call] = true
		before := len(c.all())
		inside(t, id, "", "cd /srv", does)
		got := c.all()[before:]
		if len(got) != 1 {
			t.Errorf("%s %s: %d refusals:\n%s", r.call, r.arguments, len(got), listed(got))
			continue
		}
		g, way := got[0], Kernel // each of these processes is gone by now
		if strings.Contains(r.arguments, "@/") || strings.Contains(r.arguments, "=/") {
			way = Whole
		}
		if g.Call != r.call || g.Path != r.path || g.Path2 != r.path2 || g.Flags != r.flags ||
			g.Err != syscall.EROFS || g.Way != way || (r.path2 != "") != (g.Way2 == way) || g.MountNS != ns || g.Count != 1 ||
			g.Command != "program" || g.UID != 0 || g.PID == 0 || time.Since(g.At) > time.Minute || time.Since(g.At) < 0 {
			t.Errorf("%s %s: %+v", r.call, r.arguments, g)
		}
	}
	for _, call := range calls {
		if _, here := call.number(runtime.GOARCH); here && call.errors&readOnly != 0 && call.errors&denied != 0 && !tested[call.name] {
			t.Errorf("%s is not tested", call.name)
		}
	}
	if c.Lost() != 0 {
		t.Errorf("%d were lost", c.Lost())
	}
}
