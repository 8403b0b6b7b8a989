package engine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"petrify/model"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"
)

// maxLine bounds one line of a log; the rest of a longer one is dropped.
const maxLine = 64 << 10

// Logs calls each for the last tail lines of a container, all of them if tail
// is negative, and then for every new one. It returns nil when the container
// stops: the engine ends the stream there. To go on when it starts again, call
// again and skip what is not after the last line's time.
func (e *Engine) Logs(ctx context.Context, id string, tail int, each func(model.LogLine)) error {
	tty, err := e.hasTTY(ctx, id)
	if err != nil {
		return err
	}
	options := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: true, Tail: "all"}
	if tail >= 0 {
		options.Tail = strconv.Itoa(tail)
	}
	stream, err := e.api.ContainerLogs(ctx, id, options)
	if err != nil && strings.Contains(err.Error(), "does not support reading") {
		return e.unreadableLog(ctx, id, err)
	}
	if err != nil {
		return e.failedAt(ctx, id, "read the log of container", err)
	}
	defer stream.Close()

	err = copyLines(stream, tty, each)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return e.failedAt(ctx, id, "follow the log of container", err)
}

// A search of a log looks at its last lines, so many at most.
const (
	searchedLines = 2000
	searchedBytes = 1 << 20
)

// SearchLog calls each for the last lines of a container's log that came after a moment,
// as far as they are within bounds, and reports whether there were more.
func (e *Engine) SearchLog(ctx context.Context, id string, after time.Time, each func(model.LogLine)) (cut bool, err error) {
	tty, err := e.hasTTY(ctx, id)
	if err != nil {
		return false, err
	}
	options := client.ContainerLogsOptions{ShowStdout: true, ShowStderr: true, Timestamps: true, Tail: strconv.Itoa(searchedLines)}
	if !after.IsZero() {
		options.Since = fmt.Sprintf("%d.%09d", after.Unix(), after.Nanosecond())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // what is beyond the bounds is not waited for
	stream, err := e.api.ContainerLogs(ctx, id, options)
	if err != nil {
		return false, e.failedAt(ctx, id, "search the log of container", err)
	}
	defer stream.Close()
	bounded := &io.LimitedReader{R: stream, N: searchedBytes}
	lines := 0
	err = copyLines(bounded, tty, func(line model.LogLine) {
		// Engines send what came at that very moment as well.
		if lines++; line.At.IsZero() || line.At.After(after) {
			each(line)
		}
	})
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if bounded.N <= 0 {
		return true, nil // whatever the cut made of the last message
	}
	return lines >= searchedLines, e.failedAt(ctx, id, "search the log of container", err)
}

// copyLines calls each for the lines of a log, until it ends.
func copyLines(stream io.Reader, tty bool, each func(model.LogLine)) error {
	stdout, stderr := &lineWriter{each: each}, &lineWriter{each: each, stderr: true}
	defer stderr.end()
	defer stdout.end()
	if tty {
		return copyTerminal(stdout, stream)
	}
	_, err := stdcopy.StdCopy(stdout, stderr, stream)
	return err
}

// unreadableLog says why there is no log to read.
func (e *Engine) unreadableLog(ctx context.Context, id string, cause error) error {
	driver := "of the container"
	found, err := e.api.ContainerInspect(ctx, id, client.ContainerInspectOptions{})
	if host := found.Container.HostConfig; err == nil && host != nil && host.LogConfig.Type != "" {
		driver = host.LogConfig.Type
	}
	return &model.ProblemError{Cause: cause, Problem: model.Problem{
		Text:   fmt.Sprintf("there is no log: the logging driver %s keeps nothing that can be read", driver),
		Advice: "With `logging: {driver: local}` and a new container its output can be read here.",
	}}
}

// hasTTY is known without asking once the container was inspected.
func (e *Engine) hasTTY(ctx context.Context, id string) (bool, error) {
	var known, tty bool
	e.memory.of(id, func(n *note) { known, tty = n.known, n.tty })
	if known {
		return tty, nil
	}
	c, err := e.Inspect(ctx, id)
	return c.TTY, err
}

// lineWriter makes lines of the messages that are written to it, one a call.
//
// A message begins with its time. It is one line, or a part of one: Docker cuts
// lines at 16 KiB, and each part begins with the time as well.
type lineWriter struct {
	each   func(model.LogLine)
	stderr bool
	at     time.Time
	text   []byte
	open   bool // a part of a line was written
}

func (w *lineWriter) Write(message []byte) (int, error) {
	written := len(message)
	for len(message) > 0 {
		line, rest, ended := bytes.Cut(message, []byte("\n"))
		w.part(line)
		if ended {
			w.end()
		}
		message = rest
	}
	return written, nil
}

func (w *lineWriter) part(message []byte) {
	at, text := cutTime(message)
	if !w.open {
		w.at, w.open = at, true
	}
	w.text = append(w.text, text[:min(len(text), maxLine-len(w.text))]...)
}

func (w *lineWriter) end() {
	if !w.open {
		return
	}
	w.each(model.LogLine{At: w.at, Stderr: w.stderr, Text: string(w.text)})
	w.text, w.open = w.text[:0], false
}

// cutTime takes the time off a message; without one it is zero.
func cutTime(message []byte) (time.Time, []byte) {
	stamp, _, found := bytes.Cut(message[:min(len(message), len(time.RFC3339Nano)+1)], []byte(" "))
	if !found {
		return time.Time{}, message
	}
	at, err := time.Parse(time.RFC3339Nano, string(stamp))
	if err != nil {
		return time.Time{}, message
	}
	return at, message[len(stamp)+1:]
}

// copyTerminal reads the log of a container with a terminal: one stream, without
// frames, and lines that end as terminals end them. Docker's messages can still
// be told apart: those that are no whole line have a fixed size.
func copyTerminal(w *lineWriter, stream io.Reader) error {
	const cutMessage = len("2006-01-02T15:04:05.000000000Z ") + 16<<10
	messages := bufio.NewReaderSize(stream, cutMessage)
	for {
		message, err := messages.ReadSlice('\n')
		if line, ended := bytes.CutSuffix(message, []byte("\n")); ended {
			w.part(bytes.TrimSuffix(line, []byte("\r")))
			w.end()
		} else if len(message) > 0 {
			w.part(message)
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}
