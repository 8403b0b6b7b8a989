//go:build linux

package trial

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"

	"petrify/inspect/engine/enginetest"
	"petrify/model"
)

// toBeStopped is a service with data, whose trial takes every step.
func toBeStopped(t *testing.T, tr *Trials) *model.Stack {
	t.Helper()
	id := enginetest.Start(t, enginetest.Container{
		Name: "stopped", Script: []string{"serve 80", "hold"},
		Host: container.HostConfig{Mounts: []mount.Mount{{Type: mount.TypeVolume, Source: "pt-trial-stopped", Target: "/kept"}}},
	})
	return stackOf(t, tr, map[string]string{"app": id}, nil)
}

// stepsOfATrial are what is told of a trial of two runs, in their order.
var stepsOfATrial = []string{
	"look at app", "start petrify's own container", "copy the data",
	"start", "ready", "port 80", "restart", "ready again", "port 80 again", "stop",
	"start", "ready", "port 80", "restart", "ready again", "port 80 again", "stop",
}

// tryOut opens copies and runs them twice, and tells each step before it is taken.
func tryOut(ctx context.Context, tr *Trials, stack *model.Stack, told func(string)) error {
	c, err := tr.Open(ctx, stack, "app", model.TrialOptions{}, told)
	if err != nil {
		return err
	}
	for _, p := range []*model.Plan{nil, {Mounts: []model.PlannedMount{{Kind: model.Volume, Target: "/srv/made"}, {Kind: model.Tmpfs, Target: "/run", Mode: 0o755}}}} {
		if _, err = c.Run(ctx, p, func(s model.TrialStep) { told(s.String()) }); err != nil {
			break
		}
	}
	return errors.Join(err, c.Close())
}

// Whenever somebody stops a trial, nothing is left of it, and nothing else is missing.
func TestStoppedAtEachStep(t *testing.T) {
	tr, api := liveTrials(t)
	volumeWith(t, api, "pt-trial-stopped")
	stack := toBeStopped(t, tr)
	for at, want := range stepsOfATrial {
		t.Run(fmt.Sprintf("%d %s", at, want), func(t *testing.T) {
			if testing.Short() && at%4 != 0 {
				t.Skip("slow")
			}
			leavesNothing(t)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			n := 0
			err := tryOut(ctx, tr, stack, func(step string) {
				if n == at {
					if step != want {
						t.Errorf("step %d is %q", at, step)
					}
					cancel()
				}
				n++
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
		})
	}
}

// killedTrial is set in the process that TestKilledAtEachStep kills: the petrify to run.
const killedTrial = "PETRIFY_TEST_KILLED_TRIAL"

// A petrify that is killed cannot remove anything: the next trial does.
func TestKilledAtEachStep(t *testing.T) {
	tr, api := liveTrials(t)
	if id := os.Getenv(killedTrial); id != "" {
		stack := stackOf(t, tr, map[string]string{"app": id}, nil)
		if err := tryOut(t.Context(), tr, stack, func(step string) { fmt.Printf("step: %s\n", step) }); err != nil {
			t.Fatal(err)
		}
		return
	}
	volumeWith(t, api, "pt-trial-stopped")
	stack := toBeStopped(t, tr)
	id := stack.Services[0].Containers[0].ID
	for at, want := range stepsOfATrial {
		t.Run(fmt.Sprintf("%d %s", at, want), func(t *testing.T) {
			if testing.Short() && at%4 != 0 {
				t.Skip("slow")
			}
			leavesNothing(t)
			self := exec.Command(os.Args[0], "-test.run", "^TestKilledAtEachStep$", "-test.v")
			self.Env = append(os.Environ(), killedTrial+"="+id, builtBefore+"="+built(t))
			out, err := self.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := self.Start(); err != nil {
				t.Fatal(err)
			}
			n, last := 0, ""
			lines := bufio.NewScanner(out)
			for lines.Scan() && n <= at {
				if step, ok := strings.CutPrefix(lines.Text(), "step: "); ok {
					last = step
					n++
				}
			}
			if last != want {
				t.Errorf("step %d was %q", at, last)
			}
			if err := self.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = self.Wait()
			c, err := tr.Open(t.Context(), stack, "app", model.TrialOptions{Data: model.FreshData}, silent)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// What another petrify tries at the same time is left alone.
func TestTrialsOfOthersAreLeftAlone(t *testing.T) {
	tr, api := liveTrials(t)
	volumeWith(t, api, "pt-trial-stopped")
	stack := toBeStopped(t, tr)
	leavesNothing(t)
	first := opened(t, tr, stack, "app", model.TrialOptions{})
	before := ofOtherTests.ReplaceAllString(lists(t), "")
	if err := tr.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := ofOtherTests.ReplaceAllString(lists(t), ""); after != before {
		t.Errorf("the engine's lists were\n%s\nand are\n%s", before, after)
	}
	second := opened(t, tr, stack, "app", model.TrialOptions{})
	ran(t, second, nil)
	ran(t, first, nil)
}
