package report

import (
	"time"

	"petrify/model"
	"petrify/ui/encode"
)

// recording is what a service's recording says of it, in sum.
type recording struct {
	Began     *time.Time `json:"began"`
	Ended     *time.Time `json:"ended"`
	Seconds   float64    `json:"seconds"`
	Starts    int        `json:"starts"`
	Paths     int        `json:"paths"`
	Transient int        `json:"transient"`
	Lost      uint64     `json:"lost"`
	Garbled   int        `json:"unreadable"`
	Processes []process  `json:"processes"`
}

type process struct {
	Command string `json:"command"`
	User    string `json:"user"`
	UID     int    `json:"uid"`
	Writes  int    `json:"writes"`
	Exec    bool   `json:"exec"`
}

func newRecording(e *model.Evidence) *recording {
	if len(e.Sittings) == 0 {
		return nil
	}
	sum := e.Recorded()
	written := 0
	for i := range e.Writes {
		if e.Writes[i].Wrote() {
			written++
		}
	}
	return &recording{
		Began: moment(sum.Began), Ended: moment(sum.Ended), Seconds: sum.Ran.Seconds(), Starts: sum.Starts,
		Paths: written, Transient: e.TransientCount(), Lost: sum.Lost, Garbled: sum.Garbled,
		Processes: encode.Each(e.Processes, func(p model.Process) process {
			return process{p.Command, p.User, p.UID, p.Count, p.Exec}
		}),
	}
}
