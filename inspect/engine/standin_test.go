package engine

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"petrify/model"

	"github.com/moby/moby/client"
)

// answers are what a stand-in engine says, by method and path as http.ServeMux
// has them, without the version.
type answers map[string]http.HandlerFunc

// file answers with the JSON of a file.
func file(t testing.TB, name string) http.HandlerFunc {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return text(200, string(content))
}

func text(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		w.Write([]byte(body))
	}
}

func (a answers) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	if version, rest, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/"); ok && strings.HasPrefix(version, "v1.") {
		r.URL.Path = "/" + rest
	}
	if answer, ok := a[r.URL.Path]; ok {
		answer(w, r)
		return
	}
	if r.URL.Path != "/_ping" {
		text(http.StatusNotFound, `{"message":"page not found"}`)(w, r)
	}
}

// standIn starts an engine that gives these answers over a socket, and asks it.
func standIn(t testing.TB, a answers) *Engine {
	t.Helper()
	return at(t, serve(t, a))
}

func at(t testing.TB, socket string) *Engine {
	t.Helper()
	api, err := client.New(client.WithHost("unix://" + socket))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { api.Close() })
	return New(api, model.Engine{Address: "unix://" + socket})
}

// serve returns the socket of a server. It is in a short folder: a socket's
// path has room for about a hundred bytes.
func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "pt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return socket
}
