package pane

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/docker/go-units"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// Plan shows the mounts with which the selected service would run on a read-only
// root, what each serves, and what no mount solves.
type Plan struct {
	canvas
	scroll
	KeyMap PlanKeyMap

	rows   []planRow
	detail detail
	chosen string // identity of the row under the cursor
}

// PlanKeyMap are the bindings of the plan.
type PlanKeyMap struct {
	MoveKeys
	DetailKeys
	Switch key.Binding
}

// SwitchMsg asks to leave a planned mount out, or to take it in again.
type SwitchMsg struct{ Target string }

// planRow is one line of the plan: a mount, or what none is proposed for.
type planRow struct {
	mount    *model.PlannedMount
	unsolved *model.Unsolved
	alarm    bool
	off      bool // somebody left the mount out
}

// NewPlan returns an empty plan.
func NewPlan() *Plan {
	move := DefaultMoveKeys()
	move.PageDown.SetKeys("pgdown", "ctrl+f") // space has another use here
	return &Plan{KeyMap: PlanKeyMap{
		MoveKeys: move, DetailKeys: defaultDetailKeys(),
		Switch: key.NewBinding(key.WithKeys("space", "x"), key.WithHelp("space", "leave a mount out")),
	}}
}

// Show takes a newer subject. The cursor stays with its target.
func (p *Plan) Show(s Subject) tea.Cmd {
	if name(s.Service) != name(p.subject.Service) {
		p.scroll, p.chosen = scroll{}, ""
	}
	p.subject, p.drawn = s, nil
	p.arrange()
	return nil
}

func (p *Plan) arrange() {
	p.rows = p.rows[:0]
	if full := p.subject.Plan.Full; full != nil {
		for i := range full.Alarms {
			p.rows = append(p.rows, planRow{unsolved: &full.Alarms[i], alarm: true})
		}
		for i := range full.Mounts {
			p.rows = append(p.rows, planRow{mount: &full.Mounts[i], off: p.subject.Plan.Off[full.Mounts[i].Target]})
		}
		for i := range p.subject.Plan.Current.Unsolved {
			p.rows = append(p.rows, planRow{unsolved: &p.subject.Plan.Current.Unsolved[i]})
		}
	}
	p.set(len(p.rows), p.listHeight())
	for i := range p.rows {
		if p.rows[i].id() == p.chosen {
			p.to(i)
		}
	}
	p.remember()
}

// id tells rows apart when the plan is made anew.
func (r planRow) id() string {
	if r.mount != nil {
		return "mount " + r.mount.Target
	}
	return fmt.Sprintf("unsolved %v %s %s", r.alarm, r.unsolved.Class, r.unsolved.Path)
}

func (p *Plan) remember() {
	if p.cursor < len(p.rows) {
		p.chosen = p.rows[p.cursor].id()
	}
	p.drawn = nil
}

// SetSize fits the plan into its part of the screen.
func (p *Plan) SetSize(width, height int) {
	p.canvas.SetSize(width, height)
	p.set(len(p.rows), p.listHeight())
}

// listHeight leaves room for the summary and for the details of the selected line.
func (p *Plan) listHeight() int {
	room := p.canvas.height - len(p.head())
	if room > 8 {
		return min(len(p.rows), room-min(room/2, 13))
	}
	return room
}

// Named is the target or the path under the cursor.
func (p *Plan) Named() string {
	switch {
	case p.cursor >= len(p.rows):
		return ""
	case p.rows[p.cursor].mount != nil:
		return p.rows[p.cursor].mount.Target
	default:
		return p.rows[p.cursor].unsolved.Path
	}
}

// Keys are the bindings of the plan.
func (p *Plan) Keys() []key.Binding {
	return slices.Concat([]key.Binding{p.KeyMap.Switch}, p.KeyMap.List(), p.KeyMap.Details())
}

// Update moves the cursor and switches mounts.
func (p *Plan) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.to(p.cursor + wheel(msg))
	case tea.KeyPressMsg:
		if key.Matches(msg, p.KeyMap.Switch) {
			return p.toggle()
		}
		if !p.detail.press(msg, p.KeyMap.DetailKeys) && !p.key(msg, p.KeyMap.MoveKeys) {
			return nil
		}
	default:
		return nil
	}
	p.remember()
	return nil
}

// toggle asks the frame to leave out the mount under the cursor, or to take it in.
func (p *Plan) toggle() tea.Cmd {
	if p.cursor >= len(p.rows) || p.rows[p.cursor].mount == nil {
		return nil
	}
	target := p.rows[p.cursor].mount.Target
	return func() tea.Msg { return SwitchMsg{target} }
}

