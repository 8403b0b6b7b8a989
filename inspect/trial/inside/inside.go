// Package inside is what petrify does in the containers of a trial: one of them keeps
// the content of the copies' volumes, and one looks at a copy from its own network.
package inside

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// The rules of the talk: one request a line, and one answer to each, in their order.
// The end of the requests is the end of the program.

// Request asks for one thing: the first field that is set.
type Request struct {
	Measure string `json:"measure,omitempty"` // how much is in a tree
	Free    string `json:"free,omitempty"`    // how much room there is where a directory lies, and in memory
	Clear   string `json:"clear,omitempty"`   // empty a directory
	Copy    *Copy  `json:"copy,omitempty"`    // fill a directory
	Ports   bool   `json:"ports,omitempty"`   // which ports listen
	Ask     *Port  `json:"ask,omitempty"`     // what a port answers
}

// Copy fills a directory with what is in another one. Where From is a file, that is all
// that is put into it.
type Copy struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Answer is what came of a request.
type Answer struct {
	Err     string  `json:"err,omitempty"`
	Size    *Size   `json:"size,omitempty"`
	Room    *Room   `json:"room,omitempty"`
	Skipped int     `json:"skipped,omitempty"` // files that could not be copied as they are
	Ports   []Port  `json:"ports,omitempty"`
	Reply   *string `json:"reply,omitempty"`
}

// Size is how much is in a tree.
type Size struct {
	Bytes int64 `json:"bytes"` // that it takes up
	Files int64 `json:"files"`
}

// Room is how much there is left, in bytes.
type Room struct {
	Disk   int64 `json:"disk"`
	Memory int64 `json:"memory"`
}

// Port is a TCP port that listens.
type Port struct {
	Address string `json:"address"` // where it listens; "" for everywhere
	Number  uint16 `json:"number"`
}

// longestLine bounds what one side reads of the other, in bytes.
const longestLine = 1 << 20

// Serve answers requests until there are no more. What is still being done then is
// given up: nobody waits for it any more.
func Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longestLine)
	requests := make(chan Request)
	ended := make(chan error, 1)
	go func() {
		defer cancel()
		ended <- readRequests(ctx, lines, requests)
	}()
	answers := json.NewEncoder(out)
	for {
		select {
		case r := <-requests:
			answer, err := r.answer(ctx)
			if err != nil {
				answer.Err = err.Error()
			}
			if err := answers.Encode(answer); err != nil {
				return err
			}
		case <-ctx.Done():
			select {
			case err := <-ended:
				return err
			default:
				return nil
			}
		}
	}
}

func readRequests(ctx context.Context, lines *bufio.Scanner, requests chan<- Request) error {
	for lines.Scan() {
		var r Request
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			return fmt.Errorf("read what is asked: %w", err)
		}
		select {
		case requests <- r:
		case <-ctx.Done():
			return nil
		}
	}
	return lines.Err()
}

func (r Request) answer(ctx context.Context) (Answer, error) {
	switch {
	case r.Measure != "":
		size, err := Measure(ctx, r.Measure)
		return Answer{Size: &size}, err
	case r.Free != "":
		room, err := Free(r.Free)
		return Answer{Room: &room}, err
	case r.Clear != "":
		return Answer{}, clearDirectory(r.Clear)
	case r.Copy != nil:
		skipped, err := copyTree(ctx, r.Copy.From, r.Copy.To)
		return Answer{Skipped: skipped}, err
	case r.Ports:
		ports, err := listening()
		return Answer{Ports: ports}, err
	case r.Ask != nil:
		reply, err := ask(ctx, *r.Ask)
		return Answer{Reply: &reply}, err
	default:
		return Answer{}, errors.New("nothing was asked")
	}
}

// Client asks a petrify that serves in a container. It belongs to one goroutine at a time.
type Client struct {
	in    io.WriteCloser
	lines *bufio.Scanner
	wait  func() error
}

// NewClient returns a client of a petrify that was started: requests go in, answers come
// out, and wait says how it ended, once in is closed.
func NewClient(in io.WriteCloser, out io.Reader, wait func() error) *Client {
	c := &Client{in: in, lines: bufio.NewScanner(out), wait: wait}
	c.lines.Buffer(nil, longestLine)
	return c
}

// Do asks for one thing, and waits for the answer.
func (c *Client) Do(r Request) (Answer, error) {
	line, err := json.Marshal(r)
	if err != nil {
		return Answer{}, err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return Answer{}, err
	}
	if !c.lines.Scan() {
		return Answer{}, errors.Join(errors.New("petrify's own container ended"), c.lines.Err())
	}
	var answer Answer
	if err := json.Unmarshal(c.lines.Bytes(), &answer); err != nil {
		return Answer{}, fmt.Errorf("read the answer of petrify's own container: %w", err)
	}
	if answer.Err != "" {
		return answer, errors.New(answer.Err)
	}
	return answer, nil
}

// Close ends the container, and waits until it is gone.
func (c *Client) Close() error {
	_ = c.in.Close()
	return c.wait()
}
