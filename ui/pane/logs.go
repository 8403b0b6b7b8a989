package pane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// Logger follows the logs of containers; it is all that the logs need of a source.
type Logger interface {
	Logs(ctx context.Context, container string, tail int, each func(model.LogLine)) error
}

// Logs follows what a container of the selected service writes to its output.
type Logs struct {
	canvas
	scroll
	KeyMap LogsKeyMap

	logger    Logger
	container string // ID of the followed one
	at        int    // which of the service's containers
	feed      *feed
	lines     []logLine
	starts    []int // the first row of each line
	fitted    int   // the width that the rows are counted for
	failures  int   // lines that show a read-only failure
	ended     bool
	err       error
	follow    bool
	unwrapped bool // lines are cut, and scroll sideways
	left      int  // cells that are scrolled past

	search textinput.Model
}

// LogsKeyMap are the bindings of the logs.
type LogsKeyMap struct {
	MoveKeys
	Follow, Wrap, Search, Next, Previous, Container, Refused, Left, Right key.Binding
}

// NewLogs returns logs that follow nothing yet.
func NewLogs(logger Logger) *Logs {
	return &Logs{
		logger: logger,
		follow: true,
		search: newFilter(),
		KeyMap: LogsKeyMap{
			MoveKeys:  DefaultMoveKeys(),
			Follow:    key.NewBinding(key.WithKeys("f"), key.WithHelp("f", "follow")),
			Wrap:      key.NewBinding(key.WithKeys("w"), key.WithHelp("w", "wrap, or scroll sideways")),
			Left:      key.NewBinding(key.WithKeys("left", "h"), key.WithHelp("←/h", "left")),
			Right:     key.NewBinding(key.WithKeys("right", "l"), key.WithHelp("→/l", "right")),
			Search:    key.NewBinding(key.WithKeys("/"), key.WithHelp("/", "search")),
			Next:      key.NewBinding(key.WithKeys("n"), key.WithHelp("n", "next match")),
			Previous:  key.NewBinding(key.WithKeys("N"), key.WithHelp("N", "previous match")),
			Refused:   key.NewBinding(key.WithKeys("enter"), key.WithHelp("enter", "the refused path")),
			Container: key.NewBinding(key.WithKeys("c"), key.WithHelp("c", "next container")),
		},
	}
}

// Keys are the bindings of the logs.
func (p *Logs) Keys() []key.Binding {
	k := p.KeyMap
	keys := []key.Binding{k.Follow, k.Wrap, k.Search, k.Next, k.Previous, k.Container}
	if p.failures > 0 {
		keys = append([]key.Binding{k.Refused}, keys...)
	}
	if p.unwrapped {
		keys = append(keys, k.Left, k.Right)
	}
	return append(keys, k.List()...)
}

// linesKept is how many lines are kept, and linesAsked how many are asked for at first.
const (
	linesKept  = 5000
	linesAsked = 1000
)

// Show takes a newer subject, and follows its container when that is another one.
func (p *Logs) Show(s Subject) tea.Cmd {
	if name(s.Service) != name(p.subject.Service) {
		p.at = 0
	}
	p.subject, p.drawn = s, nil
	container := ""
	if s.Service != nil && len(s.Service.Containers) > 0 {
		p.at = min(p.at, len(s.Service.Containers)-1)
		container = s.Service.Containers[p.at].ID
	}
	if container == p.container {
		return nil
	}
	return p.start(container)
}

// start leaves the old container's log and follows another one.
func (p *Logs) start(container string) tea.Cmd {
	p.Stop()
	p.container, p.lines, p.starts, p.failures, p.ended, p.err = container, nil, nil, 0, false, nil
	p.scroll, p.follow, p.drawn = scroll{}, true, nil
	if container == "" {
		return nil
	}
	p.feed = newFeed()
	return tea.Batch(p.feed.read(p.logger, container), p.feed.wait())
}

