package model

import (
	"fmt"
	"time"
)

// Waiting is a step that somebody waits for, and how far it has come.
type Waiting struct {
	Step        Step
	Done, Total int       // Total is 0 where the step is one thing
	On          []Asked   // what is asked for now, the oldest first
	Since       time.Time // when the step began
}

// Step is what is waited for, in words that a count can follow.
type Step string

// The steps to a report, a plan or a recording.
const (
	WaitEngine     Step = "the engine"
	WaitFiles      Step = "the Compose files"
	WaitContainers Step = "containers"
	WaitLogs       Step = "logs"
	WaitChanges    Step = "changes"
	WaitImages     Step = "what images hold"
	WaitRecorder   Step = "the recorder"
	WaitTrial      Step = "what a trial takes"
	WaitEnd        Step = "what was started to end"
)

// Asked is a question that was not answered yet.
type Asked struct {
	Service   string
	Container string // ID; "" where it is no container that is asked about
	Since     time.Time
	Read      bool // nobody is asked: its writable layer is read
}

// Open reports whether the step has an end that has not come. One without open
// questions that goes on asks again for what is known already.
func (w Waiting) Open() bool { return w.Total == 0 || w.Done < w.Total }

// Text says what is waited for, and who takes longest: "changes: 4 of 15, postgres
// for 12 s", or "changes again, postgres for 12 s". Names in it are as they came.
func (w Waiting) Text(now time.Time) string {
	text := string(w.Step)
	switch {
	case !w.Open():
		text += " again"
	case w.Total > 0:
		text += fmt.Sprintf(": %d of %d", w.Done, w.Total)
	}
	who, since := "", w.Since
	if len(w.On) > 0 {
		who, since = w.On[0].Service+" ", w.On[0].Since
	}
	if since.IsZero() {
		return text
	}
	return fmt.Sprintf("%s, %sfor %s", text, who, DurationText(max(now.Sub(since), 0)))
}

// AsksChanges tells since when the engine walks the files of a container for its
// changes; false while it does not. It answers little else about that container
// meanwhile, such as its logs.
func (s *Stack) AsksChanges(container string) (since time.Time, walking bool) {
	if s == nil {
		return time.Time{}, false
	}
	for _, w := range s.Waiting {
		for _, asked := range w.On {
			if w.Step == WaitChanges && asked.Container == container && !asked.Read {
				return asked.Since, true
			}
		}
	}
	return time.Time{}, false
}

// ReadsLayers reports whether the writable layer of one of a service's containers is being
// read.
func (s *Stack) ReadsLayers(of *Service) bool {
	for _, w := range s.Waiting {
		for _, asked := range w.On {
			if w.Step == WaitChanges && asked.Service == of.Name && asked.Read {
				return true
			}
		}
	}
	return false
}
