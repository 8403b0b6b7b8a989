package replay_test

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/moby/moby/client"

	"petrify/inspect/replay"
)

// standIn is an engine that answers from a table of paths, each time with what
// the table says then.
type standIn map[string]string

// broken is an answer that breaks off.
const broken = "broken"

func (e standIn) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	w.Header().Set("Api-Version", "1.41")
	w.Header().Set("Ostype", "linux")
	_, rest, versioned := strings.Cut(strings.TrimPrefix(req.URL.Path, "/v"), "/")
	asked := "/" + rest
	if !versioned {
		asked = req.URL.Path
	}
	if q := req.URL.Query(); len(q) > 0 {
		asked += "?" + q.Encode()
	}
	body, ok := e[asked]
	w.Header().Set("Content-Type", "application/json")
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		body = `{"message":"No such thing"}`
	}
	if strings.Contains(asked, "/archive") && ok {
		w.Header().Set("Content-Type", "application/x-tar")
		w.Header().Set("X-Docker-Container-Path-Stat",
			base64.StdEncoding.EncodeToString([]byte(`{"name":"f","size":3,"mode":420,"mtime":"2026-01-02T03:04:05Z","linkTarget":""}`)))
	}
	if body == broken {
		w.Header().Set("Content-Length", "1000") // of which little comes
		body = `{"Name":`
	}
	_, _ = io.WriteString(w, body)
}

// clock is a clock that moves when told to.
type clock struct{ time.Time }

func (c *clock) now() time.Time             { return c.Time }
func (c *clock) after(offset time.Duration) { c.Time = start.Add(offset) }

var start = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func asIs(_ string, body []byte) []byte { return body }

// startCapture returns a capturer of a stand-in engine and a client that asks through it.
func startCapture(t *testing.T, e standIn, c *clock) (*replay.Capturer, *client.Client) {
	t.Helper()
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	capturer := replay.NewCapturer(http.DefaultTransport, c.now, asIs)
	api, err := client.New(
		client.WithHost("tcp://"+strings.TrimPrefix(server.URL, "http://")),
		client.WithHTTPClient(&http.Client{Transport: capturer}),
	)
	if err != nil {
		t.Fatal(err)
	}
	return capturer, api
}

func reopen(t *testing.T, capturer *replay.Capturer) *replay.Capture {
	t.Helper()
	var file bytes.Buffer
	if err := capturer.Write(&file, replay.About{Name: "test", Project: "shop", Millis: capturer.Elapsed().Milliseconds()}); err != nil {
		t.Fatal(err)
	}
	capture, err := replay.Open(&file)
	if err != nil {
		t.Fatal(err)
	}
	return capture
}

