package pane

import (
	"context"
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

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
	lines     []model.LogLine
	failures  int // lines that show a read-only failure
	ended     bool
	err       error
	follow    bool

	search textinput.Model
}

// LogsKeyMap are the bindings of the logs.
type LogsKeyMap struct {
	MoveKeys
	Follow, Search, Next, Previous, Container key.Binding
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
			Search:    key.NewBinding(key.WithKeys("/"), key.WithHelp("/", "search")),
			Next:      key.NewBinding(key.WithKeys("n"), key.WithHelp("n", "next match")),
			Previous:  key.NewBinding(key.WithKeys("N"), key.WithHelp("N", "previous match")),
			Container: key.NewBinding(key.WithKeys("c"), key.WithHelp("c", "next container")),
		},
	}
}

// Keys are the bindings of the logs.
func (p *Logs) Keys() []key.Binding {
	k := p.KeyMap
	return append([]key.Binding{k.Follow, k.Search, k.Next, k.Previous, k.Container}, k.List()...)
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
	p.container, p.lines, p.failures, p.ended, p.err = container, nil, 0, false, nil
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
		p.slide(wheel(msg))
		p.follow = p.top+p.scroll.height >= p.count
		p.drawn = nil
	case tea.KeyPressMsg:
		return p.press(msg)
	}
	return nil
}

func (p *Logs) take(lines []model.LogLine) {
	p.lines = append(p.lines, lines...)
	p.failures += countFailures(lines)
	if over := len(p.lines) - linesKept; over > 0 {
		p.failures -= countFailures(p.lines[:over])
		p.lines = append(p.lines[:0], p.lines[over:]...)
		// The window and the match stay with their lines.
		p.top, p.cursor = max(p.top-over, 0), max(p.cursor-over, 0)
	}
	p.drawn = nil
}

// countFailures is asked of each line once when it comes and once when it goes:
// a flood of lines would have all that are kept read again several times a second.
func countFailures(lines []model.LogLine) int {
	n := 0
	for i := range lines {
		if model.ReadOnlyFailure(lines[i].Text) {
			n++
		}
	}
	return n
}

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
	case key.Matches(msg, p.KeyMap.Search):
		p.search.Focus()
	case key.Matches(msg, p.KeyMap.Next):
		p.find(1)
	case key.Matches(msg, p.KeyMap.Previous):
		p.find(-1)
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

// find moves the window to the next match in a direction.
func (p *Logs) find(direction int) {
	want := strings.ToLower(p.search.Value())
	if want == "" || len(p.lines) == 0 {
		return
	}
	at := p.cursor
	switch {
	case p.follow && direction < 0:
		at = len(p.lines) // the last line is the first one looked at
	case p.follow:
		at = -1
	}
	for range p.lines {
		at = (at + direction + len(p.lines)) % len(p.lines)
		if strings.Contains(strings.ToLower(p.lines[at].Text), want) {
			p.follow = false
			p.to(at)
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
	p.set(len(p.lines), p.canvas.height-len(lines))
	if p.follow {
		p.to(p.count - 1)
	}
	from, until := p.visible()
	for i := from; i < until; i++ {
		lines = append(lines, p.line(p.lines[i], i == p.cursor && !p.follow))
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
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
	switch {
	case p.err != nil:
		r.Add(t.Warn, "  "+clean.Line(p.err.Error()))
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

func (p *Logs) line(l model.LogLine, chosen bool) string {
	t := p.paint
	base := t.Plain
	if chosen {
		base = t.Unfocussed
	}
	r := row.New(p.canvas.width, base).Space(1)
	if p.canvas.width >= 50 && !l.At.IsZero() {
		r.Add(t.Faint, l.At.In(p.subject.Zone).Format("15:04:05 "))
	}
	text := clean.Log(l.Text)
	switch {
	case model.ReadOnlyFailure(l.Text):
		return r.Add(t.Alarm, "✗ "+text).String()
	case p.search.Value() != "":
		highlight(r, t.Text, t.Match, text, p.search.Value())
	default:
		r.Add(t.Text, text)
	}
	return r.String()
}

// highlight adds a text with every occurrence of a word marked.
func highlight(r *row.Row, plain, match row.Paint, text, word string) {
	lower, word := strings.ToLower(text), strings.ToLower(word)
	for {
		at := strings.Index(lower, word)
		// Some letters change their length with their case: then nothing more is marked.
		if at < 0 || len(lower) != len(text) || !strings.EqualFold(text[at:at+len(word)], word) {
			r.Add(plain, text)
			return
		}
		r.Add(plain, text[:at]).Add(match, text[at:at+len(word)])
		text, lower = text[at+len(word):], lower[at+len(word):]
	}
}
