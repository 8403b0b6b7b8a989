package pane

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// Overview tells what the selected service is, what it can write and what it did.
type Overview struct {
	canvas
	scroll
	KeyMap MoveKeys

	text sheet // the whole of it; the window shows a part
}

// NewOverview returns an empty overview.
func NewOverview() *Overview {
	return &Overview{KeyMap: DefaultMoveKeys()}
}

// Show takes a newer subject; another service starts at its top.
func (p *Overview) Show(s Subject) tea.Cmd {
	if name(s.Service) != name(p.subject.Service) {
		p.scroll = scroll{}
	}
	p.subject, p.drawn = s, nil
	return nil
}

func name(s *model.Service) string {
	if s == nil {
		return ""
	}
	return s.Name
}

// Update scrolls.
func (p *Overview) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.MouseWheelMsg:
		p.scrollBy(wheel(msg))
		p.drawn = nil
	case tea.KeyPressMsg:
		if p.scroll.text(msg, p.KeyMap) {
			p.drawn = nil
		}
	}
	return nil
}

// Click does nothing: there is nothing to select.
func (p *Overview) Click(int) tea.Cmd { return nil }

// Keys are the bindings of the overview.
func (p *Overview) Keys() []key.Binding { return p.KeyMap.List() }

// Lines draws the part of the text that fits.
func (p *Overview) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	p.text = sheet{width: p.canvas.width, indent: 1, paint: p.paint}
	if p.subject.Service != nil {
		p.write(p.subject.Service)
	}
	p.set(len(p.text.lines), p.canvas.height)
	from, until := p.visible()
	p.drawn = row.Fill(slices.Clone(p.text.lines[from:until]), p.canvas.width, p.canvas.height)
	return p.drawn
}

func (p *Overview) write(s *model.Service) {
	p.verdict(s)
	p.surface(s)
	p.changes(s)
	p.refused(s)
	p.containers(s)
	p.drift(s)
	p.blindSpots(s)
	p.facts(s)
	p.environment(s)
}

// known writes a fact, when there is one.
func (p *Overview) known(label string, paint row.Paint, text string) {
	if text != "" {
		p.text.fact(label, paint, text)
	}
}

func (p *Overview) verdict(s *model.Service) {
	word, paint := verdictWord(s, p.paint)
	p.text.add(p.text.row().Add(p.paint.Faint, "on a read-only root: ").Add(paint, word))
	p.text.prose(p.paint.Text, clean.Line(s.Verdict.Reason))
	if judged, ok := p.subject.Verdicts[s.Name]; ok && (s.Breaks() || judged.Mounts > 0 || judged.Proof != "") {
		p.text.fact("with plan", plannedPaint(judged, p.paint), clean.Line(judged.String()))
	}
	if s.Trial != nil {
		p.text.fact("trial", trialPaint(s.Trial, p.paint), clean.Line(s.Trial.String()))
	}
	p.known("evidence", p.paint.Faint, clean.Line(s.Verdict.Evidence))
	if _, walked := p.subject.walked(s); walked && len(s.Changes) == 0 {
		p.text.fact("changes", p.paint.Warn, clean.Line(p.subject.unasked()))
	}
}

func (p *Overview) surface(s *model.Service) {
	t := p.paint
	p.text.heading("Can write")
	width := min(max(p.canvas.width/2, 16), 40)
	root := p.text.row()
	switch {
	case s.Root() == model.RootReadOnly:
		root.Cell(t.Locked, "/", width).Add(t.Locked, "the root is read-only")
	case p.subject.Preview:
		root.Cell(t.Preview, "/", width).Add(t.Preview, "would be read-only")
	default:
		root.Cell(t.Writable, "/", width).Add(t.Writable, "the whole root")
	}
	p.text.add(root)
	for _, place := range s.WritableSurface(model.Now) {
		if place.Mount == nil {
			continue // the root is said above, and what every container has is no news
		}
		r := p.text.row().Cell(t.Writable, fitPath(place.Mount.Target, width-1), width).Add(t.Text, sourceText(place.Mount, p.subject.Stack))
		if len(place.Pair.Faults) > 0 {
			r.Add(t.Alarm, "  ✗")
		}
		if place.Pair.Risk != "" {
			r.Add(riskPaint(*place.Pair, t), "  !")
		}
		p.text.add(r)
	}
	if readOnly := countReadOnly(s); readOnly > 0 {
		p.text.add(p.text.row().Add(t.Locked, model.Plural(readOnly, "mount")+" read-only"))
	}
}

func countReadOnly(s *model.Service) int {
	n := 0
	for i := range s.Mounts {
		if m, ok := s.MountAt(s.Mounts[i], model.Now); ok && m.Access() == model.MountReadOnly {
			n++
		}
	}
	return n
}

