//go:build linux

package trial

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/inspect/engine"
	"petrify/inspect/engine/enginetest"
	"petrify/inspect/helper"
	"petrify/inspect/record/recorder"
	"petrify/model"
)

// builtPetrify is a petrify without libc, which runs in containers; the test's own
// program may need it.
var builtPetrify = sync.OnceValues(func() (string, error) {
	if path := os.Getenv(builtBefore); path != "" {
		return path, nil
	}
	dir, err := os.MkdirTemp("", "petrify-trial-test-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "petrify")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", path, "petrify")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	said, err := build.CombinedOutput()
	if err != nil {
		return "", errors.New(string(said))
	}
	builtHere = path
	return path, nil
})

var builtHere string // the one that is built for this test

// builtBefore names a petrify that was built already, in the environment.
const builtBefore = "PETRIFY_TEST_PROGRAM"

func TestMain(m *testing.M) {
	code := m.Run()
	if builtHere != "" {
		os.RemoveAll(filepath.Dir(builtHere))
	}
	os.Exit(code)
}

func built(t *testing.T) string {
	t.Helper()
	path, err := builtPetrify()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var errUndeclared = errors.New("no file declares it")

func liveTrials(t *testing.T) (*Trials, *client.Client) {
	t.Helper()
	api := enginetest.Require(t)
	path := built(t)
	e := engine.New(api, model.Engine{Address: api.DaemonHost()})
	return New(api, e, helper.WithProgram(api, path), func(context.Context, *model.Stack) (*types.Project, error) {
		return nil, errUndeclared
	}), api
}

// stackOf is the stack of some services, by their containers.
func stackOf(t *testing.T, tr *Trials, services map[string]string, dependsOn map[string][]string) *model.Stack {
	t.Helper()
	s := &model.Stack{Name: "pt-trial"}
	for name, id := range services {
		c, err := tr.engine.Inspect(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		s.Services = append(s.Services, model.Service{
			Name: name, Containers: []model.Container{c}, Declared: &model.Declared{Name: name, DependsOn: dependsOn[name]},
		})
	}
	return s
}

// lists are what the engine has: all that it tells of containers, networks, volumes and
// images.
func lists(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, of := range [][]string{
		{"ps", "--all", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Image}} {{.Networks}} {{.State}}"},
		{"network", "ls", "--no-trunc"},
		{"volume", "ls"},
		{"image", "ls", "--all", "--no-trunc", "--format", "{{.ID}} {{.Repository}}:{{.Tag}}"},
	} {
		said, err := exec.Command("docker", of...).CombinedOutput()
		if err != nil {
			t.Fatalf("docker %v: %v: %s", of, err, said)
		}
		// Those of one second have no order.
		all.WriteString(strings.Join(slices.Sorted(strings.Lines(string(said))), ""))
	}
	return all.String()
}

// ofOtherTests is what the tests of other packages make at the same time.
var ofOtherTests = regexp.MustCompile(`(?m)^.*(pt-engine|pt-layer-|local +[0-9a-f]{64}$).*\n`)

// leavesNothing compares the engine's lists now with those at the end of the test. What
// tests of other packages make may take a moment to go.
func leavesNothing(t *testing.T) {
	t.Helper()
	before := ofOtherTests.ReplaceAllString(lists(t), "")
	t.Cleanup(func() {
		var after string
		for range 50 {
			if after = ofOtherTests.ReplaceAllString(lists(t), ""); after == before {
				return
			}
			time.Sleep(200 * time.Millisecond)
		}
		t.Errorf("the engine's lists were\n%s\nand are\n%s", before, after)
	})
}

func recordable(t *testing.T) {
	t.Helper()
	if err := recorder.Possible(); err != nil {
		t.Skipf("nobody can see who writes here: %v", err)
	}
}

func steps(run model.Run) string {
	var all []string
	for _, s := range run.Steps {
		all = append(all, s.String())
	}
	return strings.Join(all, "\n")
}

func silent(string) {}

func logged(t *testing.T) func(model.TrialStep) {
	began := time.Now()
	return func(s model.TrialStep) { t.Logf("%6.2f s: %s", time.Since(began).Seconds(), s) }
}

// A service without health check or ports: what a read-only root refuses it is told with
// path, call, error and process.
func TestRunsWithAndWithoutAPlan(t *testing.T) {
	recordable(t)
	tr, api := liveTrials(t)
	id := enginetest.Start(t, enginetest.Container{
		Name: "tried", Script: []string{`try "write /run/app.pid x"`, "write /data/kept x", `try "write /srv/own x"`, "hold"},
		Host: container.HostConfig{CapDrop: []string{"NET_RAW"}, SecurityOpt: []string{"no-new-privileges"}},
	})
	leavesNothing(t)
	stack := stackOf(t, tr, map[string]string{"web": id}, nil)
	began := time.Now()
	c, err := tr.Open(t.Context(), stack, "web", model.TrialOptions{}, silent)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}()
	t.Logf("opened in %v", time.Since(began))
	baseline, err := c.Run(t.Context(), nil, logged(t))
	if err != nil {
		t.Fatal(err)
	}
	want := "start\nready: it runs\nrestart\nready again: it runs\nstop: exit code 0"
	if got := steps(baseline); got != want {
		t.Errorf("the baseline went\n%s\nnot\n%s\n%v", got, want, baseline.Log)
	}
	if w := baseline.Evidence.Find("/run/app.pid"); w == nil || w.Refused > 0 || baseline.Evidence.Find("/data/kept") == nil {
		t.Errorf("the baseline's %s", baseline.Evidence.String())
	}
	p := &model.Plan{Service: "web", Mounts: []model.PlannedMount{{Kind: model.Tmpfs, Target: "/run", Mode: 0o755, Size: 1 << 20}}}
	run, err := c.Run(t.Context(), p, logged(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a round took %v", run.Took)
	if got := steps(run); got != want {
		t.Errorf("the run went\n%s\nnot\n%s\n%v", got, want, run.Log)
	}
	refused := run.Evidence.Find("/srv/own")
	if refused == nil || refused.Refused != 2 || refused.Refusal.Err != model.ReadOnlyError || refused.Refusal.Call != "openat" || run.Evidence.Who(refused)[0] != "program (root)" {
		t.Errorf("the run's %s", run.Evidence.String())
	}
	if w := run.Evidence.Find("/run/app.pid"); w == nil || w.Refused > 0 || w.Mount != "/run" {
		t.Errorf("the run's %s", run.Evidence.String())
	}
	if got := run.Used["/run"]; got < 1 {
		t.Errorf("%d bytes were used in /run", got)
	}
	if got := run.Evidence.Recorded().Starts; got != 2 {
		t.Errorf("%d starts were seen from their beginning, not 2", got)
	}
	if _, err := api.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{}); err != nil {
		t.Error(err)
	}
}
