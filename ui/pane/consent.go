package pane

import (
	"context"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/docker/go-units"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// Consent asks before a long job begins:
//
//   - It opens with the key that asks for the job, so that no key that is meant for
//     something else reaches it later.
//   - It lists exactly what would be created.
//   - Only `y` agrees, and only once the list is there. Enter does not: it also opens
//     things.
type Consent struct {
	dialogText
	KeyMap ConsentKeyMap

	ctx    context.Context
	cancel context.CancelFunc
	job    Job
	terms  *Terms // nil while they are being asked for
}

// Job is what somebody is asked to agree to.
type Job struct {
	Title string // of the dialog
	// Terms finds out what the job would create. It may ask the engine.
	Terms func(context.Context) Terms
	// Begin is called once somebody agreed.
	Begin func() tea.Cmd
}

// Terms are what a job would do. Its texts are raw.
type Terms struct {
	Question string
	Text     string // what happens, and what becomes of what is created
	Creates  []Term // all that is created; none where nothing is
	Agree    string // what `y` does, in a word
	Problem  *model.Problem
}

// Term is one property of what would be created.
type Term struct{ Name, Value string }

// Creates lists all that a job would create.
func Creates(c model.Consent) []Term {
	var terms []Term
	for _, image := range c.Images {
		terms = append(terms, Term{"image", image + ", made of petrify's own program"})
	}
	for _, container := range c.Containers {
		terms = append(terms, containerTerms(container)...)
	}
	for _, network := range c.Networks {
		text := network.Name + ", which leads nowhere"
		if network.Egress {
			text = network.Name + ", which leads out of this machine"
		}
		terms = append(terms, Term{"network", text})
	}
	for _, volume := range c.Volumes {
		terms = append(terms, Term{"volume", volumeText(volume)})
	}
	for _, note := range c.Notes {
		terms = append(terms, Term{"note", note})
	}
	return terms
}

func containerTerms(container model.NewContainer) []Term {
	text := "of " + container.Image
	if container.Service != "" {
		text = "a copy of " + container.Service + ", " + text
	}
	terms := []Term{{"container", text}}
	if len(container.Capabilities) > 0 {
		terms = append(terms, Term{"capabilities", strings.Join(container.Capabilities, ", ") + ", no others"})
	}
	if len(container.Namespaces) > 0 {
		terms = append(terms, Term{"shares", "the host's " + strings.Join(container.Namespaces, ", ") + " namespace"})
	}
	return terms
}

func volumeText(v model.NewVolume) string {
	text := v.Service + " " + v.Target
	switch {
	case v.From == "":
		return text + ", empty"
	case v.Bytes < 0:
		return text + ", a copy of " + v.From
	default:
		return text + ", a copy of " + v.From + " (" + units.BytesSize(float64(v.Bytes)) + ")"
	}
}

// ConsentKeyMap are the bindings of the question.
type ConsentKeyMap struct {
	MoveKeys
	Agree, Leave key.Binding
}

// consentWidth keeps sentences readable on a wide screen.
const consentWidth = 64

// NewConsent returns a question whose terms are not known yet.
func NewConsent(ctx context.Context, job Job) *Consent {
	ctx, cancel := context.WithCancel(ctx)
	return &Consent{ctx: ctx, cancel: cancel, job: job, KeyMap: ConsentKeyMap{
		MoveKeys: DefaultMoveKeys(),
		Agree:    key.NewBinding(key.WithKeys("y"), key.WithHelp("y", "agree"), key.WithDisabled()),
		Leave:    key.NewBinding(key.WithKeys("esc", "n", "q"), key.WithHelp("esc", "leave it")),
	}}
}

// termsMsg carries what a job would do.
type termsMsg struct {
	asker *Consent
	terms Terms
}

// Title names the job.
func (p *Consent) Title() string { return p.job.Title }

// Start asks for the terms.
func (p *Consent) Start() tea.Cmd {
	return func() tea.Msg { return termsMsg{p, p.job.Terms(p.ctx)} }
}

// Close gives up on the terms.
func (p *Consent) Close() { p.cancel() }

// SetSize takes no more width than sentences need.
func (p *Consent) SetSize(width, height int) {
	p.canvas.SetSize(min(width, consentWidth), height)
	p.fill(p.text())
}

// SetTheme colours the question.
func (p *Consent) SetTheme(t theme.Theme) {
	p.canvas.SetTheme(t)
	p.fill(p.text())
}

// Keys are the answers, and those that move where there is something to move.
func (p *Consent) Keys() []key.Binding {
	keys := []key.Binding{p.KeyMap.Agree, p.KeyMap.Leave}
	if p.overflows() {
		keys = append(keys, p.KeyMap.List()...)
	}
	return keys
}

// Update takes the terms and the answer.
func (p *Consent) Update(msg tea.Msg) (tea.Cmd, bool) {
	switch msg := msg.(type) {
	case termsMsg:
		if msg.asker == p {
			p.take(msg.terms)
		}
	case tea.MouseWheelMsg:
		p.scrollBy(wheel(msg))
	case tea.KeyPressMsg:
		switch {
		case key.Matches(msg, p.KeyMap.Agree): // never while it is disabled
			return p.job.Begin(), true
		case key.Matches(msg, p.KeyMap.Leave):
			return nil, true
		}
		p.scroll.text(msg, p.KeyMap.MoveKeys)
	}
	return nil, false
}

func (p *Consent) take(terms Terms) {
	p.terms = &terms
	p.KeyMap.Agree.SetEnabled(terms.Problem == nil)
	p.KeyMap.Agree.SetHelp("y", terms.Agree)
	if terms.Problem != nil {
		p.KeyMap.Leave.SetHelp("esc", "back")
	}
	p.fill(p.text())
}

// text is the question and what would be created.
func (p *Consent) text() []string {
	t := p.paint
	s := sheet{width: p.canvas.width, paint: t}
	switch {
	case p.terms == nil:
		s.prose(t.Faint, "asking the engine what it takes…")
	case p.terms.Problem != nil:
		s.prose(t.Alarm, "This cannot be done")
		s.space()
		s.prose(t.Text, clean.Line(p.terms.Problem.Text))
		if p.terms.Problem.Advice != "" {
			s.prose(t.Faint, clean.Line(p.terms.Problem.Advice))
		}
	default:
		s.prose(t.Strong, clean.Line(p.terms.Question))
		s.space()
		s.prose(t.Text, clean.Line(p.terms.Text))
		if len(p.terms.Creates) > 0 {
			s.space()
		}
		for _, term := range p.terms.Creates {
			s.fact(term.Name, t.Text, clean.Line(term.Value))
		}
	}
	return s.lines
}

// space leaves a line free.
func (s *sheet) space() { s.lines = append(s.lines, row.Blank(s.width)) }
