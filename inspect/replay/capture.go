// Package replay plays an engine's captured answers back, in time, under the
// client that talks to a live one.
package replay

import (
	"bufio"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"petrify/inspect/unpack"
)

// Capture is what an engine answered while somebody asked, and when.
type Capture struct {
	About
	answers map[string][]answer  // by key, in order of time
	logs    map[string][]logLine // by container, in order of time
	events  []event              // in order of time
	trials  map[string]*Trial    // by service
	from    time.Duration        // where it starts to play
	still   *time.Duration       // where it is held; nil while it plays
}

// At returns the capture held at one moment: answers are those of that moment,
// and streams deliver what was before it and then stay silent.
func (c *Capture) At(offset time.Duration) *Capture {
	held := *c
	held.still = &offset
	return &held
}

// Held reports whether the capture is held at one moment.
func (c *Capture) Held() bool { return c.still != nil }

// From returns the capture played from a later moment on.
func (c *Capture) From(offset time.Duration) *Capture {
	later := *c
	later.from = offset
	return &later
}

// Clock maps what now says to the capture's own time, which begins when Clock
// is called. It goes on after the capture's end.
func (c *Capture) Clock(now func() time.Time) func() time.Time {
	elapsed := c.elapsed(now)
	return func() time.Time { return c.Captured.Add(elapsed()) }
}

// elapsed measures from now on how far the capture has been played.
func (c *Capture) elapsed(now func() time.Time) func() time.Duration {
	if c.still != nil {
		return func() time.Duration { return *c.still }
	}
	began := now()
	return func() time.Duration { return c.from + max(0, now().Sub(began)) }
}

// Open reads a capture.
func Open(r io.Reader) (*Capture, error) {
	c, err := read(r)
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, io.EOF):
		return nil, errors.New("this is not a capture of petrify")
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, gzip.ErrChecksum):
		return nil, fmt.Errorf("the capture is damaged or cut short; fetch or capture it again: %w", err)
	default:
		return nil, fmt.Errorf("read capture: %w", err)
	}
}

func read(r io.Reader) (*Capture, error) {
	unpacked, _, err := unpack.Open(r)
	if err != nil {
		return nil, err
	}
	defer unpacked.Close()
	limited := &io.LimitedReader{R: unpacked, N: maxText}
	text := bufio.NewReader(limited)
	first, err := text.ReadBytes('\n')
	if err != nil && limited.N > 0 {
		return nil, err // io.EOF: no line at all
	}
	c := &Capture{answers: map[string][]answer{}, logs: map[string][]logLine{}, trials: map[string]*Trial{}}
	if err := json.Unmarshal(first, &c.About); err != nil || c.Format < 1 {
		return nil, io.EOF
	}
	if c.Format > format {
		return nil, fmt.Errorf("it has format %d, and this petrify knows formats up to %d; use a newer petrify", c.Format, format)
	}
	bodies := map[string][]byte{"": nil}
	for n := 2; ; n++ {
		raw, err := text.ReadBytes('\n')
		if err == io.EOF && len(raw) == 0 && limited.N > 0 {
			break
		}
		if err != nil {
			return nil, tooLong(limited, err)
		}
		if n > maxLines {
			return nil, fmt.Errorf("it has more than %d lines", maxLines)
		}
		if err := c.add(raw, bodies); err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	c.sort()
	return c, nil
}

// tooLong says why the text ended: because it is, or because it has no end.
func tooLong(limited *io.LimitedReader, err error) error {
	if limited.N <= 0 {
		return fmt.Errorf("it holds more than %d MiB", maxText>>20)
	}
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF // a last line without its end
	}
	return err
}

func (c *Capture) add(raw []byte, bodies map[string][]byte) error {
	var l line
	if err := json.Unmarshal(raw, &l); err != nil {
		return err
	}
	at := time.Duration(l.At) * time.Millisecond
	if l.At < 0 || at < 0 || at/time.Millisecond != time.Duration(l.At) {
		return fmt.Errorf("no offset can be %d ms", l.At)
	}
	switch {
	case l.Answer != nil:
		a := *l.Answer
		body, known := bodies[a.Body]
		if !known {
			return fmt.Errorf("the body %q of %s comes nowhere before", a.Body, a.Path)
		}
		if a.Status < 200 || a.Status > 599 {
			return fmt.Errorf("no answer has the status %d", a.Status)
		}
		a.at, a.body = at, body
		c.answers[key(a.Path, a.Query)] = append(c.answers[key(a.Path, a.Query)], a)
	case l.Log != nil:
		text, err := l.Log.decode()
		if err != nil {
			return err
		}
		if l.Log.Stream > 2 {
			return fmt.Errorf("no log has a stream %d", l.Log.Stream)
		}
		l.Log.at, l.Log.blob = at, blob{Text: string(text)}
		c.logs[l.Log.Container] = append(c.logs[l.Log.Container], *l.Log)
	case l.Event != nil:
		c.events = append(c.events, event{raw: l.Event, at: at})
	case l.Trial != nil:
		return c.addTrial(l.Trial)
	case l.Body != "" && l.JSON != nil:
		bodies[l.Body] = append(l.JSON, '\n') // engines end their JSON so
	case l.Body != "":
		body, err := l.decode()
		if err != nil {
			return err
		}
		bodies[l.Body] = body
	default:
		return errors.New("it says nothing that this petrify knows")
	}
	return nil
}

func (c *Capture) sort() {
	for _, list := range c.answers {
		slices.SortStableFunc(list, func(a, b answer) int { return cmp.Compare(a.at, b.at) })
	}
	for _, list := range c.logs {
		slices.SortStableFunc(list, func(a, b logLine) int { return cmp.Compare(a.at, b.at) })
	}
	slices.SortStableFunc(c.events, func(a, b event) int { return cmp.Compare(a.at, b.at) })
}

// answer returns the latest answer up to an offset, else the earliest after it:
// what was asked late while capturing was mostly true before.
func (c *Capture) answer(key string, offset time.Duration) (answer, bool) {
	list := c.answers[key]
	if len(list) == 0 {
		return answer{}, false
	}
	after, _ := slices.BinarySearchFunc(list, offset, func(a answer, offset time.Duration) int {
		if a.at <= offset {
			return -1
		}
		return 1
	})
	return list[max(0, after-1)], true
}

// versioned is the prefix of a path that names the version of the API, which
// client and engine negotiate and which does not change what is asked.
var versioned = regexp.MustCompile(`^/v[0-9]+\.[0-9]+/`)

func unversioned(asked string) string {
	return "/" + strings.TrimPrefix(versioned.ReplaceAllString(asked, "/"), "/")
}

// canonical is a query in one of its many forms.
func canonical(query url.Values) string {
	for _, values := range query {
		slices.Sort(values)
	}
	return query.Encode()
}

func key(asked, query string) string { return asked + "?" + query }
