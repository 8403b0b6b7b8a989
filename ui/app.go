package ui

import (
	"context"
	"os/exec"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/model/stack"
	"petrify/ui/pane"
	"petrify/ui/theme"
)

// Options are what the screen needs besides its source.
type Options struct {
	Now func() time.Time // the clock of what is shown; a capture has its own; required
	// Files are where plans are written; nil where they cannot be.
	Files pane.PlanFiles
	// Edit is the command that edits a file at a line, 0 for none; nil where there are no
	// files to edit.
	Edit        func(ctx context.Context, file string, line int) (*exec.Cmd, error)
	Tour        bool           // walk by itself, until somebody presses a key
	Preferences Preferences    // as they were left the last time
	Zone        *time.Location // in which times are written; time.Local when nil
}

// App is the inspector: the services at the left, a pane for the selected one at
// the right, and the frame around them.
type App struct {
	ctx     context.Context
	source  Source
	can     abilities // of the source
	options Options
	keys    KeyMap
	theme   theme.Theme

	width, height int
	stack         *model.Stack // nil until the first one arrives
	ended         error        // why the source has no more stacks
	now           time.Time

	services *pane.Services
	logs     *pane.Logs
	changes  *pane.Changes
	panes    []pane.Pane // overview, mounts, changes, plan, logs
	active   int
	inside   bool // the focus is in the pane, not on the services

	preview, reveal bool
	previewed       bool // at some time
	exported        bool
	zoomed          bool // the pane has the whole screen
	listWidth       int  // that the list needs
	split           int  // what somebody added to it
	dialogs         dialogs
	ticking         bool // the clock of a recording will move
	waits           waits
	mark            *stack.Mark
	tree            *pane.ChangeTree
	building        *pane.ChangeTree // in a command; any other that comes back is late
	planning        planning
	looking         attention
	tour            tour
	away            bool // the terminal said that somebody looks elsewhere

	frame string // the last one drawn; "" when something changed since
	// Where the panes' names and the steps stand on their lines, for the mouse.
	tabs, stepSpans []span
	toast           string
	sayings         int // so far
}

// attention is what the source was last told of what is on screen.
type attention struct {
	service string
	changes bool
}

// The panes in the order of their keys.
const (
	overviewPane = iota
	mountsPane
	changesPane
	planPane
	logsPane
)

var paneNames = []string{"Overview", "Mounts", "Changes", "Plan", "Logs"}

// New returns the inspector on a source. It ends with ctx.
func New(ctx context.Context, source Source, options Options) *App {
	if options.Zone == nil {
		options.Zone = time.Local
	}
	can := abilitiesOf(source)
	logs, changes := pane.NewLogs(can.logs), pane.NewChanges(can.files)
	a := &App{
		ctx: ctx, source: source, can: can, options: options,
		keys:     DefaultKeyMap(),
		services: pane.NewServices(can.planner != nil, can.recorder != nil),
		logs:     logs,
		changes:  changes,
		panes:    []pane.Pane{pane.NewOverview(), pane.NewMounts(), changes, pane.NewPlan(), logs},
	}
	a.keys.restrict(can)
	a.keys.Export.SetEnabled(can.planner != nil && options.Files != nil)
	a.keys.Edit.SetEnabled(options.Edit != nil)
	a.tour = tour{on: options.Tour, left: stopFor}
	a.prefer(options.Preferences)
	a.setTheme(true)
	a.services.SetFocus(true)
	return a
}

// Init asks for the terminal's background and for the first stack.
func (a *App) Init() tea.Cmd {
	cmds := []tea.Cmd{tea.RequestBackgroundColor, a.next, a.tick()}
	if a.tour.on {
		cmds = append(cmds, tourSecond())
	}
	return tea.Batch(cmds...)
}

// stackMsg carries a newer stack, or why there will be none.
type stackMsg struct {
	stack *model.Stack
	err   error
}

func (a *App) next() tea.Msg {
	stack, err := a.source.Next(a.ctx)
	return stackMsg{stack, err}
}

// tickMsg moves the ages on screen along.
type tickMsg time.Time

// tick is all that moves by itself, once a minute: "up 3 min" must become 4.
func (a *App) tick() tea.Cmd {
	return tea.Tick(time.Minute, func(time.Time) tea.Msg { return tickMsg(a.options.Now()) })
}

// treeMsg carries a tree that was built in a command.
type treeMsg struct{ tree *pane.ChangeTree }

// Update takes a message. What the last line says goes away by itself.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	a.frame = ""
	before := a.sayings
	cmd := a.take(msg)
	if n := a.sayings; n != before {
		cmd = tea.Batch(cmd, tea.Tick(toastFor, func(time.Time) tea.Msg { return toastMsg{n} }))
	}
	return a, cmd
}

// say has the last line say something for a while, or until a key is pressed.
func (a *App) say(text string) {
	a.toast = text
	a.sayings++
}

// toastFor is how long the last line says something.
const toastFor = 8 * time.Second

// toastMsg says that something was said for long enough.
type toastMsg struct{ saying int }

