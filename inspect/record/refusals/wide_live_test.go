//go:build linux && (amd64 || arm64)

package refusals

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/inspect/engine/enginetest"
)

// call is the instruction of a call that every machine has.
func mustCall(t testing.TB, name, arguments string) string {
	t.Helper()
	does, ok := instruction(name, arguments)
	if !ok {
		t.Fatalf("there is no %s here", name)
	}
	return does
}

// What a plan's own mounts can refuse: a tmpfs that is too small, that belongs to
// somebody else, from which nothing may be run.
func TestWhatMountsRefuse(t *testing.T) {
	id := locked(t, container.HostConfig{Tmpfs: map[string]string{
		"/tiny":   "size=64k,mode=1777",
		"/theirs": "uid=4711,mode=0700",
		"/plain":  "noexec,mode=1777",
	}})
	c := collect(t, ringSize, mostTogether)
	if err := c.Follow(namespaceOf(t, id), Options{Wide: true}); err != nil {
		t.Fatal(err)
	}
	inside(t, id, "1000", "try \"fill /tiny/much 1000000\"")
	inside(t, id, "1000", "try \"write /theirs/x x\"", "try \"mkdir /theirs/made\"")
	inside(t, id, "1000", mustCall(t, "openat", "-100 @/theirs 0 0")) // reads only
	inside(t, id, "1000", "try \"chown 1 1 /tiny/much\"")
	inside(t, id, "", "write /plain/tool x", "chmod 755 /plain/tool",
		mustCall(t, "execve", "@/plain/tool 0 0"),
		mustCall(t, "mmap", "0 1 5 2 %/plain/tool 0"), // to be run, private
		mustCall(t, "mmap", "0 4096 7 0x22 -1 0"),     // memory of no file
		mustCall(t, "mmap", "0x70000000 4096 1 0x12 %/plain/tool 0"),
		mustCall(t, "mprotect", "0x70000000 4096 5"), "sleep 200ms")
	for _, want := range []struct {
		call, path string
		act        Act
		err        syscall.Errno
		user       int
	}{
		{"write", "/tiny/much", Store, syscall.ENOSPC, 1000},
		{"openat", "/theirs/x", Open, syscall.EACCES, 1000},
		{"mkdirat", "/theirs/made", Make, syscall.EACCES, 1000},
		{"execve", "/plain/tool", Execute, syscall.EACCES, 0},
		{"mmap", "/plain/tool", Execute, syscall.EPERM, 0},
		{"mprotect", "/plain/tool", Execute, syscall.EACCES, 0},
	} {
		if r := c.mustFind(want.call, want.path); r.Act != want.act || r.Err != want.err || r.UID != want.user || r.Way == Unknown {
			t.Errorf("%+v", r)
		}
	}
	for _, r := range c.all() {
		if r.Path == "/theirs" || r.Call == "mmap" && r.Path != "/plain/tool" {
			t.Errorf("this is no refused write: %+v", r)
		}
	}
}

// The same is not told where nobody asks for it.
func TestOnlyReadOnlyRootsUnlessAskedForMore(t *testing.T) {
	id := locked(t, container.HostConfig{Tmpfs: map[string]string{"/theirs": "uid=4711,mode=0700"}})
	c := collect(t, ringSize, mostTogether)
	if err := c.Follow(namespaceOf(t, id), Options{}); err != nil {
		t.Fatal(err)
	}
	inside(t, id, "1000", "try \"write /theirs/x x\"", "try \"write /x x\"")
	if all := c.all(); len(all) != 1 || all[0].Path != "/x" {
		t.Errorf("told:\n%s", listed(all))
	}
}

func TestOnlyThoseFollowed(t *testing.T) {
	followed, other := locked(t, container.HostConfig{}), locked(t, container.HostConfig{})
	c := collect(t, ringSize, mostTogether)
	ns := namespaceOf(t, followed)
	if c.attached != nil {
		t.Error("it is at work before anybody is followed")
	}
	if err := c.Follow(ns, Options{}); err != nil {
		t.Fatal(err)
	}
	inside(t, other, "", "try \"mkdir /other\"")
	inside(t, followed, "", "try \"mkdir /followed\"", "try \"mkdir /followed\"")
	c.Forget(ns)
	if c.attached != nil {
		t.Error("it is at work when nobody is followed any more")
	}
	inside(t, followed, "", "try \"mkdir /later\"")
	all := c.all()
	if len(all) != 1 || all[0].Path != "/followed" || all[0].Count != 2 || !all[0].Last.After(all[0].At) {
		t.Errorf("told:\n%s", listed(all))
	}
}

