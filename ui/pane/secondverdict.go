package pane

import (
	"petrify/model"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// BriefVerdict is the verdict on a service in a word, in its colour.
func BriefVerdict(s *model.Service, t theme.Theme) (string, row.Paint) {
	_, paint := verdictWord(s, t)
	return briefVerdict(s), paint
}

// briefVerdict is the verdict where there is no room for more than a word.
func briefVerdict(s *model.Service) string {
	switch s.Verdict.Outcome {
	case model.IsReadOnly:
		if len(s.Verdict.Blocked) > 0 {
			return "refused"
		}
		return "ro"
	case model.WouldBreak:
		return "breaks"
	case model.WouldRun:
		return "runs"
	default:
		return "?"
	}
}

// plannedPaint is the colour of a second verdict: green where nothing is left, and
// nothing given away.
func plannedPaint(judged model.Planned, t theme.Theme) row.Paint {
	switch {
	case judged.Outcome == model.WouldBreak:
		return t.Alarm
	case judged.Breaks(), judged.Outcome == model.NotKnown, len(judged.Opens) > 0:
		return t.Warn
	default:
		return t.Good
	}
}

// addPlanned puts a second verdict on a line, in signs: the mounts that mend, and what is
// left. What does not fit is left out.
func addPlanned(r *row.Row, t theme.Theme, judged model.Planned, known bool) {
	if !known {
		r.Add(t.Faint, "…")
		return
	}
	add := func(paint row.Paint, signs ...string) {
		for _, sign := range signs {
			if r.Left() >= row.Width(sign) {
				r.Add(paint, sign).Space(1)
				return
			}
		}
	}
	paint := plannedPaint(judged, t)
	switch {
	case judged.Outcome == model.NotKnown:
		add(paint, "?")
		return
	case judged.Outcome == model.WouldBreak && judged.Left() == 0:
		add(paint, "✗")
	case judged.Breaks() && judged.Mounts == 0:
	case judged.Proof != "":
		add(paint, "✓ proved", "✓")
	case judged.Mounts > 0 && judged.Made:
		add(paint, "⇒ "+short(judged.Mounts))
	default:
		add(paint, "✓")
	}
	if judged.CodeChanges > 0 {
		add(t.Alarm, "!"+short(judged.CodeChanges))
	}
	if judged.Unsolved > 0 {
		add(t.Alarm, "✗"+short(judged.Unsolved))
	}
	if len(judged.Opens) > 0 {
		add(t.Warn, "opens", "rw")
	}
}

// plannedParts say a second verdict in words, each part in its colour.
func plannedParts(judged model.Planned, t theme.Theme) []part {
	var parts []part
	switch {
	case judged.Outcome == model.Proved && judged.Mounts == 0:
		parts = append(parts, part{t.Good, "proved to need no mount"})
	case judged.Outcome == model.Proved:
		parts = append(parts, part{plannedPaint(judged, t), "proved with " + model.Plural(judged.Mounts, "mount")})
	case judged.Outcome == model.Mended && judged.Mounts == 0:
		parts = append(parts, part{t.Good, "needs no mount"})
	case judged.Mended() || judged.Breaks() && judged.Mounts > 0:
		parts = append(parts, part{plannedPaint(judged, t), "mended by " + model.Plural(judged.Mounts, "mount")})
	case judged.Made:
		parts = append(parts, part{t.Strong, model.Plural(judged.Mounts, "mount") + " beside read_only: true"})
	}
	if len(judged.Opens) > 0 {
		parts = append(parts, part{t.Alarm, "opens program files"})
	}
	if judged.CodeChanges > 0 {
		parts = append(parts, part{t.Alarm, model.Plural(judged.CodeChanges, "code change") + " left"})
	}
	if judged.Unsolved > 0 {
		parts = append(parts, part{t.Alarm, model.Plural(judged.Unsolved, "write") + " not solved"})
	}
	return parts
}

// part is a piece of a line in its colour.
type part struct {
	paint row.Paint
	text  string
}

// inLines puts parts into as few lines as they need.
func inLines(parts []part, t theme.Theme, start func() *row.Row) []string {
	var lines []string
	var r *row.Row
	for _, p := range parts {
		if r != nil && r.Left() >= row.Width(p.text)+3 {
			r.Add(t.Faint, " · ").Add(p.paint, p.text)
			continue
		}
		if r != nil {
			lines = append(lines, r.String())
		}
		r = start().Add(p.paint, p.text)
	}
	if r != nil {
		lines = append(lines, r.String())
	}
	return lines
}
