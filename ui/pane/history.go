package pane

import (
	"fmt"
	"strings"

	"petrify/model"
	"petrify/model/plan"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// The history of the selected path: what was recorded of it, below the tree.

// historyLines are a rule, what happened, when, and who did it.
const historyLines = 4

// historyHeight is how many lines the history takes; none where there is nothing to tell,
// or where the tree would not have as many.
func (p *Changes) historyHeight() int {
	s := p.subject.Service
	if s == nil || !s.Evidence.TellsOfPaths() || p.canvas.height < 4*historyLines {
		return 0
	}
	return historyLines
}

func (p *Changes) history() []string {
	t := p.paint
	line := func() *row.Row { return row.New(p.canvas.width, t.Plain).Space(1) }
	lines := []string{row.New(p.canvas.width, t.Plain).Add(t.Rule, strings.Repeat("╌", p.canvas.width)).String()}
	w := p.subject.Service.Evidence.Find(p.chosen)
	if w == nil {
		text := "nothing was recorded of this path"
		if p.cursor < len(p.lines) && p.tree.HasChildren(p.lines[p.cursor].node) {
			text = "choose a path in it to see who wrote it"
		}
		return row.Fill(append(lines, line().Add(t.Faint, text).String()), p.canvas.width, historyLines)
	}
	what := line().Add(t.Text, clean.Fit(p.whatText(w), p.canvas.width-2))
	when := line().Add(t.Faint, p.whenText(w))
	who := line().Add(t.Faint, clean.Fit(p.whoText(w), p.canvas.width-2))
	return append(lines, what.String(), when.String(), who.String())
}

// whatText says what was done to a path, and what that means.
func (p *Changes) whatText(w *model.Write) string {
	words := w.Acts.Words()
	if w.Refused > 0 {
		words = append(words, "✗ refused: "+w.RefusalText())
	}
	text := strings.Join(words, ", ")
	if w.Inside > 0 && w.Acts != model.Passed {
		text += fmt.Sprintf(" · %d without a name of their own", w.Inside)
	}
	class := plan.Classify(w.Path, model.Added, p.subject.Service.Image)
	text += " · " + string(class.Class) + ", " + class.Why
	switch {
	case w.Mount != "":
		text += " · in the mount at " + clean.Path(w.Mount)
	case w.Transient():
		text += " · came and went: changes never show it"
	case w.Acts == model.Passed:
		text += " · it is as in the image: no change"
	}
	return text
}

func (p *Changes) whenText(w *model.Write) string {
	text := fmt.Sprintf("first %s  last %s  %d×", p.clock(w.First), p.clock(w.Last), w.Count+w.Refused)
	if w.Bytes >= 0 {
		text += "  " + bytesText(w.Bytes)
	}
	return text
}

// whoText names the processes, with what they were called with.
func (p *Changes) whoText(w *model.Write) string {
	var all []string
	for _, process := range p.subject.Service.Evidence.By(w) {
		text := fmt.Sprintf("%s, pid %d", clean.Line(process.Name()), process.PID)
		if process.Line != "" {
			text += ": " + clean.Line(process.Line)
		}
		all = append(all, text)
	}
	switch {
	case len(all) == 0 && w.Acts == model.Passed:
		return "a recording shows who"
	case len(all) == 0:
		return "by a process that nobody saw"
	}
	return "by " + strings.Join(all, " · ")
}

// writer names who wrote in few cells.
func (p *Changes) writer(w *model.Write) string {
	by := p.subject.Service.Evidence.By(w)
	if len(by) == 0 {
		return "?"
	}
	name := clean.Line(by[0].Command)
	if more := len(by) - 1; more > 0 {
		name += fmt.Sprintf(" +%d", more)
	}
	return name
}
