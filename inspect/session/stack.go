package session

import (
	"context"
	"errors"

	"petrify/inspect/watch"
	"petrify/model"
)

// Live is the stack of a running engine: it is watched, planned, recorded and tried.
type Live struct {
	Watched
	*recording
	*trying
}

// Finish ends what is recorded and tried, and waits until that is kept, and all that was
// made for it removed. Its error says what does not end.
func (l *Live) Finish() error {
	return errors.Join(l.recording.Finish(), l.trying.Finish())
}

// Watched is a stack that is watched and planned.
type Watched struct {
	*watch.Watcher
	planner
}

// Complete waits until everything has been asked once, and returns that stack. Until
// then each is told what is waited for.
func (w Watched) Complete(ctx context.Context, each func([]model.Waiting)) (*model.Stack, error) {
	return complete(ctx, w.Watcher, each)
}
