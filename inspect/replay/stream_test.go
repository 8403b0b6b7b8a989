package replay_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/moby/moby/api/pkg/stdcopy"
	"github.com/moby/moby/client"

	"petrify/inspect/replay"
)

// streaming is a capture in which a container writes a line each second from
// before the start on, dies after 10 s and starts again after 20 s.
func streaming(t *testing.T) *replay.Capture {
	t.Helper()
	e := standIn{"/_ping": "OK", "/containers/aaa/json": `{"State":{"Running":true}}`}
	c := &clock{start}
	capturer, api := startCapture(t, e, c)
	inspect := func() {
		if _, err := api.ContainerInspect(t.Context(), "aaa", client.ContainerInspectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	labels := map[string]string{"com.docker.compose.project": "shop"}
	inspect()
	capturer.Log("aaa", 1, start.Add(-time.Hour), []byte("old\n"))
	for second := range 31 {
		c.after(time.Duration(second) * time.Second)
		switch {
		case second == 10:
			e["/containers/aaa/json"] = `{"State":{"Running":false}}`
			inspect()
			capturer.Event(event("die", "aaa", labels))
		case second == 20:
			e["/containers/aaa/json"] = `{"State":{"Running":true}}`
			inspect()
			capturer.Event(event("start", "aaa", labels))
			capturer.Event(event("health_status: healthy", "aaa", labels))
		case second < 10 || second > 20:
			capturer.Log("aaa", byte(1+second%2), c.Time, fmt.Appendf(nil, "second %d\n", second))
		}
	}
	return reopen(t, capturer)
}

// patience is how long the tests read a stream that does not end.
const patience = time.Hour

// heard reads a log until it ends or the reader's patience does.
func heard(t *testing.T, api *client.Client, options client.ContainerLogsOptions) (lines []string, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	log, err := api.ContainerLogs(ctx, "aaa", options)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	var out bytes.Buffer
	_, err = stdcopy.StdCopy(&out, &out, log)
	for l := range strings.Lines(out.String()) {
		lines = append(lines, strings.TrimSuffix(l, "\n"))
	}
	return lines, err
}

func TestLogs(t *testing.T) {
	whole := streaming(t)
	type options = client.ContainerLogsOptions
	tail := func(n string) options { return options{ShowStdout: true, ShowStderr: true, Tail: n} }
	follow := func(n string) options { return options{ShowStdout: true, ShowStderr: true, Tail: n, Follow: true} }
	at := func(second int64) string { return fmt.Sprintf("%d.000000000", start.Unix()+second) }
	for name, test := range map[string]struct {
		played  time.Duration
		held    bool
		options options
		want    string
		took    time.Duration
		err     error
	}{
		"all so far": {
			played: 3 * time.Second, options: tail("all"),
			want: "old,second 0,second 1,second 2,second 3",
		},
		"the tail":   {played: 3 * time.Second, options: tail("2"), want: "second 2,second 3"},
		"one stream": {played: 3 * time.Second, options: options{ShowStdout: true}, want: "old,second 0,second 2"},
		"since": {
			played: 3 * time.Second, options: options{ShowStdout: true, ShowStderr: true, Since: at(2)},
			want: "second 2,second 3",
		},
		"until": {
			played: 3 * time.Second, options: options{ShowStdout: true, ShowStderr: true, Until: at(1)},
			want: "old,second 0,second 1",
		},
		"with times": {
			options: options{ShowStdout: true, Timestamps: true},
			want:    "2026-05-04T11:00:00.000000000Z old,2026-05-04T12:00:00.000000000Z second 0",
		},
		"followed until it dies": {
			played: 7 * time.Second, options: follow("1"),
			want: "second 7,second 8,second 9", took: 3 * time.Second,
		},
		"followed while it is dead": {played: 15 * time.Second, options: follow("1"), want: "second 9"},
		"followed beyond the end": {
			played: 28 * time.Second, options: follow("1"),
			want: "second 28,second 29,second 30", took: patience, err: context.DeadlineExceeded,
		},
		"held": {
			played: 3 * time.Second, held: true, options: follow("2"),
			want: "second 2,second 3", took: patience, err: context.DeadlineExceeded,
		},
		"held while it is dead": {played: 15 * time.Second, held: true, options: follow("1"), want: "second 9"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				played := whole
				if test.held {
					played = played.At(test.played)
				}
				api := clientOf(t, played, time.Now)
				time.Sleep(test.played)
				began := time.Now()
				lines, err := heard(t, api, test.options)
				if got := strings.Join(lines, ","); got != test.want {
					t.Errorf("got %s\nwant %s", got, test.want)
				}
				if took := time.Since(began); took != test.took {
					t.Errorf("took %v, want %v", took, test.took)
				}
				if !errors.Is(err, test.err) {
					t.Errorf("ended with %v, want %v", err, test.err)
				}
			})
		})
	}
}

func TestEvents(t *testing.T) {
	whole := streaming(t)
	for name, test := range map[string]struct {
		played  time.Duration
		held    bool
		filters client.Filters
		want    string
	}{
		"from the start":  {want: "10s die,20s start,20s health_status: healthy"},
		"from now on":     {played: 15 * time.Second, want: "20s start,20s health_status: healthy"},
		"after the end":   {played: time.Minute},
		"held":            {played: 5 * time.Second, held: true},
		"by action":       {filters: client.Filters{}.Add("event", "die", "start"), want: "10s die,20s start"},
		"by first word":   {filters: client.Filters{}.Add("event", "health_status"), want: "20s health_status: healthy"},
		"by type":         {filters: client.Filters{}.Add("type", "volume")},
		"by label":        {filters: client.Filters{}.Add("label", "com.docker.compose.project=shop").Add("event", "die"), want: "10s die"},
		"by other labels": {filters: client.Filters{}.Add("label", "com.docker.compose.project=other")},
		"by container":    {filters: client.Filters{}.Add("container", "aa").Add("event", "die"), want: "10s die"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				played, began := whole, time.Now()
				if test.held {
					played = played.At(test.played)
				}
				api := clientOf(t, played, time.Now)
				time.Sleep(test.played)
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				stream := api.Events(ctx, client.EventsListOptions{Since: "1", Filters: test.filters})
				var got []string
				for stream.Messages != nil {
					select {
					case m := <-stream.Messages:
						got = append(got, fmt.Sprintf("%v %s", time.Since(began), m.Action))
					case err := <-stream.Err:
						stream.Messages = nil
						if !errors.Is(err, context.DeadlineExceeded) {
							t.Errorf("ended with %v", err)
						}
					}
				}
				if got := strings.Join(got, ","); got != test.want {
					t.Errorf("got %s\nwant %s", got, test.want)
				}
			})
		})
	}
}

func TestEventsRefuseWhatTheyCannotDo(t *testing.T) {
	api := clientOf(t, streaming(t), time.Now)
	for want, options := range map[string]client.EventsListOptions{
		"from now on, without until":      {Until: "1"},
		"cannot filter events by network": {Filters: client.Filters{}.Add("network", "x")},
	} {
		if err := <-api.Events(t.Context(), options).Err; err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
