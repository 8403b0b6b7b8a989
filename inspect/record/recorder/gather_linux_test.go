package recorder

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"petrify/inspect/record/wire"
	"petrify/model"
)

// A service chooses how long its paths are: however long, no line is longer than is read,
// and no write is lost.
func TestLinesOfLongPathsAreSplit(t *testing.T) {
	for _, length := range []int{10, 1800, 4000, 4095} {
		var writes []wire.Write
		for i := range 500 {
			path := fmt.Sprintf("/%d/", i)
			writes = append(writes, wire.Write{Path: []byte(path + strings.Repeat("x", length-len(path))), Acts: model.Made, Count: 1})
		}
		var lines bytes.Buffer
		out := wire.NewEncoder(&lines)
		for rest := writes; len(rest) > 0; {
			n := fitLine(rest)
			if err := out.Encode(wire.Report{Seen: &wire.Seen{Container: strings.Repeat("0", 64), Writes: rest[:n]}}); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		var got []wire.Write
		garbled := 0
		err := wire.Decode(&lines, func(r wire.Report) error {
			got = append(got, r.Seen.Writes...)
			return nil
		}, func() { garbled++ })
		if err != nil || garbled > 0 || len(got) != len(writes) {
			t.Errorf("of %d paths of %d bytes, %d came; %d lines were unreadable; %v", len(writes), length, len(got), garbled, err)
		}
	}
}
