package report

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

// recorded is a stack of one service that was recorded.
func recorded() *model.Stack {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	return model.Lay(model.Observation{
		At: at, Link: model.Link{State: model.Live}, Name: "shop",
		Containers: []model.Container{{ID: "c1", Name: "shop-web-1", Service: "web", State: model.Running, Inspected: true, ImageID: "sha256:web", Started: at.Add(-time.Hour)}},
		Images:     map[string]model.Image{"sha256:web": {ID: "sha256:web"}},
		Changes:    map[string]model.Changes{"c1": {Taken: at}},
		Recordings: []*model.Recording{{
			Project: "shop", Service: "web", ImageID: "sha256:web", Began: at.Add(-2 * time.Minute), Ended: at, Took: 2 * time.Minute, Starts: 1,
			Writes:    []model.Written{{Path: "/tmp/lock", Type: model.Directory, Acts: model.Made | model.Removed, Gone: true, Count: 2, Bytes: -1, By: []int{0}}},
			Processes: []model.Process{{Command: "sh\x1b[31m", User: "root", Count: 2}},
		}},
	}, nil)
}

func TestTextOfRecording(t *testing.T) {
	var out bytes.Buffer
	if err := Text(&out, recorded(), Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"would break on a read-only root", "recorded 2 min 0 s from its start, 1 process", "/tmp/lock", "1 path came and went", "writes that failed",
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
	if err := JSON(&out, recorded(), Options{}); err != nil {
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
