package report

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/docker/go-units"

	"petrify/model"
	"petrify/ui/clean"
)

// service writes one service: what it is, what it can write, what it did write,
// and what follows from it.
func (p *page) service(c *Check, svc *model.Service) {
	s := c.Stack
	headline, style := headline(svc)
	p.put(strong, clean.Fit(clean.Line(svc.Name), p.width-2-len(headline)))
	p.put(style, "  "+headline)
	p.blank()
	for i, c := range svc.Containers {
		label := ""
		if i == 0 {
			label = "state"
		}
		p.row(label, plain, containerLine(c, s.At))
	}
	switch svc.Unseen() {
	case model.NotListed:
		p.row("state", quiet, "not known: no engine answers")
	case model.NotMade:
		p.row("state", plain, "no container exists yet")
	}
	if s.Undeclared(svc) {
		p.row("declared", doubt, "in no Compose file of this project")
	}
	if svc.Declared != nil && svc.Declared.Inactive {
		p.row("declared", quiet, clean.Line(profileText(svc.Declared)))
	}
	p.root(svc)
	p.mounts(s, svc)
	for i, d := range svc.Drift {
		label := ""
		if i == 0 {
			label = "drift"
		}
		p.row(label, doubt, clean.Line(difference(d)))
	}
	p.changes(s, svc)
	p.verdict(svc)
	p.withPlan(c, svc)
}

// profileText says that a service is declared though nothing selects it.
func profileText(d *model.Declared) string {
	if len(d.Profiles) == 0 {
		return "its profile is not active"
	}
	return "its profile is not active (" + strings.Join(d.Profiles, ", ") + ")"
}

// headline is the verdict in the words of somebody who meets it first.
func headline(svc *model.Service) (string, ansi.Style) {
	switch svc.Verdict.Outcome {
	case model.IsReadOnly:
		if len(svc.Verdict.Blocked) > 0 {
			return "is refused writes", bad
		}
		return "has a read-only root", good
	case model.WouldBreak:
		return "would break on a read-only root", bad
	case model.WouldRun:
		return "would run on a read-only root", good
	default:
		return "unknown if it needs to write", doubt
	}
}

func containerLine(c model.Container, now time.Time) string {
	parts := []string{stateWords(c, now)}
	if c.Health != model.NoHealth {
		parts = append(parts, string(c.Health))
	}
	if c.Restarts > 0 {
		parts = append(parts, "restarted "+model.Plural(c.Restarts, "time"))
	}
	if c.Error != "" {
		parts = append(parts, c.Error)
	}
	if ports := published(c.Ports); ports != "" {
		parts = append(parts, ports)
	}
	name := c.Name
	if c.OneOff {
		name += " (docker compose run)"
	}
	return clean.Line(name + ": " + strings.Join(parts, ", "))
}

func stateWords(c model.Container, now time.Time) string {
	switch {
	case c.State == model.Exited || c.State == model.Dead:
		words := fmt.Sprintf("%s with code %d", c.State, c.ExitCode)
		if c.OOMKilled {
			words += ", out of memory"
		}
		if !c.Finished.IsZero() {
			words += ", " + ago(now.Sub(c.Finished))
		}
		return words
	case c.State == model.Running && !c.Started.IsZero():
		return "running for " + strings.ToLower(units.HumanDuration(now.Sub(c.Started)))
	default:
		return string(c.State)
	}
}

func ago(d time.Duration) string { return strings.ToLower(units.HumanDuration(d)) + " ago" }

