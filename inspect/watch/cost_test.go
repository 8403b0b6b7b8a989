package watch

import (
	"context"
	"fmt"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
)

// BenchmarkOneOf200 is what one event costs beside the engine's answers: an
// observation of 200 containers of which one is another than before, laid.
func BenchmarkOneOf200(b *testing.B) {
	ctx, cancel := context.WithCancel(b.Context())
	cancel() // nothing runs: the keeper is driven by hand
	w := Start(ctx, Options{Load: shop})
	k := newKeeper(w, Options{Now: time.Now})
	k.name = "shop"
	for i := range 200 {
		c := runs(fmt.Sprintf("c%03d", i), fmt.Sprintf("s%03d", i))
		c.Mounts = []model.Mount{{Kind: model.Volume, Source: fmt.Sprintf("v%03d", i), Target: "/data"}}
		k.containers[c.ID] = &watched{Container: c, shown: true, changes: &model.Changes{
			Paths: make([]model.Change, 100), Taken: time.Now(),
		}}
	}
	k.usesOld = true
	b.ReportAllocs()
	for b.Loop() {
		c := k.containers["c100"]
		c.Restarts++
		k.usesOld = true
		k.before = stack.Lay(k.observe(), k.before)
	}
}
