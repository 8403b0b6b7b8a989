package pane

// serviceColumns are the widths of the list's columns; zero leaves one out.
type serviceColumns struct{ name, state, root, mounts, changes, verdict, planned int }

// The widths of columns that have no other. What services write a second takes more.
const (
	rootWidth, mountsWidth   = 5, 8
	stateWidth               = len("not created") + 1
	changesWidth, ratesWidth = 13, 19
	longestName              = 26
	shortestName             = 8
)

// The widths of both verdicts, in words and in signs.
const (
	verdictWidth, briefVerdictWidth = 12, 8
	plannedWidth, briefPlannedWidth = 16, 10
)

// listed is what the columns depend on besides the width.
type listed struct {
	longest   int // name
	recording bool
	planned   bool // there is a second verdict
}

// fitServices shares a width among the columns. What was written and the verdicts never go
// away: names are cut for them. Then comes what can be written, and last are words for what
// glyphs say already.
func fitServices(width int, l listed) serviceColumns {
	var c serviceColumns
	room := width - 4
	names := min(l.longest+2, longestName)
	take := func(column *int, want, leave int) {
		if more := want - *column; more > 0 && room-more >= leave {
			*column, room = want, room-more
		}
	}
	take(&c.verdict, briefVerdictWidth, shortestName)
	if l.planned {
		take(&c.planned, briefPlannedWidth, shortestName)
	}
	take(&c.changes, changesWidth, shortestName)
	if l.recording {
		take(&c.changes, ratesWidth, names)
	}
	take(&c.verdict, verdictWidth, names)
	take(&c.root, rootWidth, names)
	take(&c.mounts, mountsWidth, names)
	if l.planned {
		take(&c.planned, plannedWidth, names)
	}
	take(&c.state, stateWidth, names)
	c.name = max(min(room, names), 1)
	return c
}

// width is what the list takes with these columns.
func (c serviceColumns) width() int {
	return 4 + c.name + c.state + c.root + c.mounts + c.changes + c.verdict + c.planned
}
