package wire

import (
	"encoding/base64"
	"time"

	"petrify/model"
)

// Read asks what the writable layer of a container holds.
type Read struct {
	Ask    int    `json:"ask"` // number of the question, from 1 on
	Driver string `json:"driver,omitempty"`
	Follow
}

// Layer is a part of the answer to one question; there may be many, and the last says so.
type Layer struct {
	Ask   int         `json:"ask"`
	Paths []LayerPath `json:"paths,omitempty"`
	Last  bool        `json:"last,omitempty"`
	// Err says why nothing is known, and the parts before do not count. Elsewhere says
	// that it would be the same the next time.
	Err       string `json:"err,omitempty"`
	Elsewhere bool   `json:"elsewhere,omitempty"`
}

// LayerPath is a change or, where CopiedUp is set, a path that is as in the image.
type LayerPath struct {
	Path      []byte           `json:"path"`
	Kind      model.ChangeKind `json:"kind,omitempty"`
	CopiedUp  *time.Time       `json:"copied_up,omitempty"` // when it was written last
	Directory bool             `json:"directory,omitempty"`
}

// Size is how many bytes of a line a path takes at most.
func (p *LayerPath) Size() int {
	const rest = 120 // names, numbers and a time
	return base64.StdEncoding.EncodedLen(len(p.Path)) + rest
}

func (l *Layer) check() error {
	if l.Ask < 1 || len(l.Err) > longestPath || (l.Err != "" || l.Elsewhere) && !l.Last {
		return errImpossible
	}
	for i := range l.Paths {
		if p := &l.Paths[i]; len(p.Path) == 0 || p.Path[0] != '/' || len(p.Path) > longestPath || p.Kind > model.Deleted {
			return errImpossible
		}
	}
	return nil
}
