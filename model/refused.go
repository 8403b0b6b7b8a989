package model

import (
	"fmt"
	"strings"
	"time"
)

// What a refused write means:
//
//   - A refusal with EROFS on the root is a write like any other: the service needs a
//     mount there, or to be told to leave it.
//   - In a mount, the mount is wrong: it is declared read-only, too small, owned by
//     somebody else, or mounted noexec.
//   - A try is a refusal after which a service is known to go on, or that it would meet
//     on a writable root as well. It is shown, and blocks nothing.
//   - What was written since it was last refused is not refused any more.

// Refusal is what is known of the attempts to write a path that failed, beside their
// number.
type Refusal struct {
	Tries int       // so many of them are only tries
	Acts  Acts      // what they would have done
	Err   Errno     // why the last one failed that is not only a try, if there is one; "" where nobody knows
	Call  string    // its system call; "" where only a log tells of it
	Last  time.Time // attempt
}

// Errno is why the kernel refused a call, by its name.
type Errno string

// The errors that a write is refused with.
const (
	ReadOnlyError Errno = "EROFS"
	DeniedError   Errno = "EACCES"
	NotYoursError Errno = "EPERM"
	FullError     Errno = "ENOSPC"
)

// errnoTexts say each error to a reader.
var errnoTexts = map[Errno]string{
	ReadOnlyError: "read-only file system",
	DeniedError:   "permission denied",
	NotYoursError: "operation not permitted",
	FullError:     "no space left",
}

// String says it as the C library does.
func (e Errno) String() string {
	if text, ok := errnoTexts[e]; ok {
		return text
	}
	return string(e)
}

// Known reports whether an error is one that writes are refused with.
func (e Errno) Known() bool { return errnoTexts[e] != "" }

// OnlyTries reports whether a path was refused, and the service is known to go on after
// each time.
func (w *Write) OnlyTries() bool { return w.Refused > 0 && w.Refusal.Tries >= w.Refused }

// RefusalText says why a path was refused, in a few words; "" where nobody knows.
func (w *Write) RefusalText() string {
	text := w.Refusal.Err.String()
	if w.Refusal.Call != "" {
		text = w.Refusal.Call + ": " + text
	}
	if w.OnlyTries() {
		text += ", and it went on"
	}
	return text
}

// mergeRefusal adds what else was refused. An error that blocks says more than that of
// a try.
func (w *Write) mergeRefusal(other Write) {
	if other.Refused == 0 {
		return
	}
	if w.Refused == 0 {
		w.Refused, w.Refusal = other.Refused, other.Refusal
		return
	}
	newer := !other.Refusal.Last.Before(w.Refusal.Last)
	if w.OnlyTries() && !other.OnlyTries() || w.OnlyTries() == other.OnlyTries() && newer && other.Refusal.Call != "" {
		w.Refusal.Err, w.Refusal.Call = other.Refusal.Err, other.Refusal.Call
	}
	if newer {
		w.Refusal.Last = other.Refusal.Last
	}
	w.Refused += other.Refused
	w.Refusal.Tries += other.Refusal.Tries
	w.Refusal.Acts |= other.Refusal.Acts
}

// Wrote reports whether the path was written, not only run or refused.
func (w *Write) Wrote() bool { return w.Acts&^Ran != 0 }

// Blocked reports whether the path was refused when the service last wanted to write it,
// and the service may not have gone on.
func (w *Write) Blocked() bool {
	return w.Refused > 0 && !w.OnlyTries() && (!w.Wrote() || !w.Refusal.Last.Before(w.Last))
}

// RefusedWrites are those that were refused, and would be again as the service is
// declared, by path. On a writable root they are writes like all others.
func (s *Service) RefusedWrites() []Write {
	var refused []Write
	for i := range s.Evidence.Writes {
		w := &s.Evidence.Writes[i]
		if !w.Blocked() {
			continue
		}
		mount, mounted := s.Takes(w.Path)
		switch {
		case (w.Refusal.Err == ReadOnlyError || w.Refusal.Err == "") && mounted && !mount.ReadOnly:
			continue // a mount takes it by now
		case w.OnRoot() && !mounted && s.NextRoot() != RootReadOnly:
			continue
		}
		refused = append(refused, *w)
	}
	return refused
}

// Tried are the writes that were refused, and with which the service went on.
func (e *Evidence) Tried() []Write {
	var tried []Write
	for i := range e.Writes {
		if w := &e.Writes[i]; w.OnlyTries() && !w.Wrote() {
			tried = append(tried, *w)
		}
	}
	return tried
}

// RefusedPaths are the writes that were refused when they were last wanted, by path.
func (e *Evidence) RefusedPaths() []Write {
	var refused []Write
	for i := range e.Writes {
		if w := &e.Writes[i]; w.Blocked() {
			refused = append(refused, *w)
		}
	}
	return refused
}

// RanWritten are the programs that were run, or mapped to be run, from where the service
// can write.
func (e *Evidence) RanWritten() []Write {
	var ran []Write
	for i := range e.Writes {
		if w := &e.Writes[i]; w.Acts&Ran != 0 {
			ran = append(ran, *w)
		}
	}
	return ran
}

// RefusedText says what was refused at a path: why, how often and to whom.
func (e *Evidence) RefusedText(w *Write) string {
	text := w.Path + " was refused"
	if w.Mount != "" {
		text += " in the mount at " + w.Mount
	}
	if why := w.RefusalText(); why != "" {
		text += " (" + why + ")"
	}
	return text + fmt.Sprintf(", %d×", w.Refused) + e.byText(w)
}

// RanText says that a program was run from where the service can write.
func (e *Evidence) RanText(w *Write) string {
	text := "a program that was written was run: " + w.Path
	if !w.Wrote() && w.Mount != "" {
		text = "a program in a mount was run: " + w.Path
	}
	if w.Gone {
		text += ", which is gone"
	}
	return text + e.byText(w)
}

func (e *Evidence) byText(w *Write) string {
	if who := e.Who(w); len(who) > 0 {
		return " by " + strings.Join(who, ", ")
	}
	return ""
}
