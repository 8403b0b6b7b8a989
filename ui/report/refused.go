package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/charmbracelet/x/ansi"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/encode"
)

// mostRefused is how many refused paths of a service are findings of their own.
const mostRefused = 20

// maxListed is how many paths of one kind the text lists.
const maxListed = 12

// refusedWrites finds what a service was refused, by path.
func refusedWrites(c *Check, svc *model.Service) []Finding {
	if judged, ok := c.planned(svc); ok && judged.Mended() {
		return nil
	}
	refused := svc.RefusedWrites()
	found := make([]Finding, 0, min(len(refused), mostRefused+1))
	for i := range refused[:min(len(refused), mostRefused)] {
		w := &refused[i]
		found = append(found, Finding{Subject: w.Path, Message: svc.Evidence.RefusedText(w)})
	}
	if more := len(refused) - len(found); more > 0 {
		found = append(found, Finding{Message: "it was refused " + model.Plural(more, "path") + " more"})
	}
	return found
}

// mountFaults finds what keeps a service from using its mounts.
func mountFaults(c *Check, svc *model.Service) []Finding {
	judged, byPlan := c.planned(svc)
	var found []Finding
	for _, pair := range svc.Mounts {
		if byPlan && slices.Contains(judged.Mends, pair.Target) {
			continue
		}
		for _, fault := range pair.Faults {
			found = append(found, Finding{Subject: pair.Target, Message: pair.Target + ": " + fault.String()})
		}
	}
	return found
}

// refused writes what a service was refused, what it only tried, and the programs that
// it wrote and ran.
func (p *page) refused(svc *model.Service) {
	list := func(label string, style ansi.Style, writes []model.Write, text func(*model.Write) string) {
		for i := range writes {
			if i == maxListed {
				p.row("", quiet, fmt.Sprintf("and %d more", len(writes)-i))
				return
			}
			p.row(label, style, clean.Line(text(&writes[i])))
			label = ""
		}
	}
	list("refused", bad, svc.RefusedWrites(), func(w *model.Write) string { return "✗ " + svc.Evidence.RefusedText(w) })
	list("tried", quiet, svc.Evidence.Tried(), svc.Evidence.RefusedText)
	list("ran", doubt, svc.Evidence.RanWritten(), svc.Evidence.RanText)
}

// refusedWrite is a path that a service was refused, or one that it wrote and ran.
type refusedWrite struct {
	Path  string      `json:"path"`
	Mount string      `json:"mount"`
	Count int         `json:"count"`
	Tries int         `json:"tries"`
	Error model.Errno `json:"error"`
	Call  string      `json:"call"`
	Acts  []string    `json:"acts"`
	By    []string    `json:"by"`
	Last  *time.Time  `json:"last"`
	Now   bool        `json:"refused_now"`
}

// newRefused lists all that a service was refused, also what it only tried or has
// written since.
func newRefused(svc *model.Service, maxPaths int) []refusedWrite {
	now := map[string]bool{}
	for _, w := range svc.RefusedWrites() {
		now[w.Path] = true
	}
	refused := []refusedWrite{}
	for i := range svc.Evidence.Writes {
		w := &svc.Evidence.Writes[i]
		if w.Refused == 0 || maxPaths > 0 && len(refused) == maxPaths {
			continue
		}
		refused = append(refused, refusedWrite{
			Path: w.Path, Mount: w.Mount, Count: w.Refused, Tries: w.Refusal.Tries, Error: w.Refusal.Err, Call: w.Refusal.Call,
			Acts: encode.List(w.Refusal.Acts.Words()), By: encode.List(svc.Evidence.Who(w)), Last: moment(w.Refusal.Last), Now: now[w.Path],
		})
	}
	return refused
}

// newRan lists the programs that were run from where a service can write.
func newRan(svc *model.Service, maxPaths int) []string {
	ran := []string{}
	for _, w := range svc.Evidence.RanWritten() {
		if maxPaths > 0 && len(ran) == maxPaths {
			break
		}
		ran = append(ran, w.Path)
	}
	return ran
}
