package pane

import (
	"fmt"
	"strconv"
	"time"

	"github.com/docker/go-units"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// Lines draws the list.
func (p *Services) Lines() []string {
	if p.drawn != nil {
		return p.drawn
	}
	columns := fitServices(p.canvas.width, p.listed())
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
	lines = append(lines, p.spare(p.canvas.height-len(lines))...)
	p.drawn = row.Fill(lines, p.canvas.width, p.canvas.height)
	return p.drawn
}

// listed is what the columns depend on.
func (p *Services) listed() listed {
	return listed{longest: p.longest(), recording: p.recording(), planned: p.planned}
}

// Width is how wide the list is with all that it has to show, in the room that there is.
func (p *Services) Width(room int) int { return min(fitServices(room, p.listed()).width(), room) }

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
	if p.subject.Stack == nil {
		return most
	}
	for i := range p.subject.Stack.Services {
		s := &p.subject.Stack.Services[i]
		width := row.Width(p.label(s))
		if differs(s, p.subject.Stack) {
			width += len(" ") + 1
		}
		most = max(most, width)
	}
	return most
}

func (p *Services) titles(c serviceColumns) string {
	return row.New(p.canvas.width, row.Paint{}).Space(4).
		Cell(p.paint.Faint, "service", c.name).
		Cell(p.paint.Faint, "state", c.state).
		Cell(p.paint.Faint, "root", c.root).
		Cell(p.paint.Faint, "mounts", c.mounts).
		Cell(p.paint.Faint, "writes", c.changes).
		Cell(p.paint.Faint, "now", c.verdict).
		Cell(p.paint.Faint, "with plan", c.planned).String()
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
			r.Add(t.Strong, clean.FitMiddle(name, room)).Space(1).Add(t.Warn, "≠")
			return
		}
		r.Add(t.Strong, clean.FitMiddle(name, room))
	})
	if c.state > 0 {
		r.Cell(glyphPaint, p.stateText(s), c.state)
	}
	if c.root > 0 {
		word, paint := rootWord(s, t, p.subject.Preview)
		r.Cell(paint, word, c.root)
	}
	if c.mounts > 0 {
		word, paint := writableWord(s, t)
		r.Cell(paint, word, c.mounts)
	}
	if c.changes > 0 {
		r.Within(c.changes-1, func() { p.changes(r, s) }).Space(1)
	}
	if c.verdict > 0 {
		word, paint := verdictWord(s, t)
		if c.verdict < verdictWidth {
			word = briefVerdict(s)
		}
		r.Cell(paint, word, c.verdict)
	}
	if c.planned > 0 {
		r.Within(c.planned, func() { p.withPlan(r, s) })
	}
	return r.String()
}

// withPlan puts the second verdict on a line or, as long as nobody asked for a plan, the key
// that leads to it.
func (p *Services) withPlan(r *row.Row, s *model.Service) {
	judged, known := p.subject.Verdicts[s.Name]
	switch {
	case known && judged.Outcome != model.NotKnown:
		addPlanned(r, p.paint, judged, true)
	case s.Breaks() && p.subject.Verdicts == nil:
		r.Add(p.paint.Faint, "preview r")
	case !s.Breaks() && s.Verdict.Outcome == model.NotKnown && p.records && s.CanChange() && !s.Evidence.Has(model.FromRecording) && !p.recording():
		r.Add(p.paint.Faint, "record R")
	case s.Breaks() || known:
		addPlanned(r, p.paint, judged, known)
	default:
		r.Add(p.paint.Faint, "-")
	}
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
	if s.Evidence.PerSecond > 0 {
		defer func() {
			if rate := rateText(s.Evidence.PerSecond); r.Left() >= len(rate) {
				r.Add(p.paint.Writable, rate)
			}
		}()
	}
	switch why, readOnly := s.Unseen(), s.Verdict.Outcome == model.IsReadOnly; {
	case why == model.NotListed:
		r.Add(p.paint.Faint, "…")
		return
	case len(s.Containers) > 0 && readOnly && len(s.Verdict.Blocked) > 0:
		r.Add(p.paint.Alarm, fmt.Sprintf("✗%d", len(s.Verdict.Blocked))).Space(1)
		return
	case why == model.NotMade, why == model.NeverStarted, readOnly && s.Counts == model.Counts{}:
		r.Add(p.paint.Faint, "-")
		return
	case why == model.NotAsked:
		p.waits(r, s)
		return
	case why == model.Unreadable:
		r.Add(p.paint.Warn, "not read")
		return
	case s.Counts == model.Counts{}:
		r.Add(p.paint.Faint, "none seen").Space(1)
	default:
		addCounts(r, p.paint, s.Counts)
	}
	if age := p.subject.Now.Sub(LastTaken(s)); age >= oldAfter && s.CanChange() && r.Left() > 0 {
		word := ageWord(age)
		if r.Left() >= len(word+" ago") {
			word += " ago"
		}
		r.Add(p.paint.Faint, word)
	}
}

// recording reports whether what services write is being recorded.
func (p *Services) recording() bool {
	return p.subject.Stack != nil && p.subject.Stack.Recorder.State == model.JobRunning
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
	return len(s.Drift) > 0 || stack.Undeclared(s)
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
	case s.Root() == model.RootReadOnly:
		return "ro", t.Locked
	case preview:
		return "ro*", t.Preview
	default:
		return "rw", t.Writable
	}
}

// writableWord counts the mounts that the service can write to.
func writableWord(s *model.Service, t theme.Theme) (string, row.Paint) {
	writable, risky := 0, false
	for _, place := range s.WritableSurface(model.Now) {
		if place.Pair != nil {
			writable++
			risky = risky || place.Pair.Severe()
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
		if len(s.Verdict.Blocked) > 0 {
			return "refused", t.Alarm
		}
		return "read-only", t.Good
	case model.WouldBreak:
		return "would break", t.Alarm
	case model.WouldRun:
		return "would run", t.Good
	default:
		return "unknown", t.Warn
	}
}

// waits shows that the changes of a service are asked for, and since when.
func (p *Services) waits(r *row.Row, s *model.Service) {
	if took, walked := p.subject.walked(s); walked {
		r.Add(p.paint.Warn, Spinner(p.subject.Now)+" "+model.DurationText(took))
		return
	}
	r.Add(p.paint.Faint, "…")
}