// Click selects a line; on the selected one it switches its mount.
func (p *Plan) Click(line int) tea.Cmd {
	line -= len(p.head())
	at := p.top + line
	if line < 0 || line >= p.scroll.height || at >= len(p.rows) {
		return nil
	}
	if at == p.cursor {
		return p.toggle()
	}
	p.to(at)
	p.remember()
	return nil
}

// Lines draws the plan and what is known of the selected line.
func (p *Plan) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	lines := p.head()
	from, until := p.visible()
	for i := from; i < until; i++ {
		lines = append(lines, p.line(p.rows[i], i == p.cursor))
	}
	if p.canvas.height > len(lines)+2 {
		if len(p.rows) > 0 {
			lines = append(lines, p.divider(len(p.rows)-until))
		}
		lines = append(lines, p.detail.window(p.chosen, p.details(), p.canvas.height-len(lines), p.KeyMap.DetailKeys, p.paint)...)
	}
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

// head is what stands above the list: what the plan comes to and, where there is room,
// what would tell more.
func (p *Plan) head() []string {
	lines := append(p.summary(), p.proof()...)
	if plan := p.subject.Plan.Current; plan != nil && p.canvas.height > 8 {
		d := sheet{width: p.canvas.width, indent: 1, paint: p.paint}
		for _, hint := range plan.Hints {
			d.prose(p.paint.Warn, clean.Line(hint.String()))
		}
		lines = append(lines, d.lines...)
	}
	return lines
}

// proof says how the trial of the plan goes, or what the last one proved.
func (p *Plan) proof() []string {
	t, s := p.paint, p.subject.Service
	say := func(paint row.Paint, text string) []string {
		d := sheet{width: p.canvas.width, indent: 1, paint: t}
		d.prose(paint, clean.Line(text))
		return d.lines
	}
	switch {
	case s == nil:
		return nil
	case p.tried() != nil:
		return say(t.Preview, "◆ "+p.subject.Stack.Trying.StepText())
	case s.Trial == nil || p.subject.Plan.Current == nil:
		return nil
	}
	if why := s.NotProved(p.subject.Plan.Current); why != "" {
		return say(t.Warn, "not proved: "+why)
	}
	return say(t.Good, "✓ proved: "+s.Trial.Course())
}

// tried is the trial of the selected service that is under way; nil where none is.
func (p *Plan) tried() *model.Trial {
	stack := p.subject.Stack
	if stack == nil || !stack.Trying.State.UnderWay() || stack.Trying.Service != name(p.subject.Service) {
		return nil
	}
	if stack.Trying.Trial == nil {
		return &model.Trial{} // it has just begun
	}
	return stack.Trying.Trial
}

// trialPaint is the colour of a trial's result.
func trialPaint(trial *model.Trial, t theme.Theme) row.Paint {
	switch trial.Result {
	case model.TrialProved:
		return t.Good
	case model.TrialFailed:
		return t.Alarm
	default:
		return t.Warn
	}
}

// summary says what the plan comes to, in as few lines as it takes.
func (p *Plan) summary() []string {
	t := p.paint
	start := func() *row.Row { return row.New(p.canvas.width, t.Plain).Space(1) }
	plan := p.subject.Plan.Current
	say := func(paint row.Paint, text string) []string { return []string{start().Add(paint, text).String()} }
	switch {
	case p.subject.Plan.Err != nil:
		return say(t.Warn, clean.Line(p.subject.Plan.Err.Error()))
	case plan == nil:
		return say(t.Faint, "asking what the image holds…")
	case plan.Already:
		return say(t.Good, "read-only already: nothing to plan")
	case plan.NotSeen != "":
		return say(t.Faint, "nothing to plan from: "+clean.Line(plan.NotSeen))
	case plan.Stays != "":
		return say(t.Warn, "stays on a writable root: "+plan.Stays.String())
	}
	judged, known := p.subject.Verdicts[name(p.subject.Service)]
	if !known || !judged.Made {
		return say(t.Strong, model.Plural(len(plan.Mounts), "mount")+" beside read_only: true")
	}
	return inLines(plannedParts(judged, t), t, start)
}

