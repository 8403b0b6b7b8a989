package model

import (
	"fmt"
	"slices"
	"strings"
)

// BlindSpot is something that a way of looking for writes cannot see, or could not
// see this time.
type BlindSpot struct {
	Kind   BlindKind
	Count  int    // of what was missed, where it is known
	Detail string // what it is about, such as a directory; foreign text
}

// BlindKind says what is not seen. Its text is what programs read.
type BlindKind string

// The first ones are blind spots of a whole way of looking: evidence that sees them
// removes them. The others are limits of one look, which stay.
const (
	BlindTransient   BlindKind = "transient"
	BlindFailed      BlindKind = "failed"
	BlindOpened      BlindKind = "opened"
	BlindSameMode    BlindKind = "same-mode"
	BlindSameContent BlindKind = "same-content"
	BlindInMounts    BlindKind = "in-mounts"

	BlindIdle        BlindKind = "idle"
	BlindBeforeStart BlindKind = "before-start"
	BlindLost        BlindKind = "lost"
	BlindGarbled     BlindKind = "garbled"
	BlindFiles       BlindKind = "files"
	BlindMount       BlindKind = "mount"
	BlindContent     BlindKind = "content"
	BlindNames       BlindKind = "names"
	BlindPrivate     BlindKind = "private-directories"
	BlindMany        BlindKind = "many-directories"
	BlindBeyond      BlindKind = "beyond"
	BlindAnonymous   BlindKind = "anonymous-volume"
	BlindLog         BlindKind = "log"
	BlindLogPaths    BlindKind = "log-paths"
	BlindLogOlder    BlindKind = "log-older"
	BlindOwners      BlindKind = "owners"
	BlindRefusals    BlindKind = "refusals"
	BlindOldPrograms BlindKind = "32-bit-programs"
	BlindOther       BlindKind = "other" // of an older recording: Detail says it
)

// blindTexts say each kind to a reader. %d stands for Count, %s for Detail.
var blindTexts = map[BlindKind]string{
	BlindTransient:   "files created and deleted again, such as lock files and lock directories",
	BlindFailed:      "writes that failed",
	BlindOpened:      "files opened for writing but not written",
	BlindSameMode:    "permissions or owners set to what they were",
	BlindSameContent: "a rewrite that keeps size and time",
	BlindInMounts:    "writes in volumes, binds, tmpfs, /dev and /dev/shm",
	BlindIdle:        "what the service does when nobody asks it to",
	BlindBeforeStart: "what came and went before the recording began: restart the service while it is recorded",
	BlindLost:        "writes that the kernel dropped, as too many came at once (%d times)",
	BlindGarbled:     "%d reports that could not be read",
	BlindFiles:       "all of it: its files cannot be reached (%s)",
	BlindMount:       "the mount at %s",
	BlindContent:     "content of files in %s",
	BlindNames:       "names that come and go in %s",
	BlindPrivate:     "names that come and go in directories that only their owner may enter: %s",
	BlindMany:        "names that come and go in all but %d directories of %s",
	BlindBeyond:      "most of a writable layer that holds more names than are read",
	BlindAnonymous:   "what is in the anonymous volume at %s, which is lost with its container",
	BlindLog:         "what its log says of refused writes: %s",
	BlindLogPaths:    "the paths of %d refused writes, of which its log says only: %s",
	BlindLogOlder:    "refused writes of which only older lines of its log tell",
	BlindRefusals:    "writes that failed (%s)",
	BlindOldPrograms: "%d refused writes of 32-bit programs",
	BlindOwners:      "whose files are, as the engine does not tell it: mounts are made for the service's own user",
	BlindOther:       "%s",
}

// limit reports whether a kind belongs to one look, not to a way of looking.
func (k BlindKind) limit() bool {
	switch k {
	case BlindTransient, BlindFailed, BlindOpened, BlindSameMode, BlindSameContent, BlindInMounts:
		return false
	default:
		return true
	}
}

// String says what is not seen, for a reader.
func (b BlindSpot) String() string {
	text, ok := blindTexts[b.Kind]
	if !ok {
		return string(b.Kind)
	}
	detail := strings.Join(strings.Fields(b.Detail), " ") // what an engine says may be of several lines
	switch {
	case strings.Contains(text, "%d") && strings.Contains(text, "%s"):
		return fmt.Sprintf(text, b.Count, detail)
	case strings.Contains(text, "%d"):
		return fmt.Sprintf(text, b.Count)
	case strings.Contains(text, "%s"):
		return fmt.Sprintf(text, detail)
	default:
		return text
	}
}

// BlindTexts says blind spots one by one, for a reader.
func BlindTexts(spots []BlindSpot) []string {
	texts := make([]string, len(spots))
	for i, spot := range spots {
		texts[i] = spot.String()
	}
	return texts
}

// mergeBlind returns what is still not seen by two ways of looking together.
func mergeBlind(a, b []BlindSpot) []BlindSpot {
	var merged []BlindSpot
	add := func(spots, others []BlindSpot) {
		for _, spot := range spots {
			if !slices.Contains(merged, spot) && (spot.Kind.limit() || slices.Contains(others, spot)) {
				merged = append(merged, spot)
			}
		}
	}
	add(a, b)
	add(b, a)
	return merged
}
