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

// talk connects to a container that has started.
func (h *Helper) talk(ctx context.Context, id, image string, attached client.ContainerAttachResult) *Talk {
	out, stdout := io.Pipe()
	stderr := &tail{}
	copied := make(chan error, 1)
	go func() {
		_, err := stdcopy.StdCopy(stdout, stderr, attached.Reader)
		_ = stdout.CloseWithError(err)
		copied <- err
	}()
	return &Talk{
		In:  input{attached},
		Out: out,
		Wait: sync.OnceValue(func() error {
			err := <-copied
			attached.Close()
			h.remove(ctx, id)
			h.removeImage(ctx, image)
			if said := stderr.text(); said != "" {
				return fmt.Errorf("the recorder ended: %s", said)
			}
			return err
		}),
	}
}

// input is the recorder's; closing it leaves the output open.
type input struct{ attached client.ContainerAttachResult }

func (i input) Write(p []byte) (int, error) { return i.attached.Conn.Write(p) }
func (i input) Close() error                { return i.attached.CloseWrite() }

// mostSaid is how much of what went wrong is told.
const mostSaid = 2048

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	said bytes.Buffer
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.said.Write(p)
	if over := t.said.Len() - mostSaid; over > 0 {
		t.said.Next(over)
	}
	return len(p), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(t.said.String())
}