func (p *Plan) line(l planRow, chosen bool) string {
	t := p.paint
	r := p.start(chosen).Space(1)
	width := max(p.canvas.width*2/5, 10)
	if u := l.unsolved; u != nil {
		sign, paint := "✗", t.Warn
		if l.alarm {
			sign, paint = "!", t.Alarm
		}
		return r.Add(paint, sign).Space(3).Cell(paint, fitPath(u.Path, width-1), width).
			Add(t.Text, string(u.Class)).Space(1).Add(t.Faint, model.Plural(len(u.Writes), "write")).String()
	}
	box, paint := "[x]", t.Preview
	if l.off {
		box, paint = "[ ]", t.Faint
	}
	r.Add(paint, box).Space(1).Cell(paint, fitPath(l.mount.Target, width-1), width).
		Cell(t.Text, string(l.mount.Kind), 8).Add(t.Text, string(l.mount.Class)).Space(1)
	return r.Add(t.Faint, servesText(*l.mount)).String()
}

// servesText says how many writes a mount is there for.
func servesText(m model.PlannedMount) string {
	switch {
	case m.Mends != "":
		return "mends"
	case m.Assumed != "":
		return "assumed"
	}
	return model.Plural(len(m.Serves), "write")
}

// details say all of the selected line.
func (p *Plan) details() []string {
	t := p.paint
	d := sheet{width: p.canvas.width, indent: 2, paint: t}
	switch {
	case p.tried() != nil:
		p.rounds(&d)
		room := p.canvas.height - len(p.head()) - p.listHeight() - 1
		return d.lines[max(len(d.lines)-max(room, 0), 0):] // the last lines are the newest
	case p.cursor < len(p.rows) && p.rows[p.cursor].mount != nil:
		p.ofMount(&d, p.rows[p.cursor].mount)
	case p.cursor < len(p.rows):
		u := p.rows[p.cursor].unsolved
		d.prose(t.Strong, clean.Path(u.Path))
		d.prose(t.Text, clean.Line(u.Why))
		if u.Advice != "" {
			d.fact("instead", t.Text, clean.Line(u.Advice))
		}
		p.examples(&d, u.Writes)
	}
	if plan := p.subject.Plan.Current; plan != nil && plan.Planned() {
		d.fact("evidence", t.Faint, clean.Line(plan.Evidence))
	}
	p.rounds(&d)
	return d.lines
}

// rounds tell how the trial went, or goes.
func (p *Plan) rounds(d *sheet) {
	trial := p.tried()
	if trial == nil && p.subject.Service != nil {
		trial = p.subject.Service.Trial
	}
	if trial == nil {
		return
	}
	label := "trial"
	for _, line := range trial.Lines() {
		d.fact(label, p.paint.Text, clean.Line(line))
		label = ""
	}
	for i := range trial.Tolerated {
		last := trial.Last()
		d.fact("tolerated", p.paint.Faint, clean.Line(last.Evidence.RefusedText(&trial.Tolerated[i])))
	}
}

func (p *Plan) ofMount(d *sheet, m *model.PlannedMount) {
	t := p.paint
	d.prose(t.Strong, clean.Path(m.Target))
	d.prose(t.Text, clean.Line(m.Reason))
	if m.Kind == model.Tmpfs {
		options := fmt.Sprintf("mode %04o, owner %d:%d, at most %s", m.Mode, m.UID, m.GID, units.BytesSize(float64(m.Size)))
		if m.Exec {
			options += ", may execute"
		}
		d.fact("memory", t.Text, options)
	} else {
		d.fact("volume", t.Text, clean.Line(m.Volume))
	}
	for _, fact := range []struct{ label, text string }{{"by", strings.Join(m.By, ", ")}, {"mends", m.Mends}, {"assumed", m.Assumed}, {"better", m.Better}, {"mind", m.Warning}} {
		if fact.text != "" {
			d.fact(fact.label, t.Text, clean.Line(fact.text))
		}
	}
	p.examples(d, m.Serves)
}

// examplesShown is how many writes are named of those that a mount serves.
const examplesShown = 5

func (p *Plan) examples(d *sheet, changes []model.Change) {
	label := "writes"
	for _, change := range changes[:min(len(changes), examplesShown)] {
		d.add(d.row().Cell(p.paint.Faint, label, labelWidth).
			Add(kindPaint(p.paint, change.Kind), kindSign(change.Kind)+" "+fitPath(change.Path, max(p.canvas.width-labelWidth-6, 1))))
		label = ""
	}
	if more := len(changes) - examplesShown; more > 0 {
		d.fact("", p.paint.Faint, fmt.Sprintf("and %d more", more))
	}
}
