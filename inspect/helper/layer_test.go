//go:build linux

package helper

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/inspect/engine"
	"petrify/inspect/engine/enginetest"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// A helper tells what a writable layer holds as the engine does. It lacks DAC_OVERRIDE: of
// a layer with a directory that only another user may enter, it says that it cannot.
func TestHelperReadsLayers(t *testing.T) {
	h, api := ownPetrify(t)
	e := engine.New(api, model.Engine{Address: "test"})
	open := enginetest.Run(t, "write /srv/tree/one x", "rm /srv/tree/two", "mkdir /new", "write /tmp/passing x", "rm /tmp/passing", "hold")
	private := enginetest.Run(t, "mkdir /new/private", "chmod 700 /new/private", "chown 1000 1000 /new/private", "hold")
	talk, err := h.Start(t.Context(), recorder)
	if err != nil {
		t.Fatal(err)
	}
	to := wire.NewEncoder(talk.In)
	say := func(c wire.Command) {
		if err := to.Encode(c); err != nil {
			t.Error(err)
		}
	}
	say(wire.Command{Hello: &wire.Hello{Version: wire.Version}})
	for i, id := range []string{open, private} {
		p, err := e.Place(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		say(wire.Command{Read: &wire.Read{Ask: i + 1, Driver: p.Driver, Follow: wire.Follow{
			Container: id, PID: p.PID, Root: p.Root, Upper: p.Upper, Lower: p.Lower,
		}}})
	}
	time.AfterFunc(20*time.Second, func() { talk.In.Close() })
	said := map[int]string{}
	paths := map[int][]string{}
	if err := wire.Decode(talk.Out, func(r wire.Report) error {
		if r.Layer == nil {
			return nil
		}
		for _, p := range r.Layer.Paths {
			text := model.Change{Path: string(p.Path), Kind: p.Kind}.String()
			if p.CopiedUp != nil {
				text = "copied up " + string(p.Path)
			}
			paths[r.Layer.Ask] = append(paths[r.Layer.Ask], text)
		}
		if r.Layer.Last {
			said[r.Layer.Ask] = fmt.Sprint(r.Layer.Elsewhere, " ", r.Layer.Err)
			if len(said) == 2 {
				talk.In.Close()
			}
		}
		return nil
	}, nil); err != nil {
		t.Fatal(err)
	}
	if err := talk.Wait(); err != nil {
		t.Error(err)
	}
	told, err := e.Changes(t.Context(), open)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"copied up /tmp"}
	for _, c := range told {
		want = append(want, c.String())
	}
	slices.Sort(want)
	slices.Sort(paths[1])
	if said[1] != "false " || !slices.Equal(paths[1], want) {
		t.Errorf("%s: %q, want %q", said[1], paths[1], want)
	}
	if !strings.HasPrefix(said[2], "true ") || !strings.Contains(said[2], `only its owner may enter "/new/private"`) {
		t.Errorf("of a layer that it may not enter: %s", said[2])
	}
}
