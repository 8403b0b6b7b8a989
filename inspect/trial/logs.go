package trial

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// What is kept of the log of a copy: its end.
const (
	mostLines = 40
	mostBytes = 16 << 10
)

// logTail is the end of what a copy says, and when it said something last.
type logTail struct {
	tty bool

	mu     sync.Mutex
	text   bytes.Buffer
	at     time.Time
	cancel context.CancelFunc
	wait   sync.WaitGroup
}

func newLogTail(tty bool) *logTail { return &logTail{tty: tty, cancel: func() {}} }

// follow follows the log from a start on, until it ends.
func (l *logTail) follow(ctx context.Context, api Changer, id string, since time.Time) {
	l.stop()
	ctx, cancel := context.WithCancel(ctx)
	l.cancel = cancel
	l.wait.Go(func() {
		defer cancel()
		logs, err := api.ContainerLogs(ctx, id, client.ContainerLogsOptions{
			ShowStdout: true, ShowStderr: true, Follow: true, Since: since.Format(time.RFC3339Nano),
		})
		if err != nil {
			return
		}
		defer logs.Close()
		if l.tty {
			_, _ = io.Copy(l, logs)
		} else {
			_, _ = stdcopy.StdCopy(l, l, logs)
		}
	})
}

// stop ends following.
func (l *logTail) stop() {
	l.cancel()
	l.wait.Wait()
}

// Write takes what the copy says.
func (l *logTail) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = time.Now()
	l.text.Write(p)
	if over := l.text.Len() - mostBytes; over > 0 {
		l.text.Next(over)
	}
	return len(p), nil
}

// last is when the copy said something last; zero for never.
func (l *logTail) last() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.at
}

// lines are the last ones.
func (l *logTail) lines() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := strings.TrimRight(l.text.String(), "\r\n")
	if text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	return lines[max(len(lines)-mostLines, 0):]
}
