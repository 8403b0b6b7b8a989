package model

import (
	"fmt"
	"slices"
	"strings"
)

// MountFault is what keeps a service from using a mount that it has.
type MountFault struct {
	Kind MountFaultKind
	Text string // one phrase: what is wrong
	Set  string // what to declare instead, in the short form of Compose; "" where that does not help
	// Advice is what to do where no declaration mends it, or where it is not the mount's
	// own line that has to change; "" otherwise.
	Advice string

	options []string // of a tmpfs, that mend it
}

// MountFaultKind tells faults apart. Its text is what programs read.
type MountFaultKind string

// The kinds of faults.
const (
	FaultOwner    MountFaultKind = "owner"     // its mode and owner keep the service's user out
	FaultTooSmall MountFaultKind = "too-small" // it was full, or is smaller than what is written there
	FaultNoExec   MountFaultKind = "no-exec"   // programs are run from it
)

// NewTmpfsFault returns a fault of a tmpfs, which some options in place of its own mend;
// none where that would not help.
func NewTmpfsFault(kind MountFaultKind, m Mount, text string, options ...string) MountFault {
	f := MountFault{Kind: kind, Text: text, options: options}
	if len(options) > 0 {
		f.Set = m.With(options...).Short()
	}
	return f
}

// String says a fault and what to do about it.
func (f MountFault) String() string {
	switch {
	case f.Set != "":
		return f.Text + "; set " + f.Set
	case f.Advice != "":
		return f.Text + "; " + f.Advice
	default:
		return f.Text
	}
}

// Mended returns a declared tmpfs with what mends all its faults; false where it has none,
// or where options do not mend each.
func (p MountPair) Mended() (Mount, bool) {
	if p.Declared == nil || p.Declared.Kind != Tmpfs || len(p.Faults) == 0 {
		return Mount{}, false
	}
	m := *p.Declared
	for _, f := range p.Faults {
		if len(f.options) == 0 {
			return Mount{}, false
		}
		m = m.With(f.options...)
	}
	return m, true
}

// With returns a tmpfs with some options in place of its own of the same name.
func (m Mount) With(options ...string) Mount {
	name := func(option string) string {
		key, _, _ := strings.Cut(option, "=")
		return strings.TrimPrefix(key, "no")
	}
	var all []string
	for option := range strings.SplitSeq(m.Options, ",") {
		option = strings.TrimSpace(option)
		if option != "" && !slices.ContainsFunc(options, func(other string) bool { return name(other) == name(option) }) {
			all = append(all, option)
		}
	}
	m.Options = strings.Join(append(all, options...), ",")
	return m
}

// Short writes a tmpfs in the short form of Compose.
func (m Mount) Short() string { return m.Target + ":" + m.Options }

// MountPoint is what a volume or a bind is in a container: the directory that the service
// finds there.
type MountPoint struct {
	Mode     uint32 // permission bits
	UID, GID int    // as the container has them
	Empty    bool
}

// MayWrite reports whether a user may make files in the directory. One whose groups nobody
// knows for certain may be in its group.
func (p MountPoint) MayWrite(u User, groupsKnown bool) bool {
	const writeAndEnter = 0o3
	allows := func(shift int) bool { return p.Mode>>shift&writeAndEnter == writeAndEnter }
	switch {
	case u.UID == 0:
		return true
	case u.UID == p.UID:
		return allows(6)
	case u.GID == p.GID:
		return allows(3)
	case !groupsKnown:
		return allows(3) || allows(0)
	default:
		return allows(0)
	}
}

// String writes a directory's mode and owner.
func (p MountPoint) String() string {
	return fmt.Sprintf("mode %04o and belongs to %d:%d", p.Mode, p.UID, p.GID)
}
