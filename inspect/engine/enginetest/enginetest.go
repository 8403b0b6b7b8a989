// Package enginetest runs small containers on a real engine, for the tests of
// whatever talks to one.
package enginetest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// Label marks every object that these tests make.
const Label = "petrify.test"

// Require returns a client of the engine that the environment names. Without
// an engine it skips the test, or fails it under PETRIFY_REQUIRE_ENGINE=1.
func Require(t testing.TB) *client.Client {
	t.Helper()
	api, err := client.New(client.FromEnv)
	if err == nil {
		t.Cleanup(func() { api.Close() })
		// Cleanups ask too, and the test's own context is done by then.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		_, err = api.Ping(ctx, client.PingOptions{NegotiateAPIVersion: true})
	}
	if err == nil {
		return api
	}
	if os.Getenv("PETRIFY_REQUIRE_ENGINE") == "1" {
		t.Fatalf("an engine is required and none answers: %v", err)
	}
	t.Skipf("no engine answers: %v", err)
	return nil
}

// Container is what to run; only Script is needed.
type Container struct {
	Name    string // prefixed, and made unique
	Image   string // Image's by default
	Labels  map[string]string
	Script  []string // instructions of the program
	TTY     bool
	User    string
	Check   []string // instructions of the health check, every second
	Host    container.HostConfig
	Created bool // only create it
}

// Run starts a container that follows the script, and waits until the script
// holds or ends. The container goes when the test ends.
func Run(t testing.TB, script ...string) string {
	t.Helper()
	return Start(t, Container{Script: script})
}

// Start is Run for a container with more to say.
func Start(t testing.TB, c Container) string {
	t.Helper()
	api := Require(t)
	if c.Image == "" {
		c.Image = Image(t)
	}
	config := &container.Config{
		Image: c.Image, Cmd: c.Script, Tty: c.TTY, User: c.User,
		Labels: map[string]string{Label: t.Name()},
	}
	for name, value := range c.Labels {
		config.Labels[name] = value
	}
	if c.Check != nil {
		config.Healthcheck = &container.HealthConfig{
			Test:     append([]string{"CMD", program}, c.Check...),
			Interval: time.Second, Timeout: 5 * time.Second, Retries: 1,
		}
	}
	if c.Host.NetworkMode == "" {
		c.Host.NetworkMode = "none"
	}
	made, err := api.ContainerCreate(t.Context(), client.ContainerCreateOptions{
		Config: config, HostConfig: &c.Host,
		Name: "pt-" + strings.Trim("engine-"+c.Name, "-") + "-" + rand.Text()[:8],
	})
	if err != nil {
		t.Fatalf("create a container: %v", err)
	}
	t.Cleanup(func() { Remove(t, made.ID) })
	if c.Created {
		return made.ID
	}
	if _, err := api.ContainerStart(t.Context(), made.ID, client.ContainerStartOptions{}); err != nil {
		t.Fatalf("start a container: %v", err)
	}
	awaitHold(t, api, made.ID, c.TTY)
	return made.ID
}

// Remove removes a container and its anonymous volumes, now.
func Remove(t testing.TB, id string) {
	t.Helper()
	api := Require(t)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
	defer cancel()
	_, err := api.ContainerRemove(ctx, id, client.ContainerRemoveOptions{Force: true, RemoveVolumes: true})
	if err != nil && !isGone(err) {
		t.Errorf("remove container %s: %v", id, err)
	}
}

// awaitHold follows the log, so that no test has to guess how long a script takes.
func awaitHold(t testing.TB, api *client.Client, id string, tty bool) {
	t.Helper()
	logs, err := api.ContainerLogs(t.Context(), id, client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Follow: true})
	if err != nil {
		t.Fatalf("follow the log of a container: %v", err)
	}
	defer logs.Close()
	var stdout io.Reader = logs
	var stderr bytes.Buffer
	if !tty {
		r, w := io.Pipe()
		defer r.Close()
		go func() {
			_, err := stdcopy.StdCopy(w, &stderr, logs)
			w.CloseWithError(err)
		}()
		stdout = r
	}
	lines := bufio.NewScanner(stdout)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if strings.HasSuffix(strings.TrimRight(lines.Text(), "\r"), "holding") {
			return
		}
	}
	if err := lines.Err(); err != nil && !errors.Is(err, io.ErrClosedPipe) {
		t.Fatalf("read the log of a container: %v", err)
	}
	info, err := api.ContainerInspect(t.Context(), id, client.ContainerInspectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if info.Container.State.ExitCode == scriptFailed {
		t.Fatalf("the script failed: %s", stderr.String())
	}
}

// scriptFailed is the program's exit code for an instruction that failed.
const scriptFailed = 70
