package pane

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/docker/go-units"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// Services lists the services of the stack: state, root, writable mounts,
// changes and verdict.
type Services struct {
	canvas
	scroll
	KeyMap ServicesKeyMap

	shown    []*model.Service // those that the filter lets through
	selected string           // by name, so that live updates do not move the cursor
	filter   textinput.Model
}

// ServicesKeyMap are the bindings of the list.
type ServicesKeyMap struct {
	MoveKeys
	Open, Filter key.Binding
}

// OpenMsg asks the frame to move the focus to the pane of the selected service.
type OpenMsg struct{}

// SelectedMsg says that another service was selected.
type SelectedMsg struct{}

// NewServices returns an empty list.
func NewServices() *Services {
	return &Services{
		filter: newFilter(),
		KeyMap: ServicesKeyMap{
			MoveKeys: DefaultMoveKeys(),
			Open:     key.NewBinding(key.WithKeys("enter", "right", "l"), key.WithHelp("enter", "look inside")),
			Filter:   key.NewBinding(key.WithKeys("/"), key.WithHelp("/", "filter")),
		},
	}
}

// newFilter returns the one-line input that all filters and searches use.
func newFilter() textinput.Model {
	input := textinput.New()
	input.Prompt = "/"
	input.CharLimit = 200
	input.SetVirtualCursor(false)
	return input
}

// Selected returns the name of the selected service; "" when there is none.
func (p *Services) Selected() string { return p.selected }

// Select moves the cursor by that many services.
func (p *Services) Select(by int) tea.Cmd {
	p.to(p.cursor + by)
	return p.follow()
}

// Show takes a newer stack. The selection stays with its service.
func (p *Services) Show(s Subject) tea.Cmd {
	p.subject, p.drawn = s, nil
	p.arrange()
	return nil
}

func (p *Services) arrange() {
	p.shown = p.shown[:0]
	cursor := -1
	if stack := p.subject.Stack; stack != nil {
		want := strings.ToLower(p.filter.Value())
		for i := range stack.Services {
			s := &stack.Services[i]
			if want != "" && !strings.Contains(strings.ToLower(s.Name), want) {
				continue
			}
			if s.Name == p.selected {
				cursor = len(p.shown)
			}
			p.shown = append(p.shown, s)
		}
	}
	p.set(len(p.shown), p.listHeight())
	if cursor >= 0 {
		p.to(cursor)
	}
	if len(p.shown) > 0 {
		p.selected = p.shown[p.cursor].Name
	}
	p.drawn = nil
}

// listHeight is how many services fit: one line goes to the titles, one to a filter.
func (p *Services) listHeight() int {
	lines := p.canvas.height - 1
	if p.filtering() {
		lines--
	}
	return lines
}

func (p *Services) filtering() bool { return p.filter.Focused() || p.filter.Value() != "" }

// SetSize fits the list into its part of the screen.
func (p *Services) SetSize(width, height int) {
	p.canvas.SetSize(width, height)
	p.set(len(p.shown), p.listHeight())
}

// Typing reports whether a filter is being typed.
func (p *Services) Typing() bool { return p.filter.Focused() }

// Back clears the filter.
func (p *Services) Back() bool {
	if !p.filtering() {
		return false
	}
	p.filter.SetValue("")
	p.filter.Blur()
	p.arrange()
	return true
}

// Keys are the bindings of the list.
func (p *Services) Keys() []key.Binding {
	return append([]key.Binding{p.KeyMap.Open, p.KeyMap.Filter}, p.KeyMap.List()...)
}

// Update answers to keys and to the mouse's wheel.
func (p *Services) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.to(p.cursor + wheel(msg))
		return p.follow()
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return nil
}

func (p *Services) press(msg tea.KeyPressMsg) tea.Cmd {
	if p.filter.Focused() {
		typeInto(&p.filter, msg)
		p.arrange()
		return selected
	}
	switch {
	case key.Matches(msg, p.KeyMap.Filter):
		p.filter.Focus()
		p.arrange()
	case key.Matches(msg, p.KeyMap.Open):
		return opened
	case p.key(msg, p.KeyMap.MoveKeys):
		return p.follow()
	}
	return nil
}

// typeInto hands a key to a focussed input; enter and esc leave it. The commands
// of inputs are dropped: they only make a cursor blink.
func typeInto(input *textinput.Model, msg tea.KeyPressMsg) {
	switch msg.String() {
	case "enter":
		input.Blur()
	case "esc":
		input.SetValue("")
		input.Blur()
	default:
		*input, _ = input.Update(msg)
	}
}

func opened() tea.Msg   { return OpenMsg{} }
func selected() tea.Msg { return SelectedMsg{} }

