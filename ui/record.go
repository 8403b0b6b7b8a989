package ui

import (
	"fmt"
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// question is what has to be agreed to before anything is recorded.
type question struct {
	offer model.RecorderOffer
	err   error
}

// The answers to it; anything else leaves it.
var agree = key.NewBinding(key.WithKeys("enter", "y"), key.WithHelp("enter", "record"))

// offerMsg carries what recording would start.
type offerMsg question

// recordedMsg says that recording was started or stopped, or why it was not.
type recordedMsg struct{ err error }

// secondMsg moves the clock of a recording.
type secondMsg time.Time

// recording reports whether a recorder is at work, or about to be.
func (a *App) recording() bool {
	if a.stack == nil {
		return false
	}
	switch a.stack.Recorder.State {
	case model.RecorderComes, model.IsRecording:
		return true
	}
	return false
}

// pressRecord asks before it starts a recording, and stops one at once.
func (a *App) pressRecord() tea.Cmd {
	if a.recording() {
		a.toast = "the recording ends"
		return a.record(false)
	}
	a.toast = "asking the engine how it can be recorded"
	return func() tea.Msg {
		offer, err := a.source.Recorder(a.ctx)
		return offerMsg{offer, err}
	}
}

func (a *App) record(on bool) tea.Cmd {
	return func() tea.Msg { return recordedMsg{a.source.Record(a.ctx, on)} }
}

func (a *App) takeOffer(msg offerMsg) {
	a.toast = ""
	asked := question(msg)
	a.asking = &asked
}

// answer takes the key that was pressed at the question.
func (a *App) answerQuestion(msg tea.KeyPressMsg) tea.Cmd {
	asked := a.asking
	a.asking = nil
	if key.Matches(msg, agree) && asked.err == nil && asked.offer.Problem == nil {
		a.toast = "the recorder starts"
		return a.record(true)
	}
	return nil
}

func (a *App) takeRecorded(msg recordedMsg) {
	if msg.err != nil {
		a.toast = "✗ " + clean.Line(msg.err.Error())
	}
}

// second ticks only while something is recorded: else nothing moves by itself.
func (a *App) second() tea.Cmd {
	if a.ticking || !a.recording() {
		return nil
	}
	a.ticking = true
	return tea.Tick(time.Second, func(time.Time) tea.Msg { return secondMsg(a.options.Now()) })
}

func (a *App) takeSecond(msg secondMsg) tea.Cmd {
	a.ticking = false
	a.now = time.Time(msg)
	return a.second()
}

// recorderText says in the header how the recording goes; "" without one.
func (a *App) recorderText(width int) (string, row.Paint) {
	r := a.stack.Recorder
	lost := ""
	if r.Lost > 0 {
		lost = fmt.Sprintf(" · ! %d lost", r.Lost)
	}
	switch r.State {
	case model.RecorderComes:
		return "◌ the recorder starts", a.theme.Warn
	case model.RecorderEnds:
		return "◌ the recorder ends", a.theme.Warn
	case model.RecorderFails:
		return "✗ not recorded: " + clean.Line(r.Reason), a.theme.Alarm
	case model.IsRecording:
		took := max(a.now.Sub(r.Since), 0).Round(time.Second)
		text := fmt.Sprintf("● rec %d:%02d", int(took.Minutes()), int(took.Seconds())%60)
		if width >= 110 {
			text += " · " + model.Plural(r.Containers, "container")
		}
		if r.Reason != "" {
			text += " · " + clean.Line(r.Reason)
		}
		return text + lost, a.theme.Alarm
	default:
		return "", a.theme.Plain
	}
}

// questionBox says exactly what would be started.
func (a *App) questionBox() string {
	t := a.theme
	width := min(64, a.width-6)
	var lines []string
	say := func(paint row.Paint, text string) {
		for line := range strings.SplitSeq(lipgloss.Wrap(text, width, ""), "\n") {
			lines = append(lines, paint.Text(line))
		}
	}
	fact := func(name, value string) {
		r := row.New(width, t.Plain).Cell(t.Faint, name, 14).Add(t.Text, clean.Fit(value, width-14))
		lines = append(lines, strings.TrimRight(r.String(), " "))
	}
	offer := a.asking.offer
	switch {
	case a.asking.err != nil:
		say(t.Alarm, "This cannot be recorded")
		say(t.Plain, "")
		say(t.Text, clean.Line(a.asking.err.Error()))
	case offer.Problem != nil:
		say(t.Alarm, "This cannot be recorded")
		say(t.Plain, "")
		say(t.Text, clean.Line(offer.Problem.Text))
		say(t.Faint, clean.Line(offer.Problem.Advice))
	case offer.Container != nil:
		c := offer.Container
		say(t.Strong, "Record what the stack writes, and who writes it?")
		say(t.Plain, "")
		say(t.Text, "petrify starts this container, and removes it and its image when the recording ends. If petrify is killed, the container ends and goes as well.")
		say(t.Plain, "")
		fact("image", clean.Line(c.Image)+", petrify's own program")
		fact("capabilities", clean.Line(strings.Join(c.Capabilities, ", "))+", no others")
		fact("shares", "the host's "+clean.Line(strings.Join(c.Namespaces, ", "))+" namespace")
		fact("has no", "network, mounts, writable root")
	default:
		say(t.Strong, "Record what the stack writes, and who writes it?")
		say(t.Plain, "")
		say(t.Text, "petrify records by itself, being root beside the engine: nothing is started, and no container is changed.")
	}
	say(t.Plain, "")
	if a.asking.err == nil && offer.Problem == nil {
		lines = append(lines, t.Strong.Text("enter")+t.Faint.Text(" record   ")+t.Strong.Text("esc")+t.Faint.Text(" leave it"))
	} else {
		lines = append(lines, t.Strong.Text("esc")+t.Faint.Text(" back"))
	}
	return strings.Join(lines, "\n")
}
