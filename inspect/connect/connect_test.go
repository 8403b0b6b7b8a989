package connect

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/docker/cli/cli/context/docker"
	"github.com/docker/cli/cli/context/store"

	"petrify/inspect/engine"
)

// person has a home of its own, with a docker configuration, and an environment.
type person struct {
	t    *testing.T
	home string
	env  map[string]string
}

func newPerson(t *testing.T, env ...string) *person {
	u := &person{t: t, home: t.TempDir(), env: make(map[string]string)}
	u.env["HOME"] = u.home
	for _, pair := range env {
		name, value, _ := strings.Cut(pair, "=")
		u.env[name] = value
	}
	return u
}

func (u *person) write(path, content string) {
	u.t.Helper()
	path = filepath.Join(u.home, path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		u.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		u.t.Fatal(err)
	}
}

// addContext stores a context as `docker context create` does.
func (u *person) addContext(name, host string, files map[string][]byte) {
	u.t.Helper()
	contexts := store.New(filepath.Join(u.home, ".docker", "contexts"), store.NewConfig(
		func() any { return new(map[string]any) },
		store.EndpointTypeGetter(docker.DockerEndpoint, func() any { return new(docker.EndpointMeta) })))
	err := contexts.CreateOrUpdate(store.Metadata{Name: name, Endpoints: map[string]any{docker.DockerEndpoint: docker.EndpointMeta{Host: host}}})
	if err == nil && files != nil {
		err = contexts.ResetTLSMaterial(name, &store.ContextTLSData{Endpoints: map[string]store.EndpointTLSData{docker.DockerEndpoint: {Files: files}}})
	}
	if err != nil {
		u.t.Fatal(err)
	}
}

func (u *person) connect(o Options) (*engine.Engine, error) {
	o.Environ = func(name string) string { return u.env[name] }
	api, about, err := Connect(o)
	if err != nil {
		return nil, err
	}
	u.t.Cleanup(func() { api.Close() })
	return engine.New(api, about), nil
}

// noContainers is an engine that has none.
func noContainers(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/containers/json") {
		_, _ = io.WriteString(w, "[]")
	}
}

// listen serves an engine on a socket. It is in a short folder: a socket's path has
// room for about a hundred bytes.
func listen(t *testing.T, h http.HandlerFunc) (socket string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "pt")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listener, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(h)
	server.Listener.Close()
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return listener.Addr().String()
}

