package engine

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"petrify/model"

	"github.com/klauspost/compress/zstd"
)

// packed makes an archive of lines: "name=content" is a file, "name/" a
// directory, "name -> target" a symbolic link, "name => target" a hard link.
func packed(t testing.TB, lines ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, line := range lines {
		h := &tar.Header{Mode: 0o644, Typeflag: tar.TypeReg}
		var content string
		if name, target, ok := strings.Cut(line, " -> "); ok {
			h.Name, h.Linkname, h.Typeflag = name, target, tar.TypeSymlink
		} else if name, target, ok := strings.Cut(line, " => "); ok {
			h.Name, h.Linkname, h.Typeflag = name, target, tar.TypeLink
		} else if name, text, ok := strings.Cut(line, "="); ok {
			h.Name, content = name, text
		} else {
			h.Name, h.Typeflag = line, tar.TypeDir
		}
		h.Size = int64(len(content))
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func gzipped(t testing.TB, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func zstandard(t testing.TB, text string) string {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(w.EncodeAll([]byte(text), nil))
}

// The three layers that every form of export below holds.
func sampleLayers(t testing.TB) (lower, middle, upper string) {
	lower = packed(t, "etc/", "etc/conf=lower", "etc/gone=lower", "srv/", "srv/dir/", "srv/dir/file=lower", "var/", "var/opaque/", "var/opaque/old=lower", "target=hard", "hard => target", "soft -> etc/conf", "was/", "was/dir=lower")
	middle = packed(t, "./etc/conf=middle", "etc/.wh.gone", "srv/.wh.dir", "var/opaque/.wh..wh..opq=", "var/opaque/new=middle")
	upper = packed(t, "/etc/conf=upper", "was=a file now", "srv/dir/", "srv/dir/other=upper")
	return lower, middle, upper
}

var sampleWanted = map[string]string{
	"/etc/conf":       `"upper"`,
	"/etc/gone":       "none",
	"/srv/dir":        "directory",
	"/srv/dir/file":   "none",
	"/srv/dir/other":  `"upper"`,
	"/var/opaque/old": "none",
	"/var/opaque/new": `"middle"`,
	"/hard":           `"hard"`,
	"/target":         `"hard"`,
	"/soft":           "symlink etc/conf",
	"/was/dir":        "none",
	"/was":            `"a file now"`,
	"/never":          "none",
}

func TestReadExport(t *testing.T) {
	lower, middle, upper := sampleLayers(t)
	for name, export := range map[string]string{
		"docker save": packed(t, "c/layer.tar="+upper, "a/layer.tar="+lower, "b/layer.tar="+middle, "a/json={}", "cfg.json={}",
			`manifest.json=[{"Config":"cfg.json","Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}]`),
		"a layer twice": packed(t, "c/layer.tar="+upper, "a/layer.tar="+lower, "b/layer.tar="+middle, "d/layer.tar -> ../c/layer.tar",
			`manifest.json=[{"Layers":["a/layer.tar","b/layer.tar","c/layer.tar","d/layer.tar"]}]`),
		"docker 25": packed(t, "blobs/sha256/1="+lower, "blobs/sha256/2="+middle, "blobs/sha256/3="+upper, "index.json={}", "oci-layout={}",
			`manifest.json=[{"Layers":["blobs/sha256/1","blobs/sha256/2","blobs/sha256/3"]}]`),
		"compressed layout": packed(t, "blobs/sha256/1="+gzipped(t, lower), "blobs/sha256/2="+zstandard(t, middle), "blobs/sha256/3="+upper,
			`blobs/sha256/m={"layers":[{"digest":"sha256:1"},{"digest":"sha256:2"},{"digest":"sha256:3"}]}`,
			`blobs/sha256/i={"manifests":[{"digest":"sha256:absent"},{"digest":"sha256:m"}]}`,
			`index.json={"manifests":[{"digest":"sha256:i"}]}`),
		"another platform first": packed(t, "1.tar="+lower, "2.tar="+middle, "3.tar="+upper,
			`manifest.json=[{"Layers":["absent.tar"]},{"Layers":["1.tar","2.tar","3.tar"]}]`),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWanted("/etc/conf", maxKept)
			for p := range sampleWanted {
				w.add(p)
			}
			layers, err := readExport(strings.NewReader(export), w)
			if err != nil {
				t.Fatal(err)
			}
			set := newSet("image", w, layers)
			for p, want := range sampleWanted {
				if got := sketch(set.versions[p]); got != want || !set.looked[p] {
					t.Errorf("%s is %s, want %s", p, got, want)
				}
			}
		})
	}
}

func TestReadExportThatIsBroken(t *testing.T) {
	layer := packed(t, "etc/conf=x")
	for name, test := range map[string]struct{ export, want string }{
		"not an archive":  {strings.Repeat("no archive ", 100), "read the export: archive/tar: invalid tar header"},
		"cut":             {packed(t, "a.tar="+layer)[:900], "read a.tar of the export: unexpected EOF"},
		"empty":           {"", "the export names no image with all its layers"},
		"no manifest":     {packed(t, "a.tar="+layer), "the export names no image with all its layers"},
		"a layer missing": {packed(t, `manifest.json=[{"Layers":["a.tar"]}]`), "the export names no image with all its layers"},
		"bad manifest":    {packed(t, `manifest.json=[{"Layers":3}]`), "read manifest.json of the export: json: cannot unmarshal number into Go struct field .Layers of type []string"},
		"index of itself": {packed(t, `blobs/sha256/i={"manifests":[{"digest":"sha256:i"},{"digest":"sha256:i"}]}`, `index.json={"manifests":[{"digest":"sha256:i"}]}`), "the export names no image with all its layers"},
		"bad gzip":        {packed(t, "a.tar=\x1f\x8bno"), "read a.tar of the export: unexpected EOF"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readExport(strings.NewReader(test.export), newWanted("/etc/conf", maxKept))
			if got := fmt.Sprint(err); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

// What there is no room for is looked for again when somebody asks for it, and
// then has the room.
func TestOriginalsWithoutRoom(t *testing.T) {
	export := packed(t, "a.tar="+packed(t, "one=11111", "two=22222", "three=33333"), `manifest.json=[{"Layers":["a.tar"]}]`)
	for _, first := range []string{"/one", "/two", "/three"} {
		w := newWanted(first, 7, "/one", "/two", "/three")
		layers, err := readExport(strings.NewReader(export), w)
		if err != nil {
			t.Fatal(err)
		}
		set := newSet("image", w, layers)
		if !set.looked[first] || len(set.versions[first].Content) != 5 {
			t.Errorf("%s was asked for and is %s", first, sketch(set.versions[first]))
		}
		if len(set.looked) != 2 || set.size != 10 {
			t.Errorf("asked for %s: %d paths of %d bytes kept, want the one asked for and one more", first, len(set.looked), set.size)
		}
	}
}

func TestOriginalsAreBounded(t *testing.T) {
	var o originals
	for i := range 5 {
		o.keep(&originalSet{image: fmt.Sprint(i), size: maxKept / 2})
	}
	o.keep(o.take("3"))
	o.keep(&originalSet{image: "huge", size: 2 * maxKept})
	if len(o.sets) != 1 || o.sets[0].image != "huge" {
		t.Errorf("%d sets are kept, want the last one only, however large", len(o.sets))
	}
	if o.take("3") != nil {
		t.Error("an old set is still there")
	}
}

func FuzzReadExport(f *testing.F) {
	lower, middle, upper := sampleLayers(f)
	f.Add([]byte(packed(f, "a/layer.tar="+lower, "b/layer.tar="+middle, "c/layer.tar -> ../a/layer.tar", `manifest.json=[{"Layers":["a/layer.tar","b/layer.tar","c/layer.tar"]}]`)))
	f.Add([]byte(packed(f, "blobs/sha256/1="+gzipped(f, upper), `blobs/sha256/m={"layers":[{"digest":"sha256:1"}]}`, `index.json={"manifests":[{"digest":"sha256:m"}]}`)))
	f.Add([]byte(packed(f, "1="+zstandard(f, lower), `manifest.json=[{"Layers":["1"]}]`)))
	f.Fuzz(func(t *testing.T, export []byte) {
		w := newWanted("/etc/conf", 100, "/srv/dir/file", "/hard", "/", "", "relative")
		layers, err := readExport(bytes.NewReader(export), w)
		if err != nil {
			return
		}
		for _, version := range newSet("image", w, layers).versions {
			if len(version.Content) > maxContent || !version.Exists {
				t.Errorf("%+v", version)
			}
			if version.Info.Type == model.Symlink && version.Content != nil {
				t.Error("a link with content")
			}
		}
	})
}
