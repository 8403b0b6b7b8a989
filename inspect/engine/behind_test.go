package engine

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"testing"
)

// Behind follows links name by name, and keeps what is not there as it is.
func TestBehind(t *testing.T) {
	links := map[string]string{"/lib": "/usr/lib", "/opt/app": "app-2", "/loose": "/srv/none"}
	there := []string{"/usr", "/usr/lib", "/usr/lib/app", "/opt", "/opt/app-2"}
	e := standIn(t, answers{"/containers/x/archive": func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.Query().Get("path")
		stat := ""
		if link, ok := links[p]; ok {
			stat = fmt.Sprintf(`{"name":"f","mode":%d,"linkTarget":%q}`, uint32(fs.ModeSymlink|0o777), link)
		}
		for _, dir := range there {
			if dir == p {
				stat = fmt.Sprintf(`{"name":"f","mode":%d}`, uint32(fs.ModeDir|0o755))
			}
		}
		if stat == "" {
			text(404, `{"message":"Could not find the file `+p+` in container x"}`)(w, r)
			return
		}
		w.Header().Set("X-Docker-Container-Path-Stat", base64.StdEncoding.EncodeToString([]byte(stat)))
	}})
	for p, want := range map[string]string{
		"/lib/app/plugins/": "/usr/lib/app/plugins",
		"/opt/app/a/b":      "/opt/app-2/a/b",
		"/loose":            "/srv/none",
		"/usr/lib/app":      "/usr/lib/app",
		"/new/dir":          "/new/dir",
		"/":                 "/",
	} {
		if got, err := e.Behind(t.Context(), "x", p); err != nil || got != want {
			t.Errorf("%s leads to %s, want %s (%v)", p, got, want, err)
		}
	}
}
