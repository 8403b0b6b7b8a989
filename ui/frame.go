package ui

import (
	"fmt"
	"path/filepath"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"petrify/model"
	"petrify/ui/clean"
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
	frame := strings.Join(lines[:min(len(lines), a.height)], "\n")
	switch {
	case a.asking != nil:
		frame = a.over(frame, a.questionBox())
	case a.helping:
		frame = a.over(frame, a.helpText())
	}
	return frame
}

// header says what is shown, from which engine, and how it stands in total.
func (a *App) header(l layout) []string {
	lines := []string{a.title(l.width), a.totals(l.width)}
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
	case a.stack.Link.State == model.Live && a.stack.Engine.Recording != "":
		return "● recording", a.theme.Preview
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
	product := e.Product
	if e.Version != "" {
		product += " " + e.Version
	}
	where := e.Context
	if where == "" || where == "default" {
		where = strings.TrimPrefix(e.Address, "unix://")
	}
	if e.Recording != "" {
		where = e.Recording
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

// totals counts the verdicts; in the preview it is the banner.
func (a *App) totals(width int) string {
	t := a.theme
	r := row.New(width, t.Plain).Space(1)
	if a.preview {
		banner := " READ-ONLY PREVIEW "
		if width >= 140 {
			banner += "· as if every root were read-only · nothing was changed "
		}
		if width >= 100 && width < 140 {
			banner += "· nothing was changed "
		}
		r.Add(t.PreviewText, banner).Space(2)
	}
	if a.stack == nil {
		return r.String()
	}
	if text, paint := a.recorderText(width); text != "" {
		r.Add(paint, clean.Fit(text, r.Left())).Space(3)
	}
	n := a.stack.Totals
	for _, part := range []struct {
		count int
		paint row.Paint
		word  string
	}{
		{n.Services, t.Text, "services"},
		{n.ReadOnly, t.Good, "read-only"},
		{n.WouldRun, t.Good, "would run"},
		{n.Breaks, t.Alarm, "would break"},
		{n.Unknown, t.Warn, "unknown"},
	} {
		if part.count > 0 || part.word == "services" {
			r.Add(part.paint, fmt.Sprint(part.count)).Space(1).Add(t.Faint, part.word).Space(3)
		}
	}
	if k := len(a.stack.Inactive); k > 0 {
		r.Add(t.Faint, fmt.Sprintf("%d in other profiles", k))
	}
	return r.String()
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

// tabSpan is where a pane's name stands on the upper rule, for the mouse.
type tabSpan struct{ from, until int }

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
	r.Add(paint, line)
	name := clean.Fit(clean.Line(a.services.Selected()), max(l.pane/4, 6))
	if name != "" {
		r.Space(1).Add(t.Strong, name).Space(1).Add(paint, line)
	}
	for i, pane := range paneNames {
		text := fmt.Sprintf("%d %s", i+1, pane)
		if l.pane < 58 {
			text = pane
		}
		style := t.Tab
		if i == a.active {
			style = t.TabActive
		}
		from := l.width - r.Left()
		r.Space(1).Add(style, text).Space(1)
		a.tabs = append(a.tabs, tabSpan{from, l.width - r.Left()})
	}
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
	list, pane := a.services.Lines(), a.panes[a.active].Lines()
	lines := make([]string, l.body)
	for i := range lines {
		lines[i] = list[i] + side + pane[i]
	}
	return lines
}

func (a *App) lowerRule(l layout) string {
	paint, line, _, up, _ := a.rule()
	r := row.New(l.width, a.theme.Plain)
	if l.list > 0 && l.pane > 0 {
		r.Add(paint, strings.Repeat(line, l.list)).Add(paint, up)
	}
	return r.Add(paint, strings.Repeat(line, r.Left())).String()
}

// footer names the keys that matter here, or says what the last one did.
func (a *App) footer(l layout) string {
	r := row.New(l.width, a.theme.Plain).Space(1)
	if a.toast != "" {
		return r.Add(a.theme.Fresh, a.toast).String()
	}
	return row.Pad(" "+a.help.ShortHelpView(a.keys.short(a.focussed().Keys())), l.width)
}

// helpText are all keys, and what the signs mean.
func (a *App) helpText() string {
	groups := a.keys.full(a.services.Keys(), a.panes[a.active].Keys())
	text := a.help.FullHelpView(groups)
	legend := "● running   ◐ partly up   ✗ in trouble   ○ not running   ≠ not as declared\n" +
		"rw can be written   ro cannot   ro* could not, in the preview   ! risky\n" +
		"+ added   ~ modified   - deleted   ± came and went   ◆ since the mark"
	return text + "\n\n" + a.theme.Faint.Text(legend)
}

// over lays a box over the middle of the frame.
func (a *App) over(frame, text string) string {
	box := lipgloss.NewStyle().
		Border(lipgloss.RoundedBorder()).
		BorderForeground(a.theme.Border).
		Padding(0, 2).
		MaxWidth(a.width).MaxHeight(a.height).
		Render(text)
	x := max((a.width-lipgloss.Width(box))/2, 0)
	y := max((a.height-lipgloss.Height(box))/2, 0)
	layers := lipgloss.NewCompositor(lipgloss.NewLayer(frame), lipgloss.NewLayer(box).X(x).Y(y).Z(1))
	lines := strings.Split(layers.Render(), "\n")
	for i := range lines {
		lines[i] = row.Pad(lines[i], a.width) // composing drops what is blank at a line's end
	}
	return strings.Join(row.Fill(lines, a.width, a.height), "\n")
}
