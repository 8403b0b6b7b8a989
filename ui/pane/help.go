package pane

import (
	"strings"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"petrify/ui/row"
	"petrify/ui/theme"
)

// Help shows bindings in groups, and what the signs mean.
type Help struct {
	dialogText
	move   MoveKeys
	close  key.Binding
	title  string
	groups [][]key.Binding
	legend []string
}

// NewHelp returns the help of a part of the screen, for groups of bindings.
func NewHelp(of string, groups [][]key.Binding, legend ...string) *Help {
	return &Help{title: of, move: DefaultMoveKeys(), close: closeKey(), groups: groups, legend: legend}
}

// Title names the dialog.
func (p *Help) Title() string { return "Keys of " + p.title }

// Start asks for nothing.
func (p *Help) Start() tea.Cmd { return nil }

// Close has nothing to give up on.
func (p *Help) Close() {}

// Keys are the bindings of the help itself.
func (p *Help) Keys() []key.Binding {
	keys := []key.Binding{p.close}
	if p.overflows() {
		keys = append(keys, p.move.List()...)
	}
	return keys
}

// Update scrolls where there is more than fits; any other key closes the help.
func (p *Help) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.scrollBy(wheel(msg))
	case tea.MouseClickMsg:
		return nil, true
	case tea.KeyPressMsg:
		return nil, !p.overflows() || !p.text(msg, p.move)
	}
	return nil, false
}

// SetSize lays the groups out in the room that there is.
func (p *Help) SetSize(width, height int) {
	p.canvas.SetSize(width, height)
	p.fill(p.layout())
}

// SetTheme colours the keys.
func (p *Help) SetTheme(t theme.Theme) {
	p.canvas.SetTheme(t)
	p.fill(p.layout())
}

// layout puts the groups above the legend.
func (p *Help) layout() []string {
	lines := p.columns()
	if len(p.legend) > 0 {
		lines = append(lines, "")
	}
	for _, line := range p.legend {
		for part := range strings.SplitSeq(lipgloss.Wrap(line, max(p.canvas.width, narrowest), ""), "\n") {
			lines = append(lines, p.paint.Faint.Text(part))
		}
	}
	width := 0
	for _, line := range lines {
		width = max(width, row.Width(line))
	}
	for i := range lines {
		lines[i] = row.Pad(lines[i], min(width, p.canvas.width))
	}
	return lines
}

// columnGap parts the groups that stand side by side.
const columnGap = 4

// columns puts as many groups side by side as there is room for.
func (p *Help) columns() []string {
	var lines, beside []string
	used := 0
	end := func() {
		if len(beside) == 0 {
			return
		}
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, strings.Split(lipgloss.JoinHorizontal(lipgloss.Top, beside...), "\n")...)
		beside, used = nil, 0
	}
	view := help.New()
	view.Styles = p.paint.Help
	for _, group := range p.groups {
		text := view.FullHelpView([][]key.Binding{group})
		if text == "" {
			continue
		}
		if used > 0 && used+columnGap+lipgloss.Width(text) > p.canvas.width {
			end()
		}
		if used > 0 {
			beside, used = append(beside, strings.Repeat(" ", columnGap)), used+columnGap
		}
		beside, used = append(beside, text), used+lipgloss.Width(text)
	}
	end()
	return lines
}
