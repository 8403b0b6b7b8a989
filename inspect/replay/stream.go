package replay

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// chunk is a piece of a stream, due at an offset.
type chunk struct {
	at   time.Duration
	data []byte
}

// stream is a response's body that delivers each chunk when it is due.
type stream struct {
	ctx     context.Context
	elapsed func() time.Duration
	chunks  []chunk // in order of time; not read yet
	ends    bool    // after the last chunk; else it stays silent until ctx is done

	rest   []byte // of the chunk being read
	close  sync.Once
	closed chan struct{}
}

func newStream(ctx context.Context, elapsed func() time.Duration, chunks []chunk, ends bool) *stream {
	return &stream{ctx: ctx, elapsed: elapsed, chunks: chunks, ends: ends, closed: make(chan struct{})}
}

func (s *stream) Read(p []byte) (int, error) {
	for len(s.rest) == 0 {
		if len(s.chunks) == 0 && s.ends {
			return 0, io.EOF
		}
		if err := s.wait(); err != nil {
			return 0, err
		}
		s.rest, s.chunks = s.chunks[0].data, s.chunks[1:]
	}
	n := copy(p, s.rest)
	s.rest = s.rest[n:]
	return n, nil
}

// wait returns once the next chunk is due. Without one it waits for the reader to
// go away.
func (s *stream) wait() error {
	for {
		if err := s.gone(); err != nil {
			return err
		}
		var due <-chan time.Time
		if len(s.chunks) > 0 {
			left := s.chunks[0].at - s.elapsed()
			if left <= 0 {
				return nil
			}
			timer := time.NewTimer(left)
			defer timer.Stop()
			due = timer.C
		}
		select {
		case <-due:
		case <-s.ctx.Done():
		case <-s.closed:
		}
	}
}

// gone says why nobody reads any more. The client closes a body when ctx is done,
// so ctx comes first: what the reader sees does not depend on who was faster.
func (s *stream) gone() error {
	if err := s.ctx.Err(); err != nil {
		return err
	}
	select {
	case <-s.closed:
		return http.ErrBodyReadAfterClose
	default:
		return nil
	}
}

func (s *stream) Close() error {
	s.close.Do(func() { close(s.closed) })
	return nil
}
