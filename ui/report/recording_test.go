package report

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
)

// recorded is a stack of one service that was recorded.
func recorded() *model.Stack {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	return stack.Lay(model.Observation{
		At: at, Link: model.Link{State: model.Live}, Name: "shop",
		Containers: []model.Container{{ID: "c1", Name: "shop-web-1", Service: "web", State: model.Running, Inspected: true, ImageID: "sha256:web", Started: at.Add(-time.Hour)}},
		Images:     map[string]model.Image{"sha256:web": {ID: "sha256:web"}},
		Changes:    map[string]model.Changes{"c1": {Taken: at}},
		Recordings: []*model.Recording{{
			Project: "shop", Service: "web", ImageID: "sha256:web",
			Sittings:  []model.Sitting{{Began: at.Add(-2 * time.Minute), Ended: at, Ran: 2 * time.Minute, Starts: 1}},
			Writes:    []model.Write{{Path: "/tmp/lock", Type: model.Directory, Acts: model.Made | model.Removed, Gone: true, Count: 2, Bytes: -1, By: []int{0}}},
			Processes: []model.Process{{Command: "sh\x1b[31m", User: "root", Count: 2}},
		}},
	}, nil)
}

func TestTextOfRecording(t *testing.T) {
	var out bytes.Buffer
	if err := Text(&out, &Check{Stack: recorded()}, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"would break on a read-only root", "recorded 2 min 0 s from its start", "/tmp/lock", "1 path came and went", "writes that failed",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b[31m") {
		t.Error("a process's name reaches the terminal raw")
	}
}

func TestJSONOfRecording(t *testing.T) {
	var out bytes.Buffer
	if err := JSON(&out, &Check{Stack: recorded()}, Options{}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Services []struct{ Recording *recording }
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	r := got.Services[0].Recording
	if r == nil || r.Seconds != 120 || r.Starts != 1 || r.Transient != 1 || len(r.Processes) != 1 || r.Processes[0].Writes != 2 {
		t.Errorf("%+v", r)
	}
}

// refusing is a stack of one service that is read-only already, and was refused paths.
func refusing(paths ...string) *model.Stack {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	r := &model.Recording{
		Project: "shop", Service: "web", ImageID: "sha256:web", Sittings: []model.Sitting{{Began: at, Ended: at, Ran: time.Minute, Refusals: true}},
		Processes: []model.Process{{Command: "mkdir", User: "root", Count: 2}},
		Writes:    []model.Write{{Path: "/data/tool", Mount: "/data", Acts: model.Made | model.Ran, Count: 1, Bytes: -1, First: at, Last: at, Gone: true}},
	}
	for i, path := range paths {
		r.Writes = append(r.Writes, model.Write{
			Path: path, Refused: 2, Gone: true, Bytes: -1, First: at, Last: at, By: []int{0},
			Refusal: model.Refusal{Tries: 2 * min(i, 1), Acts: model.Made, Err: model.ReadOnlyError, Call: "mkdir", Last: at},
		})
	}
	slices.SortFunc(r.Writes, model.CompareWrites)
	return stack.Lay(model.Observation{
		At: at, Link: model.Link{State: model.Live}, Name: "shop", Recordings: []*model.Recording{r},
		Containers: []model.Container{{ID: "c1", Name: "shop-web-1", Service: "web", State: model.Running, Inspected: true, ReadOnly: true, ImageID: "sha256:web", Started: at.Add(-time.Hour)}},
		Images:     map[string]model.Image{"sha256:web": {ID: "sha256:web"}},
	}, nil)
}

func TestRefusedWritesAreFound(t *testing.T) {
	c := &Check{Stack: refusing("/var/lib/thing", "/srv/tried")}
	var refused []Finding
	for _, f := range c.Findings() {
		if f.Rule == RefusedWrite {
			refused = append(refused, f)
		}
	}
	const want = "/var/lib/thing was refused (mkdir: read-only file system), 2× by mkdir (root)"
	if len(refused) != 1 || refused[0].Subject != "/var/lib/thing" || refused[0].Message != want || c.ExitCode() != 1 {
		t.Errorf("exit code %d, %+v", c.ExitCode(), refused)
	}
	if found := (&Check{Stack: refusing()}).Findings(); len(found) != 0 {
		t.Errorf("nothing was refused: %+v", found)
	}
	var out bytes.Buffer
	if err := Text(&out, c, Options{Width: 200}); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"✗ " + want, "tried", "a program that was written was run: /data/tool, which is gone"} {
		if !strings.Contains(out.String(), text) {
			t.Errorf("%q is missing in\n%s", text, out.String())
		}
	}
	out.Reset()
	if err := JSON(&out, c, Options{}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Services []struct {
			Refused []refusedWrite
			Ran     []string
		}
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	s := got.Services[0]
	if len(s.Refused) != 2 || s.Refused[0].Now || !s.Refused[1].Now || s.Refused[1].Error != model.ReadOnlyError || s.Refused[1].By[0] != "mkdir (root)" || len(s.Ran) != 1 {
		t.Errorf("%s", out.String())
	}
}
