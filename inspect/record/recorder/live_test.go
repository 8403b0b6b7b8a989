//go:build linux

package recorder

import (
	"io"
	"maps"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"

	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// testRecorder is a recorder that runs beside a test, with all that it reported.
type testRecorder struct {
	t   *testing.T
	api *client.Client
	to  *wire.Encoder
	in  io.Closer
	end chan error

	heard chan struct{} // closed when all reports were taken

	mu        sync.Mutex
	news      chan struct{}
	joined    map[string]wire.Joined
	processes map[int]wire.Process
	programs  []model.Process                  // as they are shown
	program   map[int]int                      // which one a process is
	writes    map[string]map[string]wire.Write // by container and path, all processes together
	by        map[string]map[string]string     // who, by container and path
	lost      uint64
}

// record starts a recorder in this process, or skips the test where it may not run.
func record(t *testing.T) *testRecorder {
	t.Helper()
	api := enginetest.Require(t)
	if err := Possible(); err != nil {
		if os.Getenv("PETRIFY_REQUIRE_ENGINE") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	commands, in := io.Pipe()
	reports, out := io.Pipe()
	r := &testRecorder{
		t: t, api: api, to: wire.NewEncoder(in), in: in, end: make(chan error, 1), news: make(chan struct{}, 1), heard: make(chan struct{}),
		joined: map[string]wire.Joined{}, processes: map[int]wire.Process{}, program: map[int]int{},
		writes: map[string]map[string]wire.Write{}, by: map[string]map[string]string{},
	}
	go func() {
		err := Run(t.Context(), commands, out)
		out.CloseWithError(err)
		r.end <- err
	}()
	go func() {
		defer close(r.heard)
		wire.Decode(reports, r.take, nil)
	}()
	t.Cleanup(func() { in.Close() })
	r.say(wire.Command{Hello: &wire.Hello{Version: wire.Version}})
	return r
}

func (r *testRecorder) say(c wire.Command) {
	r.t.Helper()
	if err := r.to.Encode(c); err != nil {
		r.t.Fatal(err)
	}
}

func (r *testRecorder) take(report wire.Report) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if report.Joined != nil {
		r.joined[report.Joined.Container] = *report.Joined
	}
	if p := report.Process; p != nil {
		r.processes[p.ID] = *p
		r.programs, r.program[p.ID] = model.AddProcess(r.programs, model.Process{
			Command: string(p.Command), User: string(p.User), UID: p.UID, Exec: p.Exec,
		})
	}
	r.lost += report.Lost
	if s := report.Seen; s != nil {
		if r.writes[s.Container] == nil {
			r.writes[s.Container], r.by[s.Container] = map[string]wire.Write{}, map[string]string{}
		}
		for _, w := range s.Writes {
			path := string(w.Path)
			if before, ok := r.writes[s.Container][path]; ok {
				if w.Refused == nil {
					w.Refused = before.Refused
				} else if before.Refused != nil {
					both := *w.Refused
					both.Count, both.Tries, both.Acts = both.Count+before.Refused.Count, both.Tries+before.Refused.Tries, both.Acts|before.Refused.Acts
					w.Refused = &both
				}
				w.Acts |= before.Acts
				w.Count += before.Count
				w.Inside += before.Inside
				w.Bytes = max(w.Bytes, before.Bytes)
			}
			r.writes[s.Container][path] = w
			r.by[s.Container][path] = " "
			if at, ok := r.program[w.Process]; ok {
				r.by[s.Container][path] = r.programs[at].Command + " " + r.programs[at].User
			}
		}
	}
	select {
	case r.news <- struct{}{}:
	default:
	}
	return nil
}

// until waits for something to be reported.
func (r *testRecorder) until(what string, so func() bool) {
	r.t.Helper()
	limit := time.After(20 * time.Second)
	for {
		r.mu.Lock()
		ok := so()
		r.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-r.news:
		case <-limit:
			r.mu.Lock()
			defer r.mu.Unlock()
			r.t.Fatalf("waited for %s; reported are %v, %v", what, r.joined, r.writes)
		}
	}
}

// follow has a container watched, and waits until it is where it runs.
func (r *testRecorder) follow(id string) {
	r.t.Helper()
	found, err := r.api.ContainerInspect(r.t.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		r.t.Fatal(err)
	}
	f := &wire.Follow{Container: id, PID: found.Container.State.Pid}
	if driver := found.Container.GraphDriver; driver != nil {
		f.Root, f.Upper, f.Lower = driver.Data["MergedDir"], driver.Data["UpperDir"], driver.Data["LowerDir"]
	}
	r.say(wire.Command{Follow: f})
	if f.PID > 0 {
		r.untilJoined(id)
	}
}

func (r *testRecorder) untilJoined(id string) {
	r.t.Helper()
	r.until("the container to be joined", func() bool { return r.joined[id].Directories > 0 })
	time.Sleep(100 * time.Millisecond) // the other mounts are walked beside it
}

// finish ends the recording and returns what a container wrote.
func (r *testRecorder) finish(id string) map[string]wire.Write {
	r.t.Helper()
	r.in.Close()
	select {
	case err := <-r.end:
		if err != nil {
			r.t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		r.t.Fatal("the recorder does not end")
	}
	<-r.heard
	return maps.Clone(r.writes[id])
}

// inside runs instructions in a container, as docker exec does.
func inside(t *testing.T, id, user string, script ...string) {
	t.Helper()
	if code := try(t, id, user, script...); code != 0 {
		t.Fatalf("%v: exit code %d", script, code)
	}
}

// try is inside for what may fail.
func try(t *testing.T, id, user string, script ...string) (code int) {
	t.Helper()
	return execute(t, id, user, "/program", script...)
}

// execute is try for a copy of the program.
func execute(t *testing.T, id, user, program string, script ...string) (code int) {
	t.Helper()
	api := enginetest.Require(t)
	made, err := api.ExecCreate(t.Context(), id, client.ExecCreateOptions{
		Cmd: append([]string{program}, script...), User: user, AttachStdout: true, AttachStderr: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	attached, err := api.ExecAttach(t.Context(), made.ID, client.ExecAttachOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer attached.Close()
	var said strings.Builder
	if _, err := stdcopy.StdCopy(&said, &said, attached.Reader); err != nil {
		t.Fatal(err)
	}
	if said.Len() > 0 {
		t.Log(said.String())
	}
	done, err := api.ExecInspect(t.Context(), made.ID, client.ExecInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return done.ExitCode
}
