package replay

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"
)

// A capture is gzip around lines of JSON, so that zcat and diff read it. The
// first line is its About. Each further line is one of
//
//	{"body":NAME,"json":...}    what was answered; "text" or "bytes" where it is no JSON
//	{"at":MS,"answer":{...}}    an answer to a GET; its body is named, and stored once
//	{"at":MS,"event":{...}}     an event, as the engine sent it
//	{"at":MS,"log":{...}}       what a container wrote
//	{"trial":{...}}             how the plan of a service was tried, since format 2
//
// Offsets are milliseconds from the start. Answers are in order of path and query,
// then time: versions of one answer stand beside each other, which is what makes
// the file small.
const format = 2

// What Open takes at most, so that no file can exhaust the memory.
const (
	maxText  = 32 << 20 // bytes of uncompressed text
	maxLines = 200_000
)

// About says what a capture is of. It is its first line.
type About struct {
	Format   int       `json:"petrify-capture"`
	Name     string    `json:"name"`
	Captured time.Time `json:"captured"` // when it began
	Millis   int64     `json:"millis"`   // how long it is
	Project  string    `json:"project"`
	Dir      string    `json:"dir,omitempty"`     // the project's directory, as the answers have it
	Files    []File    `json:"files,omitempty"`   // its Compose files, in merge order
	Environ  []string  `json:"environ,omitempty"` // the variables that they use, as NAME=value
}

// Duration is how long the capture is.
func (a About) Duration() time.Duration { return time.Duration(a.Millis) * time.Millisecond }

// File is a Compose file, or the .env beside it.
type File struct {
	Name    string `json:"name"` // in the project's directory
	Content string `json:"content"`
}

type line struct {
	At     int64           `json:"at,omitempty"`
	Answer *answer         `json:"answer,omitempty"`
	Event  json.RawMessage `json:"event,omitempty"`
	Log    *logLine        `json:"log,omitempty"`
	Trial  json.RawMessage `json:"trial,omitempty"`
	Body   string          `json:"body,omitempty"`
	JSON   json.RawMessage `json:"json,omitempty"`
	blob
}

// answer is what the engine said to a GET, or to the HEAD of one.
type answer struct {
	Path   string            `json:"path"`            // without the API's version
	Query  string            `json:"query,omitempty"` // canonical
	Status int               `json:"status"`
	Header map[string]string `json:"header,omitempty"`
	// Stat is the header X-Docker-Container-Path-Stat, decoded for readers.
	Stat json.RawMessage `json:"stat,omitempty"`
	Body string          `json:"body,omitempty"`
	// Cut says that the answer was longer than what is captured of it.
	Cut bool `json:"cut,omitempty"`

	at   time.Duration
	body []byte
}

// logLine is one message of a container's log.
type logLine struct {
	Container string    `json:"container"`
	Stream    byte      `json:"stream,omitempty"` // 1 and 2 as the engine multiplexes them; 0 with a terminal
	Time      time.Time `json:"time"`
	blob

	at time.Duration
}

type event struct {
	raw json.RawMessage
	at  time.Duration
}

// blob is any bytes in JSON: as text where they are text, else with one character
// for each byte. Unlike base64 that keeps names in archives legible, and repeats
// remain repeats to gzip.
type blob struct {
	Text  string `json:"text,omitempty"`
	Bytes string `json:"bytes,omitempty"`
}

func newBlob(b []byte) blob {
	if utf8.Valid(b) && !bytes.ContainsRune(b, 0) {
		return blob{Text: string(b)}
	}
	runes := make([]rune, len(b))
	for i, c := range b {
		runes[i] = rune(c)
	}
	return blob{Bytes: string(runes)}
}

func (b blob) decode() ([]byte, error) {
	if b.Bytes == "" {
		return []byte(b.Text), nil
	}
	out := make([]byte, 0, len(b.Bytes))
	for _, r := range b.Bytes {
		if r > 0xff {
			return nil, fmt.Errorf("%q is no byte", r)
		}
		out = append(out, byte(r))
	}
	return out, nil
}
