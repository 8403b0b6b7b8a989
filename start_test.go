package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// BenchmarkStart is what somebody waits for who opens the inspector: the first
// frame, and the first one with the services on it, on an engine that answers at
// once and with Compose files of as many services.
//
//	go test -run '^$' -bench Start -benchtime 10x .
func BenchmarkStart(b *testing.B) {
	binary := build(b)
	for _, n := range []int{5, 50, 200} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir, socket := standInProject(b, n)
			var first, populated time.Duration
			for b.Loop() {
				f, p := startOnce(b, binary, dir, socket)
				first, populated = first+f, populated+p
			}
			b.ReportMetric(float64(first.Microseconds())/1e3/float64(b.N), "first-ms")
			b.ReportMetric(float64(populated.Microseconds())/1e3/float64(b.N), "populated-ms")
		})
	}
}

// BenchmarkKeyToScreen is what passes between a key and what it changes on the
// terminal, with 200 services.
func BenchmarkKeyToScreen(b *testing.B) {
	dir, socket := standInProject(b, 200)
	t := openTerminal(b, build(b), dir, socket)
	t.until("service-001")
	time.Sleep(time.Second) // what follows the first stack is not to be taken for the key's frame
	var waited time.Duration
	for i := 0; b.Loop(); i++ {
		// Keys come at any time between two frames.
		time.Sleep(time.Duration(i*7919%50) * time.Millisecond)
		t.drain()
		pressed := time.Now()
		if _, err := t.WriteString([]string{"j", "k"}[i%2]); err != nil {
			b.Fatal(err)
		}
		t.read()
		waited += time.Since(pressed)
	}
	b.ReportMetric(float64(waited.Microseconds())/1e3/float64(b.N), "key-ms")
}

func build(b *testing.B) (binary string) {
	binary = filepath.Join(b.TempDir(), "petrify")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("build: %v\n%s", err, out)
	}
	return binary
}

// startOnce opens the inspector in a terminal and leaves it again.
func startOnce(b *testing.B, binary, dir, socket string) (first, populated time.Duration) {
	began := time.Now()
	t := openTerminal(b, binary, dir, socket)
	defer t.close()
	t.until("petrify")
	first = time.Since(began)
	t.until("service-001")
	return first, time.Since(began)
}

// terminal is a pseudo-terminal with the inspector in it.
type terminal struct {
	*os.File
	b     *testing.B
	cmd   *exec.Cmd
	drawn chan string // closed when the inspector is gone
	seen  string
}

func openTerminal(b *testing.B, binary, dir, socket string) *terminal {
	cmd := exec.Command(binary)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "DOCKER_HOST=unix://"+socket, "TERM=xterm-256color")
	file, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 45, Cols: 160})
	if err != nil {
		b.Fatal(err)
	}
	t := &terminal{File: file, b: b, cmd: cmd, drawn: make(chan string, 1000)}
	go func() {
		defer close(t.drawn)
		for chunk := make([]byte, 64<<10); ; {
			n, err := file.Read(chunk)
			if err != nil {
				return
			}
			t.drawn <- string(chunk[:n])
		}
	}()
	b.Cleanup(t.close)
	return t
}

func (t *terminal) close() {
	_ = t.cmd.Process.Kill()
	_ = t.cmd.Wait()
	_ = t.Close()
}

// read waits for the next bytes that are drawn.
func (t *terminal) read() {
	select {
	case chunk, alive := <-t.drawn:
		if !alive {
			t.b.Fatalf("the inspector is gone: %q", t.seen)
		}
		t.seen += chunk
	case <-time.After(20 * time.Second):
		t.b.Fatalf("nothing was drawn after %q", t.seen)
	}
}

func (t *terminal) until(text string) {
	for !strings.Contains(t.seen, text) {
		t.read()
	}
}

// drain drops what was drawn already.
func (t *terminal) drain() {
	for {
		select {
		case <-t.drawn:
		default:
			return
		}
	}
}

// standInProject writes Compose files of n services and serves an engine that
// runs them all.
func standInProject(b *testing.B, n int) (dir, socket string) {
	dir = filepath.Join(b.TempDir(), "shop")
	if err := os.Mkdir(dir, 0o700); err != nil {
		b.Fatal(err)
	}
	var files strings.Builder
	files.WriteString("services:\n")
	var list []map[string]any
	inspects := map[string]map[string]any{}
	for i := 1; i <= n; i++ {
		service, id := fmt.Sprintf("service-%03d", i), fmt.Sprintf("%064x", i)
		fmt.Fprintf(&files, "  %s:\n    image: shop/%s\n    volumes: [\"data-%d:/data\"]\n", service, service, i)
		labels := map[string]string{
			"com.docker.compose.project": "shop", "com.docker.compose.service": service, "com.docker.compose.container-number": "1",
		}
		list = append(list, map[string]any{
			"Id": id, "Names": []string{"/shop-" + service + "-1"}, "Image": "shop/" + service, "ImageID": "sha256:abc",
			"State": "running", "Status": "Up 3 minutes (healthy)", "Labels": labels,
		})
		inspects[id] = map[string]any{
			"Id": id, "Name": "/shop-" + service + "-1", "Image": "sha256:abc", "Created": "2026-03-01T12:00:00Z",
			"State":      map[string]any{"Status": "running", "Running": true, "StartedAt": "2026-03-01T12:00:00Z"},
			"HostConfig": map[string]any{}, "Config": map[string]any{"Image": "shop/" + service, "Labels": labels},
		}
	}
	files.WriteString("volumes:\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&files, "  data-%d:\n", i)
	}
	if err := os.WriteFile(filepath.Join(dir, "compose.yaml"), []byte(files.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	return dir, serveStandIn(b, list, inspects)
}

var askedOf = regexp.MustCompile(`^(?:/v1\.\d+)?(/.*?)(?:/([0-9a-f]{64}))?(/[a-z]+)?$`)

func serveStandIn(b *testing.B, list []map[string]any, inspects map[string]map[string]any) (socket string) {
	short, err := os.MkdirTemp("", "pt") // a socket's path has room for about a hundred bytes
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = os.RemoveAll(short) })
	socket = filepath.Join(short, "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		b.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Api-Version", "1.41")
		w.Header().Set("Content-Type", "application/json")
		asked := askedOf.FindStringSubmatch(r.URL.Path)
		var answer any = map[string]any{}
		switch {
		case strings.HasSuffix(r.URL.Path, "/events"):
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		case strings.HasSuffix(r.URL.Path, "/containers/json"):
			answer = list
		case asked != nil && asked[3] == "/changes":
			answer = nil
		case asked != nil && inspects[asked[2]] != nil:
			answer = inspects[asked[2]]
		}
		_ = json.NewEncoder(w).Encode(answer)
	})}
	go func() { _ = server.Serve(listener) }()
	b.Cleanup(func() { _ = server.Close() })
	return socket
}
