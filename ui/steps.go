package ui

import (
	"fmt"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// The way from "it writes" to "proved" has five steps, which stand in the header with the
// keys that lead there. One line below the panes names the key that is most useful now.

// step is one of them, as it stands in the header.
type step struct {
	key   key.Binding // none for the first one: one sees by looking
	name  string
	count string // how far it is: "3/15"; "" where it is done or not
	done  bool
	now   bool // it is under way
}

// stepsLine is the line of the header that has the steps.
const stepsLine = 1

// steps are those that the source has an answer for.
func (a *App) steps() []step {
	p := a.progress()
	see := step{name: "See", done: p.waiting == "", count: p.waiting}
	all := []step{see, {key: a.keys.Preview, name: "Preview", now: a.preview, done: a.previewed}}
	if a.keys.Record.Enabled() {
		s := step{key: a.keys.Record, name: "Record", count: p.of(p.recorded), done: p.recorded == p.services && p.services > 0}
		if a.recording() {
			s.now, s.count = true, a.clock(a.stack.Recorder.Job)
		}
		all = append(all, s)
	}
	if a.keys.Try.Enabled() {
		s := step{key: a.keys.Try, name: "Prove", count: p.of(p.safe), done: p.safe == p.services && p.services > 0}
		if a.trying() {
			s.now, s.count = true, a.clock(a.stack.Trying.Job)
		}
		all = append(all, s)
	}
	if a.keys.Export.Enabled() {
		all = append(all, step{key: a.keys.Export, name: "Export", done: a.exported})
	}
	return all
}

// progress is how far a stack has come.
type progress struct {
	services int
	recorded int // what they write was recorded
	proved   int // a trial held with their plans
	safe     int // those, and the ones that run read-only already and are refused nothing
	waiting  string
}

func (a *App) progress() progress {
	p := progress{services: len(a.stack.Services)}
	verdicts := a.verdicts()
	for i := range a.stack.Services {
		s := &a.stack.Services[i]
		if s.Evidence.Has(model.FromRecording) {
			p.recorded++
		}
		switch {
		case verdicts[s.Name].Proof != "":
			p.proved++
			p.safe++
		case s.Verdict.Outcome == model.IsReadOnly && !s.Breaks():
			p.safe++
		}
	}
	_, p.waiting = a.waitingText()
	return p
}

func (p progress) of(n int) string { return fmt.Sprintf("%d/%d", n, p.services) }

// addSteps puts the steps on a line, with their keys, and notes where each stands.
func (a *App) addSteps(r *row.Row, steps []step) {
	t := a.theme
	between := "  "
	if r.Left() >= 96 {
		between = " ── "
	}
	a.stepSpans = a.stepSpans[:0]
	for i, s := range steps {
		if i > 0 {
			r.Add(t.Rule, between)
		}
		from := a.width - r.Left()
		if s.key.Enabled() {
			r.Add(t.HelpKey, s.key.Help().Key).Space(1)
		}
		paint, sign := t.Tab, ""
		switch {
		case s.now:
			paint, sign = t.PreviewText, "●"
		case s.done:
			paint, sign = t.Good, "✓"
		}
		count := s.count
		if s.done && !s.now {
			count = ""
		}
		text := strings.Join(strings.Fields(s.name+" "+count+" "+sign), " ")
		if s.now {
			text = " " + text + " "
		}
		r.Add(paint, text)
		a.stepSpans = append(a.stepSpans, span{from, a.width - r.Left()})
	}
}

// clickStep does what the key of a step does.
func (a *App) clickStep(i int) tea.Cmd {
	steps := a.steps()
	if i >= len(steps) || !steps[i].key.Enabled() {
		return nil
	}
	cmd, _ := a.pressAnywhere(tea.KeyPressMsg(keyOf(steps[i].key.Keys()[0])))
	return cmd
}

// advice is what stands below the panes.
type advice struct {
	label string // "next:", or "now:" of what is under way
	key   string // to press
	text  string
	paint row.Paint
}

// advice names what is under way, else the key that is most useful now.
func (a *App) advice() advice {
	t := a.theme
	if a.stack == nil || a.ended != nil || a.stack.Link.State != model.Live || len(a.stack.Services) == 0 {
		return advice{}
	}
	if label, text := a.tourText(); text != "" {
		return advice{label, "", text, t.Preview}
	}
	if text := a.underWay(); text != "" {
		return advice{"now:", "", text, t.Preview}
	}
	next := func(b key.Binding, text string) advice { return advice{"next:", b.Help().Key, text, t.Text} }
	p := a.progress()
	switch {
	case p.safe == p.services:
		return a.done(p)
	case !a.someRun():
		return advice{"now:", "", "no container runs yet", t.Warn}
	case a.stack.Totals.Breaks > 0 && !a.previewed && p.recorded == 0 && p.proved == 0:
		return next(a.keys.Preview, "shows what a read-only root would break")
	case a.keys.Record.Enabled() && p.recorded == 0:
		return next(a.keys.Record, "records what the services write, and who writes it")
	}
	switch s := a.service(); {
	case !a.keys.Try.Enabled():
	case a.wantsTrial(s):
		return next(a.keys.Try, "proves the plan of "+clean.Line(s.Name)+" on throw-away copies")
	case a.services.First(a.wantsTrial) != nil:
		return next(a.keys.TryAll, "proves the plans of all services that are left")
	}
	if a.keys.Export.Enabled() && !a.exported {
		return next(a.keys.Export, "shows the plans as a file for Compose, Kubernetes and others")
	}
	return advice{}
}

// done says that a stack is, and what is left to do with its plans.
func (a *App) done(p progress) advice {
	text := fmt.Sprintf("%d of %d proved read-only", p.proved, p.services)
	if p.proved < p.services {
		text = fmt.Sprintf("%d of %d read-only, or proved to run so", p.safe, p.services)
	}
	if a.keys.Export.Enabled() && !a.exported && p.proved > 0 {
		text += " · next: " + a.keys.Export.Help().Key + " shows the plans as a file"
	}
	return advice{"✓", "", text, a.theme.Good}
}

// underWay says what goes on, and what is waited for; "" where nothing is.
func (a *App) underWay() string {
	recorder, trying := &a.stack.Recorder, &a.stack.Trying
	switch {
	case recorder.State == model.JobStarting:
		return "the recorder starts"
	case recorder.State == model.JobStopping:
		return "the recording ends"
	case trying.State == model.JobStarting:
		return "the trial starts"
	case trying.State == model.JobStopping:
		return "the trial ends, and cleans up"
	case trying.State == model.JobRunning:
		return clean.Line(trying.StepText())
	case recorder.State == model.JobRunning:
		return "recording " + model.Plural(recorder.Containers, "container") + ": use the stack, then " + a.keys.Record.Help().Key + " ends it"
	}
	long, _ := a.waitingText()
	return long
}

func (a *App) someRun() bool {
	for i := range a.stack.Services {
		if a.stack.Services[i].CanChange() {
			return true
		}
	}
	return false
}

// wantsTrial reports whether the plan of a service is to be proved, and what it writes is known
// well enough for one.
func (a *App) wantsTrial(s *model.Service) bool {
	return s != nil && s.WantsProof() && s.CanBeTried() && s.CanChange() && a.verdicts()[s.Name].Proof == ""
}

// lowerRule carries the advice.
func (a *App) lowerRule(l layout) string {
	paint, line, _, up, _ := a.rule()
	r := row.New(l.width, a.theme.Plain)
	next := a.advice()
	if next.text != "" {
		r.Add(paint, line).Space(1).Add(next.paint, next.label).Space(1)
		if next.key != "" {
			r.Add(a.theme.HelpKey, next.key).Space(1)
		}
		r.Add(next.paint, clean.Fit(next.text, r.Left()-2)).Space(1)
	}
	if at := l.width - r.Left(); l.list > 0 && l.pane > 0 && at <= l.list {
		r.Add(paint, strings.Repeat(line, l.list-at)).Add(paint, up)
	}
	return r.Add(paint, strings.Repeat(line, r.Left())).String()
}