// A container that starts is not known before its first program runs. What that is
// refused until then is held.
func TestHeldUntilFollowed(t *testing.T) {
	c := collect(t, ringSize, mostTogether)
	other := locked(t, container.HostConfig{})
	if err := c.Hold(Options{}); err != nil {
		t.Fatal(err)
	}
	inside(t, other, "", "try \"mkdir /other\"")
	id := enginetest.Start(t, enginetest.Container{
		Name: "refusals", Script: []string{"try \"mkdir /first\"", "hold"}, Host: container.HostConfig{ReadonlyRootfs: true},
	})
	if all := c.all(); len(all) != 0 {
		t.Errorf("told of those who are not followed:\n%s", listed(all))
	}
	if err := c.Follow(namespaceOf(t, id), Options{}); err != nil {
		t.Fatal(err)
	}
	c.mustFind("mkdirat", "/first")
	c.Release()
	inside(t, id, "", "try \"mkdir /second\"")
	c.mustFind("mkdirat", "/second")
	if _, ok := c.find("mkdirat", "/other"); ok {
		t.Error("told of a container that was never followed")
	}
	if err := c.Follow(namespaceOf(t, other), Options{}); err != nil {
		t.Fatal(err)
	}
	if _, ok := c.find("mkdirat", "/other"); ok {
		t.Error("what was held is still there after the release")
	}
}

// A process may have a root of its own, and names any bytes.
func TestOddPaths(t *testing.T) {
	id := locked(t, container.HostConfig{CapAdd: []string{"SYS_CHROOT"}})
	c := collect(t, ringSize, mostTogether)
	if err := c.Follow(namespaceOf(t, id), Options{}); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("/srv/..", 580)
	inside(t, id, "", mustCall(t, "mkdirat", "-100 @"+long+"/made 0"),
		`syscall `+fmt.Sprint(syscall.SYS_MKDIRAT)+` -100 "@/srv/\xff\x1b[31m\n" 0`,
		fmt.Sprintf("syscall %d @/srv/tree", syscall.SYS_CHROOT),
		mustCall(t, "mkdirat", "-100 @/made 0"))
	for _, path := range []string{"/made", "/srv/\xff\x1b[31m\n", "/srv/tree/made"} {
		if r := c.mustFind("mkdirat", path); r.Way != Whole || r.Cut {
			t.Errorf("%+v", r)
		}
	}
}

// From very deep down the kernel's program does not find the way up. A process that
// lives is asked then.
func TestVeryDeepDirectory(t *testing.T) {
	id := locked(t, container.HostConfig{Tmpfs: map[string]string{"/deep": "mode=0755"}})
	c := collect(t, ringSize, mostTogether)
	if err := c.Follow(namespaceOf(t, id), Options{Wide: true}); err != nil {
		t.Fatal(err)
	}
	deep := "/deep" + strings.Repeat("/d", mostDirectory)
	inside(t, id, "", "mkdir "+deep)
	inside(t, id, "1000", "cd "+deep, mustCall(t, "mkdirat", "-100 @waits 0"), "sleep 300ms", mustCall(t, "mkdirat", "-100 @ends 0"))
	if r := c.mustFind("mkdirat", deep+"/waits"); r.Way != Process || r.Err != syscall.EACCES {
		t.Errorf("%+v", r)
	}
	for _, r := range c.all() {
		if r.Way == Unknown && r.Path != "ends" || r.Way != Unknown && !strings.HasPrefix(r.Path, deep) {
			t.Errorf("%+v", r)
		}
	}
}

