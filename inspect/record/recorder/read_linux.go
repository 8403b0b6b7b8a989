package recorder

import (
	"context"
	"errors"
	"fmt"

	"petrify/inspect/layer"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// The recorder reads layers for a petrify that cannot reach them itself.
const (
	layersAtOnce    = 1       // a recorder has better to do
	mostLayersAsked = 256     // that wait for their turn
	mostLayerNames  = 200_000 // that are read of one: a helper has little memory
)

// errManyAsked is said to somebody who asks faster than layers are read.
var errManyAsked = errors.New("too many layers are asked for at once")

// readLayer answers what a writable layer holds, beside everything else.
func (w *watcher) readLayer(ask wire.Read) {
	if w.layersAsked.Add(1) > mostLayersAsked {
		w.layersAsked.Add(-1)
		w.say(wire.Report{Layer: &wire.Layer{Ask: ask.Ask, Last: true, Err: errManyAsked.Error()}})
		return
	}
	w.walks.Go(func() {
		defer w.layersAsked.Add(-1)
		select {
		case w.layerTurns <- struct{}{}:
			defer func() { <-w.layerTurns }()
		case <-w.ended.Done():
			return
		}
		for part := range layerParts(ask.Ask, func() (layer.Result, error) { return readAt(w.ended, ask) }) {
			if w.out.Encode(wire.Report{Layer: &part}) != nil {
				return // nobody listens, which the loop finds out as well
			}
		}
	})
}

func readAt(ctx context.Context, ask wire.Read) (layer.Result, error) {
	dirs, err := layer.Find(model.Place{
		Container: model.Container{ID: ask.Container}, PID: ask.PID, Root: ask.Root, Upper: ask.Upper, Lower: ask.Lower, Driver: ask.Driver,
	})
	if err != nil {
		return layer.Result{}, err
	}
	result, err := layer.ReadUpTo(ctx, dirs, mostLayerNames)
	if err == nil && result.Truncated {
		err = fmt.Errorf("%w: it holds more than %d names", layer.ErrNotHere, mostLayerNames)
	}
	return result, err
}

// layerParts are the lines of an answer.
func layerParts(ask int, read func() (layer.Result, error)) func(func(wire.Layer) bool) {
	return func(yield func(wire.Layer) bool) {
		result, err := read()
		if err != nil {
			yield(wire.Layer{Ask: ask, Last: true, Err: err.Error(), Elsewhere: errors.Is(err, layer.ErrNotHere)})
			return
		}
		part, room := wire.Layer{Ask: ask}, wire.LongestLine/2
		add := func(p wire.LayerPath) bool {
			if room -= p.Size(); room < 0 && len(part.Paths) > 0 {
				if !yield(part) {
					return false
				}
				part, room = wire.Layer{Ask: ask}, wire.LongestLine/2-p.Size()
			}
			part.Paths = append(part.Paths, p)
			return true
		}
		for _, c := range result.Changes {
			if !add(wire.LayerPath{Path: []byte(c.Path), Kind: c.Kind}) {
				return
			}
		}
		for _, c := range result.CopiedUp {
			if !add(wire.LayerPath{Path: []byte(c.Path), CopiedUp: &c.Changed, Directory: c.Directory}) {
				return
			}
		}
		part.Last = true
		yield(part)
	}
}
