// Package ui is petrify's terminal program: it shows a stack and what follows from it.
package ui

import (
	"context"

	"petrify/model"
	"petrify/ui/pane"
)

// Source is where the stack on screen comes from: an engine, a capture, a file, a test.
// Besides, it implements those of the interfaces below that it can: what it lacks has
// no key and no tab. All methods may be called from several goroutines.
type Source interface {
	// Next waits for a stack newer than the last one it returned. Its error is
	// final: the source has ended.
	Next(ctx context.Context) (*model.Stack, error)
	// Look says what is on screen: the selected service, and whether its changes
	// are, so that the engine is asked for nothing else.
	Look(service string, changes bool)
	// Refresh reads the Compose files and asks the engine for everything again.
	Refresh()
}

// FileReader is a source that reads files of containers.
type FileReader = pane.Files

// LogReader is a source that follows the output of containers.
type LogReader = pane.Logger

// Planner is a source that can ask what images hold, and so plans the services that are
// named, or all, in their order.
type Planner = pane.Planner

// Recorder is a source whose writes can be recorded. The stacks tell how it goes.
type Recorder interface {
	// RecordingConsent says what recording would start, for the person who has to agree to it.
	RecordingConsent(ctx context.Context) (model.Consent, error)
	// StartRecording records all services, or those that are named.
	StartRecording(ctx context.Context, services ...string) error
	// StopRecording tells the recording to end; it does not wait until it has.
	StopRecording()
}

// Trier is a source whose plans can be tried on throw-away copies. The stacks tell how it
// goes.
type Trier interface {
	// TrialConsent lists all that trials of the services named, or of all, would create, for
	// the person who has to agree to it.
	TrialConsent(ctx context.Context, stack *model.Stack, o model.TrialOptions, services ...string) (model.Consent, error)
	// StartTrial tries the plans of the services named, or of all, one after the other.
	StartTrial(ctx context.Context, stack *model.Stack, o model.TrialOptions, services ...string) error
	// StopTrial tells the trials to end; it does not wait until they have.
	StopTrial()
}

// ChangeAsker is a source that asks for changes when it sees fit, and can be told to
// do so now.
type ChangeAsker interface {
	// AskChanges asks for the changes of all services again. It does not wait: stacks
	// bring the answers.
	AskChanges()
}

// abilities are what a source implements; nil is what it does not.
type abilities struct {
	files    FileReader
	logs     LogReader
	planner  Planner
	recorder Recorder
	changes  ChangeAsker
	trier    Trier
}

func abilitiesOf(source Source) (a abilities) {
	a.files, _ = source.(FileReader)
	a.logs, _ = source.(LogReader)
	a.planner, _ = source.(Planner)
	a.recorder, _ = source.(Recorder)
	a.changes, _ = source.(ChangeAsker)
	a.trier, _ = source.(Trier)
	return a
}

// restrict switches the keys off that a source has no answer for.
func (k *KeyMap) restrict(can abilities) {
	k.Record.SetEnabled(can.recorder != nil)
	k.Try.SetEnabled(can.trier != nil)
	k.TryAll.SetEnabled(can.trier != nil)
	k.Pane[planPane].SetEnabled(can.planner != nil)
	k.Pane[logsPane].SetEnabled(can.logs != nil)
}