// Programs of 32 bits have other numbers for their calls.
func TestNarrowProgramsAreCounted(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("only here there is a second kind of machine in the kernel")
	}
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", dir+"/narrow", "petrify/inspect/engine/enginetest/program")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOARCH=386")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	if err := exec.Command(dir+"/narrow", "exit 0").Run(); err != nil {
		t.Skipf("no programs of 32 bits run here: %v", err)
	}
	id := locked(t, container.HostConfig{Binds: []string{dir + ":/narrow:ro"}})
	c := collect(t, ringSize, mostTogether)
	if err := c.Follow(namespaceOf(t, id), Options{}); err != nil {
		t.Fatal(err)
	}
	run(t, id, "", "/narrow/narrow", `try "mkdir /a"`, `try "mkdir /b"`)
	if all := c.all(); len(all) != 0 || c.Unseen() != 2 {
		t.Errorf("%d not seen, and told:\n%s", c.Unseen(), listed(all))
	}
}

// What does not fit is counted, and what was told and what was lost make all of it.
func TestLossesAreCounted(t *testing.T) {
	id := locked(t, container.HostConfig{})
	c := collect(t, 4096, mostTogether)
	var told, calls uint64
	if err := c.Follow(namespaceOf(t, id), Options{}); err != nil {
		t.Fatal(err)
	}
	wait := make(chan struct{})
	c.lock.Lock() // the function that is told does not return
	go func() {
		defer close(wait)
		script := slices.Repeat([]string{mustCall(t, "mkdirat", "-100 @/a 0"), mustCall(t, "mkdirat", "-100 @/b 0")}, 200)
		inside(t, id, "", script...)
		time.Sleep(2 * tellEvery)
		inside(t, id, "", script...)
	}()
	<-wait
	c.lock.Unlock()
	calls = 800
	for _, r := range c.all() {
		told += uint64(r.Count)
	}
	if c.Lost() == 0 || told+c.Lost() != calls {
		t.Errorf("%d told and %d lost of %d", told, c.Lost(), calls)
	}
	c.Close()
	if c.Lost() != calls-told {
		t.Errorf("%d lost after the end", c.Lost())
	}
}

// More different refusals than are kept between two reports are told earlier.
func TestMoreThanAreKept(t *testing.T) {
	id := locked(t, container.HostConfig{})
	c := collect(t, ringSize, 10)
	if err := c.Follow(namespaceOf(t, id), Options{}); err != nil {
		t.Fatal(err)
	}
	var script []string
	for i := range 100 {
		script = append(script, mustCall(t, "mkdirat", fmt.Sprintf("-100 @/d%d 0", i)))
	}
	inside(t, id, "", script...)
	if all := c.all(); len(all) != 100 || c.Lost() != 0 {
		t.Errorf("%d told, %d lost", len(all), c.Lost())
	}
}

func TestFollowsThroughARestart(t *testing.T) {
	id := locked(t, container.HostConfig{})
	c := collect(t, ringSize, mostTogether)
	first := namespaceOf(t, id)
	if err := c.Follow(first, Options{}); err != nil {
		t.Fatal(err)
	}
	if _, err := enginetest.Require(t).ContainerRestart(t.Context(), id, client.ContainerRestartOptions{}); err != nil {
		t.Fatal(err)
	}
	c.Forget(first)
	if err := c.Follow(namespaceOf(t, id), Options{}); err != nil {
		t.Fatal(err)
	}
	inside(t, id, "", "try \"mkdir /again\"")
	c.mustFind("mkdirat", "/again")
}

// Who waits for all that was refused until now does not wait for what is refused
// meanwhile.
func TestFlushEndsWhileMoreIsRefused(t *testing.T) {
	c := collect(t, ringSize, mostTogether)
	ns, err := mountNamespace("self")
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Follow(ns, Options{Wide: true}); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip(err)
	}
	defer full.Close()
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	var made atomic.Uint64
	defer done.Wait()
	defer cancel()
	for range 2 {
		done.Go(func() {
			for ctx.Err() == nil {
				_, _ = full.Write([]byte("x"))
				made.Add(1)
			}
		})
	}
	for range 5 {
		before := made.Load()
		began := time.Now()
		c.Flush()
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("it took %v", took)
		}
		var told uint64
		c.lock.Lock()
		for _, r := range c.told {
			told += uint64(r.Count)
		}
		c.lock.Unlock()
		if told+c.Lost() < before {
			t.Errorf("%d told and %d lost of %d", told, c.Lost(), before)
		}
	}
}
