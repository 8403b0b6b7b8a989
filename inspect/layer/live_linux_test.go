package layer

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"iter"
	"maps"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/engine/enginetest"
	"petrify/model"

	"github.com/moby/moby/client"
	"golang.org/x/sys/unix"
)

var seedFlag = flag.Uint64("seed", 1, "the first seed of random changes; each tree and container takes the next")

// beside returns an engine whose layers can be read, and a reader of them.
func beside(t testing.TB) (*client.Client, *engine.Engine, *Reader) {
	t.Helper()
	api := enginetest.Require(t)
	e := engine.New(api, model.Engine{Address: "test"})
	here(t, possible())
	return api, e, NewReader(e)
}

// here skips the test where this is not root beside the engine, or the engine keeps
// its layers in another way; under PETRIFY_REQUIRE_ENGINE=1 it fails.
func here(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNotHere) && os.Getenv("PETRIFY_REQUIRE_ENGINE") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// asTheEngine writes changes as they are after the engine's JSON, which has no bytes
// that are not UTF-8.
func asTheEngine(changes []model.Change) []string {
	changes = slices.Clone(changes)
	for i, c := range changes {
		var valid strings.Builder
		for _, r := range c.Path {
			valid.WriteRune(r) // a byte that is none is U+FFFD
		}
		changes[i].Path = valid.String()
	}
	return lines(changes)
}

