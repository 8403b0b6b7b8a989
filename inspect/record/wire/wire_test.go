package wire

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

const id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

func report() Report {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	return Report{Seen: &Seen{Container: id, Writes: []Write{{Path: []byte("/tmp/\xff\x1b\n"), Acts: model.Made, Count: 1, Bytes: -1, First: at, Last: at}}}}
}

func TestLinesComeBackAsTheyWere(t *testing.T) {
	var out bytes.Buffer
	e := NewEncoder(&out)
	sent := []Report{{Hello: &Hello{Version}}, {Joined: &Joined{Container: id, Early: true, Blind: []string{"x"}}}, report(), {Left: id}, {Lost: 3}}
	for _, r := range sent {
		if err := e.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	var got []Report
	skipped, err := Decode(&out, func(r Report) error { got = append(got, r); return nil })
	if err != nil || skipped != 0 || !reflect.DeepEqual(got, sent) {
		t.Errorf("%d skipped, %v, %+v", skipped, err, got)
	}
}

func TestGarbageIsSkipped(t *testing.T) {
	var out bytes.Buffer
	e := NewEncoder(&out)
	for _, garbage := range []string{
		"no JSON\n", "\x00\xff\n", strings.Repeat("x", longestLine+5) + "\n", `{"left":"../../etc"}` + "\n",
		`{"seen":{"container":"` + id + `","writes":[{"path":"cmVsYXRpdmU=","acts":1,"count":1}]}}` + "\n",
		`{"seen":{"container":"` + id + `","writes":[{"path":"L3g=","acts":255,"count":1}]}}` + "\n",
	} {
		out.WriteString(garbage)
		if err := e.Encode(report()); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	skipped, err := Decode(&out, func(Report) error { n++; return nil })
	if n != 6 || skipped != 6 || err != nil {
		t.Errorf("%d taken, %d skipped, %v", n, skipped, err)
	}
}

func TestNothingButGarbageEnds(t *testing.T) {
	endless := strings.NewReader(strings.Repeat("garbage\n", 10*mostGarbage))
	if _, err := Decode(endless, func(Report) error { return nil }); err == nil || !strings.Contains(err.Error(), "garbage") {
		t.Errorf("%v", err)
	}
}

func TestWhoeverListensMayStop(t *testing.T) {
	stop := errors.New("enough")
	if _, err := Decode(strings.NewReader(`{"lost":1}`+"\n"+`{"lost":2}`), func(Report) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("%v", err)
	}
}

func TestVersions(t *testing.T) {
	for version, want := range map[int]string{Version: "", Version + 1: "update this one", 0: "update the other one"} {
		err := Hello{version}.Check()
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("version %d: %v", version, err)
		}
	}
}

func FuzzReport(f *testing.F) {
	f.Add([]byte(`{"lost":1}` + "\n" + `{"left":"` + id + `"}`))
	f.Add([]byte(`{"seen":{"container":"` + id + `","writes":[{"path":"L3RtcA==","acts":3,"count":1,"bytes":-1}]}}`))
	f.Fuzz(func(t *testing.T, lines []byte) { decodesSoundly[Report](t, lines) })
}

func FuzzCommand(f *testing.F) {
	f.Add([]byte(`{"follow":{"container":"` + id + `","pid":7,"root":"/merged","upper":"/diff"}}` + "\n" + `{"ended":"` + id + `"}`))
	f.Fuzz(func(t *testing.T, lines []byte) { decodesSoundly[Command](t, lines) })
}

// decodesSoundly wants every value to make sense, and to come back as it is.
func decodesSoundly[T interface {
	Command | Report
	Check() error
}](t *testing.T, lines []byte) {
	_, _ = Decode(bytes.NewReader(lines), func(value T) error {
		if err := value.Check(); err != nil {
			t.Errorf("%+v: %v", value, err)
		}
		var out bytes.Buffer
		if err := NewEncoder(&out).Encode(value); err != nil {
			return nil //nolint:nilerr // such as a year that JSON has no form for
		}
		again := 0
		if _, err := Decode(&out, func(T) error { again++; return nil }); err != nil || again != 1 {
			t.Errorf("%+v does not come back: %v", value, err)
		}
		return nil
	})
}