func TestConnectPrecedence(t *testing.T) {
	const config = `{"currentContext":"current"}`
	for name, test := range map[string]struct {
		options Options
		env     []string
		config  string
		want    string // context and address
	}{
		"host":                       {Options{Host: "tcp://h:1"}, []string{"DOCKER_HOST=tcp://env:2", "DOCKER_CONTEXT=other"}, config, " tcp://h:1"},
		"context":                    {Options{Context: "other"}, []string{"DOCKER_HOST=tcp://env:2"}, config, "other tcp://other:9"},
		"DOCKER_HOST":                {Options{}, []string{"DOCKER_HOST=tcp://env:2", "DOCKER_CONTEXT=other"}, config, " tcp://env:2"},
		"DOCKER_CONTEXT":             {Options{}, []string{"DOCKER_CONTEXT=other"}, config, "other tcp://other:9"},
		"current context":            {Options{}, nil, config, "current tcp://current:9"},
		"default context by name":    {Options{Context: "default"}, []string{"DOCKER_HOST=tcp://env:2"}, config, " tcp://env:2"},
		"address without a scheme":   {Options{Host: "h:1"}, nil, "", " tcp://h:1"},
		"address without a port":     {Options{Host: "tcp://h"}, nil, "", " tcp://h:2375"},
		"ssh":                        {Options{Host: "ssh://me@h"}, nil, "", " ssh://me@h"},
		"broken file, not needed":    {Options{Host: "tcp://h:1"}, nil, "{", " tcp://h:1"},
		"both":                       {Options{Host: "tcp://h:1", Context: "other"}, nil, "", "a host and a context were both given | give either -H or -c"},
		"no such context":            {Options{Context: "absent"}, nil, "", `there is no docker context "absent" | ` + "`docker context ls` lists those there are"},
		"an address of no kind":      {Options{Host: "ftp://h"}, nil, "", `read the engine's address "ftp://h": invalid bind address format: ftp://h | an address is such as unix:///var/run/docker.sock, tcp://host:2376 or ssh://user@host`},
		"broken file":                {Options{}, nil, "{", "read docker's configuration: parsing config file (HOME/.docker/config.json): unexpected EOF | mend the file, or say which engine with -H or -c"},
		"verify without certificate": {Options{Host: "tcp://h:1"}, []string{"DOCKER_TLS_VERIFY=1"}, "", "read the engine's certificates: open HOME/.docker/ca.pem: no such file or directory | set DOCKER_CERT_PATH to the folder of ca.pem, cert.pem and key.pem, or unset DOCKER_TLS_VERIFY"},
	} {
		t.Run(name, func(t *testing.T) {
			u := newPerson(t, test.env...)
			if test.config != "" {
				u.write(".docker/config.json", test.config)
			}
			u.addContext("other", "tcp://other:9", nil)
			u.addContext("current", "tcp://current:9", nil)
			e, err := u.connect(test.options)
			var got string
			if err != nil {
				p := engine.Explain(err)
				got = strings.ReplaceAll(p.Text+" | "+p.Advice, u.home, "HOME")
			} else {
				got = e.Reached().Context + " " + e.Reached().Address
			}
			if got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestConnectToOtherSockets(t *testing.T) {
	u := newPerson(t)
	runtime := filepath.Join(u.home, "run")
	u.env["XDG_RUNTIME_DIR"] = runtime
	o := Options{Environ: func(name string) string { return u.env[name] }}
	absent := "unix://" + filepath.Join(u.home, "absent.sock")
	if got := o.otherSocket("tcp://h:1"); got != "" {
		t.Errorf("in place of a host: %s", got)
	}
	// The later ones here come first in the order that is tried.
	for _, socket := range []string{"run/podman/podman.sock", ".docker/run/docker.sock", "run/docker.sock"} {
		u.write(socket, "")
		if got, want := o.otherSocket(absent), "unix://"+filepath.Join(u.home, socket); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if got := o.otherSocket("unix://" + filepath.Join(runtime, "docker.sock")); got != "" {
		t.Errorf("although the default socket is there: %s", got)
	}
}

// certificates of an authority of its own, a server at 127.0.0.1 and a client.
func certificates(t *testing.T) (server tls.Certificate, files map[string][]byte) {
	t.Helper()
	key := func() *ecdsa.PrivateKey {
		k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	authorityKey := key()
	authority := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	sign := func(c *x509.Certificate, k *ecdsa.PrivateKey) (certificate, private []byte) {
		der, err := x509.CreateCertificate(rand.Reader, c, authority, &k.PublicKey, authorityKey)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := x509.MarshalECPrivateKey(k)
		if err != nil {
			t.Fatal(err)
		}
		return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: raw})
	}
	ca, _ := sign(authority, authorityKey)
	usage := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	cert, private := sign(&x509.Certificate{SerialNumber: big.NewInt(2), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: usage}, key())
	server, err := tls.X509KeyPair(cert, private)
	if err != nil {
		t.Fatal(err)
	}
	clientCert, clientKey := sign(&x509.Certificate{SerialNumber: big.NewInt(3), NotAfter: time.Now().Add(time.Hour), ExtKeyUsage: usage}, key())
	return server, map[string][]byte{"ca.pem": ca, "cert.pem": clientCert, "key.pem": clientKey}
}

func TestConnectWithTLS(t *testing.T) {
	serverCert, files := certificates(t)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(files["ca.pem"])
	server := httptest.NewUnstartedServer(http.HandlerFunc(noContainers))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{serverCert}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	host := "tcp://" + server.Listener.Addr().String()

	_, strangers := certificates(t)
	for name, test := range map[string]struct {
		env   []string
		files map[string][]byte
		ok    bool
	}{
		"verified":                {[]string{"DOCKER_TLS_VERIFY=1"}, files, true},
		"not verified":            {[]string{"DOCKER_TLS=1"}, files, true},
		"another authority":       {[]string{"DOCKER_TLS_VERIFY=1"}, strangers, false},
		"no certificate of mine":  {[]string{"DOCKER_TLS_VERIFY=1"}, map[string][]byte{"ca.pem": files["ca.pem"]}, false},
		"without TLS at all":      {nil, nil, false},
		"a context, its own keys": {[]string{"DOCKER_CONTEXT=remote"}, files, true},
	} {
		t.Run(name, func(t *testing.T) {
			u := newPerson(t, test.env...)
			u.addContext("remote", host, test.files)
			u.env["DOCKER_CERT_PATH"] = filepath.Join(u.home, "certs")
			for file, content := range test.files {
				u.write("certs/"+file, string(content))
			}
			var o Options
			if u.env["DOCKER_CONTEXT"] == "" {
				o.Host = host
			}
			e, err := u.connect(o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = e.List(t.Context())
			if (err == nil) != test.ok {
				t.Fatalf("got %v", err)
			}
			if p := engine.Explain(err); !test.ok && !strings.Contains(p.Advice, "check the certificates") {
				t.Errorf("explained as %+v from %v", p, err)
			}
		})
	}
}

// TestMain lets this test program stand in for ssh: the connection helper runs
// `ssh ... docker system dial-stdio`, which joins its input and output with the
// engine's socket.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) != "ssh" {
		os.Exit(m.Run())
	}
	conn, err := net.Dial("unix", os.Getenv("PETRIFY_TEST_SSH_TO"))
	if err != nil || !strings.HasSuffix(strings.Join(os.Args, " "), " docker system dial-stdio") {
		os.Stderr.WriteString("Permission denied (publickey).\n")
		os.Exit(255)
	}
	go io.Copy(conn, os.Stdin)
	io.Copy(os.Stdout, conn)
}

func TestConnectOverSSH(t *testing.T) {
	socket := listen(t, noContainers)
	bin := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, filepath.Join(bin, "ssh")); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("PETRIFY_TEST_SSH_TO", socket)
	e, err := newPerson(t).connect(Options{Host: "ssh://me@far.example"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.List(t.Context()); err != nil {
		t.Error(err)
	}

	t.Setenv("PETRIFY_TEST_SSH_TO", filepath.Join(bin, "absent"))
	e, err = newPerson(t).connect(Options{Host: "ssh://me@far.example"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = e.List(t.Context())
	if p := engine.Explain(err); !strings.Contains(p.Text, "ssh://me@far.example") || !strings.Contains(p.Text, "Permission denied (publickey)") {
		t.Errorf("explained as %+v", p)
	}
}

func TestConnectSendsConfiguredHeaders(t *testing.T) {
	var got string
	u := newPerson(t)
	u.write(".docker/config.json", `{"HttpHeaders":{"X-Team":"blue"}}`)
	socket := listen(t, func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("X-Team")
		noContainers(w, r)
	})
	e, err := u.connect(Options{Host: "unix://" + socket})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.List(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got != "blue" {
		t.Errorf("X-Team is %q", got)
	}
}
