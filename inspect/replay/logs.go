package replay

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/events"
)

// logs answers a request for a container's log: what was written so far at once,
// and the rest in time for one that follows.
func (t *transport) logs(req *http.Request, id string, query url.Values) (*http.Response, error) {
	choice, err := parseLogQuery(query)
	if err != nil {
		return refuse(req, http.StatusBadRequest, "%v", err)
	}
	now := t.elapsed()
	inspected, known := t.capture.answer(key("/containers/"+id+"/json", ""), now)
	lines := t.capture.logs[id]
	if !known && len(lines) == 0 {
		return refuse(req, http.StatusNotFound, "not in this capture: container %s", id)
	}
	written := sort.Search(len(lines), func(i int) bool { return lines[i].at > now })
	chunks := choice.append(nil, choice.last(lines[:written]))
	follows := choice.follow && running(inspected)
	ends := !follows
	if follows && t.capture.still == nil {
		rest := lines[written:]
		if dies, ok := t.capture.death(id, now); ok {
			rest = rest[:sort.Search(len(rest), func(i int) bool { return rest[i].at > dies })]
			// The stream ends when the container stops, not after its last line.
			chunks = append(choice.append(chunks, rest), chunk{at: dies})
			ends = true
		} else {
			chunks = choice.append(chunks, rest)
		}
	}
	return respond(req, http.StatusOK, http.Header{}, -1, newStream(req.Context(), t.elapsed, chunks, ends)), nil
}

// running says whether a container ran when it was inspected. One that does not
// has a log that ends, followed or not.
func running(inspected answer) bool {
	var c container.InspectResponse
	return json.Unmarshal(inspected.body, &c) == nil && c.State != nil && c.State.Running
}

// death returns when a container stops next, if it does.
func (c *Capture) death(id string, after time.Duration) (time.Duration, bool) {
	for _, e := range c.events {
		var m events.Message
		if e.at > after && json.Unmarshal(e.raw, &m) == nil && m.Action == events.ActionDie && m.Actor.ID == id {
			return e.at, true
		}
	}
	return 0, false
}

type logQuery struct {
	follow, timestamps bool
	streams            [3]bool // by logLine.Stream
	tail               int     // -1: all
	since, until       time.Time
}

func parseLogQuery(query url.Values) (logQuery, error) {
	q := logQuery{
		follow:     isTrue(query.Get("follow")),
		timestamps: isTrue(query.Get("timestamps")),
		streams:    [3]bool{true, isTrue(query.Get("stdout")), isTrue(query.Get("stderr"))},
		tail:       -1,
	}
	if !q.streams[1] && !q.streams[2] {
		return q, errors.New("Bad parameters: you must choose at least one stream") //nolint:staticcheck // the engine's own words
	}
	if n, err := strconv.Atoi(query.Get("tail")); err == nil && n >= 0 {
		q.tail = n // engines take whatever is no number for "all"
	}
	var err error
	if q.since, err = parseUnix(query.Get("since")); err != nil {
		return q, fmt.Errorf("since: %w", err)
	}
	if q.until, err = parseUnix(query.Get("until")); err != nil {
		return q, fmt.Errorf("until: %w", err)
	}
	return q, nil
}

// last is the tail of what was written so far.
func (q logQuery) last(lines []logLine) []logLine {
	if q.tail < 0 {
		return lines
	}
	return lines[max(0, len(lines)-q.tail):]
}

// append adds the chosen ones of some lines, as the engine sends them.
func (q logQuery) append(chunks []chunk, lines []logLine) []chunk {
	for _, l := range lines {
		if !q.streams[l.Stream] || l.Time.Before(q.since) || !q.until.IsZero() && l.Time.After(q.until) {
			continue
		}
		chunks = append(chunks, chunk{at: l.at, data: q.frame(l)})
	}
	return chunks
}

// logTime is how engines write times into logs: with all nine digits.
const logTime = "2006-01-02T15:04:05.000000000Z07:00"

// frame is one message in the form that stdcopy takes apart again; with a
// terminal there is one stream, and no frame.
func (q logQuery) frame(l logLine) []byte {
	var out []byte
	if l.Stream != 0 {
		out = append(out, l.Stream, 0, 0, 0, 0, 0, 0, 0)
	}
	if q.timestamps {
		out = append(l.Time.UTC().AppendFormat(out, logTime), ' ')
	}
	out = append(out, l.Text...)
	if l.Stream != 0 {
		binary.BigEndian.PutUint32(out[4:8], uint32(len(out)-8)) //nolint:gosec // no line is longer than Open takes
	}
	return out
}

// isTrue reads a flag as engines do.
func isTrue(value string) bool {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "", "0", "no", "false", "none":
		return false
	}
	return true
}

// parseUnix reads seconds with an optional fraction, which is how clients send
// every time. Nothing, and 0, is no time.
func parseUnix(value string) (time.Time, error) {
	if value == "" || value == "0" {
		return time.Time{}, nil
	}
	whole, fraction, _ := strings.Cut(value, ".")
	seconds, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time in seconds", value)
	}
	nanos, err := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is no time in seconds", value)
	}
	return time.Unix(seconds, nanos), nil
}
