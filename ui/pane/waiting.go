package pane

import (
	"time"

	"charm.land/bubbles/v2/spinner"

	"petrify/model"
)

// Spinner is the sign of something that goes on, as it is at a moment.
func Spinner(now time.Time) string {
	frames := spinner.MiniDot.Frames
	return frames[int(now.UnixMilli()/100)%len(frames)]
}

// walked tells since when the engine walks the files of one of a service's containers;
// false while it does not, or has only just begun.
func (s Subject) walked(service *model.Service) (time.Duration, bool) {
	var longest time.Duration
	for i := range service.Containers {
		if since, walking := s.Stack.AsksChanges(service.Containers[i].ID); walking {
			longest = max(longest, s.Now.Sub(since))
		}
	}
	return longest, longest >= time.Second/2
}

// unasked says why nothing is known of a service's changes yet.
func (s Subject) unasked() string {
	if took, walked := s.walked(s.Service); walked {
		return "asking the engine: it has walked the container's files for " + model.DurationText(took)
	}
	if s.Stack == nil {
		return "asking the engine"
	}
	if s.Stack.ReadsLayers(s.Service) {
		return "reading its writable layer"
	}
	for _, w := range s.Stack.Waiting {
		if w.Step == model.WaitChanges && w.Open() && len(w.On) > 0 && w.On[0].Service != s.Service.Name {
			return "waits its turn: " + w.Text(s.Now)
		}
	}
	return "asking the engine: it walks all files of the container"
}
