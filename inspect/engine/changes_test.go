package engine

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What the client's own decoder takes is about a tenth of what the engine takes
// to find as many changes. A decoder of our own is not worth going round the client.
func BenchmarkChanges(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		var body strings.Builder
		body.WriteString("[")
		for i := range n {
			if i > 0 {
				body.WriteString(",")
			}
			fmt.Fprintf(&body, `{"Path":"/var/lib/app/cache/d%04d/entry-%07d.json","Kind":1}`, i/1000, i)
		}
		body.WriteString("]\n")
		answer := []byte(body.String())
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			e := standIn(b, answers{"/containers/x/changes": func(w http.ResponseWriter, _ *http.Request) { w.Write(answer) }})
			b.ReportAllocs()
			b.SetBytes(int64(len(answer)))
			for b.Loop() {
				if changes, err := e.Changes(b.Context(), "x"); err != nil || len(changes) != n {
					b.Fatal(len(changes), err)
				}
			}
		})
	}
}