func clientOf(t *testing.T, capture *replay.Capture, now func() time.Time) *client.Client {
	t.Helper()
	api, err := capture.Client(now)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

func archive(name, content string) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: name, Size: int64(len(content)), Mode: 0o644}); err != nil {
		panic(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.String()
}

// asked is everything that a client is told, in a form that can be compared.
func asked(t *testing.T, api *client.Client) map[string]any {
	t.Helper()
	ctx := t.Context()
	out := map[string]any{}
	note := func(name string, answer any, err error) {
		if err != nil {
			answer = err.Error()
		}
		out[name] = answer
	}
	ping, err := api.Ping(ctx, client.PingOptions{})
	note("ping", ping, err)
	version, err := api.ServerVersion(ctx, client.ServerVersionOptions{})
	note("version", version, err)
	list, err := api.ContainerList(ctx, client.ContainerListOptions{All: true})
	note("list", list, err)
	one, err := api.ContainerInspect(ctx, "aaa", client.ContainerInspectOptions{})
	note("inspect", one.Container, err)
	none, err := api.ContainerInspect(ctx, "bbb", client.ContainerInspectOptions{})
	note("inspect of none", none.Container, err)
	diff, err := api.ContainerDiff(ctx, "aaa", client.ContainerDiffOptions{})
	note("changes", diff, err)
	file, err := api.CopyFromContainer(ctx, "aaa", client.CopyFromContainerOptions{SourcePath: "/tmp/a b\xff"})
	note("stat", file.Stat, err)
	if err == nil {
		content, err := io.ReadAll(file.Content)
		note("archive", content, err)
		if err := file.Content.Close(); err != nil {
			t.Error(err)
		}
	}
	return out
}

func TestReplayAnswersAsTheEngineDid(t *testing.T) {
	e := standIn{
		"/_ping":                  "OK",
		"/version":                `{"Version":"20.10.24","ApiVersion":"1.41","Os":"linux"}`,
		"/containers/json?all=1":  `[{"Id":"aaa","Names":["/shop-web-1"],"State":"running"}]` + "\n",
		"/containers/aaa/json":    `{"Id":"aaa","Name":"/shop-web-1","Config":{"Env":["A=<&>\u2028"]}}` + "\n",
		"/containers/aaa/changes": "null\n",
		"/containers/aaa/archive?" + url.Values{"path": {"/tmp/a b\xff"}}.Encode(): archive("a b\xff", "\x00\xfe\x1b["),
	}
	c := &clock{start}
	capturer, api := startCapture(t, e, c)
	live := asked(t, api)
	replayed := asked(t, clientOf(t, reopen(t, capturer), c.now))
	for name, want := range live {
		if !reflect.DeepEqual(replayed[name], want) {
			t.Errorf("%s:\n got %v\nwant %v", name, replayed[name], want)
		}
	}
	if len(live) != len(replayed) {
		t.Errorf("%d answers, want %d", len(replayed), len(live))
	}
}

func TestAnswersFollowTheClock(t *testing.T) {
	e := standIn{"/_ping": "OK", "/containers/aaa/json": `{"Name":"early"}`}
	c := &clock{start}
	capturer, api := startCapture(t, e, c)
	ask := func(api *client.Client) string {
		got, err := api.ContainerInspect(t.Context(), "aaa", client.ContainerInspectOptions{})
		if err != nil {
			return err.Error()
		}
		return got.Container.Name
	}
	c.after(10 * time.Second)
	e["/containers/aaa/json"] = `{"Name":"ten"}`
	ask(api)
	c.after(20 * time.Second)
	e["/containers/aaa/json"] = `{"Name":"twenty"}`
	ask(api)
	c.after(30 * time.Second)
	capture := reopen(t, capturer)

	for _, test := range []struct {
		offset time.Duration
		want   string
	}{
		{0, "ten"}, // the earliest later one
		{10 * time.Second, "ten"},
		{19 * time.Second, "ten"},
		{20 * time.Second, "twenty"},
		{time.Hour, "twenty"},
	} {
		c.after(0)
		played := clientOf(t, capture, c.now)
		c.after(test.offset)
		if got := ask(played); got != test.want {
			t.Errorf("played for %v: %s, want %s", test.offset, got, test.want)
		}
		if got := ask(clientOf(t, capture.At(test.offset), c.now)); got != test.want {
			t.Errorf("held at %v: %s, want %s", test.offset, got, test.want)
		}
	}
}

// An event is heard of before the engine has said what it changed.
func TestAnswersAsOfAnEvent(t *testing.T) {
	e := standIn{"/_ping": "OK", "/containers/aaa/json": `{"Name":"before"}`}
	c := &clock{start}
	capturer, api := startCapture(t, e, c)
	ask := func(ctx context.Context, api *client.Client) string {
		got, err := api.ContainerInspect(ctx, "aaa", client.ContainerInspectOptions{})
		if err != nil {
			return err.Error()
		}
		return got.Container.Name
	}
	ask(t.Context(), api)
	c.after(10 * time.Second)
	heard := capturer.AsOf(t.Context())
	c.after(14 * time.Second)
	e["/containers/aaa/json"] = `{"Name":"after"}`
	ask(t.Context(), api)
	ask(heard, api)
	capture := reopen(t, capturer)
	for offset, want := range map[time.Duration]string{9: "before", 10: "after", 14: "after"} {
		if got := ask(t.Context(), clientOf(t, capture.At(offset*time.Second), c.now)); got != want {
			t.Errorf("after %d s: %s, want %s", offset, got, want)
		}
	}
}

func TestReadFile(t *testing.T) {
	capture := replay.Capture{About: replay.About{Dir: "/srv/shop", Files: []replay.File{{Name: "compose.yaml", Content: "services:"}}}}
	for name, want := range map[string]string{
		filepath.Join("/srv/shop", "compose.yaml"): "services:",
		"/srv/shop/.env": "open /srv/shop/.env: file does not exist",
		"compose.yaml":   "open compose.yaml: file does not exist",
	} {
		content, err := capture.ReadFile(name)
		got := string(content)
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	c := &clock{start}
	capturer, _ := startCapture(t, standIn{}, c)
	c.after(time.Minute)
	capture := reopen(t, capturer)
	real := &clock{start.AddDate(1, 0, 0)}
	now := capture.Clock(real.now)
	real.Time = real.Add(2 * time.Minute)
	if got, want := now(), start.Add(2*time.Minute); !got.Equal(want) {
		t.Errorf("after the end: %v, want %v", got, want)
	}
	if got, want := capture.At(time.Second).Clock(real.now)(), start.Add(time.Second); !got.Equal(want) {
		t.Errorf("held: %v, want %v", got, want)
	}
}

func TestUnknownRequestsAreRefusedClearly(t *testing.T) {
	c := &clock{start}
	capturer, api := startCapture(t, standIn{"/_ping": "OK"}, c)
	if _, err := api.Ping(t.Context(), client.PingOptions{}); err != nil {
		t.Fatal(err)
	}
	played := clientOf(t, reopen(t, capturer), c.now)
	_, top := played.ContainerTop(t.Context(), "aaa", client.ContainerTopOptions{})
	_, stop := played.ContainerStop(t.Context(), "aaa", client.ContainerStopOptions{})
	_, file := played.CopyFromContainer(t.Context(), "aaa", client.CopyFromContainerOptions{SourcePath: "/etc/x"})
	_, logs := played.ContainerLogs(t.Context(), "aaa", client.ContainerLogsOptions{ShowStdout: true})
	for err, want := range map[error]string{
		top:  "Error response from daemon: not in this capture: /containers/aaa/top ",
		stop: "Error response from daemon: a capture cannot be changed: POST /containers/aaa/stop",
		file: "Error response from daemon: not in this capture: /containers/aaa/archive path=%2Fetc%2Fx",
		logs: "Error response from daemon: not in this capture: container aaa",
	} {
		if err == nil || err.Error() != strings.TrimSpace(want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestRepeatsDoNotGrowTheFile(t *testing.T) {
	c := &clock{start}
	capturer, api := startCapture(t, standIn{"/_ping": "OK", "/containers/aaa/json": `{"Name":"same"}`}, c)
	size := func() int {
		var file bytes.Buffer
		c.after(0)
		if err := capturer.Write(&file, replay.About{}); err != nil {
			t.Fatal(err)
		}
		return file.Len()
	}
	var sizes [2]int
	for i := range sizes {
		for range 1 + 99*i {
			c.Time = c.Add(time.Second)
			if _, err := api.ContainerInspect(t.Context(), "aaa", client.ContainerInspectOptions{}); err != nil {
				t.Fatal(err)
			}
		}
		sizes[i] = size()
	}
	if sizes[0] != sizes[1] {
		t.Errorf("the file grew from %d to %d bytes", sizes[0], sizes[1])
	}
}

func TestAnswersThatBrokeOffAreNotKept(t *testing.T) {
	e := standIn{"/_ping": "OK", "/containers/aaa/json": `{"Name":"whole"}`}
	c := &clock{start}
	capturer, api := startCapture(t, e, c)
	inspect := func(api *client.Client) (string, error) {
		got, err := api.ContainerInspect(t.Context(), "aaa", client.ContainerInspectOptions{})
		return got.Container.Name, err
	}
	if _, err := inspect(api); err != nil {
		t.Fatal(err)
	}
	c.after(time.Second)
	e["/containers/aaa/json"] = broken
	if name, err := inspect(api); err == nil {
		t.Fatalf("a broken answer was read as %q", name)
	}
	if name, err := inspect(clientOf(t, reopen(t, capturer).At(time.Minute), c.now)); name != "whole" {
		t.Errorf("got %q, %v; want the whole answer from before", name, err)
	}
}

func TestAnswersThatWereReadInPart(t *testing.T) {
	path := "/containers/aaa/archive?path=%2Ff"
	e := standIn{"/_ping": "OK", path: archive("f", strings.Repeat("long ", 1000))}
	c := &clock{start}
	capturer, api := startCapture(t, e, c)
	read := func(api *client.Client, bytes int64) (string, error) {
		got, err := api.CopyFromContainer(context.Background(), "aaa", client.CopyFromContainerOptions{SourcePath: "/f"})
		if err != nil {
			return "", err
		}
		content, err := io.ReadAll(io.LimitReader(got.Content, bytes))
		if err := got.Content.Close(); err != nil {
			t.Error(err)
		}
		return string(content), err
	}
	if _, err := read(api, 512); err != nil {
		t.Fatal(err)
	}
	played := clientOf(t, reopen(t, capturer), c.now)
	if header, err := read(played, 512); err != nil || header != e[path][:512] {
		t.Errorf("the start: %d bytes, %v", len(header), err)
	}
	if _, err := read(played, 1<<20); err == nil || !strings.Contains(err.Error(), "not in this capture") {
		t.Errorf("beyond the start: %v", err)
	}

	c.after(time.Minute)
	if _, err := read(api, 1<<20); err != nil {
		t.Fatal(err)
	}
	if whole, err := read(clientOf(t, reopen(t, capturer).At(0), c.now), 1<<20); err != nil || whole != e[path] {
		t.Errorf("once more of it was read: %d bytes, %v; want %d", len(whole), err, len(e[path]))
	}
}

func event(action, id string, attributes map[string]string) json.RawMessage {
	raw, err := json.Marshal(map[string]any{
		"Type": "container", "Action": action, "Actor": map[string]any{"ID": id, "Attributes": attributes},
	})
	if err != nil {
		panic(fmt.Sprint("event: ", err))
	}
	return raw
}

func TestFromStartsLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		capture, err := replay.Demo()
		if err != nil {
			t.Fatal(err)
		}
		clock := capture.From(time.Minute).Clock(time.Now)
		time.Sleep(10 * time.Second)
		if got := clock().Sub(capture.Captured); got != 70*time.Second {
			t.Errorf("after 10 s it is %v in a capture played from 1 min on", got)
		}
	})
}
