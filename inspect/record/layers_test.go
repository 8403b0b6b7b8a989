package record

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"petrify/inspect/layer"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// Layers are read through the recorder, which answers in parts.
func TestLayersAreReadThroughTheRecorder(t *testing.T) {
	web := place(id("1"), "web", 7)
	web.Driver = "overlay2"
	r, open := openFake()
	readers := make(chan *Layers, 1)
	s := start(t, Options{Engine: newFakeEngine(web), Project: "shop", Open: open, Layers: func(l *Layers) { readers <- l }})
	r.next(t)
	r.next(t)
	r.say(t, wire.Report{Hello: &wire.Hello{Version: wire.Version}})
	reader := <-readers

	type answer struct {
		layer.Result
		err error
	}
	ask := func(ctx context.Context, container string) <-chan answer {
		answers := make(chan answer, 1)
		go func() {
			result, err := reader.Read(ctx, container)
			answers <- answer{result, err}
		}()
		return answers
	}
	if a := <-ask(t.Context(), id("9")); !errors.Is(a.err, layer.ErrNotHere) {
		t.Errorf("of a container that is not followed: %v", a.err)
	}
	first := ask(t.Context(), web.Container.ID)
	c := r.next(t).Read
	if c == nil || c.Driver != "overlay2" || c.PID != 7 || c.Upper != "/diff" || c.Container != web.Container.ID {
		t.Fatalf("asked %+v", c)
	}
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	r.say(t, wire.Report{Layer: &wire.Layer{Ask: c.Ask, Paths: []wire.LayerPath{{Path: []byte("/run/pid"), Kind: model.Added}}}})
	r.say(t, wire.Report{Layer: &wire.Layer{Ask: c.Ask + 7, Last: true}}) // nobody asked that
	r.say(t, wire.Report{Layer: &wire.Layer{Ask: c.Ask, Paths: []wire.LayerPath{{Path: []byte("/tmp"), CopiedUp: &at, Directory: true}}, Last: true}})
	a := <-first
	if got := fmt.Sprint(a.Changes, a.CopiedUp, a.err); got != "[A /run/pid] [{/tmp true 2026-11-24 12:00:00 +0000 UTC}] <nil>" {
		t.Errorf("answered %s", got)
	}

	for elsewhere, want := range map[bool]bool{true: true, false: false} {
		next := ask(t.Context(), web.Container.ID)
		c := r.next(t).Read
		r.say(t, wire.Report{Layer: &wire.Layer{Ask: c.Ask, Last: true, Err: "only its owner may enter", Elsewhere: elsewhere}})
		if a := <-next; a.err == nil || errors.Is(a.err, layer.ErrNotHere) != want {
			t.Errorf("elsewhere %v: %v", elsewhere, a.err)
		}
	}

	ctx, cancel := context.WithCancel(t.Context())
	given := ask(ctx, web.Container.ID)
	r.next(t)
	cancel()
	if a := <-given; !errors.Is(a.err, context.Canceled) {
		t.Errorf("given up: %v", a.err)
	}
	last := ask(t.Context(), web.Container.ID)
	r.next(t)
	if _, err := s.stop(); err != nil {
		t.Error(err)
	}
	if a := <-last; !errors.Is(a.err, layer.ErrNotHere) {
		t.Errorf("the recorder has ended: %v", a.err)
	}
}
