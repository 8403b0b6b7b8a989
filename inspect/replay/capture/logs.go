package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/moby/moby/client"
)

// maxBacklog is how many lines of a log from before the capture are kept.
const maxBacklog = 2000

// follows keeps the container's log through all its starts.
func (c *followed) follows(ctx context.Context, tty bool) {
	options := client.ContainerLogsOptions{
		ShowStdout: true, ShowStderr: true, Timestamps: true, Follow: true,
		Tail: fmt.Sprint(maxBacklog),
	}
	for {
		last, err := c.log(ctx, tty, options)
		warn(ctx, err)
		if !last.IsZero() {
			next := last.Add(time.Nanosecond)
			options.Since = fmt.Sprintf("%d.%09d", next.Unix(), next.Nanosecond())
		}
		select {
		case <-ctx.Done():
			return
		case <-c.started:
		}
	}
}

// log keeps a log until its stream ends, which it does when the container
// stops, and returns the time of the last line.
func (c *followed) log(ctx context.Context, tty bool, options client.ContainerLogsOptions) (last time.Time, err error) {
	stream, err := c.api.ContainerLogs(ctx, c.id, options)
	if err != nil {
		return last, fmt.Errorf("read the log of %s: %w", c.id, err)
	}
	defer func() { _ = stream.Close() }()
	in := bufio.NewReader(stream)
	for {
		kind, message, err := next(in, tty)
		if errors.Is(err, io.EOF) {
			return last, nil
		}
		if err != nil {
			return last, fmt.Errorf("read the log of %s: %w", c.id, err)
		}
		stamp, text, _ := bytes.Cut(message, []byte(" "))
		written, err := time.Parse(time.RFC3339Nano, string(stamp))
		if err != nil {
			return last, fmt.Errorf("read the log of %s: %w", c.id, err)
		}
		last = written
		c.capturer.Log(c.id, kind, written, text)
	}
}

// maxMessage bounds what a frame can claim; engines split messages at 16 KiB.
const maxMessage = 1 << 20

// next reads one message: a line with a terminal, else a frame of 8 bytes that
// say the stream and the size, and then the message.
func next(in *bufio.Reader, tty bool) (kind byte, message []byte, err error) {
	if tty {
		message, err = in.ReadBytes('\n')
		return 0, message, err
	}
	var head [8]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return 0, nil, err
	}
	size := binary.BigEndian.Uint32(head[4:])
	if head[0] > 2 || size > maxMessage {
		return 0, nil, fmt.Errorf("%v is no head of a message", head)
	}
	message = make([]byte, size)
	_, err = io.ReadFull(in, message)
	return max(1, head[0]), message, err
}
