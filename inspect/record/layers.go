package record

import (
	"context"
	"errors"
	"fmt"

	"petrify/inspect/layer"
	"petrify/inspect/record/wire"
	"petrify/model"
)

// Layers reads writable layers through a recorder that runs.
type Layers struct{ rec *recording }

// layerAnswer is an answer as far as it has come.
type layerAnswer struct {
	layer.Result
	err  error
	done chan struct{} // closed with the last part
}

// mostLayerPaths is how many paths are believed of one answer: more than a recorder tells.
const mostLayerPaths = 1 << 20

var (
	errReaderEnded = fmt.Errorf("%w: the recorder that read it has ended", layer.ErrNotHere)
	errNotFollowed = fmt.Errorf("%w: the recorder does not know the container", layer.ErrNotHere)
)

// Read returns what the writable layer of a container holds that is recorded.
func (l *Layers) Read(ctx context.Context, container string) (layer.Result, error) {
	answers := make(chan *layerAnswer, 1)
	var number int
	l.rec.post(func() {
		var answer *layerAnswer
		number, answer = l.rec.askLayer(container)
		answers <- answer
	})
	var answer *layerAnswer
	select {
	case answer = <-answers:
	case <-l.rec.done:
		return layer.Result{}, errReaderEnded
	}
	select {
	case <-answer.done:
		return answer.Result, answer.err
	case <-l.rec.done:
		return layer.Result{}, errReaderEnded
	case <-ctx.Done():
		go l.rec.post(func() { delete(l.rec.layers, number) })
		return layer.Result{}, ctx.Err()
	}
}

// Forget does nothing: where a container is, is known from its recording.
func (l *Layers) Forget(string) {}

// askLayer sends a question, and returns where its answer will be.
func (rec *recording) askLayer(container string) (int, *layerAnswer) {
	answer := &layerAnswer{done: make(chan struct{})}
	p, known := rec.places[container]
	if !known || rec.commands == nil {
		answer.err = errNotFollowed
		close(answer.done)
		return 0, answer
	}
	rec.asked++
	rec.layers[rec.asked] = answer
	rec.send(wire.Command{Read: &wire.Read{Ask: rec.asked, Driver: p.Driver, Follow: followOf(p)}})
	return rec.asked, answer
}

func followOf(p model.Place) wire.Follow {
	return wire.Follow{Container: p.Container.ID, PID: p.PID, Root: p.Root, Upper: p.Upper, Lower: p.Lower}
}

// takeLayer takes a part of an answer.
func (rec *recording) takeLayer(part *wire.Layer) {
	answer := rec.layers[part.Ask]
	if answer == nil {
		return // nobody waits for it any more
	}
	for i := range part.Paths {
		p := &part.Paths[i]
		if p.CopiedUp != nil {
			answer.CopiedUp = append(answer.CopiedUp, model.CopiedUp{Path: string(p.Path), Directory: p.Directory, Changed: *p.CopiedUp})
		} else {
			answer.Changes = append(answer.Changes, model.Change{Path: string(p.Path), Kind: p.Kind})
		}
	}
	switch {
	case len(answer.Changes)+len(answer.CopiedUp) > mostLayerPaths:
		answer.err = errors.New("the recorder tells of more paths than it reads")
	case part.Elsewhere:
		answer.err = fmt.Errorf("%w (by the helper: %s)", layer.ErrNotHere, part.Err)
	case part.Err != "":
		answer.err = errors.New(part.Err)
	case !part.Last:
		return
	}
	delete(rec.layers, part.Ask)
	close(answer.done)
}
