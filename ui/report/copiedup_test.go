package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
)

func TestWhatLeftNoTraceIsReported(t *testing.T) {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	var copied []model.CopiedUp
	for i := range mostNoTrace + 2 {
		copied = append(copied, model.CopiedUp{Path: fmt.Sprintf("/var/%d", i), Directory: true, Changed: at})
	}
	s := stack.Lay(model.Observation{
		At: at, Link: model.Link{State: model.Live}, Name: "shop",
		Containers: []model.Container{{ID: "c", Name: "shop-web-1", Service: "web", State: model.Running, Inspected: true, Started: at.Add(-time.Hour)}},
		Changes:    map[string]model.Changes{"c": {Taken: at, CopiedUp: copied, Asked: "a reason"}},
	}, nil)
	var out bytes.Buffer
	if err := Text(&out, &Check{Stack: s}, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"no trace", "something was written in /var/0 that left no trace", "and so in 2 paths more", "changes   none"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
	c := newChanges(&s.Services[0], mostNoTrace)
	if len(c.NoTrace) != mostNoTrace || !c.Truncated || c.Asked != "a reason" || c.Counts != (counts{}) {
		t.Errorf("%+v", c)
	}
	if line, err := json.Marshal(c.NoTrace[0]); err != nil || string(line) != `{"path":"/var/0","directory":true,"last":"2026-11-24T12:00:00Z"}` {
		t.Errorf("%s, %v", line, err)
	}
}
