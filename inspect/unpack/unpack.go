// Package unpack reads what is compressed, or may be.
package unpack

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"
)

// maxWindow bounds the memory that unpacking takes.
const maxWindow = 128 << 20

// Open returns the content of what was packed, and whether it was compressed, with gzip or
// zstd. It looks at the first bytes: names and media types say nothing certain. Whoever
// calls it closes the content, and bounds what is read of it.
func Open(packed io.Reader) (content io.ReadCloser, compressed bool, err error) {
	buffered, ok := packed.(*bufio.Reader)
	if !ok {
		buffered = bufio.NewReader(packed)
	}
	head, err := buffered.Peek(4)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, false, err
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		unpacked, err := gzip.NewReader(buffered)
		return unpacked, true, err
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		unpacked, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return nil, true, err
		}
		return unpacked.IOReadCloser(), true, nil
	default:
		return io.NopCloser(buffered), false, nil
	}
}