// mostDirectories is how many changed directories the overview names.
const mostDirectories = 8

func (p *Overview) changes(s *model.Service) {
	if s.Counts != (model.Counts{}) {
		p.written(s)
	}
	p.noTrace(s.Evidence.CopiedUp)
	for i := range s.Changes {
		if why := s.Changes[i].Asked; why != "" {
			p.text.prose(p.paint.Faint, "The engine was asked for the changes, which takes it long: "+clean.Line(why)+".")
			return
		}
	}
}

// mostNoTrace is how many paths the overview names that were written without a trace.
const mostNoTrace = 5

// noTrace tells what was written and is as in the image.
func (p *Overview) noTrace(copied []model.CopiedUp) {
	if len(copied) == 0 {
		return
	}
	t := p.paint
	p.text.heading("Left no trace")
	for _, c := range copied[:min(len(copied), mostNoTrace)] {
		p.text.prose(t.Writable, "± "+clean.Line(c.Text())+" · "+c.Changed.In(p.subject.Zone).Format("15:04:05"))
	}
	if more := len(copied) - mostNoTrace; more > 0 {
		p.text.prose(t.Faint, fmt.Sprintf("and so in %s more", model.Plural(more, "path")))
	}
	p.text.prose(t.Faint, "A recording shows what it was, and who wrote it.")
}

func (p *Overview) written(s *model.Service) {
	t := p.paint
	p.text.heading("Did write")
	r := p.text.row()
	addCounts(r, t, s.Counts)
	if taken := LastTaken(s); !taken.IsZero() {
		r.Space(1).Add(t.Faint, "as of "+taken.In(p.subject.Zone).Format("15:04"))
	}
	p.text.add(r)
	if p.subject.Tree == nil {
		return
	}
	width := min(max(p.canvas.width-16, 16), 48)
	for _, top := range topDirectories(p.subject.Tree.Tree, mostDirectories) {
		r := p.text.row().Cell(t.Text, fitPath(top.path, width-1), width)
		addCounts(r, t, top.counts)
		p.text.add(r)
	}
}

// mostRefused is how many refused paths the overview names.
const mostRefused = 8

// refused tells what the service was refused, and which programs it wrote and ran.
func (p *Overview) refused(s *model.Service) {
	t := p.paint
	refused, tried, ran := s.RefusedWrites(), s.Evidence.Tried(), s.Evidence.RanWritten()
	if len(refused) > 0 {
		p.text.heading("Was refused")
		for i := range refused[:min(len(refused), mostRefused)] {
			p.text.prose(t.Alarm, "✗ "+clean.Line(s.Evidence.RefusedText(&refused[i])))
		}
		if more := len(refused) - mostRefused; more > 0 {
			p.text.prose(t.Faint, fmt.Sprintf("and %d more: they stand in its changes", more))
		}
	}
	if n := len(tried); n > 0 {
		p.text.prose(t.Faint, "◦ "+model.Plural(n, "path")+" it was refused and went on, such as "+clean.Path(tried[0].Path))
	}
	if len(ran) == 0 {
		return
	}
	p.text.heading("Ran from where it can write")
	for i := range ran[:min(len(ran), mostRefused)] {
		p.text.prose(t.Warn, "! "+clean.Line(s.Evidence.RanText(&ran[i])))
	}
	if more := len(ran) - mostRefused; more > 0 {
		p.text.prose(t.Faint, fmt.Sprintf("and %d more", more))
	}
}

// blindSpots say what the verdict's evidence cannot see.
func (p *Overview) blindSpots(s *model.Service) {
	if len(s.Verdict.Blind) == 0 {
		return
	}
	title := "Not seen"
	if s.Evidence.OnlyChanges() && s.Verdict.Outcome != model.IsReadOnly {
		title = "Changes do not show"
	}
	p.text.heading(title)
	p.text.prose(p.paint.Faint, clean.Line(strings.Join(model.BlindTexts(s.Verdict.Blind), "; ")))
}

