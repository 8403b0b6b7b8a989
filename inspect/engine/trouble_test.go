package engine

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"petrify/model"

	"github.com/moby/moby/client"
)

// cutShort promises more than it sends.
func cutShort(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(body)+100))
		w.Write([]byte(body))
	}
}

func tooOldEngine(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Api-Version", "1.39") }

func silent(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestExplainWhatAnEngineAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"a failure of its own": {text(500, `{"message":"the disk is full"}`), "list the containers: the disk is full | the engine's own log may say more"},
		"not JSON":             {text(200, "<html>hello</html>"), "what answers at SOCKET does not speak like an engine: list the containers: invalid character '<' looking for beginning of value | " + adviceAddress},
		"JSON of another kind": {text(200, `{"containers":1}`), "what answers at SOCKET does not speak like an engine: list the containers: json: cannot unmarshal object into Go value of type []container.Summary | " + adviceAddress},
		"no words":             {text(502, ""), "what answers at SOCKET does not speak like an engine: list the containers: request returned 502 Bad Gateway for API route and version http://%2FSOCKET/v1.41/containers/json?all=1, check if the server supports the requested API version | " + adviceAddress},
		"half an answer":       {cutShort(`[{"Id":"1"`), "the engine hung up | it may be restarting"},
		"no answer in time":    {silent, "the engine did not answer in time | " + adviceWait},
		"gone":                 {text(404, `{"message":"No such container: x"}`), "it is not there any more: list the containers: No such container: x | "},
		"asked too newly":      {text(400, `{"message":"client version 1.56 is too new. Maximum supported API version is 1.39"}`), "the engine is too old: it speaks API 1.39, and petrify needs 1.40 | update it to Docker 19.03 or Podman 3, or newer"},
		"asked too oldly":      {text(400, `{"message":"client version 1.40 is too old. Minimum supported API version is 1.44, please upgrade"}`), "the engine answers API 1.44 and newer only | unset DOCKER_API_VERSION, or update petrify"},
	} {
		t.Run(name, func(t *testing.T) {
			socket := serve(t, answers{"/containers/json": test.answer})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if name == "no answer in time" {
				ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
				defer cancel()
			}
			_, err := at(t, socket).List(ctx)
			expect(t, err, socket, test.want)
		})
	}
}

func expect(t *testing.T, err error, address, want string) {
	t.Helper()
	p := Explain(err)
	got := strings.NewReplacer(address, "SOCKET", strings.ReplaceAll(strings.TrimPrefix(address, "/"), "/", "%2F"), "SOCKET").Replace(p.Text + " | " + p.Advice)
	if got != want {
		t.Errorf("got  %s\nwant %s\nfrom %v", got, want, err)
	}
}

func TestExplainAnEngineThatIsTooOld(t *testing.T) {
	_, _, err := standIn(t, answers{"/_ping": tooOldEngine}).About(t.Context())
	expect(t, err, "-", "the engine is too old: it speaks API 1.39, and petrify needs 1.40 | update it to Docker 19.03 or Podman 3, or newer")
}

