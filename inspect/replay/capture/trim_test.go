package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// packed is an archive of entries such as "etc/passwd=content", "bin->usr/bin" for
// a symbolic link, "b=>a" for a hard link, and "etc/" for a directory.
func packed(t *testing.T, entries ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, entry := range entries {
		header, content := &tar.Header{Name: entry, Mode: 0o644}, ""
		if name, target, ok := strings.Cut(entry, "->"); ok {
			header.Typeflag, header.Name, header.Linkname = tar.TypeSymlink, name, target
		} else if name, target, ok := strings.Cut(entry, "=>"); ok {
			header.Typeflag, header.Name, header.Linkname = tar.TypeLink, name, target
		} else if strings.HasSuffix(entry, "/") {
			header.Typeflag = tar.TypeDir
		} else {
			header.Name, content, _ = strings.Cut(entry, "=")
			header.Size = int64(len(content))
		}
		if err := w.WriteHeader(header); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// unpacked lists an archive in the form that packed takes, and the layers in it.
func unpacked(t *testing.T, archive []byte) string {
	t.Helper()
	var out strings.Builder
	r := tar.NewReader(bytes.NewReader(archive))
	err := entries(r, func(h *tar.Header) error {
		content, err := io.ReadAll(r)
		switch {
		case h.Typeflag == tar.TypeSymlink:
			fmt.Fprintf(&out, "%s->%s\n", h.Name, h.Linkname)
		case h.Typeflag == tar.TypeLink:
			fmt.Fprintf(&out, "%s=>%s\n", h.Name, h.Linkname)
		case h.Typeflag == tar.TypeDir:
			fmt.Fprintf(&out, "%s\n", h.Name)
		case strings.HasPrefix(h.Name, "layer"):
			fmt.Fprintf(&out, "%s:\n%s", h.Name, unpacked(t, content))
		default:
			fmt.Fprintf(&out, "%s=%s\n", h.Name, content)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

func zstandard(b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		panic(err)
	}
	return w.EncodeAll(b, nil)
}

func TestTrimKeepsWhatTheOriginalsNeed(t *testing.T) {
	const manifest = `manifest.json=[{"Config":"c.json","Layers":["layer1","layer2","layer3"]}]`
	layer1 := packed(t, "etc/", "etc/app.conf=port 80", "etc/other=x", "run/", "var/", "var/run->/run", "run/app.pid=1",
		"usr/lib/a=shared", "usr/lib/b=>usr/lib/a", "srv/current->releases/7", "srv/loop->loop/on", "srv/releases/7/index=hello", "srv/releases/6/index=bye")
	layer2 := packed(t, "./etc/.wh.gone", "etc/.wh.kept", "cache/.wh..wh..opq", "etc/.wh..wh..opq")
	layer3 := packed(t, "etc/app.conf=port 8080")
	export := packed(t, "layer1="+string(layer1), "layer2="+string(gzipped(layer2)), "c.json={}",
		"layer3="+string(zstandard(layer3)), "same/layer.tar->../layer1", manifest)
	got, err := trim(bytes.NewReader(export), map[string]bool{
		"/etc/app.conf": true, "/etc/gone": true, "/usr/lib/b": true, "/var/run/app.pid": true, "/srv/current/index": true, "/srv/loop/x": true,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `layer1:
etc/
etc/app.conf=port 80
run/
var/
var/run->/run
run/app.pid=1
usr/lib/a=shared
usr/lib/b=>usr/lib/a
srv/current->releases/7
srv/loop->loop/on
srv/releases/7/index=hello
layer2:
./etc/.wh.gone=
etc/.wh..wh..opq=
c.json={}
layer3:
etc/app.conf=port 8080
same/layer.tar->../layer1
` + manifest + "\n"
	if listed := unpacked(t, got); listed != want {
		t.Errorf("got\n%s\nwant\n%s", listed, want)
	}
}

func TestTrimRefusesWhatIsNoExport(t *testing.T) {
	for want, export := range map[string][]byte{
		"it has no manifest.json": packed(t, "etc/passwd=root"),
		"read manifest.json":      packed(t, "manifest.json=hello"),
		"layer layer1":            packed(t, `manifest.json=[{"Layers":["layer1"]}]`, "layer1="+strings.Repeat("garbage ", 100)),
		"unexpected EOF":          packed(t, "etc/passwd=root")[:513],
	} {
		if _, err := trim(bytes.NewReader(export), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
