package ui

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/pane"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// Projects are those that one is chosen from, when no Compose file names one.
type Projects interface {
	Projects(ctx context.Context) ([]model.ProjectSummary, error)
	Open(project model.ProjectSummary) Source
}

// Chooser lists the engine's projects, and becomes the inspector of the chosen one.
type Chooser struct {
	ctx     context.Context
	known   Projects
	options Options
	keys    KeyMap
	move    pane.MoveKeys
	open    key.Binding
	theme   theme.Theme
	dark    bool

	width, height int
	projects      []model.ProjectSummary
	chosen        string // by name
	loaded        bool
	err           error
}

// NewChooser returns a list that has not been asked for yet.
func NewChooser(ctx context.Context, known Projects, options Options) *Chooser {
	return &Chooser{
		ctx: ctx, known: known, options: options,
		keys: DefaultKeyMap(), move: pane.DefaultMoveKeys(),
		open:  key.NewBinding(key.WithKeys("enter", "right", "l"), key.WithHelp("enter", "open")),
		theme: theme.New(true), dark: true,
	}
}

// Init asks for the projects.
func (c *Chooser) Init() tea.Cmd { return tea.Batch(tea.RequestBackgroundColor, c.ask) }

type projectsMsg struct {
	projects []model.ProjectSummary
	err      error
}

func (c *Chooser) ask() tea.Msg {
	projects, err := c.known.Projects(c.ctx)
	return projectsMsg{projects, err}
}

// Update moves the selection; enter opens it.
func (c *Chooser) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		c.width, c.height = msg.Width, msg.Height
	case tea.BackgroundColorMsg:
		c.dark = msg.IsDark()
		c.theme = theme.New(c.dark)
	case projectsMsg:
		c.projects, c.err, c.loaded = msg.projects, msg.err, true
	case tea.MouseClickMsg:
		if at := c.first() + msg.Y - chooserTop; msg.Y >= chooserTop && msg.Y < c.height-1 && at < len(c.projects) {
			c.chosen = c.projects[at].Name
			return c.enter()
		}
	case tea.KeyPressMsg:
		return c.press(msg)
	}
	return c, nil
}

func (c *Chooser) press(msg tea.KeyPressMsg) (tea.Model, tea.Cmd) {
	switch {
	case key.Matches(msg, c.keys.Quit), key.Matches(msg, c.keys.Back):
		return c, tea.Quit
	case key.Matches(msg, c.keys.Suspend):
		return c, tea.Suspend
	case key.Matches(msg, c.keys.Refresh):
		return c, c.ask
	case key.Matches(msg, c.open):
		return c.enter()
	case key.Matches(msg, c.move.Up):
		c.step(-1)
	case key.Matches(msg, c.move.Down):
		c.step(1)
	}
	return c, nil
}

func (c *Chooser) cursor() int {
	at := slices.IndexFunc(c.projects, func(p model.ProjectSummary) bool { return p.Name == c.chosen })
	return max(at, 0)
}

// first is the project at the top of the list: as many are above the window as
// it takes for the cursor to be in it.
func (c *Chooser) first() int { return max(c.cursor()-(c.height-chooserTop-2), 0) }

func (c *Chooser) step(by int) {
	if len(c.projects) > 0 {
		c.chosen = c.projects[min(max(c.cursor()+by, 0), len(c.projects)-1)].Name
	}
}

func (c *Chooser) enter() (tea.Model, tea.Cmd) {
	if len(c.projects) == 0 {
		return c, nil
	}
	app := New(c.ctx, c.known.Open(c.projects[c.cursor()]), c.options)
	app.setTheme(c.dark)
	return app, tea.Batch(app.Init(), app.resize(c.width, c.height))
}

// chooserTop is the line of the first project.
const chooserTop = 4

// View draws the list.
func (c *Chooser) View() tea.View {
	t := c.theme
	line := func() *row.Row { return row.New(c.width, t.Plain).Space(1) }
	lines := []string{
		line().Add(t.Brand, "petrify").String(),
		line().Add(t.Text, "No Compose file here. Choose one of the engine's projects:").String(),
		line().String(),
		line().Space(2).Cell(t.Faint, "project", nameWidth).Cell(t.Faint, "containers", c.statesWidth()).Add(t.Faint, "folder").String(),
	}
	switch {
	case !c.loaded:
		lines = append(lines, line().Add(t.Faint, "asking the engine…").String())
	case c.err != nil:
		lines = append(lines, line().Add(t.Alarm, "✗ "+clean.Line(c.err.Error())).String())
	case len(c.projects) == 0:
		lines = append(lines,
			line().Add(t.Text, "The engine has no Compose project.").String(),
			line().Add(t.Faint, "Go to a folder with a compose.yaml, or name one: petrify -f FILE. `petrify demo` shows a captured stack.").String())
	}
	cursor := c.cursor()
	for i := c.first(); i < len(c.projects); i++ {
		lines = append(lines, c.line(c.projects[i], i == cursor))
	}
	lines = row.Fill(lines, c.width, c.height-1)
	lines = append(lines, line().Add(t.Key, "enter").Add(t.Faint, " open   ").Add(t.Key, "ctrl+r").Add(t.Faint, " ask again   ").Add(t.Key, "q").Add(t.Faint, " quit").String())
	v := tea.NewView(strings.Join(lines[:min(len(lines), max(c.height, 0))], "\n"))
	v.AltScreen = true
	v.MouseMode = tea.MouseModeCellMotion
	v.WindowTitle = "petrify"
	return v
}

func (c *Chooser) line(p model.ProjectSummary, chosen bool) string {
	t := c.theme
	base, pointer := t.Plain, " "
	if chosen {
		base, pointer = t.Selected, "▌"
	}
	return row.New(c.width, base).Add(t.Brand, pointer).Space(2).
		Cell(t.Strong, clean.Fit(clean.Line(p.Name), nameWidth-1), nameWidth).
		Cell(t.Text, clean.Fit(StatesText(p), c.statesWidth()-2), c.statesWidth()).
		Add(t.Faint, clean.FitPath(clean.Path(p.Dir), c.width-3-nameWidth-c.statesWidth())).String()
}

// nameWidth is the column of the projects' names.
const nameWidth = 24

// statesWidth is the column of what the containers do: as wide as the widest
// text, as long as it leaves as much to the folders.
func (c *Chooser) statesWidth() int {
	const fewest, most = 28, 60
	width := fewest
	for _, p := range c.projects {
		width = max(width, row.Width(StatesText(p))+2)
	}
	return max(min(width, most, (c.width-nameWidth)/2), fewest)
}

// StatesText counts a project's containers by state: first those that run.
func StatesText(p model.ProjectSummary) string {
	var parts []string
	states := slices.SortedFunc(maps.Keys(p.States), func(a, b model.State) int {
		if (a == model.Running) != (b == model.Running) {
			if a == model.Running {
				return -1
			}
			return 1
		}
		return strings.Compare(string(a), string(b))
	})
	for _, state := range states {
		parts = append(parts, fmt.Sprintf("%d %s", p.States[state], clean.Line(string(state))))
	}
	return strings.Join(parts, ", ")
}
