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

func refusedReport() Report {
	r := report()
	w := &r.Seen.Writes[0]
	w.Acts, w.Count = 0, 0
	w.Refused = &Refused{Count: 2, Tries: 1, Acts: model.Removed, Err: model.ReadOnlyError, Call: "unlinkat", Last: w.Last}
	return r
}

func TestLinesComeBackAsTheyWere(t *testing.T) {
	var out bytes.Buffer
	e := NewEncoder(&out)
	sent := []Report{
		{Hello: &Hello{Version}},
		{Joined: &Joined{Container: id, Early: true, Blind: []BlindSpot{{Kind: model.BlindMount, Detail: []byte("/\xff: denied")}}}},
		report(), refusedReport(),
		{Ready: true},
		{Used: &Used{Container: id, Mounts: []Use{{Target: []byte("/tmp"), Bytes: 4096}}}},
		{Left: id},
		{Lost: 3},
		{Unseen: 2},
		{Layer: &Layer{Ask: 1, Paths: []LayerPath{{Path: []byte("/\xff"), Kind: model.Deleted}, {Path: []byte("/tmp"), CopiedUp: &report().Seen.Writes[0].Last, Directory: true}}}},
		{Layer: &Layer{Ask: 2, Last: true, Err: "denied", Elsewhere: true}},
	}
	for _, r := range sent {
		if err := e.Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	var got []Report
	skipped := 0
	err := Decode(&out, func(r Report) error { got = append(got, r); return nil }, func() { skipped++ })
	if err != nil || skipped != 0 || !reflect.DeepEqual(got, sent) {
		t.Errorf("%d skipped, %v, %+v", skipped, err, got)
	}
}

func TestGarbageIsSkipped(t *testing.T) {
	var out bytes.Buffer
	e := NewEncoder(&out)
	for _, garbage := range []string{
		"no JSON\n", "\x00\xff\n", strings.Repeat("x", LongestLine+5) + "\n", `{"left":"../../etc"}` + "\n",
		`{"seen":{"container":"` + id + `","writes":[{"path":"cmVsYXRpdmU=","acts":1,"count":1}]}}` + "\n",
		`{"seen":{"container":"` + id + `","writes":[{"path":"L3g=","acts":255,"count":1}]}}` + "\n",
		`{"seen":{"container":"` + id + `","writes":[{"path":"L3g=","bytes":-1,"refused":{"count":1,"tries":2,"acts":1,"err":"EROFS"}}]}}` + "\n",
		`{"layer":{"ask":0,"last":true}}` + "\n", `{"layer":{"ask":1,"paths":[{"path":"cmVsYXRpdmU="}]}}` + "\n", `{"layer":{"ask":1,"err":"and goes on"}}` + "\n",
	} {
		out.WriteString(garbage)
		if err := e.Encode(report()); err != nil {
			t.Fatal(err)
		}
	}
	n, skipped, dropped := 0, 0, 0
	err := Decode(&out, func(r Report) error { n++; dropped += r.Seen.Dropped; return nil }, func() { skipped++ })
	if n != 13 || skipped != 7 || dropped != 3 || err != nil {
		t.Errorf("%d taken, %d skipped, %d writes dropped, %v", n, skipped, dropped, err)
	}
}

func TestNothingButGarbageEnds(t *testing.T) {
	endless := strings.NewReader(strings.Repeat("garbage\n", 10*mostGarbage))
	if err := Decode(endless, func(Report) error { return nil }, nil); err == nil || !strings.Contains(err.Error(), "garbage") {
		t.Errorf("%v", err)
	}
}

func TestWhoeverListensMayStop(t *testing.T) {
	stop := errors.New("enough")
	if err := Decode(strings.NewReader(`{"lost":1}`+"\n"+`{"lost":2}`), func(Report) error { return stop }, nil); !errors.Is(err, stop) {
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
	f.Add([]byte(`{"layer":{"ask":1,"paths":[{"path":"L3RtcA==","copied_up":"2026-11-24T12:00:00Z","directory":true},{"path":"L3g=","kind":2}],"last":true}}`))
	f.Fuzz(func(t *testing.T, lines []byte) { decodesSoundly[Report](t, lines) })
}

func FuzzCommand(f *testing.F) {
	f.Add([]byte(`{"follow":{"container":"` + id + `","pid":7,"root":"/merged","upper":"/diff"}}` + "\n" + `{"ended":"` + id + `"}`))
	f.Add([]byte(`{"read":{"ask":1,"container":"` + id + `","driver":"overlay2","upper":"/diff","lower":"/a:/b"}}`))
	f.Fuzz(func(t *testing.T, lines []byte) { decodesSoundly[Command](t, lines) })
}

// decodesSoundly wants every value to make sense, and to come back as it is.
func decodesSoundly[T interface {
	Command | Report
	Check() error
}](t *testing.T, lines []byte) {
	_ = Decode(bytes.NewReader(lines), func(value T) error {
		if err := value.Check(); err != nil {
			t.Errorf("%+v: %v", value, err)
		}
		var out bytes.Buffer
		if err := NewEncoder(&out).Encode(value); err != nil {
			return nil //nolint:nilerr // such as a year that JSON has no form for
		}
		again := 0
		if err := Decode(&out, func(T) error { again++; return nil }, nil); err != nil || again != 1 {
			t.Errorf("%+v does not come back: %v", value, err)
		}
		return nil
	}, nil)
}

// One write that makes no sense does not hide the others of its line.
func TestSingleWritesAreDropped(t *testing.T) {
	r := report()
	backwards := r.Seen.Writes[0]
	backwards.Path, backwards.Last = []byte("/tmp/backwards"), backwards.First.Add(-time.Second)
	r.Seen.Writes = append(r.Seen.Writes, backwards)
	var out bytes.Buffer
	if err := NewEncoder(&out).Encode(r); err != nil {
		t.Fatal(err)
	}
	var got Report
	err := Decode(&out, func(r Report) error { got = r; return nil }, func() { t.Error("the line was thrown away") })
	if err != nil || got.Seen == nil || len(got.Seen.Writes) != 1 || got.Seen.Dropped != 1 {
		t.Errorf("%v, %+v", err, got.Seen)
	}
}
