//go:build linux

package recorder

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// What the engine does in a container, also for petrify itself, is not the service's; nor
// is what others do in its mounts.
func TestForeignWrites(t *testing.T) {
	r := record(t)
	shared := sharedDir(t)
	host := container.HostConfig{Binds: []string{shared + ":/shared"}}
	id := enginetest.Start(t, enginetest.Container{Name: "foreign", Script: []string{"hold"}, Host: host})
	other := enginetest.Start(t, enginetest.Container{Name: "other", Script: []string{"hold"}, Host: host})
	r.follow(id)
	for range 5 {
		copyInto(t, r.api, id, "copied", "x")
		readOut(t, r.api, id, "/srv/tree")
		readOut(t, r.api, id, "/etc/passwd")
		changesOf(t, r.api, id)
		inside(t, other, "", "write /shared/others x", "rm /shared/others", "sleep 100ms")
		if err := os.WriteFile(filepath.Join(shared, "hosts"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(filepath.Join(shared, "hosts"), filepath.Join(shared, "hosts2")); err != nil {
			t.Fatal(err)
		}
	}
	inside(t, id, "", "write /shared/own x", "write /tmp/own x", "sleep 100ms")
	writes := r.finish(id)
	for path, w := range writes {
		if path != "/shared/own" && path != "/tmp/own" {
			t.Errorf("%s: %s", path, describeWrite(w, r.by[id][path]))
		}
	}
	for _, path := range []string{"/shared/own", "/tmp/own"} {
		if w := writes[path]; w.Acts&model.Made == 0 {
			t.Errorf("%s: %s", path, describeWrite(w, r.by[id][path]))
		}
	}
}

func TestWhatIsMadeForArchives(t *testing.T) {
	for path, want := range map[string]bool{"/.pivot_root1265632796": true, "/.pivot_root1x": false, "/srv/.pivot_root1": false, "/pivot_root1": false} {
		if got := madeForArchive(path); got != want {
			t.Errorf("%s: %t", path, got)
		}
	}
}

// sharedDir is a directory for binds that everybody may write to, also the root of a
// container whose users are remapped.
func sharedDir(t *testing.T) string {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	return dir
}

// What docker exec does is the container's doing, and is told apart from what its own
// programs do.
func TestDockerExecIsNamed(t *testing.T) {
	r := record(t)
	id := enginetest.Start(t, enginetest.Container{Name: "exec", Script: []string{
		"write /tmp/own x", `child "write /tmp/childs x"`, "rm /tmp/own", "sleep 100ms", "loop",
	}, Created: true})
	r.follow(id)
	if _, err := r.api.ContainerStart(t.Context(), id, client.ContainerStartOptions{}); err != nil {
		t.Fatal(err)
	}
	r.until("its own writes", func() bool { return r.writes[id]["/tmp/childs"].Count > 0 && r.writes[id]["/tmp/own"].Count > 3 })
	inside(t, id, "", "write /run/exec x", `child "write /run/below x"`, "sleep 300ms")
	r.until("those of the other", func() bool { return r.writes[id]["/run/exec"].Count > 0 && r.writes[id]["/run/below"].Count > 0 })
	r.finish(id)
	for path, want := range map[string]bool{"/tmp/own": false, "/tmp/childs": false, "/run/exec": true, "/run/below": true} {
		w := r.writes[id][path]
		if p := r.processes[w.Process]; p.ID == 0 || p.Exec != want {
			t.Errorf("%s: by %s, exec %t", path, p.Command, p.Exec)
		}
	}
}

// A user that is made while it writes has a name as soon as it is in the list.
func TestNameThatComesLate(t *testing.T) {
	r := record(t)
	id := enginetest.Run(t, "chmod 777 /tmp", "hold")
	r.follow(id)
	inside(t, id, "1234", "write /tmp/x x", "sleep 300ms")
	r.until("the write", func() bool { return r.writes[id]["/tmp/x"].Process > 0 })
	named := func() string { return string(r.processes[r.writes[id]["/tmp/x"].Process].User) }
	if got := named(); got != "" {
		t.Errorf("the user is called %s before it has a name", got)
	}
	inside(t, id, "", `append /etc/passwd "late:x:1234:1234::/:/x\n"`, "sleep 100ms")
	r.until("the name", func() bool { return named() == "late" })
	r.finish(id)
}

// A program is one, whether it was gone when it was looked at or not, and under its whole
// name.
func TestProgramAppearsOnce(t *testing.T) {
	r := record(t)
	const program = "/scratch/a-program-with-a-long-name"
	id := enginetest.Start(t, enginetest.Container{Name: "once", Script: []string{"copy /program " + program, "hold"}, Host: container.HostConfig{
		Tmpfs: map[string]string{"/scratch": "exec"},
	}})
	r.follow(id)
	for i, rest := range []string{"sleep 300ms", "exit 0", "sleep 300ms", "exit 0", "exit 0"} {
		execute(t, id, "", program, fmt.Sprintf("write /tmp/x%d x", i), rest)
	}
	r.finish(id)
	names := map[string]int{}
	for _, p := range r.programs {
		names[p.Command]++
	}
	if len(names) != 1 || names[filepath.Base(program)] != 1 {
		t.Errorf("%v", r.programs)
	}
}

// A container that ends while nobody is told is left, and followed again when it starts.
func TestEndThatIsNotTold(t *testing.T) {
	r := record(t)
	id := enginetest.Run(t, "write /tmp/each x", "rm /tmp/each", "hold")
	r.follow(id)
	now := 0
	for range 3 {
		if _, err := r.api.ContainerStop(t.Context(), id, client.ContainerStopOptions{Timeout: &now}); err != nil {
			t.Fatal(err)
		}
		r.mu.Lock()
		r.joined[id], r.writes[id] = wire.Joined{}, map[string]wire.Write{}
		r.mu.Unlock()
		if _, err := r.api.ContainerStart(t.Context(), id, client.ContainerStartOptions{}); err != nil {
			t.Fatal(err)
		}
		r.until("the next start", func() bool { return r.joined[id].Early && r.writes[id]["/tmp/each"].Count > 0 })
		r.say(wire.Command{Ended: id}) // it comes late, and is about the start before
	}
	r.finish(id)
}

// copyInto does what docker cp does.
func copyInto(t *testing.T, api *client.Client, id, name, content string) {
	t.Helper()
	var files bytes.Buffer
	w := tar.NewWriter(&files)
	for _, h := range []tar.Header{
		{Name: name + ".d", Mode: 0o755, Typeflag: tar.TypeDir},
		{Name: name, Mode: 0o644, Size: int64(len(content)), Typeflag: tar.TypeReg},
	} {
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
	}
	_, _ = io.WriteString(w, content)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := api.CopyToContainer(t.Context(), id, client.CopyToContainerOptions{DestinationPath: "/srv", Content: &files}); err != nil {
		t.Fatal(err)
	}
}

// readOut reads a file or directory of a container as petrify does.
func readOut(t *testing.T, api *client.Client, id, path string) {
	t.Helper()
	read, err := api.CopyFromContainer(t.Context(), id, client.CopyFromContainerOptions{SourcePath: path})
	if err != nil {
		t.Fatal(err)
	}
	defer read.Content.Close()
	if _, err := io.Copy(io.Discard, read.Content); err != nil {
		t.Fatal(err)
	}
}
