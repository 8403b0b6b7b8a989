package replay

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Capturer is a transport that keeps what an engine answers to GET and HEAD. It
// passes streams (events and logs) and exports on without keeping them: Event, Log
// and Put take what is worth keeping of those.
type Capturer struct {
	base    http.RoundTripper
	now     func() time.Time
	began   time.Time
	rewrite func(path string, body []byte) []byte

	mu      sync.Mutex
	answers map[string][]answer
	events  []event
	logs    []logLine
	trials  []json.RawMessage
}

// NewCapturer begins a capture of what base answers. Each body is kept as
// rewrite returns it, which must not change what it is given; the client gets it
// unchanged.
func NewCapturer(base http.RoundTripper, now func() time.Time, rewrite func(path string, body []byte) []byte) *Capturer {
	return &Capturer{base: base, now: now, began: now(), rewrite: rewrite, answers: map[string][]answer{}}
}

// RoundTrip asks the engine, and keeps as much of the answer as the client reads.
func (c *Capturer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.base.RoundTrip(req)
	path := unversioned(req.URL.Path)
	if err != nil || req.Method != http.MethodGet && req.Method != http.MethodHead || !kept(path) {
		return resp, err
	}
	a := answer{
		Path:   path,
		Query:  canonical(req.URL.Query()),
		Status: resp.StatusCode,
		Header: map[string]string{},
		at:     c.moment(req.Context()),
	}
	for _, name := range headersOf(path) {
		if value := resp.Header.Get(name); value != "" {
			a.Header[name] = value
		}
	}
	if stat, err := base64.StdEncoding.DecodeString(resp.Header.Get(pathStat)); err == nil && json.Valid(stat) {
		a.Stat = stat
	}
	resp.Body = &copied{ReadCloser: resp.Body, keep: func(body []byte, whole bool) {
		a.body, a.Cut = body, !whole
		c.keep(a)
	}}
	return resp, nil
}

type asOf struct{}

// AsOf pins the present moment into a context: answers to what is asked with it
// count as given now. An engine may be slow to say what an event has changed, and
// whoever hears of the event in the replay asks at once.
func (c *Capturer) AsOf(ctx context.Context) context.Context {
	return context.WithValue(ctx, asOf{}, c.Elapsed())
}

func (c *Capturer) moment(ctx context.Context) time.Duration {
	if at, ok := ctx.Value(asOf{}).(time.Duration); ok {
		return at
	}
	return c.Elapsed()
}

// Elapsed is how long the capture has been made.
func (c *Capturer) Elapsed() time.Duration { return c.now().Sub(c.began) }

func kept(path string) bool {
	return path != "/events" && path != "/images/get" && !logsOf.MatchString(path)
}

// headersOf are the headers that the client reads. Engines send those of a ping
// with every answer, where nobody looks at them.
func headersOf(path string) []string {
	if path == "/_ping" {
		return []string{"Api-Version", "Docker-Experimental", "Ostype", "Server", "Content-Type"}
	}
	return []string{"Content-Type"}
}

// copied is a body that keeps what was read of it, once it is read or closed: the
// client does not close what it has read of an error. An answer that broke off is
// none, and is not kept.
type copied struct {
	io.ReadCloser
	read bytes.Buffer
	once sync.Once
	keep func(body []byte, whole bool)
}

func (c *copied) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.read.Write(p[:n])
	switch err {
	case nil:
	case io.EOF:
		c.once.Do(func() { c.keep(c.read.Bytes(), true) })
	default:
		c.once.Do(func() {})
	}
	return n, err
}

func (c *copied) Close() error {
	c.once.Do(func() { c.keep(c.read.Bytes(), false) })
	return c.ReadCloser.Close()
}

// Put keeps an answer that was put together rather than passed on, as one that
// was always there.
func (c *Capturer) Put(path string, query url.Values, contentType string, body []byte) {
	c.keep(answer{
		Path:   path,
		Query:  canonical(query),
		Status: http.StatusOK,
		Header: map[string]string{"Content-Type": contentType},
		body:   body,
	})
}

// Event keeps an event as of now.
func (c *Capturer) Event(raw json.RawMessage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, event{raw: c.rewrite("/events", raw), at: c.Elapsed()})
}

// Log keeps one message of a container's log as of now. Its stream is 1 or 2 as the
// engine multiplexes them, and 0 with a terminal.
func (c *Capturer) Log(container string, stream byte, written time.Time, text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.logs = append(c.logs, logLine{
		Container: container,
		Stream:    stream,
		Time:      written,
		blob:      newBlob(c.rewrite("/containers/"+container+"/logs", text)),
		at:        c.Elapsed(),
	})
}

// keep adds an answer, unless it says what the one before it said.
func (c *Capturer) keep(a answer) {
	a.body = c.rewrite(a.Path, a.body)
	c.mu.Lock()
	defer c.mu.Unlock()
	k := key(a.Path, a.Query)
	list := c.answers[k]
	if len(list) > 0 {
		last := &list[len(list)-1]
		same := a.Status == last.Status && maps.Equal(a.Header, last.Header) && bytes.Equal(a.Stat, last.Stat)
		switch {
		case same && a.Cut == last.Cut && bytes.Equal(a.body, last.body),
			same && a.Cut && bytes.HasPrefix(last.body, a.body):
			last.at = min(last.at, a.at)
			return
		case same && last.Cut && bytes.HasPrefix(a.body, last.body):
			last.body, last.Cut = a.body, a.Cut // the same answer, of which more was read
			last.at = min(last.at, a.at)
			return
		}
	}
	c.answers[k] = append(list, a)
}

// Write writes what was captured. It sets the format and the beginning in about.
func (c *Capturer) Write(w io.Writer, about About) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	about.Format, about.Captured = format, c.began.UTC()
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	out := json.NewEncoder(z)
	out.SetEscapeHTML(false)
	if err := c.lines(about, out.Encode); err != nil {
		return fmt.Errorf("write capture: %w", err)
	}
	return z.Close()
}

// lines hands every line to put, in the order of the format.
func (c *Capturer) lines(about About, put func(any) error) error {
	if err := put(about); err != nil {
		return err
	}
	written := map[string]bool{}
	for _, k := range slices.Sorted(maps.Keys(c.answers)) {
		for _, a := range c.answers[k] {
			body := newBody(a.body)
			if body.Body != "" && !written[body.Body] {
				written[body.Body] = true
				if err := put(body); err != nil {
					return err
				}
			}
			a.Body = body.Body
			if err := put(line{At: a.at.Milliseconds(), Answer: &a}); err != nil {
				return err
			}
		}
	}
	for _, e := range c.events {
		if err := put(line{At: e.at.Milliseconds(), Event: e.raw}); err != nil {
			return err
		}
	}
	slices.SortStableFunc(c.logs, func(a, b logLine) int { return strings.Compare(a.Container, b.Container) })
	for _, l := range c.logs {
		if err := put(line{At: l.at.Milliseconds(), Log: &l}); err != nil {
			return err
		}
	}
	for _, t := range c.trials {
		if err := put(line{Trial: t}); err != nil {
			return err
		}
	}
	return nil
}

// newBody is the line that stores a body under a name made from its content.
func newBody(body []byte) line {
	if len(body) == 0 {
		return line{}
	}
	sum := sha256.Sum256(body)
	l := line{Body: hex.EncodeToString(sum[:8])}
	if first := body[0]; (first == '{' || first == '[') && json.Valid(body) {
		l.JSON = body
	} else {
		l.blob = newBlob(body)
	}
	return l
}
