// Package report writes what a check of a stack found, as text for a reader and
// as JSON for programs.
package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"petrify/model"
	"petrify/ui/clean"
)

// Options say how a report is written.
type Options struct {
	Width    int    // of the text, in cells; 0 means 100
	Color    bool   // in the text
	MaxPaths int    // in each list of paths of the JSON; 0 means all
	Folder   string // in which the check was called, absolute: SARIF names files from there; "" when unknown
}

// narrowest is the width below which a report is not broken any further.
const narrowest = 40

// Text writes the report for a reader: the project, each service with what it
// can write and did write, the findings, and what to do next.
func Text(w io.Writer, c *Check, opt Options) error {
	s := c.Stack
	p := &page{width: max(cmp.Or(opt.Width, 100), narrowest), color: opt.Color}
	p.header(c)
	for i := range s.Services {
		p.blank()
		p.service(c, &s.Services[i])
	}
	p.blindSpots(s)
	found := c.Findings()
	p.findings(found)
	p.next(s, found)
	p.blank()
	p.summary(c, found)
	_, err := io.WriteString(w, p.String())
	return err
}

func (p *page) header(c *Check) {
	s := c.Stack
	p.paragraph("", plain, strong, cmp.Or(clean.Line(s.Name), "no project")+": "+serviceCounts(s.Totals))
	if counts := plannedCounts(c); counts != "" {
		p.row("with plan", strong, counts)
	}
	if len(s.Files) > 0 {
		p.row("files", plain, clean.Line(strings.Join(filesText(s.Files), ", ")))
	}
	p.row("engine", plain, engineLine(s.Engine))
	if s.Link.State != model.Live {
		p.row("", bad, clean.Line(sentence(cmp.Or(string(s.Link.State), "not connected"), s.Link.Reason, s.Link.Advice)))
	}
	if s.Problem != nil {
		p.row("problem", bad, clean.Line(sentence(problemText(*s.Problem), s.Problem.Advice)))
	}
	for _, warning := range s.Warnings {
		p.row("warning", strong, clean.Line(warning))
	}
	if len(s.Inactive) > 0 {
		p.row("left out", quiet, clean.Line(strings.Join(s.Inactive, ", "))+" (no active profile selects them)")
	}
}

// plannedCounts counts the services that would break by what their plans make of that;
// "" where there are none, or none was planned.
func plannedCounts(c *Check) string {
	counts := map[model.Outcome]int{}
	for i := range c.Stack.Services {
		if judged, ok := c.Planned[c.Stack.Services[i].Name]; ok {
			counts[judged.Outcome]++
		}
	}
	var parts []string
	for _, outcome := range []model.Outcome{model.Proved, model.Mended, model.MendedInPart, model.WouldBreak} {
		if counts[outcome] > 0 {
			parts = append(parts, fmt.Sprint(counts[outcome], " ", outcome))
		}
	}
	return strings.Join(parts, ", ")
}

// filesText names the Compose files for a reader.
func filesText(files []string) []string {
	names := slices.Clone(files)
	for i, f := range names {
		if f == "-" {
			names[i] = "standard input"
		}
	}
	return names
}

// serviceCounts counts services by their verdicts, leaving out what there is none of.
func serviceCounts(t model.Totals) string {
	parts := []string{}
	for _, part := range []struct {
		n    int
		what string
	}{{t.ReadOnly, "read-only"}, {t.WouldRun, "would run"}, {t.Breaks, "would break"}, {t.Unknown, "unknown"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprint(part.n, " ", part.what))
		}
	}
	all := model.Plural(t.Services, "service")
	if len(parts) == 0 {
		return all
	}
	return all + ", " + strings.Join(parts, ", ")
}

func engineLine(e model.Engine) string {
	if e.Capture != "" {
		return "replay of " + clean.Line(e.Capture)
	}
	parts := []string{strings.TrimSpace(cmp.Or(string(e.Product), "that does not say what it is") + " " + e.Version)}
	if e.Context != "" {
		parts = append(parts, "context "+e.Context)
	}
	if e.Rootless {
		parts = append(parts, "rootless")
	}
	if e.Address != "" {
		parts = append(parts, e.Address)
	}
	return clean.Line(strings.Join(parts, ", "))
}

