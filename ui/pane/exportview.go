package pane

import (
	"petrify/ui/clean"
	"petrify/ui/export"
	"petrify/ui/row"
)

// Lines draws the formats, where the file goes and the visible part of it.
func (p *Export) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	t := p.paint
	head := sheet{width: p.canvas.width, paint: t}
	formats := make([]part, len(export.Formats))
	for i, f := range export.Formats {
		formats[i] = part{t.Tab, f.Title}
		if i == p.format {
			formats[i].paint = t.TabActive
		}
	}
	for _, line := range inLines(formats, t, head.row) {
		head.lines = append(head.lines, row.Pad(line, p.canvas.width))
	}
	switch {
	case p.err != nil:
		head.prose(t.Warn, clean.Line(p.err.Error()))
	case p.plans == nil:
		head.prose(t.Faint, "asking what the images hold…")
	default:
		p.where(&head)
	}
	if p.said != "" {
		paint := t.Good
		if p.failed {
			paint = t.Warn
		}
		head.prose(paint, clean.Line(p.said))
	}
	if p.use != "" {
		head.prose(t.Faint, "next, which y copies:")
		head.prose(t.Strong, clean.Line(p.use))
	}
	p.set(len(p.lines), p.canvas.height-len(head.lines))
	lines := head.lines
	from, until := p.visible()
	for _, line := range p.lines[from:until] {
		lines = append(lines, row.New(p.canvas.width, t.Plain).Add(commentPaint(p, line), line).String())
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

// where says what the file is, where it goes, and what becomes of one that is there.
func (p *Export) where(head *sheet) {
	t := p.paint
	head.add(head.row().Add(t.Faint, export.Formats[p.format].About))
	r := head.row().Add(t.Faint, "as ")
	if p.Typing() {
		under, rest := " ", ""
		if whole := []rune(p.path.CurrentSuggestion()); len(whole) > len([]rune(p.file())) {
			offered := whole[len([]rune(p.file())):]
			under, rest = clean.Path(string(offered[:1])), clean.Path(string(offered[1:]))
		}
		r.Add(t.Strong, fitPath(p.file(), max(r.Left()-1, 1))).Add(t.Match, under).Add(t.Faint, rest)
		head.add(r)
	} else {
		head.add(r.Add(t.Text, fitPath(p.file(), r.Left())))
	}
	if p.outcome != "" {
		paint := t.Faint
		if p.refused {
			paint = t.Warn
		}
		head.prose(paint, clean.Line(p.outcome))
	}
}

// commentPaint dims comments.
func commentPaint(p *Export, line string) row.Paint {
	for _, r := range line {
		switch r {
		case ' ':
		case '#':
			return p.paint.Faint
		default:
			return p.paint.Text
		}
	}
	return p.paint.Text
}
