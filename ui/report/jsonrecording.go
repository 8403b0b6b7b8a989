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
	Processes []process  `json:"processes"`
}

type process struct {
	Command string `json:"command"`
	User    string `json:"user"`
	UID     int    `json:"uid"`
	Writes  int    `json:"writes"`
}

func newRecording(r *model.Recording) *recording {
	if r == nil {
		return nil
	}
	return &recording{
		Began: moment(r.Began), Ended: moment(r.Ended), Seconds: r.Took.Seconds(), Starts: r.Starts,
		Paths: len(r.Writes), Transient: r.TransientCount(), Lost: r.Lost,
		Processes: encode.Each(r.Processes, func(p model.Process) process {
			return process{p.Command, p.User, p.UID, p.Count}
		}),
	}
}