// follow makes the service under the cursor the selected one.
func (p *Services) follow() tea.Cmd {
	if len(p.shown) == 0 || p.shown[p.cursor].Name == p.selected {
		return nil
	}
	p.selected, p.drawn = p.shown[p.cursor].Name, nil
	return selected
}

// wheel says how far one turn of the mouse's wheel goes.
func wheel(msg tea.MouseWheelMsg) int {
	if msg.Button == tea.MouseWheelUp {
		return -3
	}
	return 3
}

// Click selects a service; on the selected one it looks inside.
func (p *Services) Click(line int) tea.Cmd {
	at := p.top + line - (p.canvas.height - p.listHeight())
	if line < 1 || at < p.top || at >= len(p.shown) {
		return nil
	}
	if at == p.cursor {
		return opened
	}
	p.to(at)
	return p.follow()
}

// Lines draws the list.
func (p *Services) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	columns := fitServices(p.canvas.width, p.longest(), p.subject.Preview, p.recording())
	lines := []string{p.titles(columns)}
	if p.filtering() {
		lines = append(lines, filterLine(p.canvas.width, &p.filter, p.paint, fmt.Sprintf("%d of %d", len(p.shown), p.total())))
	}
	from, until := p.visible()
	for i := from; i < until; i++ {
		lines = append(lines, p.line(columns, p.shown[i], i == p.cursor))
	}
	if len(p.shown) == 0 && p.subject.Stack != nil {
		lines = append(lines, row.New(p.canvas.width, row.Paint{}).Space(2).Add(p.paint.Faint, p.emptyText()).String())
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

func (p *Services) total() int {
	if p.subject.Stack == nil {
		return 0
	}
	return len(p.subject.Stack.Services)
}

func (p *Services) emptyText() string {
	switch {
	case p.total() > 0:
		return "no name matches; esc shows all"
	case p.subject.Stack.Link.State != model.Live:
		return "waiting for the engine"
	default:
		return "no services"
	}
}

// filterLine draws an input and what it found.
func filterLine(width int, input *textinput.Model, t theme.Theme, found string) string {
	r := row.New(width, row.Paint{}).Space(1).Add(t.Key, "/").Add(t.Strong, clean.Line(input.Value()))
	if input.Focused() {
		r.Add(t.Match, " ")
	}
	return r.Right(t.Faint, found+" ").String()
}

// label is a service's name, with the number of its containers.
func (p *Services) label(s *model.Service) string {
	if n := replicas(s); n > 1 {
		return clean.Line(s.Name) + " ×" + strconv.Itoa(n)
	}
	return clean.Line(s.Name)
}

// longest is the width of the longest name with what stands behind it.
func (p *Services) longest() int {
	most := len("service")
	for _, s := range p.shown {
		most = max(most, row.Width(p.label(s)))
	}
	return most
}

func (p *Services) titles(c serviceColumns) string {
	return row.New(p.canvas.width, row.Paint{}).Space(4).
		Cell(p.paint.Faint, "service", c.name).
		Cell(p.paint.Faint, "state", c.state).
		Cell(p.paint.Faint, "root", c.root).
		Cell(p.paint.Faint, "mounts", c.mounts).
		Cell(p.paint.Faint, "changes", c.changes).
		Cell(p.paint.Faint, "verdict", c.verdict).String()
}

func (p *Services) line(c serviceColumns, s *model.Service, chosen bool) string {
	t := p.paint
	glyph, glyphPaint := stateGlyph(s, t)
	r := p.start(chosen).Space(1).Add(glyphPaint, glyph).Space(1)

	name := p.label(s)
	r.Within(c.name, func() {
		room := c.name - 1
		if differs(s, p.subject.Stack) {
			room -= 2
			r.Add(t.Strong, clean.Fit(name, room)).Space(1).Add(t.Warn, "≠")
			return
		}
		r.Add(t.Strong, clean.Fit(name, room))
	})
	if c.state > 0 {
		r.Cell(glyphPaint, p.stateText(s), c.state)
	}
	word, paint := rootWord(s, t, p.subject.Preview)
	r.Cell(paint, word, c.root)
	if c.mounts > 0 {
		word, paint := writableWord(s, t)
		r.Cell(paint, word, c.mounts)
	}
	if c.changes > 0 {
		r.Within(c.changes-1, func() { p.changes(r, s) }).Space(1)
	}
	if c.verdict > 0 {
		word, paint := verdictWord(s, t)
		if !p.subject.Preview && s.Verdict.Outcome != model.WouldBreak {
			paint = t.Faint
		}
		r.Cell(paint, word, c.verdict)
	}
	return r.String()
}

func (p *Services) stateText(s *model.Service) string {
	if c := worst(s); c != nil {
		if n := running(s); n > 0 && trouble(c) == stopped {
			return fmt.Sprintf("%d of %d up", n, replicas(s))
		}
		return stateWord(c)
	}
	if s.Unlisted {
		return "…"
	}
	return "not created"
}

// changes puts the counts of a service on its line, or why there are none.
func (p *Services) changes(r *row.Row, s *model.Service) {
	if s.Recording != nil && s.Recording.Live && s.Recording.PerSecond > 0 {
		defer func() {
			if rate := rateText(s.Recording.PerSecond); r.Left() >= len(rate) {
				r.Add(p.paint.Writable, rate)
			}
		}()
	}
	switch {
	case s.Unlisted:
		r.Add(p.paint.Faint, "…")
		return
	case len(s.Containers) == 0, neverRan(s), s.Verdict.Outcome == model.IsReadOnly && s.Counts == model.Counts{}:
		r.Add(p.paint.Faint, "-")
		return
	case len(s.Changes) == 0:
		r.Add(p.paint.Faint, "…")
		return
	case LastTaken(s).IsZero():
		r.Add(p.paint.Warn, "not read")
		return
	case s.Counts == model.Counts{}:
		r.Add(p.paint.Faint, "none seen").Space(1)
	default:
		addCounts(r, p.paint, s.Counts)
	}
	if age := p.subject.Now.Sub(LastTaken(s)); age >= oldAfter && canChange(s) && r.Left() > 0 {
		word := ageWord(age)
		if r.Left() >= len(word+" ago") {
			word += " ago"
		}
		r.Add(p.paint.Faint, word)
	}
}

// recording reports whether what services write is being recorded.
func (p *Services) recording() bool {
	return p.subject.Stack != nil && p.subject.Stack.Recorder.State == model.IsRecording
}

// rateText says how busy a service is writing.
func rateText(perSecond float64) string {
	if perSecond < 1 {
		return "<1/s"
	}
	return units.CustomSize("%.3g%s", perSecond, 1000, []string{"", "k", "M"}) + "/s"
}

// differs reports whether what runs is not what the files declare.
func differs(s *model.Service, stack *model.Stack) bool {
	return len(s.Drift) > 0 || s.Declared == nil && len(stack.Files) > 0
}

func neverRan(s *model.Service) bool {
	return !slices.ContainsFunc(s.Containers, func(c model.Container) bool { return !c.NeverRan() })
}

// canChange reports whether counts of a service can be out of date: nobody
// writes in a container that is stopped or paused.
func canChange(s *model.Service) bool {
	return slices.ContainsFunc(s.Containers, func(c model.Container) bool {
		return c.State == model.Running || c.State == model.Restarting
	})
}

// oldAfter is the age from which counts say how old they are.
const oldAfter = time.Minute

// ageWord gives an age in as few cells as it takes.
func ageWord(age time.Duration) string {
	if age < time.Hour {
		return fmt.Sprintf("%dm", int(age.Minutes()))
	}
	return fmt.Sprintf("%dh", int(age.Hours()))
}

// replicas counts the containers that `up` made for a service.
func replicas(s *model.Service) int {
	n := 0
	for i := range s.Containers {
		if !s.Containers[i].OneOff {
			n++
		}
	}
	return n
}

// rootWord says whether the root is writable; in the preview it never is.
func rootWord(s *model.Service, t theme.Theme, preview bool) (string, row.Paint) {
	switch {
	case rootReadOnly(s):
		return "ro", t.Locked
	case preview:
		return "ro*", t.Preview
	default:
		return "rw", t.Writable
	}
}

// rootReadOnly judges what runs, and what is declared where nothing does.
func rootReadOnly(s *model.Service) bool {
	for i := range s.Containers {
		if c := &s.Containers[i]; c.Inspected && !c.OneOff {
			return c.ReadOnly
		}
	}
	return s.Declared != nil && s.Declared.ReadOnly
}

// writableWord counts the mounts that the service can write to.
func writableWord(s *model.Service, t theme.Theme) (string, row.Paint) {
	writable, risky := 0, false
	for _, pair := range s.Mounts {
		if m := pair.Current(); !m.ReadOnly {
			writable++
			risky = risky || pair.Severe()
		}
	}
	switch {
	case writable == 0:
		return "-", t.Locked
	case risky:
		return fmt.Sprintf("%d rw !", writable), t.Alarm
	default:
		return fmt.Sprintf("%d rw", writable), t.Writable
	}
}

// verdictWord is the verdict in one word, with its colour.
func verdictWord(s *model.Service, t theme.Theme) (string, row.Paint) {
	switch s.Verdict.Outcome {
	case model.IsReadOnly:
		return "read-only", t.Good
	case model.WouldBreak:
		return "would break", t.Alarm
	case model.WouldRun:
		return "would run", t.Good
	default:
		return "unknown", t.Warn
	}
}
