package ui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/pane"
	"petrify/ui/row"
)

// View draws the frame anew only after something changed.
func (a *App) View() tea.View {
	if a.frame == "" && a.width > 0 {
		a.frame = a.draw()
	}
	v := tea.NewView(a.frame)
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.ReportFocus = true
	v.WindowTitle = "petrify"
	if a.stack != nil && a.stack.Name != "" {
		v.WindowTitle += " " + clean.Line(a.stack.Name)
	}
	return v
}

func (a *App) draw() string {
	l := a.layout()
	lines := make([]string, 0, a.height)
	lines = append(lines, a.header(l)...)
	lines = append(lines, a.upperRule(l))
	lines = append(lines, a.body(l)...)
	if l.footer > 1 {
		lines = append(lines, a.lowerRule(l))
	}
	if l.footer > 0 {
		lines = append(lines, a.footer(l))
	}
	return a.dialogs.over(strings.Join(lines[:min(len(lines), a.height)], "\n"))
}

// header says what is shown, from which engine, and how far one has come with it.
func (a *App) header(l layout) []string {
	lines := []string{a.title(l.width), a.way(l.width)}
	for _, n := range a.notices() {
		lines = append(lines, row.New(l.width, a.theme.Plain).Space(1).Add(n.paint, n.text).String())
	}
	return lines[:min(l.header, len(lines))]
}

func (a *App) title(width int) string {
	t := a.theme
	r := row.New(width, t.Plain).Space(1).Add(t.Brand, "petrify")
	if a.stack == nil {
		return r.Right(t.Faint, "connecting ").String()
	}
	r.Space(2).Add(t.Strong, clean.Line(a.stack.Name))
	word, paint := a.linkWord()
	engine := clean.Line(engineText(a.stack.Engine))
	right := row.Width(engine) + row.Width(word) + 4
	if a.preview {
		a.addBanner(r, right, row.Width(word)+4)
	}
	if files := filesText(a.stack.Files); files != "" && r.Left() > right+10 {
		r.Space(2).Add(t.Faint, clean.Fit(clean.Line(files), r.Left()-right-2))
	}
	if r.Left() >= right {
		r.Space(r.Left()-right).Add(t.Faint, engine).Space(2)
	}
	return r.Right(paint, word+" ").String()
}

func (a *App) linkWord() (string, row.Paint) {
	switch {
	case a.ended != nil:
		return "✗ ended", a.theme.Alarm
	case a.stack.Link.State == model.Live && a.stack.Engine.Capture != "":
		return "● replay", a.theme.Preview
	case a.stack.Link.State == model.Live:
		return "● live", a.theme.Good
	case a.stack.Link.State == model.Stale:
		return "◌ stale", a.theme.Alarm
	default:
		return "◌ connecting", a.theme.Warn
	}
}

// engineText names the engine and the way to it.
func engineText(e model.Engine) string {
	product := string(e.Product)
	if e.Version != "" {
		product += " " + e.Version
	}
	where := e.Context
	if where == "" || where == model.DefaultContext {
		where = strings.TrimPrefix(e.Address, "unix://")
	}
	if e.Capture != "" {
		where = e.Capture
	}
	if e.Rootless {
		where += " rootless"
	}
	return strings.Trim(product+" · "+where, " ·")
}

// filesText names the Compose files as one would type them.
func filesText(files []string) string {
	names := make([]string, len(files))
	for i, f := range files {
		names[i] = filepath.Base(f)
		if f == "-" {
			names[i] = "standard input"
		}
	}
	return strings.Join(names, " + ")
}

// addBanner says that a preview is shown, in as many words as there is room for beside the
// engine and, where there is little, beside its state alone.
func (a *App) addBanner(r *row.Row, engine, state int) {
	for _, banner := range []struct {
		text  string
		right int
	}{
		{" READ-ONLY PREVIEW · as if every root were read-only · nothing was changed ", engine},
		{" READ-ONLY PREVIEW · nothing was changed ", engine},
		{" READ-ONLY PREVIEW · nothing was changed ", state},
		{" READ-ONLY PREVIEW ", state},
	} {
		if r.Left() >= row.Width(banner.text)+2+banner.right {
			r.Space(2).Add(a.theme.PreviewText, banner.text)
			return
		}
	}
}

// way is the line of the steps; what is left of it counts the services by their verdicts.
func (a *App) way(width int) string {
	r := row.New(width, a.theme.Plain).Space(1)
	if a.stack == nil {
		return r.String()
	}
	a.addSteps(r, a.steps())
	counts := a.counts()
	left := len(counts)
	for left > 0 && countsWidth(counts[:left]) > r.Left()-4-len(" …") {
		left--
	}
	more := ""
	if left > 0 && left < len(counts) {
		more = " …"
	}
	counts = counts[:left]
	r.Space(r.Left() - 1 - countsWidth(counts) - row.Width(more))
	for _, c := range counts {
		r.Space(c.gap).Add(c.paint, c.number).Space(1).Add(a.theme.Faint, c.word)
	}
	r.Add(a.theme.Faint, more)
	return r.String()
}

func countsWidth(counts []count) int {
	width := 0
	for _, c := range counts {
		width += c.gap + row.Width(c.number) + 1 + row.Width(c.word)
	}
	return width
}

// count is one of the header's counts of services.
type count struct {
	gap          int // before it
	paint        row.Paint
	number, word string
}

