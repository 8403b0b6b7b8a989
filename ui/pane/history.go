package pane

import (
	"fmt"
	"strings"

	"github.com/docker/go-units"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// The history of the selected path: what was recorded of it, below the tree.

// historyLines are a rule, what happened, when, and who did it.
const historyLines = 4

// historyHeight is how many lines the history takes; none without a recording, or
// where the tree would not have as many.
func (p *Changes) historyHeight() int {
	if p.subject.Service == nil || p.subject.Service.Recording == nil || p.canvas.height < 4*historyLines {
		return 0
	}
	return historyLines
}

func (p *Changes) history() []string {
	t := p.paint
	line := func() *row.Row { return row.New(p.canvas.width, t.Plain).Space(1) }
	lines := []string{row.New(p.canvas.width, t.Plain).Add(t.Rule, strings.Repeat("╌", p.canvas.width)).String()}
	w := p.subject.Service.Recording.Find(p.chosen)
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
func (p *Changes) whatText(w *model.Written) string {
	text := strings.Join(w.Acts.Words(), ", ")
	if w.Inside > 0 {
		text += fmt.Sprintf(" · %d without a name of their own", w.Inside)
	}
	class := model.Classify(w.Path, model.Added, p.subject.Service.Image)
	text += " · " + strings.ToLower(class.Class.Title()) + ", " + class.Why
	switch {
	case w.Mount != "":
		text += " · in the mount at " + clean.Path(w.Mount)
	case w.Transient():
		text += " · came and went: changes never show it"
	}
	return text
}

func (p *Changes) whenText(w *model.Written) string {
	text := fmt.Sprintf("first %s  last %s  %d×", p.clock(w.First), p.clock(w.Last), w.Count)
	if w.Bytes >= 0 {
		text += "  " + units.CustomSize("%.3g %s", float64(w.Bytes), 1000, []string{"B", "kB", "MB", "GB", "TB"})
	}
	return text
}

// whoText names the processes, with what they were called with.
func (p *Changes) whoText(w *model.Written) string {
	r := p.subject.Service.Recording
	var all []string
	for _, i := range w.By {
		if i < 0 || i >= len(r.Processes) {
			continue
		}
		process := r.Processes[i]
		text := fmt.Sprintf("%s, pid %d", clean.Line(process.Name()), process.PID)
		if process.Line != "" {
			text += ": " + clean.Line(process.Line)
		}
		all = append(all, text)
	}
	if len(all) == 0 {
		return "by a process that nobody saw"
	}
	return "by " + strings.Join(all, " · ")
}

// writer names who wrote in few cells.
func (p *Changes) writer(w *model.Written) string {
	r := p.subject.Service.Recording
	if len(w.By) == 0 || w.By[0] >= len(r.Processes) {
		return "?"
	}
	name := clean.Line(r.Processes[w.By[0]].Command)
	if more := len(w.By) - 1; more > 0 {
		name += fmt.Sprintf(" +%d", more)
	}
	return name
}
