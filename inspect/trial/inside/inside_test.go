//go:build linux

package inside

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// talk is a client of a petrify that serves in this process.
func talk(t *testing.T) *Client {
	t.Helper()
	requests, in := io.Pipe()
	out, answers := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- Serve(t.Context(), requests, answers)
		answers.Close()
	}()
	c := NewClient(in, out, func() error { return <-ended })
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func TestTreesAreCopiedAsTheyAre(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root gives files to others")
	}
	from, to := t.TempDir(), t.TempDir()
	at := func(name string) string { return filepath.Join(from, name) }
	for _, err := range []error{
		os.Mkdir(at("dir"), 0o750), os.WriteFile(at("dir/file"), []byte("text"), 0o640), os.Chown(at("dir/file"), 33, 34), unix.Chmod(at("dir/file"), 0o4750),
		os.Link(at("dir/file"), at("again")), os.Symlink("dir/file", at("link")), unix.Chmod(from, 0o1777),
		unix.Mkfifo(at("fifo"), 0o600), unix.Mknod(at("device"), unix.S_IFCHR|0o600, int(unix.Mkdev(1, 3))),
		unix.Setxattr(at("dir"), "user.own", []byte("value"), 0), holes(at("holes")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	listener, err := net.Listen("unix", at("socket"))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	c := talk(t)
	answer, err := c.Do(Request{Copy: &Copy{From: from, To: filepath.Join(to, "made")}})
	if err != nil || answer.Skipped != 1 {
		t.Errorf("%v, %+v: the device cannot be copied", err, answer)
	}
	if got, want := describe(t, filepath.Join(to, "made")), strings.ReplaceAll(describe(t, from), "device\n", ""); got != want {
		t.Errorf("the copy is\n%s\nnot\n%s", got, want)
	}
	value := make([]byte, 10)
	if n, err := unix.Getxattr(filepath.Join(to, "made/dir"), "user.own", value); err != nil || string(value[:n]) != "value" {
		t.Errorf("%v: the attribute is %q", err, value[:n])
	}
	size, err := c.Do(Request{Measure: filepath.Join(to, "made")})
	if err != nil || size.Size.Bytes > 1<<20 {
		t.Errorf("%v: a file of holes takes up %+v", err, size.Size)
	}
	if _, err := c.Do(Request{Clear: filepath.Join(to, "made")}); err != nil {
		t.Fatal(err)
	}
	if got := describe(t, filepath.Join(to, "made")); got != ". drwxr-xr-x 0:0\n" {
		t.Errorf("what is left is\n%s", got)
	}
	if _, err := c.Do(Request{Copy: &Copy{From: at("dir/file"), To: filepath.Join(to, "single")}}); err != nil {
		t.Fatal(err)
	}
	if got := describe(t, filepath.Join(to, "single")); got != ". drwxr-xr-x 0:0\nfile urwxr-x--- 33:34 4 1\n" {
		t.Errorf("a single file is copied as\n%s", got)
	}
}

func holes(name string) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt([]byte("far"), 64<<20); err != nil {
		return err
	}
	return f.Truncate(128 << 20)
}

// describe lists a tree with what has to come along; sockets are none of it.
func describe(t *testing.T, root string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.Mode().Type() == os.ModeSocket {
			return err
		}
		name, _ := filepath.Rel(root, path)
		if info.Mode()&os.ModeDevice != 0 {
			all.WriteString(name + "\n")
			return nil
		}
		var st unix.Stat_t
		if err := unix.Lstat(path, &st); err != nil {
			return err
		}
		line := name + " " + info.Mode().String() + " " + strconv.Itoa(int(st.Uid)) + ":" + strconv.Itoa(int(st.Gid))
		if !info.IsDir() {
			line += " " + strconv.FormatInt(st.Size, 10) + " " + strconv.Itoa(int(st.Nlink))
		}
		all.WriteString(line + "\n")
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestPortsAreAskedFromInside(t *testing.T) {
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	for name, test := range map[string]struct {
		address string
		want    string
	}{
		"HTTP":          {web.Listener.Addr().String(), "HTTP 404"},
		"TLS":           {secure.Listener.Addr().String(), "TLS, HTTP 404"},
		"TLS alone":     {handled(t, func(c net.Conn) { _ = tls.Server(c, secure.TLS).Handshake() }), "TLS"},
		"speaks first":  {handled(t, func(c net.Conn) { _, _ = c.Write([]byte("220 ready\r\n")) }), "it speaks first"},
		"says nonsense": {handled(t, func(c net.Conn) { _, _ = bufio.NewReader(c).ReadString('\n'); _, _ = c.Write([]byte("-ERR\r\n")) }), "TCP"},
		"hangs up":      {handled(t, func(c net.Conn) { _, _ = bufio.NewReader(c).ReadString('\n') }), "TCP"},
	} {
		t.Run(name, func(t *testing.T) {
			host, number, _ := net.SplitHostPort(test.address)
			port, _ := strconv.Atoi(number)
			answer, err := talk(t).Do(Request{Ask: &Port{Address: host, Number: uint16(port)}})
			if err != nil || answer.Reply == nil || *answer.Reply != test.want {
				t.Errorf("%v: %+v, want %q", err, answer, test.want)
			}
		})
	}
	if _, err := talk(t).Do(Request{Ask: &Port{Number: 1}}); err == nil {
		t.Error("a port that nobody listens at answers")
	}
	answer, err := talk(t).Do(Request{Ports: true})
	own := web.Listener.Addr().(*net.TCPAddr)
	if err != nil || !slices.Contains(answer.Ports, Port{Address: "127.0.0.1", Number: uint16(own.Port)}) {
		t.Errorf("%v: %v has no %v", err, answer.Ports, own)
	}
}

// handled is the address of a server that does one thing with each connection.
func handled(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				do(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

func TestPortsOfTheKernel(t *testing.T) {
	table := `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0
   1: 0B00007F:8235 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0
   2: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 3 1 0 100 0 0 10 0
   3: 0100007F:2328 0100007F:8888 01 00000000:00000000 00:00000000 00000000     0        0 4 1 0 100 0 0 10 0
   4: nonsense
   5: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A
   6: 00000000000000000000000001000000:01BB 00000000000000000000000000000000:0000 0A
`
	got := tidyPorts(parsePorts(strings.NewReader(table)))
	want := []Port{{"", 80}, {"::1", 443}, {"127.0.0.1", 9000}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func FuzzPorts(f *testing.F) {
	f.Add("   0: 00000000:0050 00000000:0000 0A")
	f.Fuzz(func(_ *testing.T, table string) { parsePorts(strings.NewReader(table)) })
}

// What is being done when nobody asks any more is given up.
func TestServeEndsWithItsInput(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := copyTree(ctx, t.TempDir(), t.TempDir()); err == nil {
		t.Error("it copies for nobody")
	}
	if err := Serve(t.Context(), strings.NewReader("nonsense\n"), io.Discard); err == nil {
		t.Error("nonsense is no request")
	}
	if err := Serve(t.Context(), strings.NewReader(""), io.Discard); err != nil {
		t.Error(err)
	}
}