func (p *Overview) containers(s *model.Service) {
	t := p.paint
	p.text.heading("Containers")
	switch s.Unseen() {
	case model.NotListed:
		p.text.prose(t.Faint, "not known: no engine has answered yet")
	case model.NotMade:
		p.text.prose(t.Faint, "none: declared but not created")
	}
	for i := range s.Containers {
		c := &s.Containers[i]
		glyph, paint := stateGlyph(&model.Service{Containers: s.Containers[i : i+1]}, t)
		r := p.text.row().Add(paint, glyph).Space(1).Add(t.Text, clean.Line(c.Name)).Space(2).Add(paint, stateWord(c))
		for _, fact := range []string{upText(c, p.subject.Now), restartText(c), oneOffText(c)} {
			if fact != "" {
				r.Add(t.Faint, " · "+fact)
			}
		}
		p.text.add(r)
		if c.State == model.Restarting || c.State == model.Exited && c.ExitCode != 0 {
			p.text.prose(t.Faint, "  its last words are in the logs")
		}
		if c.OOMKilled {
			p.text.prose(t.Alarm, "  killed for lack of memory")
		}
		if c.Error != "" {
			p.text.prose(t.Alarm, "  "+clean.Line(c.Error))
		}
		if c.Err != "" {
			p.text.prose(t.Warn, "  could not be inspected: "+clean.Line(c.Err))
		}
		if last := len(c.HealthLog) - 1; last >= 0 && c.Health != model.Healthy && c.HealthLog[last].ExitCode != 0 {
			p.text.prose(t.Warn, fmt.Sprintf("  health check: exit %d %s", c.HealthLog[last].ExitCode, probeText(c.HealthLog[last].Output)))
		}
	}
}

// probeText keeps the part of a probe's output that a reader wants.
func probeText(output string) string {
	const most = 400 // cells
	return clean.Fit(clean.Line(strings.TrimSpace(output)), most)
}

func restartText(c *model.Container) string {
	if c.Restarts == 0 {
		return ""
	}
	text := "restarted " + model.Plural(c.Restarts, "time")
	if c.State == model.Restarting {
		text += fmt.Sprintf(", exit code %d", c.ExitCode)
	}
	return text
}

func oneOffText(c *model.Container) string {
	if !c.OneOff {
		return ""
	}
	return "one-off (docker compose run)"
}

// facts are what the files or, without them, the containers say.
func (p *Overview) facts(s *model.Service) {
	p.text.heading("Runs")
	t := p.paint
	var c model.Container
	if len(s.Containers) > 0 {
		c = s.Containers[0]
	}
	d := s.Declared
	if d == nil {
		d = &model.Declared{}
		if differs(s, p.subject.Stack) {
			p.text.prose(t.Warn, "≠ the Compose files do not declare it")
		}
	}
	p.known("image", t.Text, clean.Line(cmp.Or(c.Image, d.Image)))
	entrypoint, command := c.Entrypoint, c.Command
	user := cmp.Or(c.User, "root")
	if !c.Inspected {
		entrypoint, command, user = d.Entrypoint, d.Command, cmp.Or(d.User, imageUser(s), "root")
	}
	p.known("entrypoint", t.Text, commandText(entrypoint))
	p.known("command", t.Text, commandText(command))
	p.known("user", t.Text, clean.Line(user))
	ports := c.Ports
	if len(ports) == 0 {
		ports = d.Ports
	}
	texts := make([]string, len(ports))
	for i, port := range ports {
		texts[i] = portText(port)
	}
	p.known("ports", t.Text, strings.Join(texts, ", "))
	p.known("depends on", t.Text, clean.Line(strings.Join(d.DependsOn, ", ")))
	profiles := strings.Join(d.Profiles, ", ")
	if d.Inactive {
		profiles += " (not active)"
	}
	p.known("profiles", t.Text, clean.Line(profiles))
}

func imageUser(s *model.Service) string {
	if s.Image == nil {
		return ""
	}
	return s.Image.User
}

func (p *Overview) drift(s *model.Service) {
	if len(s.Drift) == 0 {
		return
	}
	t := p.paint
	p.text.heading("Drift: what runs is not what is declared")
	for _, d := range s.Drift {
		subject := clean.Line(d.Field)
		if d.Subject != "" {
			subject += " " + clean.Line(d.Subject)
		}
		p.text.add(p.text.row().Add(t.Warn, "≠ ").Add(t.Text, subject))
		p.known("  declared", t.Faint, clean.Line(cmp.Or(d.Declared, "-")))
		p.known("  runs", t.Text, clean.Line(cmp.Or(d.Live, "-")))
	}
	p.text.prose(t.Faint, "docker compose up -d makes it as declared.")
}

// environment lists the variables; their values only when somebody asked.
func (p *Overview) environment(s *model.Service) {
	env := map[string]model.Masked{}
	if s.Declared != nil {
		env = s.Declared.Env
	}
	if len(s.Containers) > 0 && s.Containers[0].Inspected {
		env = s.Containers[0].Env
	}
	if len(env) == 0 {
		return
	}
	does := "shows"
	if p.subject.Reveal {
		does = "hides"
	}
	p.text.heading("Environment: v " + does + " the values")
	for _, key := range slices.Sorted(maps.Keys(env)) {
		value := env[key].String()
		if p.subject.Reveal {
			value = env[key].Reveal()
		}
		p.text.add(p.text.row().Add(p.paint.Text, clean.Line(key)).Add(p.paint.Faint, "="+clean.Line(value)))
	}
}
