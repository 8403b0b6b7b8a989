package model

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
func leastSize(c Class) int64 {
	switch c {
	case RuntimeState:
		return 1 * miB
	case Temporary, ToolCache, GeneratedCode, Logs:
		return 64 * miB
	default:
		return 16 * miB
	}
}

// size is how large the tmpfs of a site should be.
func (p *planner) size(at *site, c Class) int64 {
	var seen, known, unknown int64
	for _, w := range at.writes {
		fact := p.facts[w.Path]
		switch {
		case w.Kind == Deleted || w.Class == "": // a directory on the way
		case fact.Known && fact.Type == Regular:
			seen += fact.Size
			known++
		case fact.Known && fact.Type != "": // directories and sockets are nothing
		default:
			unknown++
		}
	}
	// Facts are asked for a few files of a directory: they stand for the others.
	each := int64(fileAtMost)
	if known > 0 {
		each = max(seen/known, 4*kiB)
	}
	return powerOfTwo(max(leastSize(c), growth*(seen+unknown*each)))
}

func powerOfTwo(n int64) int64 {
	size := int64(1)
	for size < n && size < 1<<62 {
		size <<= 1
	}
	return size
}
