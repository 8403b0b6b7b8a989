package engine

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// withImage is a stand-in with one container of one image. It counts the
// exports of the image.
func withImage(t *testing.T, size int64, export http.HandlerFunc) (*Engine, *int) {
	exports := new(int)
	return standIn(t, answers{
		"/containers/x/json":    text(200, `{"Id":"x","Image":"sha256:1","Config":{}}`),
		"/containers/x/changes": text(200, `[{"Path":"/etc","Kind":0},{"Path":"/etc/conf","Kind":0},{"Path":"/etc/gone","Kind":2},{"Path":"/new","Kind":1}]`),
		"/images/sha256:1/json": text(200, fmt.Sprintf(`{"Id":"sha256:1","Size":%d}`, size)),
		"/images/get": func(w http.ResponseWriter, r *http.Request) {
			*exports++
			export(w, r)
		},
		"/containers/x/archive": func(w http.ResponseWriter, r *http.Request) {
			path := r.URL.Query().Get("path")
			if path == "/etc/gone" || path == "/etc/passwd" {
				text(404, `{"message":"Could not find the file `+path+` in container x"}`)(w, r)
				return
			}
			w.Header().Set("X-Docker-Container-Path-Stat", base64.StdEncoding.EncodeToString([]byte(`{"name":"f"}`)))
			w.Write([]byte(packed(t, "f=now")))
		},
	}), exports
}

func goodExport(t *testing.T) http.HandlerFunc {
	return text(200, packed(t, "a.tar="+packed(t, "etc/", "etc/conf=then", "etc/gone=then too"), `manifest.json=[{"Layers":["a.tar"]}]`))
}

func TestCompareExportsAnImageOnce(t *testing.T) {
	e, exports := withImage(t, 1000, goodExport(t))
	for _, step := range []struct {
		path, want string
		exports    int
	}{
		{"/new", `now "now", original none`, 0}, // what was added has no original
		{"/etc/conf", `now "now", original "then"`, 1},
		{"/etc/gone", `now none, original "then too"`, 1},
		{"/etc/conf", `now "now", original "then"`, 1},
		{"/etc", `now "now", original directory`, 1},
		{"/later", `now "now", original none`, 2}, // it is not among the changes: who knows
		{"/etc/conf", `now "now", original "then"`, 2},
	} {
		c, err := e.Compare(t.Context(), "x", step.path)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("now %s, original %s", sketch(c.Now), sketch(c.Original)); got != step.want || *exports != step.exports {
			t.Errorf("%s: %s after %d exports, want %s after %d", step.path, got, *exports, step.want, step.exports)
		}
	}
}

func TestCompareWithoutAnOriginal(t *testing.T) {
	for name, test := range map[string]struct {
		size    int64
		export  http.HandlerFunc
		want    string
		exports int
	}{
		"too large":    {5 << 30, goodExport(t), "none (the image is 5GiB, and more than 4GiB is not read through: `docker create` a container of it and `docker cp` the file out)", 0},
		"image gone":   {1000, text(404, `{"message":"No such image: sha256:1"}`), "none (No such image: sha256:1)", 1},
		"broken":       {1000, text(200, strings.Repeat("no archive ", 100)), "none (read the export: archive/tar: invalid tar header)", 1},
		"engine fails": {1000, text(500, `{"message":"no space left on device"}`), "none (no space left on device)", 1},
	} {
		t.Run(name, func(t *testing.T) {
			e, exports := withImage(t, test.size, test.export)
			c, err := e.Compare(t.Context(), "x", "/etc/conf")
			if err != nil {
				t.Fatal(err)
			}
			if got := sketch(c.Original); got != test.want || *exports != test.exports {
				t.Errorf("got %s after %d exports\nwant %s", got, *exports, test.want)
			}
			if got := sketch(c.Now); got != `"now"` {
				t.Errorf("what is there now is lost: %s", got)
			}
		})
	}
}

func TestCompareIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	e, _ := withImage(t, 1000, func(w http.ResponseWriter, r *http.Request) {
		w.Write([]byte(packed(t, "a.tar="+packed(t, "etc/conf=then")))[:1024])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	})
	if _, err := e.Compare(ctx, "x", "/etc/conf"); !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
	if len(e.originals.turn) != 0 {
		t.Error("the next one would wait for ever")
	}
}
