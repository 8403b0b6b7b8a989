package trial

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"

	"petrify/model"
)

// mostSaid is how much is kept of what a failed command said, in bytes.
const mostSaid = 1024

// exercise uses the copies as somebody asked for, for as long as that.
func (r *run) exercise(ctx context.Context, tried *copied, again bool) bool {
	began := time.Now()
	for _, e := range r.c.options.Exercise {
		if e.Service != "" && !among(r.c.originals, e.Service) {
			continue // it is for the trial of another service, as the question says
		}
		what := strings.Join(e.Command, " ")
		if e.Service != "" {
			what = e.Service + ": " + what
		}
		if !r.take(model.TrialStep{Kind: model.ExerciseStep, What: what, Again: again}, func() (string, error) { return r.command(ctx, e) }) {
			return false
		}
	}
	left := r.c.options.For - time.Since(began)
	if left <= 0 {
		return true
	}
	what := "by whoever uses it"
	if r.c.options.Publish {
		at, err := r.publish(ctx, tried)
		if err != nil {
			return r.take(model.TrialStep{Kind: model.ExerciseStep, What: what, Again: again}, func() (string, error) { return "", err })
		}
		what = "by hand at " + at
	}
	return r.take(model.TrialStep{Kind: model.ExerciseStep, What: what, Again: again}, func() (string, error) {
		select {
		case <-time.After(left):
			return "", nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	})
}

// publish opens ports of this machine for the copy, and says which.
func (r *run) publish(ctx context.Context, tried *copied) (string, error) {
	address, ok := r.address(ctx, tried)
	if !ok {
		return "", errors.New("the copy is in no network that is reached from here")
	}
	at, err := r.c.published.lead(ctx, address, r.c.baseline[tried.service])
	if err == nil && at == "" {
		err = errors.New("it listens at no port that others reach")
	}
	return at, err
}

// command runs one command, in a copy or on the host.
func (r *run) command(ctx context.Context, e model.Exercise) (string, error) {
	if e.Service == "" {
		return r.onHost(ctx, e.Command)
	}
	at := slices.IndexFunc(r.made, func(m *copied) bool { return m.service == e.Service })
	if at < 0 {
		return "", fmt.Errorf("%s is not among the copies", e.Service)
	}
	api := r.c.t.api
	made, err := api.ExecCreate(ctx, r.made[at].id, client.ExecCreateOptions{Cmd: e.Command, AttachStdout: true, AttachStderr: true})
	if err != nil {
		return "", err
	}
	attached, err := api.ExecAttach(ctx, made.ID, client.ExecAttachOptions{})
	if err != nil {
		return "", err
	}
	defer attached.Close()
	defer context.AfterFunc(ctx, func() { attached.Close() })()
	var said tail
	if _, err := stdcopy.StdCopy(&said, &said, attached.Reader); err != nil && !errors.Is(err, io.EOF) {
		return "", errors.Join(err, ctx.Err())
	}
	ended, err := api.ExecInspect(ctx, made.ID, client.ExecInspectOptions{})
	if err != nil {
		return "", err
	}
	return answerOf(ended.ExitCode, &said)
}

// onHost runs a command on petrify's host, which knows from its environment where the
// copies are: PETRIFY_WEB is the address of the copy of web in the trial's network, which
// is reached from the engine's own host.
func (r *run) onHost(ctx context.Context, command []string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = os.Environ()
	for _, made := range r.made {
		if address, ok := r.address(ctx, made); ok {
			cmd.Env = append(cmd.Env, variable(made.service)+"="+address.String())
		}
	}
	var said tail
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.WaitDelay = 2 * time.Second
	err := cmd.Run()
	if ended, ok := errors.AsType[*exec.ExitError](err); ok && ctx.Err() == nil {
		return answerOf(ended.ExitCode(), &said)
	}
	if err != nil {
		return "", err
	}
	return answerOf(0, &said)
}

// variable is the name of what says where the copy of a service is.
func variable(service string) string {
	return "PETRIFY_" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		default:
			return '_'
		}
	}, service)
}

// address is where a copy is in the trial's network.
func (r *run) address(ctx context.Context, made *copied) (netip.Addr, bool) {
	found, err := r.inspect(ctx, made)
	if err != nil || found.NetworkSettings == nil {
		return netip.Addr{}, false
	}
	endpoint := found.NetworkSettings.Networks[r.at.network]
	if endpoint == nil || !endpoint.IPAddress.IsValid() {
		return netip.Addr{}, false
	}
	return endpoint.IPAddress, true
}

func answerOf(code int, said *tail) (string, error) {
	if code == 0 {
		return "exit code 0", nil
	}
	if text := said.String(); text != "" {
		return "", fmt.Errorf("exit code %d: %s", code, text)
	}
	return "", fmt.Errorf("exit code %d", code)
}

// tail keeps the end of what is written to it.
type tail struct{ bytes.Buffer }

func (t *tail) Write(p []byte) (int, error) {
	n, err := t.Buffer.Write(p)
	if over := t.Len() - mostSaid; over > 0 {
		t.Next(over)
	}
	return n, err
}

func (t *tail) String() string { return strings.TrimSpace(t.Buffer.String()) }
