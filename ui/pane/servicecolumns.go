package pane

// serviceColumns are the widths of the list's columns; zero leaves one out.
type serviceColumns struct{ name, state, root, mounts, changes, verdict, planned int }

// rateWidth is what the writes a second take beside the counts of changes.
const rateWidth = 6

// The widths of both verdicts, in words and in signs.
const (
	verdictWidth, briefVerdictWidth = 12, 7
	plannedWidth, briefPlannedWidth = 16, 10
)

// listed is what the columns depend on besides the width.
type listed struct {
	longest   int // name
	preview   bool
	recording bool
	planned   bool // both verdicts are wanted
}

// fitServices shares a width among the columns: names first, then what can be
// and was written, then words for what glyphs say already.
func fitServices(width int, l listed) serviceColumns {
	var c serviceColumns
	room := width - 4
	names := min(l.longest+2, 18)
	take := func(column *int, want, leave int) {
		if *column == 0 && room-want >= leave {
			*column, room = want, room-want
		}
	}
	switch {
	case l.planned:
		take(&c.verdict, verdictWidth, 9+briefPlannedWidth)
		take(&c.verdict, briefVerdictWidth, 8)
		take(&c.planned, plannedWidth, names)
		take(&c.planned, briefPlannedWidth, 8)
		take(&c.root, 5, names)
	case l.preview:
		take(&c.root, 5, 8)
		take(&c.verdict, verdictWidth, 8)
	default:
		take(&c.root, 5, 8)
		if l.recording {
			take(&c.changes, 13+rateWidth, names)
		}
		take(&c.changes, 13, 8)
	}
	take(&c.mounts, 8, min(names, 10))
	take(&c.state, len("not created")+1, names)
	if l.preview || l.planned {
		take(&c.changes, 13, names)
	} else {
		take(&c.verdict, verdictWidth, names)
	}
	c.name = max(room, 1)
	return c
}
