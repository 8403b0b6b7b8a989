package recorder

import (
	"time"

	"petrify/inspect/record/wire"
	"petrify/model"
)

// gathering adds up what is seen between two reports: many acts on one path are one
// line, and more paths than fit are one line for their directory.
type gathering struct {
	writes map[act]*wire.Write
	// look holds the paths whose end is not known from the events alone.
	look map[place]bool
}

// place is a path in a container.
type place struct{ container, path string }

// act is what makes acts one line.
type act struct {
	place
	process int
	inside  bool
}

func newGathering() *gathering {
	return &gathering{writes: map[act]*wire.Write{}, look: map[place]bool{}}
}

// seen is one event, resolved.
type seen struct {
	place
	mount   string
	process int
	acts    model.Acts
	inside  bool // the path is the directory of something without a name
	kind    model.FileType
	bytes   int64 // -1: not known
	gone    bool
	look    bool // whether it is there has to be looked at
	at      time.Time
	refused *wire.Refused // instead of acts: what was not done
}

func (g *gathering) add(s seen) {
	key := act{s.place, s.process, s.inside}
	w := g.writes[key]
	if w == nil && len(g.writes) >= pathsAtOnce && !s.inside {
		s.path, s.inside, s.kind, s.bytes, s.gone, s.look = parentOf(s.path), true, model.Directory, -1, false, false
		key = act{s.place, s.process, true}
		w = g.writes[key]
	}
	if w == nil {
		w = &wire.Write{Path: []byte(s.path), Mount: []byte(s.mount), First: s.at, Bytes: -1, Process: s.process}
		g.writes[key] = w
	}
	if s.refused != nil {
		addRefused(w, s)
		return
	}
	w.Acts |= s.acts
	w.Count++
	w.Last = s.at
	w.Bytes = max(w.Bytes, s.bytes)
	if s.kind != "" {
		w.Type = s.kind
	}
	if s.inside {
		w.Inside++
		return
	}
	w.Gone = s.gone
	if s.look {
		g.look[s.place] = true
	}
}

// addRefused adds what was refused. Of what is there, an act says more.
func addRefused(w *wire.Write, s seen) {
	if s.inside {
		w.Inside++
	}
	if w.Acts == 0 {
		w.Gone = s.gone && !s.inside
		if s.kind != "" {
			w.Type = s.kind
		}
	}
	if s.at.Before(w.First) {
		w.First = s.at
	}
	if w.Last.Before(s.refused.Last) {
		w.Last = s.refused.Last
	}
	known := w.Refused
	if known == nil {
		w.Refused = s.refused
		return
	}
	if known.Tries == known.Count || s.refused.Tries < s.refused.Count {
		known.Err, known.Call = s.refused.Err, s.refused.Call
	}
	known.Count, known.Tries = known.Count+s.refused.Count, known.Tries+s.refused.Tries
	known.Acts |= s.refused.Acts
	known.Last = s.refused.Last
}

// lookAtEnds looks at paths that came or went, and says of each whether it is there.
// As many as time allows: of the others the events have the word.
func (g *gathering) lookAtEnds(lookAt func(place) (fact, bool)) {
	facts := make(map[place]fact, min(len(g.look), looksAtOnce))
	for p := range g.look {
		if len(facts) >= looksAtOnce {
			break
		}
		if f, known := lookAt(p); known {
			facts[p] = f
		}
	}
	for key, w := range g.writes {
		f, known := facts[key.place]
		if !known || key.inside {
			continue
		}
		w.Gone = !f.there
		if f.there {
			w.Type = f.kind
			if f.kind == model.Regular {
				w.Bytes = max(w.Bytes, f.size)
			}
		}
	}
	clear(g.look)
}

// report hands over what was gathered, by container, and begins anew.
func (g *gathering) report(each func(wire.Seen)) {
	by := map[string][]wire.Write{}
	for key, w := range g.writes {
		if w.Last.Round(0).Before(w.First.Round(0)) {
			w.Last = w.First // the clock was set back
		}
		by[key.container] = append(by[key.container], *w)
	}
	clear(g.writes)
	for id, writes := range by {
		for len(writes) > 0 {
			n := fitLine(writes)
			each(wire.Seen{Container: id, Writes: writes[:n]})
			writes = writes[n:]
		}
	}
}

// fitLine returns how many of some writes go into one line, which has to be short
// enough for whoever reads it whole. Paths are as long as a service makes them.
func fitLine(writes []wire.Write) int {
	room := wire.LongestLine / 2
	for i := range writes {
		room -= writes[i].Size()
		if i > 0 && room < 0 {
			return i
		}
	}
	return len(writes)
}
