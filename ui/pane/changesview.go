package pane

import (
	"fmt"
	"strings"
	"time"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// Lines draws the visible part of the tree.
func (p *Changes) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	columns := fitChanges(p.canvas.width, p.subject.Preview)
	lines := []string{p.summary(columns)}
	if p.treeHeight()+p.historyHeight() < p.canvas.height-1 {
		lines = append(lines, filterLine(p.canvas.width, &p.filter, p.paint, p.foundText()))
	}
	from, until := p.visible()
	for i := from; i < until; i++ {
		lines = append(lines, p.line(columns, p.lines[i], i == p.cursor))
	}
	if len(p.lines) == 0 {
		lines = append(lines, p.nothing()...)
	}
	if n := p.historyHeight(); n > 0 {
		lines = append(row.Fill(lines, p.canvas.width, p.canvas.height-n), p.history()...)
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

func (p *Changes) foundText() string {
	if !p.filtered() {
		return ""
	}
	return model.Plural(p.tree.Counts(model.Root).Total(), "path")
}

// summary says how much changed, as of when, and what is new since the mark; behind it are
// the titles of the columns, where there is room.
func (p *Changes) summary(c changeColumns) string {
	t := p.paint
	r := row.New(p.canvas.width, t.Plain).Space(1)
	s := p.subject.Service
	if s == nil {
		return r.String()
	}
	addCounts(r, t, s.Counts)
	if n := s.Evidence.TransientCount(); n > 0 {
		r.Add(t.Writable, fmt.Sprintf("±%d", n)).Space(1)
	}
	if n := len(s.RefusedWrites()); n > 0 {
		r.Add(t.Alarm, fmt.Sprintf("✗%d", n)).Space(1)
	}
	for i := range s.Changes {
		if s.Changes[i].Err != "" {
			failed := "could not ask again: "
			if LastTaken(s).IsZero() {
				failed = "could not be read: "
			}
			return r.Add(t.Warn, failed+clean.Line(s.Changes[i].Err)).String()
		}
	}
	if taken := LastTaken(s); !taken.IsZero() {
		r.Add(t.Faint, "as of "+taken.In(p.subject.Zone).Format("15:04"))
		if took, walked := p.subject.walked(s); walked {
			r.Space(2).Add(t.Warn, Spinner(p.subject.Now)+" asked again for "+model.DurationText(took))
		}
	}
	since, marked := p.subject.Mark.Since(s.Name)
	switch tree := p.subject.Tree; {
	case p.subject.Mark == nil:
	case !marked:
		r.Space(2).Add(t.Fresh, "◇ asking, to mark")
	case tree == nil:
		r.Space(2).Add(t.Fresh, "◆ 0 since "+p.clock(since))
	case tree.Marked:
		r.Space(2).Add(t.Fresh, fmt.Sprintf("◆ %d since %s", tree.Fresh[model.Root], p.clock(since)))
	}
	p.titles(r, c)
	return r.String()
}

// titles puts the titles of the columns at the end of a line, unless something stands there.
func (p *Changes) titles(r *row.Row, c changeColumns) {
	behind := c.owner + c.size + c.time + c.status
	if len(p.lines) == 0 || r.Left() <= behind+1 {
		return
	}
	owner := "owner"
	if p.subject.Service.Evidence.Has(model.FromRecording) {
		owner = "by, owner" // who wrote it where that was recorded
	}
	r.Space(r.Left() - behind - 1)
	addFacts(r, c, p.paint.Faint, owner, "size", "last")
	if c.status > 0 {
		r.Add(p.paint.Faint, "preview")
	}
}

func (p *Changes) clock(at time.Time) string { return at.In(p.subject.Zone).Format("15:04:05") }

// nothing says why there is nothing to show.
func (p *Changes) nothing() []string {
	text := sheet{width: p.canvas.width, indent: 1, paint: p.paint}
	s := p.subject.Service
	switch {
	case s == nil:
	case p.filter.Value() != "":
		text.prose(p.paint.Faint, "no changed path contains this text")
	case !s.Evidence.Empty(): // the tree is being built
	case s.Unseen() != model.Seen:
		text.prose(p.paint.Faint, clean.Line(p.unseen()))
	default:
		text.prose(p.paint.Text, "No change seen in the writable layer.")
		if s.Root() == model.RootReadOnly {
			text.prose(p.paint.Faint, "Its root is read-only: nothing can change here.")
		} else if len(s.Verdict.Blind) > 0 {
			text.prose(p.paint.Faint, "Nothing seen is not nothing needed. Changes do not show: "+strings.Join(model.BlindTexts(s.Verdict.Blind), ", ")+".")
		}
	}
	return text.lines
}

// unseen says why no changes are known.
func (p *Changes) unseen() string {
	switch s := p.subject.Service; s.Unseen() {
	case model.NotMade:
		return "no container yet: it is declared but not created"
	case model.NeverStarted:
		return "nothing was written: it was created, but never started"
	case model.Unreadable:
		return s.NotSeen() + "; ctrl+r asks again"
	case model.NotAsked:
		return p.subject.unasked()
	default:
		return s.NotSeen()
	}
}

// changeColumns are the widths of the columns behind the names; zero leaves one out.
type changeColumns struct{ owner, size, time, status int }

// fitChanges gives names at least half of the line: first the preview's word,
// then size, time and owner.
func fitChanges(width int, preview bool) changeColumns {
	var c changeColumns
	room := width/2 - 1
	take := func(column *int, want int) {
		if room >= want {
			*column, room = want, room-want
		}
	}
	if preview {
		take(&c.status, 20)
		if c.status == 0 {
			take(&c.status, 9)
		}
	}
	take(&c.size, 9)
	take(&c.time, 9)
	take(&c.owner, 10)
	return c
}

func (p *Changes) line(c changeColumns, line changeLine, chosen bool) string {
	t := p.paint
	r := p.start(chosen)
	path := p.tree.Path(line.node)
	kind, own := p.tree.Own(line.node)
	fresh := p.tree.Fresh[line.node] > 0 || p.touchedSinceMark(path)
	behind := c.owner + c.size + c.time + c.status
	r.Space(min(int(line.depth)*2, r.Left()/2))
	nameWidth := r.Left() - behind - 4
	if p.tree.HasChildren(line.node) {
		glyph := "▸"
		if p.openFolds()[path] {
			glyph = "▾"
		}
		r.Add(t.Faint, glyph).Space(1)
		paint := t.Text
		if own {
			paint = kindPaint(t, kind)
		}
		r.Cell(p.freshPaint(paint, fresh), clean.FitPath(clean.Path(path[line.from:])+"/", nameWidth), nameWidth+1)
		addCounts(r, t, p.tree.Counts(line.node))
		if fresh && p.tree.Fresh[line.node] > 0 {
			r.Add(t.Fresh, fmt.Sprintf("◆%d", p.tree.Fresh[line.node]))
		}
		return r.String()
	}
	sign := "  "
	painted := kindPaint(t, kind)
	if own {
		sign = kindSign(kind) + " "
	}
	written := p.subject.Service.Evidence.Find(path)
	switch {
	case written == nil:
	case written.Blocked():
		sign, painted = "✗ ", t.Alarm
	case written.OnlyTries() && !written.Wrote():
		sign, painted = "◦ ", t.Faint
	case written.Transient(), written.Acts == model.Passed:
		sign, painted = "± ", t.Writable
	case written.Mount != "":
		painted = t.Faint
	}
	paint := p.freshPaint(painted, fresh)
	r.Add(paint, sign).Cell(paint, fitPath(path[line.from:], nameWidth), nameWidth+1)
	p.facts(r, c, path, written)
	if c.status > 0 {
		p.status(r, path)
	}
	return r.String()
}

// freshPaint lets only what is fresh stand out, once there is a mark.
func (p *Changes) freshPaint(paint row.Paint, fresh bool) row.Paint {
	switch {
	case !p.tree.Marked:
		return paint
	case fresh:
		return p.paint.Fresh
	default:
		return p.paint.Faint
	}
}

// touchedSinceMark finds what `docker diff` cannot tell: a file that had changed
// before the mark and was written again since.
func (p *Changes) touchedSinceMark(path string) bool {
	info, known := p.infos.known[path]
	return p.tree.Marked && known && info.Err == "" && info.Modified.After(p.tree.Since)
}

func kindSign(k model.ChangeKind) string {
	switch k {
	case model.Added:
		return "+"
	case model.Deleted:
		return "-"
	default:
		return "~"
	}
}

func kindPaint(t theme.Theme, k model.ChangeKind) row.Paint {
	switch k {
	case model.Added:
		return t.Added
	case model.Deleted:
		return t.Deleted
	default:
		return t.Modified
	}
}

// facts puts owner, size and time on a line, as far as they are known.
func (p *Changes) facts(r *row.Row, c changeColumns, path string, written *model.Write) {
	info, known := p.infos.known[path]
	var owner, size, at string
	if known && info.Err == "" {
		owner = clean.Line(info.Owner)
		switch {
		case info.OwnerUnknown:
			owner = "?"
		case owner == "":
			owner = fmt.Sprint(info.UID)
		}
		size = sizeText(info.FileInfo)
		at = p.ageText(info.Modified)
	}
	if written != nil {
		owner = p.writer(written)
		at = p.ageText(written.Last)
	}
	addFacts(r, c, p.paint.Faint, owner, size, at)
}

// addFacts puts texts into the columns behind a name.
func addFacts(r *row.Row, c changeColumns, faint row.Paint, owner, size, at string) {
	if c.owner > 0 {
		r.Cell(faint, clean.Fit(owner, c.owner-1), c.owner)
	}
	if c.size > 0 {
		r.CellRight(faint, size, c.size-1).Space(1)
	}
	if c.time > 0 {
		r.Cell(faint, at, c.time)
	}
}

func sizeText(info model.FileInfo) string {
	switch info.Type {
	case model.Regular:
		return bytesText(info.Size)
	case model.Symlink:
		return "link"
	case model.Directory:
		return "dir"
	default:
		return clean.Line(string(info.Type))
	}
}

// ageText gives the time of day for today and the date for what is older.
func (p *Changes) ageText(at time.Time) string {
	if p.subject.Now.Sub(at) < 12*time.Hour {
		return p.clock(at)
	}
	return at.In(p.subject.Zone).Format("Jan 2")
}

// blocked reports whether a path was refused.
func (p *Changes) blocked(path string) bool {
	w := p.subject.Service.Evidence.Find(path)
	return w != nil && w.Blocked()
}

// status says what a read-only root would make of a write.
func (p *Changes) status(r *row.Row, path string) {
	s := p.subject.Service
	if w := s.Evidence.Find(path); w != nil && w.OnlyTries() && !w.Wrote() {
		r.Add(p.paint.Faint, "◦ went on")
		return
	}
	if m, ok := s.Allows(path); ok {
		r.Add(p.paint.Good, "→ "+clean.Line(string(m.Kind))+" "+fitPath(m.Target, max(r.Left()-9, 1)))
		return
	}
	if s.Root() == model.RootReadOnly && !p.blocked(path) {
		r.Add(p.paint.Locked, "read-only")
		return
	}
	if plan := p.subject.Plan.Current; plan != nil {
		if plan.Alarming(path) {
			r.Add(p.paint.Alarm, "! code change")
			return
		}
		if m, ok := plan.Takes(path); ok {
			r.Add(p.paint.Preview, "⇒ "+string(m.Kind)+" "+fitPath(m.Target, max(r.Left()-9, 1)))
			return
		}
	}
	r.Add(p.paint.Alarm, "✗ blocked")
}