// take takes messages apart by their families.
func (a *App) take(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case toastMsg:
		if a.sayings == msg.saying {
			a.toast = ""
		}
		return nil
	case tea.WindowSizeMsg:
		return a.resize(msg.Width, msg.Height)
	case tea.BackgroundColorMsg:
		a.setTheme(msg.IsDark())
		return nil
	case tea.FocusMsg, tea.BlurMsg:
		_, a.away = msg.(tea.BlurMsg)
		a.look()
		return nil
	case stackMsg:
		return a.takeStack(msg)
	case treeMsg:
		if msg.tree == a.building {
			a.tree, a.building = msg.tree, nil
			return a.show()
		}
		return nil
	case jobMsg:
		a.takeJob(msg)
		return nil
	case secondMsg:
		return a.takeSecond(msg)
	case spinMsg:
		return a.takeSpin(msg)
	case tickMsg:
		a.now = time.Time(msg)
		return tea.Batch(a.show(), a.tick())
	case tourMsg:
		return a.takeTour()
	case tea.KeyPressMsg:
		a.away, a.tour.on = false, false
		return a.press(msg)
	case tea.PasteMsg:
		return a.paste(msg.Content)
	case tea.MouseClickMsg:
		a.away, a.tour.on = false, false
		a.services.Touch()
		return a.click(msg)
	case tea.MouseWheelMsg:
		a.away = false
		a.services.Touch()
		return a.wheel(msg)
	case planMsg:
		return a.takePlan(msg)
	}
	return a.takeWish(msg)
}

// takeWish does what a pane or a dialog asks the frame for.
func (a *App) takeWish(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case pane.WroteMsg:
		a.exported = a.exported || msg.Err == nil
	case editedMsg:
		return a.takeEdited(msg)
	case jumpMsg:
		return a.takeJump(msg)
	case pane.PathMsg:
		return a.takeJump(jumpMsg{service: a.services.Selected(), pane: changesPane, path: msg.Path})
	case pane.SwitchMsg:
		return a.switchMount(msg.Target)
	case pane.DialogMsg:
		return a.dialogs.show(msg.Dialog)
	case pane.OpenMsg:
		return a.enter(true)
	case pane.SelectedMsg:
		return a.show()
	}
	return a.answer(msg)
}

// answer passes what a pane or a dialog asked for on to all: each knows its own.
func (a *App) answer(msg tea.Msg) tea.Cmd {
	cmds := make([]tea.Cmd, len(a.panes), len(a.panes)+1)
	for i, p := range a.panes {
		cmds[i] = p.Update(msg)
	}
	return tea.Batch(append(cmds, a.dialogs.answer(msg))...)
}

func (a *App) setTheme(dark bool) {
	a.theme = theme.New(dark)
	a.services.SetTheme(a.theme)
	a.dialogs.setTheme(a.theme)
	for _, p := range a.panes {
		p.SetTheme(a.theme)
	}
}

// takeStack shows a newer stack and waits for the next one.
func (a *App) takeStack(msg stackMsg) tea.Cmd {
	if msg.err != nil {
		a.ended = msg.err
		return nil
	}
	before := a.stack
	a.stack, a.planning.judged = msg.stack, nil
	a.now = a.options.Now()
	a.tellEnded(before)
	a.fillMark()
	a.noteWaiting()
	return tea.Batch(a.arrange(), a.next, a.second(), a.spin())
}

// service returns the selected one; nil when there is none.
func (a *App) service() *model.Service {
	if a.stack == nil {
		return nil
	}
	for i := range a.stack.Services {
		if a.stack.Services[i].Name == a.services.Selected() {
			return &a.stack.Services[i]
		}
	}
	return nil
}

func (a *App) subject() pane.Subject {
	return pane.Subject{
		Stack: a.stack, Service: a.service(), Tree: a.tree, Mark: a.mark,
		Verdicts: a.verdicts(), Preview: a.preview, Reveal: a.reveal, Now: a.now, Zone: a.options.Zone,
	}
}

// show gives what is selected to the parts that are on screen.
func (a *App) show() tea.Cmd {
	subject := a.subject()
	listed := a.services.Show(subject)
	if a.fitList() {
		a.size()
	}
	subject.Service = a.service() // the list selects one when none was
	rolled := a.rollUp(subject.Service)
	subject.Tree = a.tree
	planned := a.plan(subject.Service)
	subject.Plan = a.planned(subject.Service)
	a.look()
	return tea.Batch(listed, rolled, planned, a.panes[a.active].Show(subject))
}

// rollUp makes the tree of the selected service's changes fit them: at once when
// they are few, in a command when they are many.
func (a *App) rollUp(s *model.Service) tea.Cmd {
	switch {
	case s == nil || len(s.Changes) == 0 && s.Evidence.Empty():
		a.tree, a.building = nil, nil
		return nil
	case a.tree.Fits(s, a.mark):
		a.building = nil
		return nil
	}
	if !a.tree.Of(s) {
		a.tree = nil
	}
	if a.building.Fits(s, a.mark) {
		return nil // a million changes take longer than the next message
	}
	tree := pane.NewChangeTree(s, a.mark)
	if pane.Few(s) {
		a.tree, a.building = tree.Build(), nil
		return nil
	}
	a.building = tree
	return func() tea.Msg { return treeMsg{tree.Build()} }
}

// look tells the source what somebody sees, when that has changed.
func (a *App) look() {
	changes := a.active == overviewPane || a.active == changesPane || a.active == planPane || a.preview
	now := attention{a.services.Selected(), changes && !a.away}
	if now != a.looking && now.service != "" {
		a.looking = now
		a.source.Look(now.service, now.changes)
	}
}