// run does what a script says in a container that runs.
func run(t testing.TB, api *client.Client, id string, script []string) {
	t.Helper()
	made, err := api.ExecCreate(t.Context(), id, client.ExecCreateOptions{
		Cmd: append([]string{"/program"}, script...), AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	attached, err := api.ExecAttach(t.Context(), made.ID, client.ExecAttachOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer attached.Close()
	var said bytes.Buffer
	_, _ = said.ReadFrom(attached.Reader)
	for {
		state, err := api.ExecInspect(t.Context(), made.ID, client.ExecInspectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if !state.Running {
			if state.ExitCode != 0 {
				t.Fatalf("exit code %d: %s", state.ExitCode, said.String())
			}
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// layeredImage commits an image with a layer for each script, so that the layers
// below a container hide things from one another.
func layeredImage(t testing.TB, api *client.Client, scripts ...[]string) string {
	t.Helper()
	image := enginetest.Image(t)
	for _, script := range scripts {
		id := enginetest.Start(t, enginetest.Container{Name: "layer", Image: image, Script: append(script, "hold")})
		name := "pt-layer-" + strings.ToLower(rand.Text()[:12])
		if _, err := api.ContainerCommit(t.Context(), id, client.ContainerCommitOptions{Reference: name}); err != nil {
			t.Fatal(err)
		}
		removeImageAfter(t, api, name)
		enginetest.Remove(t, id)
		image = name
	}
	return image
}

func removeImageAfter(t testing.TB, api *client.Client, name string) {
	ctx := context.WithoutCancel(t.Context())
	t.Cleanup(func() {
		if _, err := api.ImageRemove(ctx, name, client.ImageRemoveOptions{PruneChildren: true}); err != nil {
			t.Errorf("remove image %s: %v", name, err)
		}
	})
}

// randomProgram are random instructions for the program of the image.
type randomProgram struct {
	*mathrand.Rand
	marks bool // names that begin with .wh. are marks: in images, and with fuse-overlayfs
}

var (
	writtenDirs  = []string{"/srv", "/srv/tree", "/srv/tree/deep", "/srv/a", "/srv/a/b", "/srv/a/b/c", "/srv/hidden", "/etc", "/tmp", "/new", "/new/x"}
	writtenNames = []string{"one", "two", "three", "app.conf", "f", "a b", "\xff\n", "\u202egnp"}
)

func (d *randomProgram) of(list []string) string { return list[d.IntN(len(list))] }

func (d *randomProgram) path() string {
	if d.IntN(3) == 0 {
		return d.of(writtenDirs)
	}
	return d.of(writtenDirs) + "/" + d.of(writtenNames)
}

func (d *randomProgram) instruction() string {
	p := d.path()
	switch d.IntN(19) {
	case 0, 1:
		return fmt.Sprintf("write %q %q", p, strings.Repeat("x", d.IntN(5)))
	case 2:
		return fmt.Sprintf("append %q x", p)
	case 3:
		return fmt.Sprintf("rewrite %q %q", p, d.of([]string{"one\n", "xxx\n", "x"}))
	case 4, 5:
		return fmt.Sprintf("mkdir %q", p)
	case 6:
		return fmt.Sprintf("rm %q", p)
	case 7:
		return fmt.Sprintf("chmod %s %q", d.of([]string{"755", "644", "4755", "1777", "0"}), p)
	case 8:
		return fmt.Sprintf("chown %d %d %q", d.IntN(2), d.IntN(2), p)
	case 9, 10:
		return fmt.Sprintf("rename %q %q", p, d.path())
	case 11:
		return fmt.Sprintf("link %q %q", p, d.path())
	case 12:
		return fmt.Sprintf("symlink %q %q", d.of([]string{"/etc", "one", "nowhere"}), p)
	case 13: // where nobody waits for the other end
		return fmt.Sprintf("fifo %q", d.of(writtenDirs)+"/fifo")
	case 14:
		return fmt.Sprintf("socket %q", d.of(writtenDirs)+"/socket")
	case 15:
		return fmt.Sprintf("attribute %q security.capability %q", p, "\x01\x00\x00\x02\x00\x04"+strings.Repeat("\x00", 14))
	case 16: // marks of other overlays
		return fmt.Sprintf("attribute %q user.overlay.%s", p, d.of([]string{"opaque y", "redirect /etc", "whiteout y"}))
	case 17:
		return fmt.Sprintf("open %q", p)
	default:
		if d.marks { // a file with such a name would be one
			return "tmpfile /srv x"
		}
		return fmt.Sprintf("write %q x", d.of(writtenDirs)+"/.wh."+d.of(writtenNames[:4]))
	}
}

// some are n of them; now and then a directory is made anew in its own place.
func (d *randomProgram) some(n int) []string {
	var script []string
	for range n {
		if dir := d.of(writtenDirs); d.IntN(8) == 0 && dir != "/etc" {
			script = append(script, "rm "+dir, "mkdir "+dir)
		}
		script = append(script, d.instruction())
	}
	for i, instruction := range script {
		script[i] = fmt.Sprintf("try %q", instruction)
	}
	return script
}

func TestLiveReadEqualsTheEngine(t *testing.T) {
	api, e, reader := beside(t)
	about, _, err := e.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fuse := about.Storage == "fuse-overlayfs"
	containers, rounds := 3, 8
	if testing.Short() {
		containers, rounds = 1, 4
	}
	for seed := *seedFlag; seed < *seedFlag+uint64(containers); seed++ {
		d := &randomProgram{mathrand.New(mathrand.NewPCG(seed, 0)), true}
		image := layeredImage(t, api,
			append([]string{"mkdir /srv/a/b/c", "mkdir /srv/hidden/below", "write /srv/a/b/c/one x", "write /srv/hidden/below/two x"}, d.some(15)...),
			append([]string{"rm /srv/hidden", "mkdir /srv/hidden"}, d.some(15)...),
			d.some(15))
		d.marks = fuse
		id := enginetest.Start(t, enginetest.Container{Name: "layer", Image: image, Script: []string{"hold"}})
		var did []string
		for range rounds {
			script := d.some(1 + d.IntN(12))
			did = append(did, script...)
			run(t, api, id, script)
			if fuse { // it takes no notice of marks that somebody else makes until it is mounted again
				restart(t, api, id)
			}
			wrong := compare(t, e, reader, id)
			if wrong != "" {
				t.Fatalf("seed %d (-seed): after\n%s\n%s", seed, strings.Join(did, "\n"), wrong)
			}
		}
		enginetest.Remove(t, id)
		reader.Forget(id)
	}
}

// compare says where a layer and the engine's answer differ.
func compare(t *testing.T, e *engine.Engine, reader *Reader, id string) string {
	t.Helper()
	result, err := reader.Read(t.Context(), id)
	here(t, err)
	if result.Truncated {
		return "truncated"
	}
	place, err := e.Place(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := e.Changes(t.Context(), id)
	if err != nil && place.Driver == "fuse-overlayfs" && strings.Contains(err.Error(), "readdirent: no such file or directory") {
		t.Logf("no answer to compare with: %v", err) // it finds directories, too, that it cannot list then
		return ""
	}
	if err != nil {
		t.Fatal(err)
	}
	told := asTheEngine(answer)
	if place.Driver == "fuse-overlayfs" {
		told = corrected(place.Upper, asTheEngine(result.Changes), result.Changes, answer)
	}
	return difference(asTheEngine(result.Changes), told)
}

// corrected is the engine's answer as it would be if fuse-overlayfs 1.10 kept to its
// marks. In directories that were made anew, it finds files of the layers below as
// soon as it is asked for their names, and the engine asks for all names that it knows
// from the image: so it misses what was deleted there, and adds what the image itself
// has deleted.
func corrected(upper string, ours []string, changes, answer []model.Change) []string {
	told := map[string]bool{}
	for _, line := range asTheEngine(answer) {
		told[line] = true
	}
	has := func(kind model.ChangeKind, path string) string {
		return asTheEngine([]model.Change{{Path: path, Kind: kind}})[0]
	}
	parents := func(path string) iter.Seq[string] {
		return func(yield func(string) bool) {
			for dir := filepath.Dir(path); dir != "/" && yield(dir); dir = filepath.Dir(dir) {
			}
		}
	}
	for _, c := range answer {
		if c.Kind != model.Added || strings.Contains(c.Path, "\ufffd") || !madeAnew(upper, c.Path) {
			continue
		}
		delete(told, has(c.Kind, c.Path))
		for dir := range parents(c.Path) {
			if line := has(model.Modified, dir); !slices.Contains(ours, line) {
				delete(told, line)
			}
		}
	}
	for _, c := range changes {
		if c.Kind != model.Deleted || !madeAnew(upper, c.Path) {
			continue
		}
		told[has(c.Kind, c.Path)] = true
		for dir := range parents(c.Path) {
			if !told[has(model.Added, dir)] {
				told[has(model.Modified, dir)] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(told))
}

// madeAnew reports whether a path is not in the writable layer, and a directory that
// it would be in was made anew there.
func madeAnew(upper, path string) bool {
	if _, err := os.Lstat(upper + path); err == nil {
		return false
	}
	for dir := filepath.Dir(path); dir != "/"; dir = filepath.Dir(dir) {
		_, err := os.Lstat(upper + dir + "/" + opaque)
		_, marked := unix.Lgetxattr(upper+dir, "user.overlay.opaque", nil)
		if err == nil || marked == nil {
			return true
		}
	}
	return false
}

func restart(t *testing.T, api *client.Client, id string) {
	t.Helper()
	if _, err := api.ContainerRestart(t.Context(), id, client.ContainerRestartOptions{}); err != nil {
		t.Fatal(err)
	}
}

// What a container left is read also when it runs no more, with containerd's image
// store if it was found while it ran.
func TestLiveReadOfAContainerThatEnded(t *testing.T) {
	api, e, reader := beside(t)
	id := enginetest.Run(t, "write /srv/tree/one x", "rm /srv/tree/deep", "hold")
	_, err := reader.Read(t.Context(), id)
	here(t, err)
	if _, err := api.ContainerStop(t.Context(), id, client.ContainerStopOptions{}); err != nil {
		t.Fatal(err)
	}
	if wrong := compare(t, e, reader, id); wrong != "" {
		t.Error(wrong)
	}
	enginetest.Remove(t, id)
	if result, err := reader.Read(t.Context(), id); !errors.Is(err, ErrNotHere) {
		t.Errorf("of a container that is gone: %v, error %v", result, err)
	}
}

// An untouched container's layer holds what the engine made, and nothing that hints
// at a write.
func TestLiveReadOfAnUntouchedContainer(t *testing.T) {
	_, e, reader := beside(t)
	id := enginetest.Run(t, "hold")
	result, err := reader.Read(t.Context(), id)
	here(t, err)
	if len(result.CopiedUp) > 0 {
		t.Errorf("copied up: %v", result.CopiedUp)
	}
	if wrong := compare(t, e, reader, id); wrong != "" {
		t.Error(wrong)
	}
}

func TestLiveReadHintsAtWhatLeftNoTrace(t *testing.T) {
	_, _, reader := beside(t)
	began := time.Now().Add(-time.Second) // a kernel's clock is a tick behind
	id := enginetest.Run(t, "write /tmp/passing x", "rm /tmp/passing", "open /srv/tree/deep/three", "hold")
	result, err := reader.Read(t.Context(), id)
	here(t, err)
	slices.SortFunc(result.CopiedUp, func(a, b model.CopiedUp) int { return strings.Compare(a.Path, b.Path) })
	got := ""
	for _, c := range result.CopiedUp {
		got += c.Text() + "; "
		if c.Changed.Before(began) || c.Changed.After(time.Now()) {
			t.Errorf("%s was changed at %v", c.Path, c.Changed)
		}
	}
	if want := "/srv/tree/deep/three was opened for writing or set, and is as in the image; something was written in /tmp that left no trace; "; got != want {
		t.Errorf("copied up: %s, want %s", got, want)
	}
}
