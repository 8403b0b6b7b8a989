package model

import (
	"fmt"
	"strings"
)

// The String methods write values in one compact form, so that two of them can
// be compared line by line.

// String writes a stack with its services.
func (s *Stack) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "stack %s: %d services, %d read-only, %d would run, %d would break, %d unknown\n",
		s.Name, s.Totals.Services, s.Totals.ReadOnly, s.Totals.WouldRun, s.Totals.Breaks, s.Totals.Unknown)
	if s.Problem != nil {
		fmt.Fprintf(&b, "problem: %s\n", s.Problem.Text)
	}
	for i := range s.Services {
		b.WriteString(s.Services[i].String())
	}
	if len(s.Inactive) > 0 {
		fmt.Fprintf(&b, "inactive: %s\n", strings.Join(s.Inactive, " "))
	}
	return b.String()
}

// String writes a service: a line of its own, and an indented one for each fact.
func (s *Service) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "service %s", s.Name)
	if s.Declared == nil {
		b.WriteString(" (not declared)")
	}
	for _, c := range s.Containers {
		fmt.Fprintf(&b, " [%s %s", c.Name, c.State)
		if c.OneOff {
			b.WriteString(" one-off")
		}
		b.WriteByte(']')
	}
	fmt.Fprintf(&b, " %s\n", s.Counts)
	for _, pair := range s.Mounts {
		indent(&b, pair.String())
	}
	for _, d := range s.Drift {
		indent(&b, "drift "+d.String())
	}
	indent(&b, s.Verdict.String())
	return b.String()
}

func indent(b *strings.Builder, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString("  " + line + "\n")
	}
}

// String writes a pair as "/target: declared | live".
func (p MountPair) String() string {
	side := func(m *Mount) string {
		if m == nil {
			return "-"
		}
		return m.String()
	}
	text := fmt.Sprintf("%s: %s | %s", p.Target, side(p.Declared), side(p.Live))
	if p.Risk != "" {
		text += "\n  risk: " + string(p.Risk)
	}
	for _, use := range p.Users {
		text += fmt.Sprintf("\n  used by %s at %s (%s)", use.Container, use.Mount.Target, use.Mount.Access())
	}
	return text
}

// String writes what a mount brings in, without its target.
func (m Mount) String() string {
	text := string(m.Kind)
	switch {
	case m.FromImage:
		text = "volume of the image"
	case m.Kind == Volume && (m.Anonymous || m.Source == ""):
		text = "anonymous volume"
	case m.Kind == Tmpfs:
		if options := TmpfsOptions(m.Options); options != "" {
			text += " " + options
		}
	case m.Source != "":
		text += " " + m.Source
	}
	if m.Copied {
		text += " (copied in)"
	}
	if m.ReadOnly {
		text += " (read-only)"
	}
	return text
}

// String writes a difference as "field subject: declared -> live".
func (d Difference) String() string {
	field := d.Field
	if d.Subject != "" {
		field += " " + d.Subject
	}
	side := func(s string) string {
		if s == "" {
			return "-"
		}
		return s
	}
	return fmt.Sprintf("%s: %s -> %s", field, side(d.Declared), side(d.Live))
}

// String writes a verdict with its paths.
func (v Verdict) String() string {
	text := fmt.Sprintf("%s: %s", v.Outcome, v.Reason)
	if v.Evidence != "" {
		text += " (" + v.Evidence + ")"
	}
	for _, change := range v.Blocked {
		text += "\n  blocked " + change.String()
	}
	for _, a := range v.Allowed {
		text += fmt.Sprintf("\n  allowed %s by %s at %s", a.Change, a.Mount, a.Mount.Target)
	}
	return text
}

// String writes a change as `docker diff` does, with odd bytes quoted.
func (c Change) String() string {
	letter := "?"
	if int(c.Kind) < len("CAD") {
		letter = "CAD"[c.Kind : c.Kind+1]
	}
	if quoted := fmt.Sprintf("%q", c.Path); quoted != `"`+c.Path+`"` {
		return letter + " " + quoted
	}
	return letter + " " + c.Path
}

// String writes counts as "+added ~modified -deleted".
func (c Counts) String() string { return fmt.Sprintf("+%d ~%d -%d", c.Added, c.Modified, c.Deleted) }

// String writes a plan: a line for each mount, and an indented one for each of
// its reasons and writes.
func (p Plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan %s", p.Service)
	if p.Already {
		b.WriteString(" already read-only")
	}
	if p.NotSeen != "" {
		b.WriteString(" not planned: " + p.NotSeen)
	}
	if p.Stays != "" {
		fmt.Fprintf(&b, " stays writable: %s", p.Stays)
	}
	if p.Evidence != "" {
		fmt.Fprintf(&b, " (%s)", p.Evidence)
	}
	b.WriteByte('\n')
	for _, m := range p.Mounts {
		indent(&b, m.String())
	}
	for _, alarm := range p.Alarms {
		indent(&b, "alarm "+alarm.String())
	}
	for _, open := range p.Unsolved {
		indent(&b, "unsolved "+open.String())
	}
	for _, hint := range p.Hints {
		indent(&b, "hint: "+hint.String())
	}
	return b.String()
}

// String writes a planned mount with its reasons.
func (m PlannedMount) String() string {
	text := fmt.Sprintf("%s %s", m.Kind, m.Target)
	if m.Kind == Tmpfs {
		text += fmt.Sprintf(" mode=%04o uid=%d gid=%d size=%s", m.Mode, m.UID, m.GID, SizeText(m.Size))
		if m.Exec {
			text += " exec"
		}
	} else {
		text += " " + m.Volume
		if m.CopiesUp {
			text += " copies up"
		}
	}
	text += fmt.Sprintf(": %s: %s", m.Class, m.Reason)
	if m.Mends != "" {
		text += "\n  mends: " + m.Mends
	}
	if m.Assumed != "" {
		text += "\n  assumed: " + m.Assumed
	}
	if m.Warning != "" {
		text += "\n  warning: " + m.Warning
	}
	if m.OpensProgram {
		text += "\n  makes program files writable"
	}
	if m.Unused != "" {
		text += "\n  unused: " + m.Unused
	}
	for _, change := range m.Serves {
		text += "\n  " + change.String()
	}
	return text
}

// String writes what is open with its writes.
func (u Unsolved) String() string {
	text := fmt.Sprintf("%s: %s: %s", u.Path, u.Class, u.Why)
	if u.Harmless {
		text += " (harmless)"
	}
	for _, change := range u.Writes {
		text += "\n  " + change.String()
	}
	return text
}

// Plural counts things in words, such as "1 mount" and "2 mounts".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Times says how often something happened.
func Times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
