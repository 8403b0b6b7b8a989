// Package export writes plans for what is to run them: Compose, Swarm,
// Kubernetes, docker run, and other programs.
package export

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"petrify/model"
	"petrify/ui/clean"
)

// What all formats have in common:
//
//   - Names, paths and commands are foreign text. Each is quoted for the format
//     that it stands in, and what does not show is written as an escape, so that
//     a file can be looked at in a terminal.
//   - What a format cannot say is said beside it in a comment and returned as a
//     note. Nothing is left out in silence, and nothing is made more writable to
//     get it in.
//   - Values of variables are never written.
//   - The same plans give the same bytes. The only date is that of the evidence.

// Ours tells by its beginning whether a file was written by one of the formats,
// and so may be replaced by a newer one.
func Ours(head []byte) bool {
	return bytes.HasPrefix(head, []byte(model.PlanSignature)) || bytes.HasPrefix(head, jsonSignature)
}

// entry is a plan with the service that it is for.
type entry struct {
	model.Plan
	service *model.Service
	podman  bool // it runs on Podman
}

// entries finds the services of plans. A plan whose service is not in the stack
// is written as if nothing else were known of it. Where nothing was planned, there is
// none.
func entries(s *model.Stack, plans []model.Plan) []entry {
	var all []entry
	for _, p := range plans {
		if p.NotSeen != "" {
			continue
		}
		e := entry{Plan: p, service: &model.Service{Name: p.Service}, podman: s.Engine.Product == model.Podman}
		for j := range s.Services {
			if s.Services[j].Name == p.Service {
				e.service = &s.Services[j]
			}
		}
		all = append(all, e)
	}
	return all
}

// already says whether a service has a read-only root as it is declared.
func (e entry) already() bool { return e.Already }

// declared says whether the files of the project are known to declare a service.
// Where no file could be read, each service may well be in one.
func declared(s *model.Stack, e entry) bool {
	return e.service.Declared != nil ||
		!slices.ContainsFunc(s.Services, func(svc model.Service) bool { return svc.Declared != nil })
}

// container returns the container that stands for a service; false while there
// is none.
func (e entry) container() (model.Container, bool) {
	if len(e.service.Containers) == 0 {
		return model.Container{}, false
	}
	return e.service.Containers[0], true
}

// since is when the service began to write what the plan takes.
func (e entry) since() time.Time {
	if !e.Since.IsZero() {
		return e.Since
	}
	since, _ := e.service.EvidenceSpan()
	return since
}

// given returns the mounts of a service that its plan leaves as they are: the
// declared ones or, where the service only runs, the live ones.
func (e entry) given() []model.Mount {
	var all []model.Mount
	for _, pair := range e.service.Mounts {
		m := pair.Declared
		if m == nil && (e.service.Declared == nil || pair.Live != nil && pair.Live.FromImage) {
			m = pair.Live
		}
		if m == nil || m.ByPlan || e.plans(pair.Target) {
			continue
		}
		// A config or secret from a file runs as a bind of that file.
		if (m.Kind == model.Config || m.Kind == model.Secret) && pair.Live != nil && pair.Live.Kind == model.Bind {
			m = pair.Live
		}
		all = append(all, *m)
	}
	return all
}

// plans says whether the plan has a mount at a target.
func (e entry) plans(target string) bool {
	return slices.ContainsFunc(e.Mounts, func(m model.PlannedMount) bool { return m.Target == target })
}

// notes are what a format cannot say, each once.
type notes []string

func (n *notes) add(format string, args ...any) {
	text := clean.Line(fmt.Sprintf(format, args...))
	if !slices.Contains(*n, text) {
		*n = append(*n, text)
	}
}

// isExpressible keeps the targets that a text file can name. Compose files, stacks,
// Kubernetes objects and the engine's API are all UTF-8.
func isExpressible(target string) bool {
	return utf8.ValidString(target) && !strings.Contains(target, "\x00")
}

const noText = "its path is not UTF-8, which neither this file nor the engine's API can say"

// page is a file being written, with what it could not say.
type page struct {
	yaml
	notes notes
}

// leaveOut writes into the file, and notes, why a mount is not in it.
func (p *page) leaveOut(service, target, why string) {
	p.comment("Left out: " + clean.Path(target) + ": " + why + ".")
	p.notes.add("%s: no mount at %s: %s", clean.Line(service), clean.Path(target), why)
}

// writeIncomplete writes, and notes, what a file says only in part.
func (p *page) writeIncomplete(service, text string) {
	p.comment("Not said: " + clean.Line(text) + ".")
	p.notes.add("%s: %s", clean.Line(service), text)
}

func (p *page) write(w io.Writer) ([]string, error) {
	_, err := io.WriteString(w, p.String())
	return p.notes, err
}

// header says what the file is, from what it was made, and how it is used.
func (p *page) header(s *model.Stack, what string, plans []model.Plan, usage ...string) {
	p.line(model.PlanSignature + ": " + what)
	p.comment("")
	from := "Project " + cmp.Or(clean.Line(s.Name), "without a name")
	if declaring := declaringFiles(s); len(declaring) > 0 {
		files := make([]string, len(declaring))
		for i, f := range declaring {
			files[i] = clean.Path(filepath.Base(f))
		}
		from += ", declared in " + strings.Join(files, ", ")
	}
	p.comment(from + ".")
	p.plansFor(plans)
	if at := asOf(s, plans); !at.IsZero() {
		p.comment("Evidence as of " + date(at) + ".")
	}
	if blind := sharedBlind(plans); len(blind) > 0 {
		p.comment("")
		p.comment("Nothing seen is not nothing needed. The evidence cannot show:")
		for _, spot := range blind {
			p.comment("  - " + clean.Line(spot.String()))
		}
	}
	p.comment("")
	for _, line := range usage {
		p.comment(line)
	}
	p.notPlanned(plans)
}

// notPlanned writes, and notes, of which services too little is known.
func (p *page) notPlanned(plans []model.Plan) {
	first := true
	for i := range plans {
		if plans[i].NotSeen == "" {
			continue
		}
		if first {
			p.comment("")
			first = false
		}
		p.comment("Left out: service " + clean.Line(plans[i].Service) + ": " + clean.Line(plans[i].NotSeen) + ".")
		p.notes.notPlanned(&plans[i])
	}
}

func (n *notes) notPlanned(p *model.Plan) {
	n.add("%s: left out, for nothing is known of its writes: %s", clean.Line(p.Service), p.NotSeen)
}

// sharedBlind returns the blind spots of the evidence where they are the same
// for all plans, to say them once.
func sharedBlind(plans []model.Plan) []model.BlindSpot {
	var shared []model.BlindSpot
	for _, p := range plans {
		switch {
		case len(p.Blind) == 0:
		case shared == nil:
			shared = p.Blind
		case !slices.Equal(shared, p.Blind):
			return nil
		}
	}
	return shared
}

// declaringFiles are the project's files without those of a plan in use.
func declaringFiles(s *model.Stack) []string {
	return slices.DeleteFunc(slices.Clone(s.Files), func(f string) bool { return slices.Contains(s.PlanFiles, f) })
}

// asOf is the last look that the plans stand on.
func asOf(s *model.Stack, plans []model.Plan) time.Time {
	var last time.Time
	for i := range plans {
		if plans[i].At.After(last) {
			last = plans[i].At
		}
	}
	if last.IsZero() {
		return s.At
	}
	return last
}

// date writes a moment for a reader, in one time zone so that it is the same
// wherever it is written.
func date(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }
