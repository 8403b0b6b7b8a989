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

// settle looks at paths that came or went, and says of each whether it is there.
// As many as time allows: of the others the events have the word.
func (g *gathering) settle(lookAt func(place) (fact, bool)) {
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
		by[key.container] = append(by[key.container], *w)
	}
	clear(g.writes)
	for id, writes := range by {
		for len(writes) > 0 {
			n := min(len(writes), writesInLine)
			each(wire.Seen{Container: id, Writes: writes[:n]})
			writes = writes[n:]
		}
	}
}

// writesInLine keeps lines short enough for whoever reads them whole.
const writesInLine = 500
