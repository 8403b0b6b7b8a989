package plan

import (
	"petrify/model"
)

// Sizes of planned tmpfs: without one, an engine allows half of the host's
// memory. What was seen is taken eight times, as tomorrow brings more, and
// rounded up to a power of two.

const (
	kiB = 1 << 10
	miB = 1 << 20

	growth     = 8
	fileAtMost = 16 * kiB // for a file whose size nobody knows
)

// leastSize is what a tmpfs has at least, by what it is for.
func leastSize(c model.Class) int64 {
	switch c {
	case model.RuntimeState:
		return 1 * miB
	case model.Temporary, model.ToolCache, model.GeneratedCode, model.Logs:
		return 64 * miB
	default:
		return 16 * miB
	}
}

// setSize sets how large the tmpfs of a site may become.
func (p *planner) setSize(m *model.PlannedMount, at *site) {
	seen := p.seenAt(at)
	if p.seen == nil {
		p.seen = map[string]int64{}
	}
	p.seen[m.Target] = seen
	m.Size = powerOfTwo(max(leastSize(m.Class), growth*seen))
}

// seenAt is how many bytes were seen at a site.
func (p *planner) seenAt(at *site) int64 {
	var seen, known, unknown int64
	for _, w := range at.writes {
		fact := p.facts[w.Path]
		switch {
		case w.Kind == model.Deleted || w.Class == "": // a directory on the way
		case fact.Known && fact.Type == model.Regular:
			seen += fact.Size
			known++
		case fact.Known && fact.Type != "": // directories and sockets are nothing
		default:
			if of := p.service.Evidence.Find(w.Path); of != nil && of.Bytes > 0 { // gone by now
				seen += of.Bytes
				known++
			} else {
				unknown++
			}
		}
	}
	// Facts are asked for a few files of a directory: they stand for the others.
	each := int64(fileAtMost)
	if known > 0 {
		each = max(seen/known, 4*kiB)
	}
	return seen + unknown*each
}

func powerOfTwo(n int64) int64 {
	size := int64(1)
	for size < n && size < 1<<62 {
		size <<= 1
	}
	return size
}
