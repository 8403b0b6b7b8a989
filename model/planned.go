package model

import (
	"fmt"
	"strings"
)

// Planned is the second verdict on a service: what a read-only root would mean for it
// with the mounts of its plan.
type Planned struct {
	Outcome     Outcome
	Made        bool     // there is a plan that was judged
	Mounts      int      // that the plan has
	CodeChanges int      // writes to the program itself, which no plan allows
	FirstCode   string   // the first path of these
	Unsolved    int      // other writes that would be refused, and that the service may need
	Opens       []string // targets of mounts that make program files writable
	Mends       []string // targets of mounts that stand in for declared ones
	Proof       string   // the trial that proves the plan, in a line; "" where it is not proved
	NotProved   string   // why not; "" where it is
	Reason      string   // why nothing was planned, or the root stays writable; "" otherwise
}

// Left is how many writes would be refused.
func (p Planned) Left() int { return p.CodeChanges + p.Unsolved }

// Mended reports whether a service that would break would run with its plan, as far
// as was seen.
func (p Planned) Mended() bool { return p.Outcome == Mended || p.Outcome == Proved }

// Breaks reports whether something that was seen would be refused.
func (p Planned) Breaks() bool { return p.Outcome == MendedInPart || p.Outcome == WouldBreak }

// String says it in a line: "mended by 6 mounts, 4 code changes left".
func (p Planned) String() string {
	text := string(p.Outcome)
	switch {
	case p.Outcome == Proved && p.Mounts == 0:
		text = "proved to need no mount"
	case p.Outcome == Proved:
		text = "proved with " + Plural(p.Mounts, "mount")
	case p.Outcome == Mended && p.Mounts == 0:
		text = "needs no mount"
	case p.Outcome == Mended || p.Outcome == MendedInPart:
		text = "mended by " + Plural(p.Mounts, "mount")
	case p.Mounts > 0:
		text += " with " + Plural(p.Mounts, "mount")
	}
	parts := []string{text}
	if p.CodeChanges > 0 {
		parts = append(parts, Plural(p.CodeChanges, "code change")+" left")
	}
	if p.Unsolved > 0 {
		parts = append(parts, Plural(p.Unsolved, "write")+" not solved")
	}
	if len(p.Opens) > 0 {
		parts = append(parts, p.opensText())
	}
	if p.Proof != "" {
		parts = append(parts, "by a trial of "+p.Proof)
	}
	text = strings.Join(parts, ", ")
	if p.Reason != "" {
		text += ": " + p.Reason
	}
	return text
}

// opensText says which program files a plan makes writable; "" where it makes none.
func (p Planned) opensText() string {
	switch len(p.Opens) {
	case 0:
		return ""
	case 1:
		return "makes program files writable at " + p.Opens[0]
	default:
		return fmt.Sprintf("makes program files writable at %s and %d more", p.Opens[0], len(p.Opens)-1)
	}
}
