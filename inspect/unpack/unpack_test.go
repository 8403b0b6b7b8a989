package unpack

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/zstd"
)

func TestOpen(t *testing.T) {
	const text = "what was packed"
	var zipped, zstandard bytes.Buffer
	z := gzip.NewWriter(&zipped)
	s, err := zstd.NewWriter(&zstandard)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range []io.WriteCloser{z, s} {
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		packed     string
		content    string
		compressed bool
	}{
		"gzip":     {zipped.String(), text, true},
		"zstd":     {zstandard.String(), text, true},
		"neither":  {text, text, false},
		"short":    {"x", "x", false},
		"nothing":  {"", "", false},
		"its sign": {"\x1f", "\x1f", false},
	} {
		// However little of it comes at once.
		content, compressed, err := Open(iotest.OneByteReader(bytes.NewReader([]byte(test.packed))))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got, err := io.ReadAll(content)
		if err := errors.Join(err, content.Close()); err != nil || string(got) != test.content || compressed != test.compressed {
			t.Errorf("%s: %q, compressed %v, %v", name, got, compressed, err)
		}
	}
	if _, _, err := Open(bytes.NewReader(zipped.Bytes()[:5])); err == nil {
		t.Error("half a header is taken for a whole one")
	}
	if _, _, err := Open(iotest.ErrReader(errors.New("no disk"))); err == nil {
		t.Error("what cannot be read is taken for empty")
	}
}
