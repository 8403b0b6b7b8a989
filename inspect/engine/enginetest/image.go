package enginetest

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/client"
)

// program is where the image has the program that follows scripts.
const program = "/program"

//go:embed program/main.go
var source []byte

// files is what the image holds beside the program: something to modify, to
// delete, to rename and to replace.
var files = []struct{ name, content string }{
	{"etc/", ""},
	{"etc/app.conf", "port = 80\nhost = localhost\n"},
	{"etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\napp:x:1000:1000:app:/home/app:/sbin/nologin\n"},
	{"srv/", ""},
	{"srv/tree/", ""},
	{"srv/tree/one", "one\n"},
	{"srv/tree/two", "two\n"},
	{"srv/tree/deep/", ""},
	{"srv/tree/deep/three", "three\n"},
	{"tmp/", ""},
	{"run/", ""},
}

// changes are the image's own settings, in the words of a Dockerfile.
var changes = []string{
	`ENTRYPOINT ["` + program + `"]`,
	`ENV ORIGIN=image`,
	`VOLUME /data`,
	`LABEL ` + Label + `=image`,
}

// Image returns the name of an image with the program on it, made from nothing
// when the engine does not have it yet. It has the files /etc/app.conf,
// /etc/passwd and /srv/tree, a symbolic link /var/run to /run, and a VOLUME at
// /data. The image stays: its tag is a hash of what made it.
func Image(t testing.TB) string {
	t.Helper()
	api := Require(t)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()

	engine, err := api.ServerVersion(ctx, client.ServerVersionOptions{})
	if err != nil {
		t.Fatal(err)
	}
	name := "pt-enginetest:" + tag(engine.Arch)
	if _, err := api.ImageInspect(ctx, name); err == nil {
		return name
	} else if !isGone(err) {
		t.Fatal(err)
	}
	made, err := api.ImageImport(ctx,
		client.ImageImportSource{SourceName: "-", Source: bytes.NewReader(rootFS(t, compile(t, engine.Arch)))},
		name, client.ImageImportOptions{Changes: changes})
	if err != nil {
		t.Fatalf("import the test image: %v", err)
	}
	defer made.Close()
	if _, err := io.Copy(io.Discard, made); err != nil {
		t.Fatalf("import the test image: %v", err)
	}
	return name
}

func tag(arch string) string {
	hash := sha256.New()
	hash.Write(source)
	io.WriteString(hash, arch)
	for _, f := range files {
		io.WriteString(hash, f.name+"\x00"+f.content+"\x00")
	}
	for _, c := range changes {
		io.WriteString(hash, c+"\x00")
	}
	return hex.EncodeToString(hash.Sum(nil))[:16]
}

// compile builds the program without libc, as the image has none.
func compile(t testing.TB, arch string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "program")
	build := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out, "petrify/inspect/engine/enginetest/program")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch)
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the test program: %v\n%s", err, said)
	}
	binary, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

func rootFS(t testing.TB, binary []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	add := func(h tar.Header, content string) {
		h.Format, h.ModTime = tar.FormatPAX, time.Unix(1_700_000_000, 0)
		h.Size = int64(len(content))
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	add(tar.Header{Name: program[1:], Mode: 0o755, Typeflag: tar.TypeReg}, string(binary))
	for _, f := range files {
		if f.name[len(f.name)-1] == '/' {
			add(tar.Header{Name: f.name, Mode: 0o755, Typeflag: tar.TypeDir}, "")
		} else {
			add(tar.Header{Name: f.name, Mode: 0o644, Typeflag: tar.TypeReg}, f.content)
		}
	}
	add(tar.Header{Name: "var/", Mode: 0o755, Typeflag: tar.TypeDir}, "")
	add(tar.Header{Name: "var/run", Linkname: "/run", Mode: 0o777, Typeflag: tar.TypeSymlink}, "")
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func isGone(err error) bool { return errdefs.IsNotFound(err) }
