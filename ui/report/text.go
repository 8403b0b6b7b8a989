// Package report writes what a check of a stack found, as text for people and
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
	Width    int  // of the text, in cells; 0 means 100
	Color    bool // in the text
	MaxPaths int  // in each list of paths of the JSON; 0 means all
}

// narrowest is the width below which a report is not broken any further.
const narrowest = 40

// Text writes the report for a reader: the project, each service with what it
// can write and did write, the findings, and what to do next.
func Text(w io.Writer, s *model.Stack, opt Options) error {
	p := &page{width: max(cmp.Or(opt.Width, 100), narrowest), color: opt.Color}
	p.header(s)
	for i := range s.Services {
		p.blank()
		p.service(s, &s.Services[i])
	}
	p.blindSpots(s)
	found := Findings(s)
	p.findings(found)
	p.next(s, found)
	p.blank()
	p.summary(s, found)
	_, err := io.WriteString(w, p.String())
	return err
}

func (p *page) header(s *model.Stack) {
	p.hang("", plain, strong, cmp.Or(clean.Line(s.Name), "no project")+": "+census(s.Totals))
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

// census counts services by their verdicts, leaving out what there is none of.
func census(t model.Totals) string {
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
	if e.Recording != "" {
		return "recording " + clean.Line(e.Recording)
	}
	parts := []string{strings.TrimSpace(cmp.Or(e.Product, "not known yet") + " " + e.Version)}
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
	var sets [][]string
	for _, svc := range s.Services {
		known := slices.ContainsFunc(sets, func(set []string) bool { return slices.Equal(set, svc.Verdict.Blind) })
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
		p.hang("", plain, strong, heading)
		for _, spot := range set {
			p.hang("  - ", quiet, quiet, clean.Line(spot))
		}
	}
}

func (p *page) findings(found []Finding) {
	if len(found) == 0 {
		return
	}
	p.blank()
	p.hang("", plain, strong, "Findings")
	for _, f := range heaviestFirst(found) {
		text := clean.Line(f.Message) + " [" + string(f.Rule) + "]"
		if f.Service != "" {
			text = clean.Line(f.Service) + ": " + text
		}
		p.hang("  "+pad(string(f.Severity), labelWidth-2), severityStyle(f.Severity), plain, text)
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
		step := f.Rule.advice()
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
	p.hang("", plain, strong, "What to do next")
	for _, step := range steps {
		p.hang("  - ", quiet, plain, clean.Line(step))
	}
}

// summary is the last line: the one that a log's reader looks at.
func (p *page) summary(s *model.Stack, found []Finding) {
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
	switch {
	case s.Link.State != model.Live:
		text, style = "could not look: the engine does not answer", bad
	case !looked(s):
		text, style = "could not look: no container of the project exists", bad
	}
	p.hang("", plain, style, cmp.Or(clean.Line(s.Name), "check")+": "+text)
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