// Stop ends the following, when the pane is left.
func (p *Logs) Stop() {
	if p.feed != nil {
		p.feed.cancel()
	}
	p.feed, p.container = nil, ""
}

// Update takes lines, keys and the wheel.
func (p *Logs) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case linesMsg:
		if msg.feed != p.feed {
			return nil
		}
		p.take(msg.lines)
		return p.feed.wait()
	case logEndMsg:
		if msg.feed == p.feed && p.feed != nil {
			p.ended, p.err, p.drawn = true, msg.err, nil
		}
	case tea.MouseWheelMsg:
		p.scrollBy(wheel(msg))
		p.follow = p.top+p.scroll.height >= p.count
		p.drawn = nil
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return nil
}

func (p *Logs) take(lines []model.LogLine) {
	fresh := newLogLines(lines)
	p.lines = append(p.lines, fresh...)
	p.failures += countFailures(fresh)
	if over := len(p.lines) - linesKept; over > 0 {
		p.failures -= countFailures(p.lines[:over])
		gone := 0
		for i := range min(over, len(p.starts)) {
			gone += p.lines[i].rows
		}
		p.lines = append(p.lines[:0], p.lines[over:]...)
		p.starts = nil
		// The window and the match stay with their lines.
		p.top, p.cursor = max(p.top-gone, 0), max(p.cursor-gone, 0)
	}
	p.drawn = nil
}

func countFailures(lines []logLine) int {
	n := 0
	for i := range lines {
		if lines[i].failed {
			n++
		}
	}
	return n
}

// fit counts the rows of the lines that were not counted for this width. What is at
// the top of the window stays there.
func (p *Logs) fit() {
	width := p.canvas.width
	if p.unwrapped {
		width = -1
	}
	if p.fitted == width && len(p.starts) == len(p.lines) {
		return
	}
	top, anchored := 0, p.fitted != width && len(p.starts) > 0
	if anchored {
		top = p.lineAt(p.top)
	}
	if p.fitted != width {
		for i := range p.lines {
			p.lines[i].rows = 0
		}
		p.fitted, p.starts = width, p.starts[:0]
	}
	rows := 0
	if n := len(p.starts); n > 0 {
		rows = p.starts[n-1] + p.lines[n-1].rows
	}
	for i := len(p.starts); i < len(p.lines); i++ {
		l := &p.lines[i]
		if l.rows == 0 {
			l.rows = 1
			if !p.unwrapped {
				l.rows = rowsOf(l.text, p.room(l))
			}
		}
		p.starts = append(p.starts, rows)
		rows += l.rows
	}
	p.count = rows
	if anchored {
		p.top = p.starts[min(top, len(p.starts)-1)]
		p.cursor = p.top
	}
}

// lineAt is the line of a row.
func (p *Logs) lineAt(row int) int {
	at, found := slices.BinarySearch(p.starts, row)
	if !found {
		at--
	}
	return max(at, 0)
}

// lead is the width of what stands before a line's text.
func (p *Logs) lead(l *logLine) int {
	lead := 1
	if p.canvas.width >= 50 && !l.At.IsZero() {
		lead += len("15:04:05 ")
	}
	if l.failed {
		lead += 2
	}
	return lead
}

// room is the width that is left for its text.
func (p *Logs) room(l *logLine) int { return max(p.canvas.width-p.lead(l), narrowest) }

