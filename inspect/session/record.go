package session

import (
	"context"
	"errors"

	"petrify/model"
)

// errCannotRecord is the answer of a stack that has no engine to record on.
var errCannotRecord = errors.New("this stack is a recording itself: nothing runs that could be recorded")

// Recorder says what recording would start.
func (l *Live) Recorder(context.Context) (model.RecorderOffer, error) {
	return model.RecorderOffer{}, errCannotRecord
}

// Record starts or stops recording.
func (l *Live) Record(context.Context, bool) error { return errCannotRecord }