// published lists the ports that the host has, each once: engines report one
// entry for IPv4 and one for IPv6.
func published(ports []model.Port) string {
	var words []string
	for _, port := range ports {
		host := port.Host
		switch port.HostIP {
		case "", "0.0.0.0", "::": // all addresses
		default:
			host = net.JoinHostPort(port.HostIP, port.Host)
		}
		word := fmt.Sprintf("port %s to %d/%s", host, port.Target, port.Protocol)
		if port.Host != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

func (p *page) root(svc *model.Service) {
	words := map[bool]string{true: "read-only", false: "writable"}
	r := rootOf(svc)
	now := cmp.Or(r.Live, r.Declared)
	switch {
	case now == nil:
		p.row("root", quiet, "not known yet")
	case r.Live != nil && r.Declared != nil && *r.Live != *r.Declared:
		p.row("root", doubt, words[*r.Live]+", though declared "+words[*r.Declared])
	case *now:
		p.row("root", quiet, words[true])
	case r.Live == nil:
		p.row("root", plain, words[false]+", as declared")
	default:
		p.row("root", strong, words[false])
	}
}

// mounts writes one line a mount, and below it what there is to say about it.
func (p *page) mounts(stack *model.Stack, svc *model.Service) {
	targetWidth := 0
	for _, pair := range svc.Mounts {
		targetWidth = max(targetWidth, ansi.StringWidth(clean.Path(pair.Target)))
	}
	targetWidth = min(targetWidth, (p.width-labelWidth-4)/2)
	for i, pair := range svc.Mounts {
		label := ""
		if i == 0 {
			label = "mounts"
		}
		m := pair.Current()
		access, style := "rw", strong
		switch m.Access() {
		case model.MountCopied:
			access, style = "cp", quiet
		case model.MountReadOnly:
			access, style = "ro", quiet
		}
		p.put(quiet, "  "+pad(label, labelWidth-2))
		line := access + "  " + pad(clean.FitPath(clean.Path(pair.Target), targetWidth), targetWidth) + "  "
		p.put(style, strings.TrimRight(line+clean.Fit(sourceWords(m), p.width-labelWidth-ansi.StringWidth(line)), " "))
		p.blank()
		for _, note := range mountNotes(stack, svc, pair) {
			p.paragraph(strings.Repeat(" ", labelWidth+4), plain, note.style, note.text)
		}
	}
}

func sourceWords(m *model.Mount) string {
	words := clean.Line(string(m.Kind))
	switch {
	case m.FromImage:
		words += ", anonymous, asked for by the image"
	case m.Anonymous:
		words += ", anonymous"
	case m.Source != "":
		words += " " + clean.Path(m.Source)
	case m.Options != "":
		words += " " + clean.Line(m.Options)
	}
	if m.Copied {
		words += ", copied into the container"
	}
	return words
}

type mountNote struct {
	style ansi.Style
	text  string
}

func mountNotes(stack *model.Stack, svc *model.Service, pair model.MountPair) []mountNote {
	var notes []mountNote
	if pair.Risk != "" {
		notes = append(notes, mountNote{bad, "! " + clean.Line(string(pair.Risk))})
	}
	for _, fault := range pair.Faults {
		notes = append(notes, mountNote{bad, "✗ " + clean.Line(fault.String())})
	}
	if pairing := svc.Pairing(pair); pairing != model.PairingFits {
		notes = append(notes, mountNote{doubt, string(pairing)})
	}
	var writers, readers []string
	for _, use := range pair.Users {
		name := clean.Line(use.Name(stack.Name))
		who := &writers
		if use.Mount.ReadOnly {
			who = &readers
		}
		if !slices.Contains(*who, name) {
			*who = append(*who, name)
		}
	}
	if said := pair.Risk != "" && pair.Current().Kind == model.Volume; len(writers) > 0 && !said {
		notes = append(notes, mountNote{plain, "also written by " + strings.Join(writers, ", ")})
	}
	if len(readers) > 0 {
		notes = append(notes, mountNote{quiet, "also read by " + strings.Join(readers, ", ")})
	}
	return notes
}

func (p *page) verdict(svc *model.Service) {
	v := svc.Verdict
	_, style := headline(svc)
	text := cmp.Or(v.Reason, string(v.Outcome))
	if v.Evidence != "" && (v.Watched > 0 || len(svc.Evidence.Sittings) > 0) {
		text += " (" + v.Evidence + ")"
	}
	p.row("verdict", style, clean.Line(text))
	p.refused(svc)
	if len(svc.Evidence.Processes) > 0 {
		p.row("writers", quiet, writers(&svc.Evidence))
	}
}

// withPlan writes the second verdict, where a plan could change the first one.
func (p *page) withPlan(c *Check, svc *model.Service) {
	judged, ok := c.Planned[svc.Name]
	if !ok || !svc.Breaks() && judged.Mounts == 0 && judged.Proof == "" {
		return
	}
	p.row("with plan", plannedStyle(judged), clean.Line(judged.String()))
}

func plannedStyle(judged model.Planned) ansi.Style {
	switch {
	case judged.Breaks():
		return bad
	case judged.Outcome == model.NotKnown || len(judged.Opens) > 0:
		return doubt
	default:
		return good
	}
}

// maxWriters is how many processes are named.
const maxWriters = 6

// writers names the processes that were seen to write, and what came and went.
func writers(e *model.Evidence) string {
	var names []string
	for _, process := range e.Processes[:min(len(e.Processes), maxWriters)] {
		names = append(names, clean.Line(process.Name()))
	}
	text := strings.Join(names, ", ")
	if more := len(e.Processes) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	if n := e.TransientCount(); n > 0 {
		text += "; " + model.Plural(n, "path") + " came and went"
	}
	return text
}