func (p *Logs) press(msg tea.KeyPressMsg) tea.Cmd {
	p.drawn = nil
	if p.search.Focused() {
		typeInto(&p.search, msg)
		if msg.String() == "enter" {
			p.find(-1)
		}
		return nil
	}
	switch {
	case key.Matches(msg, p.KeyMap.Follow):
		p.follow = !p.follow
	case key.Matches(msg, p.KeyMap.Wrap):
		p.unwrapped, p.left = !p.unwrapped, 0
	case p.unwrapped && key.Matches(msg, p.KeyMap.Left):
		p.left = max(p.left-p.step(), 0)
	case p.unwrapped && key.Matches(msg, p.KeyMap.Right):
		p.left = min(p.left+p.step(), p.widest())
	case key.Matches(msg, p.KeyMap.Search):
		p.search.Focus()
	case key.Matches(msg, p.KeyMap.Next):
		p.find(1)
	case key.Matches(msg, p.KeyMap.Previous):
		p.find(-1)
	case key.Matches(msg, p.KeyMap.Refused):
		if path := p.refused(); path != "" {
			return func() tea.Msg { return PathMsg{path} }
		}
	case key.Matches(msg, p.KeyMap.Container):
		if s := p.subject.Service; s != nil && len(s.Containers) > 1 {
			p.at = (p.at + 1) % len(s.Containers)
			return p.start(s.Containers[p.at].ID)
		}
	case p.scroll.text(msg, p.KeyMap.MoveKeys):
		p.follow = p.top+p.scroll.height >= p.count
	}
	return nil
}

// PathMsg asks for a path of the selected service among its changes.
type PathMsg struct{ Path string }

// refused is the path that the chosen line says a read-only root refused, else the last one
// that is in the window or before it.
func (p *Logs) refused() string {
	p.fit()
	if len(p.lines) == 0 {
		return ""
	}
	at := len(p.lines) - 1
	if _, until := p.visible(); !p.follow {
		at = p.lineAt(max(until-1, 0))
		if chosen := p.lineAt(p.cursor); p.lines[chosen].failed {
			at = chosen
		}
	}
	for ; at >= 0; at-- {
		if p.lines[at].failed {
			if path := model.RefusedPath(p.lines[at].Text); path != "" {
				return path
			}
		}
	}
	return ""
}

// step is how far a key scrolls sideways.
func (p *Logs) step() int { return max(p.canvas.width/3, 1) }

// widest is how far the lines of the window reach beyond it.
func (p *Logs) widest() int {
	most := 0
	from, until := p.visible()
	for i := from; i < until; i++ {
		l := &p.lines[p.lineAt(i)]
		most = max(most, row.Width(l.text)-p.room(l))
	}
	return most
}

// Sideways reports whether a key to the left scrolls back.
func (p *Logs) Sideways() bool { return p.unwrapped && p.left > 0 }

// find moves the window to the next match in a direction.
func (p *Logs) find(direction int) {
	want := strings.ToLower(p.search.Value())
	if want == "" || len(p.lines) == 0 {
		return
	}
	p.fit()
	at := p.lineAt(p.cursor)
	switch {
	case p.follow && direction < 0:
		at = len(p.lines) // the last line is the first one looked at
	case p.follow:
		at = -1
	}
	for range p.lines {
		at = (at + direction + len(p.lines)) % len(p.lines)
		if strings.Contains(strings.ToLower(p.lines[at].text), want) {
			p.follow = false
			p.to(p.starts[at])
			return
		}
	}
}

// Typing reports whether a search is being typed.
func (p *Logs) Typing() bool { return p.search.Focused() }

// Back clears the search.
func (p *Logs) Back() bool {
	if p.search.Value() == "" && !p.search.Focused() {
		return false
	}
	p.search.SetValue("")
	p.search.Blur()
	p.drawn = nil
	return true
}

// Click does nothing: there is nothing to select.
func (p *Logs) Click(int) tea.Cmd { return nil }

// Lines draws the visible part of the log.
func (p *Logs) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	lines := []string{p.status()}
	if p.search.Focused() || p.search.Value() != "" {
		lines = append(lines, filterLine(p.canvas.width, &p.search, p.paint, "n next  N previous"))
	}
	lines = append(lines, p.silence()...)
	p.fit()
	p.set(p.count, p.canvas.height-len(lines))
	if p.follow {
		p.to(p.count - 1)
	}
	p.drawn = row.Fill(append(lines, p.text()...), p.canvas.width, p.canvas.height)
	return p.drawn
}

