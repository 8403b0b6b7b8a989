package replay_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"petrify/inspect/replay"
)

const about = `{"petrify-capture":1,"name":"x","captured":"2026-05-04T12:00:00Z","millis":1000,"project":"shop"}` + "\n"

func zipped(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		panic(err)
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	whole := zipped(about + `{"at":1,"event":{"Type":"container"}}` + "\n")
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":        {nil, "not a capture"},
		"garbage":        {[]byte("version: 3\nservices:\n"), "not a capture"},
		"other gzip":     {zipped("hello\n"), "not a capture"},
		"other JSON":     {zipped("{}\n"), "not a capture"},
		"empty gzip":     {zipped(""), "not a capture"},
		"cut short":      {whole[:len(whole)-10], "damaged or cut short"},
		"a changed byte": {append(bytes.Clone(whole[:len(whole)-6]), "123456"...), "damaged or cut short"},
		"half a line":    {zipped(about + `{"at":1`), "damaged or cut short"},
		"the future":     {zipped(strings.Replace(about, `:1,`, `:7,`, 1)), "format 7, and this petrify knows formats up to 2; use a newer petrify"},
		"no body":        {zipped(about + `{"answer":{"path":"/x","status":200,"body":"gone"}}` + "\n"), `line 2: the body "gone" of /x`},
		"no status":      {zipped(about + `{"answer":{"path":"/x","status":7}}` + "\n"), "line 2: no answer has the status 7"},
		"before time":    {zipped(about + `{"at":-1,"event":{}}` + "\n"), "line 2: no offset can be -1 ms"},
		"end of time":    {zipped(about + `{"at":9223372036854775807,"event":{}}` + "\n"), "line 2: no offset"},
		"no byte":        {zipped(about + `{"body":"b","bytes":"\u0100"}` + "\n"), "line 2: 'Ā' is no byte"},
		"no stream":      {zipped(about + `{"log":{"container":"a","stream":3,"time":"2026-05-04T12:00:00Z"}}` + "\n"), "line 2: no log has a stream 3"},
		"unknown line":   {zipped(about + `{"at":1,"weather":"fine"}` + "\n"), "line 2: it says nothing"},
	} {
		_, err := replay.Open(bytes.NewReader(test.file))
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}

// endless is a file of a few hundred KiB for each GiB of text: one member of gzip
// after the other, all the same.
func endless(unit string) io.Reader {
	member := bytes.NewReader(zipped(strings.Repeat(unit, 1<<20/len(unit))))
	files := []io.Reader{bytes.NewReader(zipped(about))}
	for range 1 << 10 {
		files = append(files, io.NewSectionReader(member, 0, member.Size()))
	}
	return io.MultiReader(files...)
}

func TestBombsAreDefused(t *testing.T) {
	for _, unit := range []string{
		"x",
		"\n",
		`{"event":{}}` + "\n",
		`{"body":"b","text":"` + strings.Repeat("y", 1000) + `"}` + "\n",
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := replay.Open(endless(unit)); err == nil {
			t.Errorf("%.20q without end was opened", unit)
		}
		runtime.ReadMemStats(&after)
		if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 1024 {
			t.Errorf("%.20q without end took %d MiB", unit, used)
		}
	}
}

// FuzzOpen opens foreign files, and asks those that open for everything in them.
func FuzzOpen(f *testing.F) {
	for _, rest := range []string{
		"",
		`{"body":"b","json":{"State":{"Running":true}}}` + "\n" + `{"at":5,"answer":{"path":"/containers/a/json","status":200,"body":"b"}}` + "\n",
		`{"body":"b","bytes":"\u0000ÿ"}` + "\n" + `{"answer":{"path":"/x","status":404,"stat":{"name":"x"},"body":"b","cut":true}}` + "\n",
		`{"at":9,"event":{"Type":"container","Action":"die","Actor":{"ID":"a"}}}` + "\n",
		`{"at":7,"log":{"container":"a","stream":2,"time":"2026-05-04T12:00:00Z","text":"hello\n"}}` + "\n",
	} {
		f.Add(about + rest)
	}
	f.Fuzz(func(t *testing.T, text string) {
		capture, err := replay.Open(bytes.NewReader(zipped(text)))
		if err != nil {
			return
		}
		transport := capture.At(time.Second).Transport(time.Now)
		for _, url := range []string{
			"/v1.41/containers/a/json", "/x", "/events",
			"/containers/a/logs?stdout=1&stderr=1&timestamps=1&tail=2&since=1.5",
		} {
			req, err := http.NewRequest(http.MethodGet, "http://capture"+url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := transport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if url != "/events" { // which has no end
				_, _ = io.Copy(io.Discard, resp.Body)
			}
			if err := resp.Body.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}