// blindSpots says what the evidence cannot show, once for all services that
// share it.
func (p *page) blindSpots(s *model.Stack) {
	var sets [][]model.BlindSpot
	for _, svc := range s.Services {
		known := slices.ContainsFunc(sets, func(set []model.BlindSpot) bool { return slices.Equal(set, svc.Verdict.Blind) })
		if len(svc.Verdict.Blind) > 0 && !known {
			sets = append(sets, svc.Verdict.Blind)
		}
	}
	for _, set := range sets {
		p.blank()
		heading := "Not visible to this check"
		if len(sets) > 1 {
			var names []string
			for _, svc := range s.Services {
				if slices.Equal(svc.Verdict.Blind, set) {
					names = append(names, clean.Line(svc.Name))
				}
			}
			heading += ", for " + strings.Join(names, ", ")
		}
		p.paragraph("", plain, strong, heading)
		for _, spot := range set {
			p.paragraph("  - ", quiet, quiet, clean.Line(spot.String()))
		}
	}
}

func (p *page) findings(found []Finding) {
	if len(found) == 0 {
		return
	}
	p.blank()
	p.paragraph("", plain, strong, "Findings")
	found = heaviestFirst(found)
	for i, f := range found {
		text := clean.Line(f.Message) + " [" + string(f.Rule) + "]"
		if f.Service != "" {
			text = clean.Line(f.Service) + ": " + text
		}
		p.paragraph("  "+pad(string(f.Severity), labelWidth-2), severityStyle(f.Severity), plain, text)
		if i == len(found)-1 || found[i+1].Command != f.Command {
			p.paragraph(strings.Repeat(" ", labelWidth)+"→ ", quiet, quiet, clean.Line(f.Command))
		}
	}
}

func heaviestFirst(found []Finding) []Finding {
	rank := []Severity{Error, Warning, Note}
	return slices.SortedStableFunc(slices.Values(found), func(a, b Finding) int {
		return cmp.Compare(slices.Index(rank, a.Severity), slices.Index(rank, b.Severity))
	})
}

func severityStyle(s Severity) ansi.Style {
	switch s {
	case Error:
		return bad
	case Warning:
		return doubt
	default:
		return quiet
	}
}

// next says what to do, once for each rule that found something.
func (p *page) next(s *model.Stack, found []Finding) {
	var steps []string
	if s.Link.State != model.Live {
		steps = append(steps, cmp.Or(s.Link.Advice, "start the engine, then check again"))
	}
	for _, f := range heaviestFirst(found) {
		step := kindOf(f.Rule).Advice
		if f.Rule == ComposeProblem && s.Problem.Advice != "" {
			step = s.Problem.Advice
		}
		if !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 {
		return
	}
	p.blank()
	p.paragraph("", plain, strong, "What to do next")
	for _, step := range steps {
		p.paragraph("  - ", quiet, plain, clean.Line(step))
	}
}

// summary is the last line: the one that a log's reader looks at.
func (p *page) summary(c *Check, found []Finding) {
	s := c.Stack
	failing, notes := 0, 0
	services := map[string]bool{}
	for _, f := range found {
		if !f.fails() {
			notes++
			continue
		}
		failing++
		if f.Service != "" {
			services[f.Service] = true
		}
	}
	text, style := "nothing found", good
	if failing > 0 {
		text, style = model.Plural(failing, "finding"), bad
		if len(services) > 0 {
			text += fmt.Sprintf(" in %d of %s", len(services), model.Plural(len(s.Services), "service"))
		}
	}
	if notes > 0 {
		text += ", " + model.Plural(notes, "note")
	}
	if !looked(s) {
		text, style = couldNotLook(s), bad
	}
	if c.ByPlan {
		text = "with the plan: " + text
	}
	p.paragraph("", plain, style, cmp.Or(clean.Line(s.Name), "check")+": "+text)
}

// couldNotLook says why a check means nothing.
func couldNotLook(s *model.Stack) string {
	if s.Link.State != model.Live {
		return "could not look: the engine does not answer"
	}
	return "could not look: no container of the project exists"
}

func problemText(p model.Problem) string {
	if p.File == "" {
		return p.Text
	}
	return place(p) + ": " + p.Text
}

// sentence joins what is known, with a semicolon between.
func sentence(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}
