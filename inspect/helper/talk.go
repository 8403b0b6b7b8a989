package helper

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// Talk is a petrify that works elsewhere: commands go in, reports come out. Closing In
// ends it; Wait says how it ended, when nothing of it is left. Whatever was not read of
// Out until Wait is called is dropped.
type Talk struct {
	In   io.WriteCloser
	Out  io.Reader
	Wait func() error
}

// NewTalk returns a talk. Its ended says how it ended; it is called once.
func NewTalk(in io.WriteCloser, out io.Reader, ended func() error) *Talk {
	return &Talk{In: in, Out: out, Wait: sync.OnceValue(func() error {
		// It could not end as long as it waits for somebody to read.
		go func() { _, _ = io.Copy(io.Discard, out) }()
		return ended()
	})}
}

// talk speaks to a container that has started.
func (h *Helper) talk(ctx context.Context, task Task, id string, attached client.ContainerAttachResult) *Talk {
	out, stdout := io.Pipe()
	stderr := &tail{}
	copied := make(chan error, 1)
	go func() {
		_, err := stdcopy.StdCopy(stdout, stderr, attached.Reader)
		_ = stdout.CloseWithError(err)
		copied <- err
	}()
	cutOff := context.AfterFunc(ctx, func() {
		attached.Close()
		_ = out.CloseWithError(context.Cause(ctx))
	})
	return NewTalk(input{attached}, out, func() error {
		err := <-copied
		cutOff()
		attached.Close()
		ctx, cancel := cleanup(ctx)
		defer cancel()
		h.remove(ctx, id)
		h.sweep(ctx)
		if said := stderr.text(); said != "" {
			return fmt.Errorf("the %s ended: %s", task.Purpose, said)
		}
		return err
	})
}

// input is the helper's; closing it leaves the output open.
type input struct{ attached client.ContainerAttachResult }

func (i input) Write(p []byte) (int, error) { return i.attached.Conn.Write(p) }
func (i input) Close() error                { return i.attached.CloseWrite() }

// mostErrorText is how much of what went wrong is told.
const mostErrorText = 2048

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said.Write(p)
	if over := t.said.Len() - mostErrorText; over > 0 {
		t.said.Next(over)
	}
	return len(p), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(t.said.String())
}