func TestExplainWhatIsNoEngine(t *testing.T) {
	t.Run("no socket", func(t *testing.T) {
		socket := filepath.Join(t.TempDir(), "absent.sock")
		_, err := at(t, socket).List(t.Context())
		expect(t, err, socket, "no engine at SOCKET: there is no such socket | "+adviceOther)
	})
	t.Run("nobody behind the socket", func(t *testing.T) {
		socket := filepath.Join(t.TempDir(), "s")
		listener, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		listener.(*net.UnixListener).SetUnlinkOnClose(false)
		listener.Close()
		_, err = at(t, socket).List(t.Context())
		expect(t, err, socket, "nothing answers at SOCKET | "+adviceOther)
	})
	t.Run("nobody behind the port", func(t *testing.T) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := "tcp://" + listener.Addr().String()
		listener.Close()
		api, err := client.New(client.WithHost(address))
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(api, model.Engine{Address: address}).List(t.Context())
		if got, want := Explain(err).Text, "nothing answers at "+address; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("no permission", func(t *testing.T) {
		socket := filepath.Join(t.TempDir(), "s")
		if err := os.WriteFile(socket, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		owner, group, ok := owners(socket)
		if !ok {
			t.Skip("this system does not tell who owns a file")
		}
		api, err := client.New(client.WithHost("unix://"+socket), client.WithDialContext(
			func(context.Context, string, string) (net.Conn, error) { return nil, syscall.EACCES }))
		if err != nil {
			t.Fatal(err)
		}
		_, err = New(api, model.Engine{Address: "unix://" + socket}).List(t.Context())
		if got := Explain(err); got.Text != fmt.Sprintf("permission denied on %s (owned by %s:%s)", socket, owner, group) || !strings.Contains(got.Advice, "sudo") {
			t.Errorf("got %+v from %v", got, err)
		}
	})
	t.Run("another protocol", func(t *testing.T) {
		socket := filepath.Join(t.TempDir(), "s")
		listener, err := net.Listen("unix", socket)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		go func() {
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				conn.Read(make([]byte, 1)) // who speaks first takes Go's client by surprise
				conn.Write([]byte("SSH-2.0-OpenSSH_9.2p1\r\n"))
				conn.Close()
			}
		}()
		_, err = at(t, socket).List(t.Context())
		if got := Explain(err).Text; !strings.HasPrefix(got, "what answers at "+socket+" does not speak like an engine") && got != "the engine hung up" {
			t.Errorf("got %s from %v", got, err)
		}
	})
}

func TestChangesThatAreNull(t *testing.T) {
	e := standIn(t, answers{"/containers/x/changes": text(200, "null\n")})
	changes, err := e.Changes(t.Context(), "x")
	if err != nil || len(changes) != 0 {
		t.Errorf("%v, %v", changes, err)
	}
}

// The engine's answer while it removes a container is a failure of its own, and
// only its next word says that there is no such container.
func TestFailureOfAContainerThatGoes(t *testing.T) {
	missing := text(500, `{"message":"stat /var/lib/docker/overlay2/1: no such file or directory"}`)
	for name, test := range map[string]struct {
		inspect http.HandlerFunc
		gone    bool
	}{
		"gone":           {text(404, `{"message":"No such container: x"}`), true},
		"being removed":  {text(200, `{"Id":"x","State":{"Status":"removing"}}`), true},
		"still there":    {text(200, `{"Id":"x","State":{"Status":"running"}}`), false},
		"not to be told": {missing, false},
	} {
		t.Run(name, func(t *testing.T) {
			e := standIn(t, answers{"/containers/x/changes": missing, "/containers/x/json": test.inspect})
			if _, err := e.Changes(t.Context(), "x"); err == nil || IsGone(err) != test.gone {
				t.Errorf("gone is %v, want %v: %v", IsGone(err), test.gone, err)
			}
		})
	}
}

func TestEventsEnd(t *testing.T) {
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   string
	}{
		"the engine goes": {text(200, `{"Type":"container","Action":"start","Actor":{"ID":"a"}}`+"\n"), "connected start | the engine hung up"},
		"garbage":         {text(200, `{"Type":"container","Action":"start"}`+"\n<html>"), "connected start | what answers at SOCKET does not speak like an engine: follow the engine's events: invalid character '<' looking for beginning of value"},
		"Podman's words":  {text(200, `{"Type":"container","Action":"died"} {"Type":"container","Action":"remove"} {"Type":"container","Action":"exec_died"}`), "connected die destroy | the engine hung up"},
	} {
		t.Run(name, func(t *testing.T) {
			socket := serve(t, answers{"/events": test.answer})
			var got []string
			err := at(t, socket).Events(t.Context(), func(e Event) {
				got = append(got, string(e.Action))
			})
			said := strings.ReplaceAll(strings.Join(got, " ")+" | "+Explain(err).Text, socket, "SOCKET")
			if said != test.want {
				t.Errorf("got  %s\nwant %s\nfrom %v", said, test.want, err)
			}
		})
	}
}

func TestEventsOfAnEngineThatIsAway(t *testing.T) {
	err := at(t, filepath.Join(t.TempDir(), "absent.sock")).Events(t.Context(), func(e Event) { t.Errorf("told %+v", e) })
	if !strings.HasPrefix(Explain(err).Text, "no engine at ") {
		t.Errorf("ended with %v", err)
	}
}
