package wire

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// LongestLine is how long a line may be, in bytes. What is longer is garbage.
const LongestLine = 1 << 20

const (
	mostGarbage  = 1000 // lines in a row, before nobody is believed any more
	longestPath  = 64 << 10
	longestCall  = 32
	idDigits     = 64
	fewestDigits = 12
)

// Encoder writes lines. Its methods may be called from several goroutines.
type Encoder struct {
	mu  sync.Mutex
	out io.Writer
}

// NewEncoder returns an encoder that writes to out.
func NewEncoder(out io.Writer) *Encoder { return &Encoder{out: out} }

// Encode writes a value as one line, in one call to the writer.
func (e *Encoder) Encode(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	_, err = e.out.Write(append(line, '\n'))
	return err
}

// Decode reads lines until the input ends, and calls each with what they say. For lines
// that cannot be understood it calls garbled, unless that is nil; too many of them in a
// row are an error. An error of each ends it, too.
func Decode[T interface {
	Command | Report
	Check() error
}](r io.Reader, each func(T) error, garbled func()) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	inARow := 0
	for {
		line, whole, err := readLine(lines)
		if len(line) > 0 || !whole {
			var value T
			if !whole || json.Unmarshal(line, &value) != nil || value.Check() != nil {
				if garbled != nil {
					garbled()
				}
				if inARow++; inARow > mostGarbage {
					return errors.New("nothing but garbage comes: it is no recorder, or a broken one")
				}
			} else {
				inARow = 0
				if err := each(value); err != nil {
					return err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read what the other side says: %w", err)
		}
	}
}

// readLine reads a line; not whole when it is too long.
func readLine(r *bufio.Reader) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := r.ReadSlice('\n')
		if len(line)+len(part) > LongestLine {
			line, whole = nil, false
		} else if whole {
			line = append(line, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, whole, err
		}
	}
}
