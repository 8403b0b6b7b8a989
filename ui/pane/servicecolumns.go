package pane

// serviceColumns are the widths of the list's columns; zero leaves one out.
type serviceColumns struct{ name, state, root, mounts, changes, verdict int }

// rateWidth is what the writes a second take beside the counts of changes.
const rateWidth = 6

// fitServices shares a width among the columns: names first, then what can be
// and was written, then words for what glyphs say already.
func fitServices(width, longest int, preview, recording bool) serviceColumns {
	var c serviceColumns
	room := width - 4
	names := min(longest+2, 18)
	take := func(column *int, want, leave int) {
		if room-want >= leave {
			*column, room = want, room-want
		}
	}
	take(&c.root, 5, 8)
	if preview {
		take(&c.verdict, 12, 8)
	} else {
		if recording {
			take(&c.changes, 13+rateWidth, names)
		}
		if c.changes == 0 {
			take(&c.changes, 13, 8)
		}
	}
	take(&c.mounts, 8, min(names, 10))
	take(&c.state, len("not created")+1, names)
	if preview {
		take(&c.changes, 13, names)
	} else {
		take(&c.verdict, 12, names)
	}
	c.name = max(room, 1)
	return c
}
