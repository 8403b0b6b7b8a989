package record

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/inspect/engine"
	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/recorder"
	"petrify/model"
)

var recreations = flag.Int("recreations", 5, "how often a service is created anew while it is recorded")

// liveSession is a recording of a project on a real engine.
type liveSession struct {
	t      *testing.T
	api    *client.Client
	cancel context.CancelFunc
	done   chan struct{}

	mu         sync.Mutex
	recordings []*model.Recording
	state      model.Recorder
	err        error
}

const liveProject = "petrify-test-live"

// recordLive records a project from this process, or skips the test where that may not be.
func recordLive(t *testing.T) *liveSession {
	t.Helper()
	api := enginetest.Require(t)
	if err := recorder.Possible(); err != nil {
		if os.Getenv("PETRIFY_REQUIRE_ENGINE") == "1" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &liveSession{t: t, api: api, cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(s.done)
		recordings, err := Run(ctx, Options{
			Engine: engine.New(api, model.Engine{}), Project: liveProject, Open: OpenDirect,
			Each: func(all []*model.Recording, state model.Recorder) {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.recordings, s.state = all, state
			},
		})
		s.mu.Lock()
		defer s.mu.Unlock()
		s.recordings, s.err = recordings, err
	}()
	t.Cleanup(func() { cancel(); <-s.done })
	s.until("the recorder", func() bool { return s.state.State == model.JobRunning })
	return s
}

// until waits until something is so.
func (s *liveSession) until(what string, so func() bool) {
	s.t.Helper()
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(50 * time.Millisecond) {
		s.mu.Lock()
		ok := so()
		s.mu.Unlock()
		if ok {
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.t.Fatalf("waited in vain for %s: %+v, %v", what, s.state, s.recordings)
}

// web is what is recorded of the service; nil before there is anything.
func (s *liveSession) web() *model.Recording {
	for _, r := range s.recordings {
		if r.Service == "web" {
			return r
		}
	}
	return nil
}

// count is how often a path was written.
func (s *liveSession) count(path string) int {
	if r := s.web(); r != nil {
		for _, w := range r.Writes {
			if w.Path == path {
				return w.Count
			}
		}
	}
	return 0
}

func (s *liveSession) stop() *model.Recording {
	s.t.Helper()
	s.cancel()
	<-s.done
	if s.err != nil {
		s.t.Error(s.err)
	}
	return s.web()
}

func service(name, id string) map[string]string {
	return map[string]string{"com.docker.compose.project": liveProject, "com.docker.compose.service": name, enginetest.Label: id}
}

// A service that is created anew is recorded, and nothing else: not the host, whose own
// file system a path of the engine may lead to for a moment.
func TestRecreatedServiceIsRecordedAlone(t *testing.T) {
	s := recordLive(t)
	noise := make(chan struct{})
	stopNoise := sync.OnceFunc(func() { close(noise) })
	var host sync.WaitGroup
	dir := t.TempDir()
	host.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-noise:
				return
			case <-time.After(time.Millisecond):
				_ = os.WriteFile(filepath.Join(dir, fmt.Sprint("of-the-host", i%50)), []byte("x"), 0o600)
			}
		}
	})
	defer host.Wait()
	defer stopNoise()
	now, before := 0, ""
	for range *recreations {
		// As docker compose does it: the new one is there before the old one goes.
		id := enginetest.Start(t, enginetest.Container{
			Name: "recreated", Script: []string{"write /tmp/own x", "rm /tmp/own", "mkdir /run/own", "hold"}, Created: true,
			Labels: service("web", t.Name()),
		})
		if before != "" {
			if _, err := s.api.ContainerStop(t.Context(), before, client.ContainerStopOptions{Timeout: &now}); err != nil {
				t.Fatal(err)
			}
			enginetest.Remove(t, before)
		}
		if _, err := s.api.ContainerStart(t.Context(), id, client.ContainerStartOptions{}); err != nil {
			t.Fatal(err)
		}
		before = id
	}
	s.until("the last start", func() bool { return s.state.Containers == 1 && s.count("/run/own") > 0 })
	time.Sleep(time.Second)
	stopNoise()
	r := s.stop()
	foreign := 0
	evidence := model.Evidence{Processes: r.Processes}
	for i := range r.Writes {
		w := &r.Writes[i]
		if !slices.Contains([]string{"/tmp/own", "/run/own", "/tmp", "/run"}, w.Path) {
			foreign++
			t.Errorf("%s by %v", w, evidence.Who(w))
		}
	}
	sum := r.Sum()
	t.Logf("%d recreations: %d starts seen from the first program on, %d acts on /tmp/own, %d on /run/own, %d foreign paths, %d losses",
		*recreations, sum.Starts, s.count("/tmp/own"), s.count("/run/own"), foreign, sum.Lost)
	if sum.Starts < *recreations*9/10 || sum.Starts > *recreations {
		t.Errorf("%d starts were seen of %d", sum.Starts, *recreations)
	}
}

// ownEngine tells a test of an engine that it may stop and start: what .ci/engines/start
// takes.
const ownEngine = "PETRIFY_TEST_OWN_ENGINE"

// An engine that is stopped and started while it is recorded is found again, and what it
// starts then is seen from its first program on.
func TestEngineThatRestarts(t *testing.T) {
	arguments := strings.Fields(os.Getenv(ownEngine))
	if len(arguments) < 2 {
		t.Skipf("%s names no engine that may be stopped", ownEngine)
	}
	s := recordLive(t)
	id := enginetest.Start(t, enginetest.Container{
		Name: "restarted", Script: []string{"write /tmp/own x", "rm /tmp/own", "mkdir /run/own", "hold"}, Labels: service("web", t.Name()),
		Host: container.HostConfig{RestartPolicy: container.RestartPolicy{Name: "always"}},
	})
	s.until("the first start", func() bool { return s.state.Containers == 1 })
	engines := func(script string, arguments ...string) {
		t.Helper()
		if said, err := exec.Command("../../.ci/engines/"+script, arguments...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v: %s", script, err, said)
		}
	}
	for starts := 2; starts <= 3; starts++ {
		engines("stop", arguments[1])
		s.until("its end", func() bool { return s.state.Containers == 0 })
		before := s.count("/tmp/own")
		engines("start", arguments...)
		s.until(fmt.Sprintf("start %d", starts), func() bool {
			return s.web().Sum().Starts >= starts-1 && s.count("/tmp/own") > before && s.state.Containers == 1
		})
	}
	s.until("the engine's events", func() bool { return s.state.Reason == "" })
	enginetest.Remove(t, id)
	s.stop()
}
