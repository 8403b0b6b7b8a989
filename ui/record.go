package ui

import (
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/pane"
	"petrify/ui/row"
)

// jobMsg says that a recording or a trial was started or stopped, or why it was not.
type jobMsg struct{ err error }

// secondMsg moves the clock of a recording or a trial.
type secondMsg time.Time

// recording reports whether a recorder is at work, or about to be.
func (a *App) recording() bool {
	if a.stack == nil {
		return false
	}
	switch a.stack.Recorder.State {
	case model.JobStarting, model.JobRunning:
		return true
	}
	return false
}

// pressRecord asks before it starts a recording, and stops one at once.
func (a *App) pressRecord() tea.Cmd {
	if a.recording() {
		a.say("the recording ends")
		return a.record(false)
	}
	return a.dialogs.show(pane.NewConsent(a.ctx, pane.Job{
		Title: "Record",
		Terms: func(ctx context.Context) pane.Terms {
			consent, err := a.can.recorder.RecordingConsent(ctx)
			return recordingTerms(consent, err)
		},
		Begin: func() tea.Cmd {
			a.say("the recorder starts")
			return a.record(true)
		},
	}))
}

func (a *App) record(on bool) tea.Cmd {
	return func() tea.Msg {
		if on {
			return jobMsg{a.can.recorder.StartRecording(a.ctx)}
		}
		a.can.recorder.StopRecording()
		return jobMsg{}
	}
}

func (a *App) takeJob(msg jobMsg) {
	if msg.err != nil {
		a.say("✗ " + clean.Line(msg.err.Error()))
	}
}

// second ticks only while something is recorded or tried: else nothing moves by itself.
func (a *App) second() tea.Cmd {
	if a.ticking || !a.recording() && !a.trying() {
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

// clock is how long a job has gone on: "2:05".
func (a *App) clock(j model.Job) string {
	took := max(a.now.Sub(j.Since), 0).Round(time.Second)
	return fmt.Sprintf("%d:%02d", int(took.Minutes()), int(took.Seconds())%60)
}

// jobNotices say what is wrong with a recording or a trial.
func (a *App) jobNotices() []notice {
	var found []notice
	add := func(paint row.Paint, text string) { found = append(found, notice{text, paint}) }
	r := a.stack.Recorder
	if r.Lost > 0 {
		add(a.theme.Alarm, fmt.Sprintf("! the recording lost %s", model.Plural(int(r.Lost), "event")))
	}
	if r.Garbled > 0 {
		add(a.theme.Alarm, fmt.Sprintf("! %s of the recorder could not be read", model.Plural(r.Garbled, "report")))
	}
	switch {
	case r.State == model.JobFailed:
		add(a.theme.Alarm, "✗ not recorded: "+clean.Line(r.Reason))
	case r.State == model.JobRunning && r.Reason != "":
		add(a.theme.Warn, "! recording: "+clean.Line(r.Reason))
	}
	if a.stack.Trying.State == model.JobFailed {
		add(a.theme.Alarm, "✗ not tried: "+clean.Line(a.stack.Trying.Reason))
	}
	return found
}

// alsoRefused says what is watched beside the files, for it costs all of the machine's
// programs a little.
const alsoRefused = "It also watches which writes the kernel refuses, which makes each system call of the machine 0.1 µs slower meanwhile."

// recordingTerms says exactly what would be started.
func recordingTerms(consent model.Consent, err error) pane.Terms {
	terms := pane.Terms{
		Question: "Record what the stack writes, and who writes it?", Agree: "record",
		Creates: pane.Creates(consent), Problem: consent.Problem,
	}
	switch {
	case err != nil:
		terms.Problem = &model.Problem{Text: err.Error()}
	case len(terms.Creates) == 0:
		terms.Text = "petrify records by itself, being root beside the engine: nothing is started, and no container is changed. " + alsoRefused
	default:
		terms.Text = "petrify starts this container, and removes it and its image when the recording ends. " +
			"If petrify is killed, the container ends and goes as well. " + alsoRefused
		terms.Creates = append(terms.Creates, pane.Term{Name: "has no", Value: "network, mounts, writable root"})
	}
	return terms
}