// text draws the rows in the window.
func (p *Logs) text() []string {
	var rows []string
	from, until := p.visible()
	for at := from; at < until; {
		i := p.lineAt(at)
		l := &p.lines[i]
		parts := []int{0, len(l.text)}
		if !p.unwrapped {
			parts = breaks(l.text, p.room(l))
		}
		marked := occurrences(l.text, p.search.Value())
		chosen := p.lineAt(p.cursor) == i && !p.follow
		for part := at - p.starts[i]; part < len(parts)-1 && at < until; part++ {
			rows = append(rows, p.row(l, part == 0, chosen, textRange{parts[part], parts[part+1]}, marked))
			at++
		}
	}
	return rows
}

// waits reports whether the engine keeps the log back, and since when.
func (p *Logs) waits() (since time.Time, waits bool) {
	if len(p.lines) > 0 || p.ended {
		return time.Time{}, false
	}
	return p.subject.Stack.AsksChanges(p.container)
}

// silence says why there are no lines, where it is known.
func (p *Logs) silence() []string {
	s := p.subject.Service
	if s == nil || p.container == "" {
		return nil
	}
	text := sheet{width: p.canvas.width, indent: 1, paint: p.paint}
	if p.err != nil {
		text.prose(p.paint.Warn, clean.Line(p.err.Error()))
		if problem, ok := errors.AsType[*model.ProblemError](p.err); ok && problem.Advice != "" {
			text.prose(p.paint.Faint, clean.Line(problem.Advice))
		}
		return text.lines
	}
	if since, waits := p.waits(); waits {
		text.prose(p.paint.Warn, "waits: the engine is walking this container's files for its changes, for "+
			model.DurationText(max(p.subject.Now.Sub(since), 0)))
	}
	return text.lines
}

// status says which container is read, and whether the end is followed.
func (p *Logs) status() string {
	t := p.paint
	r := row.New(p.canvas.width, t.Plain).Space(1)
	s := p.subject.Service
	if s == nil || len(s.Containers) == 0 {
		return r.Add(t.Faint, "no container yet").String()
	}
	r.Add(t.Text, clean.Line(s.Containers[p.at].Name))
	if n := len(s.Containers); n > 1 {
		r.Add(t.Faint, fmt.Sprintf("  %d of %d", p.at+1, n))
	}
	_, waits := p.waits()
	switch {
	case waits:
	case p.err != nil:
		r.Add(t.Warn, "  cannot be read")
	case p.ended:
		r.Add(t.Faint, "  ended")
	case p.follow:
		r.Add(t.Good, "  following")
	default:
		r.Add(t.Warn, "  paused: f follows")
	}
	if p.failures > 0 {
		r.Add(t.Alarm, "  ✗ "+model.Plural(p.failures, "read-only failure"))
	}
	return r.String()
}

// row draws a part of a line; its first one has the time.
func (p *Logs) row(l *logLine, first, chosen bool, part textRange, marked []textRange) string {
	t := p.paint
	base, text := t.Plain, t.Text
	if chosen {
		base = t.Unfocussed
	}
	r := row.New(p.canvas.width, base).Space(1)
	lead := p.lead(l)
	if first {
		if p.canvas.width >= 50 && !l.At.IsZero() {
			r.Add(t.Faint, l.At.In(p.subject.Zone).Format("15:04:05 "))
		}
		if l.failed {
			r.Add(t.Alarm, "✗ ")
		}
	}
	r.Space(lead - (p.canvas.width - r.Left()))
	if l.failed {
		text = t.Alarm
	}
	if p.left > 0 && p.unwrapped {
		return r.Add(text, ansi.TruncateLeft(l.text, p.left+1, "…")).String()
	}
	addMarked(r, text, t.Match, l.text, part, marked)
	return r.String()
}
