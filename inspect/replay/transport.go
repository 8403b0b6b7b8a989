package replay

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"time"

	"github.com/moby/moby/client"
)

// Address is where a capture's client believes its engine to be.
const Address = "tcp://capture"

const pathStat = "X-Docker-Container-Path-Stat"

// Client returns a client whose engine is the capture, played from now on.
func (c *Capture) Client(now func() time.Time) (*client.Client, error) {
	// The host comes first: the client refuses to set one on a transport that is not its own.
	api, err := client.New(
		client.WithHost(Address),
		client.WithHTTPClient(&http.Client{Transport: c.Transport(now), CheckRedirect: client.CheckRedirect}),
	)
	if err != nil {
		return nil, fmt.Errorf("client of a capture: %w", err)
	}
	return api, nil
}

// Transport answers as the engine did, played from now on. Its streams wait in
// the pace of the real clock for what now has not reached.
func (c *Capture) Transport(now func() time.Time) http.RoundTripper {
	return &transport{capture: c, elapsed: c.elapsed(now)}
}

type transport struct {
	capture *Capture
	elapsed func() time.Duration
}

var logsOf = regexp.MustCompile(`^/containers/([^/]+)/logs$`)

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		_ = req.Body.Close() // a RoundTripper owes this; nothing that a capture answers sends one
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	path, query := unversioned(req.URL.Path), req.URL.Query()
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		return refuse(req, http.StatusMethodNotAllowed, "a capture cannot be changed: %s %s", req.Method, path)
	}
	if path == "/events" {
		return t.events(req, query)
	}
	if m := logsOf.FindStringSubmatch(path); m != nil {
		return t.logs(req, m[1], query)
	}
	a, ok := t.capture.answer(key(path, canonical(query)), t.elapsed())
	if !ok {
		status := http.StatusNotFound
		if strings.HasSuffix(path, "/archive") {
			status = http.StatusNotImplemented // not found would say that there is no such file
		}
		return refuse(req, status, "not in this capture: %s %s", path, req.URL.RawQuery)
	}
	return a.response(req), nil
}

func (a answer) response(req *http.Request) *http.Response {
	header := http.Header{}
	for name, value := range a.Header {
		header.Set(name, value)
	}
	if a.Stat != nil {
		header.Set(pathStat, base64.StdEncoding.EncodeToString(a.Stat))
	}
	length := int64(len(a.body))
	body := io.Reader(bytes.NewReader(a.body))
	if a.Cut {
		length, body = -1, io.MultiReader(body, cut{})
	}
	if req.Method == http.MethodHead {
		body = http.NoBody
	}
	return respond(req, a.Status, header, length, io.NopCloser(body))
}

// cut stands where a capture has not kept the rest of an answer.
type cut struct{}

func (cut) Read([]byte) (int, error) {
	return 0, errors.New("the rest of this answer is not in this capture")
}

// refuse answers with an error as engines do.
func refuse(req *http.Request, status int, format string, args ...any) (*http.Response, error) {
	body, err := json.Marshal(map[string]string{"message": fmt.Sprintf(format, args...)})
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/json"}}
	return respond(req, status, header, int64(len(body)), io.NopCloser(bytes.NewReader(body))), nil
}

func respond(req *http.Request, status int, header http.Header, length int64, body io.ReadCloser) *http.Response {
	return &http.Response{
		Status:     fmt.Sprintf("%d %s", status, http.StatusText(status)),
		StatusCode: status,
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        header,
		ContentLength: length,
		Body:          body,
		Request:       req,
	}
}