// counts are the services by their verdicts, the most urgent first; in the preview those
// that would break also by what their plans make of that.
func (a *App) counts() []count {
	t, n := a.theme, a.stack.Totals
	var all []count
	add := func(n int, paint row.Paint, sign, word string) {
		if n == 0 {
			return
		}
		gap := 3
		if len(all) == 0 {
			gap = 0
		} else if sign != "" {
			gap = 1
		}
		all = append(all, count{gap, paint, sign + fmt.Sprint(n), word})
	}
	add(n.Breaks, t.Alarm, "", "would break")
	if a.preview {
		outcomes := map[model.Outcome]int{}
		for _, judged := range a.verdicts() {
			outcomes[judged.Outcome]++
		}
		add(outcomes[model.Proved], t.Good, "✓ ", "proved")
		add(outcomes[model.Mended], t.Good, "⇒ ", "mended")
		add(outcomes[model.MendedInPart], t.Warn, "⇒ ", "in part")
	}
	add(n.Unknown, t.Warn, "", "unknown")
	add(n.WouldRun, t.Good, "", "would run")
	add(n.ReadOnly, t.Good, "", "read-only")
	add(len(a.stack.Inactive), t.Faint, "", "in other profiles")
	return all
}

// notice is one line of trouble below the header.
type notice struct {
	text  string
	paint row.Paint
}

// notices say what is wrong with the source and with the Compose files.
func (a *App) notices() []notice {
	var found []notice
	if a.ended != nil {
		found = append(found, notice{"✗ " + clean.Line(a.ended.Error()), a.theme.Alarm})
	}
	if a.stack == nil {
		return found
	}
	found = append(found, a.jobNotices()...)
	if link := a.stack.Link; link.State != model.Live && link.Reason != "" {
		text := clean.Line(link.Reason)
		if link.State == model.Stale {
			text = "what is shown is from before " + link.Since.In(a.options.Zone).Format("15:04:05") + ": " + text
		}
		found = append(found, notice{"◌ " + text, a.theme.Warn})
		if link.Advice != "" {
			found = append(found, notice{"  " + clean.Line(link.Advice), a.theme.Faint})
		}
	}
	if warnings := a.stack.Warnings; len(warnings) > 0 {
		text := "! " + clean.Line(warnings[0])
		if more := len(warnings) - 1; more > 0 {
			text += fmt.Sprintf(" (and %d more: petrify check names them)", more)
		}
		found = append(found, notice{text, a.theme.Warn})
	}
	if problem := a.stack.Problem; problem != nil {
		place := ""
		if problem.File != "" {
			place = clean.Path(filepath.Base(problem.File))
			if problem.Line > 0 {
				place += fmt.Sprintf(":%d", problem.Line)
			}
			place += ": "
		}
		found = append(found, notice{"! " + place + clean.Line(problem.Text), a.theme.Alarm})
		if problem.Advice != "" {
			found = append(found, notice{"  " + clean.Line(problem.Advice), a.theme.Faint})
		}
	}
	return found
}

// span is where something stands on a line, for the mouse.
type span struct{ from, until int }

func (s span) has(column int) bool { return column >= s.from && column < s.until }

// spanAt is the number of the span at a column; -1 where none is.
func spanAt(spans []span, column int) int {
	return slices.IndexFunc(spans, func(s span) bool { return s.has(column) })
}

// rule paints and draws the frame's lines: heavy ones while previewing.
func (a *App) rule() (paint row.Paint, line, down, up, side string) {
	if a.preview {
		return a.theme.Preview, "━", "┳", "┻", "┃"
	}
	return a.theme.Rule, "─", "┬", "┴", "│"
}

func (a *App) upperRule(l layout) string {
	t := a.theme
	paint, line, down, _, _ := a.rule()
	r := row.New(l.width, t.Plain)
	if l.list > 0 {
		title := t.Tab
		if !a.inside {
			title = t.Strong
		}
		r.Add(paint, line).Space(1).Add(title, "Services").Space(1)
		r.Add(paint, strings.Repeat(line, max(l.list-(l.width-r.Left()), 0)))
	}
	a.tabs = a.tabs[:0]
	if l.pane == 0 {
		return r.Add(paint, strings.Repeat(line, r.Left())).String()
	}
	if l.list > 0 {
		r.Add(paint, down)
	}
	a.addTabs(r, l.list == 0)
	return r.Add(paint, strings.Repeat(line, r.Left())).String()
}

func (a *App) body(l layout) []string {
	switch {
	case l.pane == 0:
		return a.services.Lines()
	case l.list == 0:
		return a.panes[a.active].Lines()
	}
	paint, _, _, _, side := a.rule()
	side = paint.Text(side)
	list, right := a.services.Lines(), a.panes[a.active].Lines()
	lines := make([]string, l.body)
	for i := range lines {
		lines[i] = list[i] + side + right[i]
	}
	return lines
}

// footer names the keys that matter here, or says what the last one did.
func (a *App) footer(l layout) string {
	r := row.New(l.width, a.theme.Plain).Space(1)
	if a.toast != "" {
		return r.Add(a.theme.Fresh, a.toast).String()
	}
	for i, b := range a.keys.short(a.preview, a.focussed().Keys(), l) {
		if i > 0 {
			r.Add(a.theme.Rule, " • ")
		}
		r.Add(a.theme.HelpKey, b.Help().Key).Space(1).Add(a.theme.Tab, b.Help().Desc)
	}
	return r.String()
}

// showHelp opens the keys of what one looks at, and what its signs mean.
func (a *App) showHelp() tea.Cmd {
	name, part := "the services", a.focussed()
	if a.inside {
		name = strings.ToLower(paneNames[a.active])
	}
	return a.dialogs.show(pane.NewHelp(name, a.keys.full(part.Keys(), a.layout()), part.Signs()...))
}
