package model

import (
	"maps"
	"slices"
	"time"
)

// LogSearch is what was found in the log of a container: the writes that were refused.
// It is never changed once it has been handed over.
type LogSearch struct {
	Taken time.Time // when it was last read; zero: never
	Until time.Time // time of the last line that was read
	// Writes are those that were refused, by path. A path may be relative.
	Writes []Write
	// Unplaced counts the refusals on a read-only file system that name no path, and Line
	// is the first line that tells of one.
	Unplaced int
	Line     string
	Cut      bool   // more was in the log than was read
	Err      string // why it could not be read
}

// LogSearcher goes through the lines of a log.
type LogSearcher struct {
	found  LogSearch
	writes map[string]*Write
	told   int
}

// Bounds of one search: what is in a log is up to its service.
const (
	mostRefusalLines = 500 // lines that tell of a refusal
	mostLogWrites    = 500 // paths
	longestExample   = 500 // bytes of a line that is kept
)

// Add looks at a line.
func (s *LogSearcher) Add(line LogLine) {
	if line.At.After(s.found.Until) {
		s.found.Until = line.At
	}
	if s.told >= mostRefusalLines {
		return
	}
	refusals := logRefusals(line.Text)
	if len(refusals) == 0 {
		return
	}
	if s.told++; s.told == mostRefusalLines {
		s.found.Cut = true
	}
	for _, r := range refusals {
		if r.Path == "" {
			s.addUnplaced(r, line.Text)
			continue
		}
		if r.Running {
			r.Acts |= Ran
		}
		w := Write{
			Path: r.Path, Type: r.Type, Bytes: -1, First: line.At, Last: line.At,
			Refused: 1, Refusal: Refusal{Acts: r.Acts, Err: r.Err, Last: line.At},
		}
		if s.writes == nil {
			s.writes = map[string]*Write{}
		}
		if known := s.writes[r.Path]; known != nil {
			known.Merge(w)
		} else {
			s.writes[r.Path] = &w
		}
	}
}

func (s *LogSearcher) addUnplaced(r logRefusal, line string) {
	if r.Err != ReadOnlyError {
		return
	}
	if s.found.Unplaced++; s.found.Unplaced == 1 {
		s.found.Line = line[:min(len(line), longestExample)]
	}
}

// Found returns what was found.
func (s *LogSearcher) Found() LogSearch {
	found := s.found
	for _, path := range slices.SortedFunc(maps.Keys(s.writes), ComparePaths) {
		found.Writes = append(found.Writes, *s.writes[path])
	}
	return found
}

// Add returns what was found in a log, with what was found in its newer lines.
func (l LogSearch) Add(newer LogSearch) LogSearch {
	newer.Writes = mergeWrites(l.Writes, newer.Writes, nil)
	if len(newer.Writes) > mostLogWrites {
		newer.Writes, newer.Cut = newer.Writes[:mostLogWrites], true
	}
	newer.Cut = newer.Cut || l.Cut
	if newer.Unplaced += l.Unplaced; l.Line != "" {
		newer.Line = l.Line
	}
	if l.Until.After(newer.Until) {
		newer.Until = l.Until
	}
	return newer
}

// Blind is what a log does not tell.
func (l *LogSearch) Blind() []BlindSpot {
	var blind []BlindSpot
	if l.Err != "" {
		blind = append(blind, BlindSpot{Kind: BlindLog, Detail: l.Err})
	}
	if l.Cut {
		blind = append(blind, BlindSpot{Kind: BlindLogOlder})
	}
	if l.Unplaced > 0 && len(l.Writes) == 0 {
		blind = append(blind, BlindSpot{Kind: BlindLogPaths, Count: l.Unplaced, Detail: l.Line})
	}
	return blind
}

// LogLimits are those of the blind spots that are about logs.
func (e *Evidence) LogLimits() []BlindSpot {
	var limits []BlindSpot
	for _, spot := range e.Blind {
		switch spot.Kind {
		case BlindLog, BlindLogOlder, BlindLogPaths:
			limits = append(limits, spot)
		}
	}
	return limits
}

// UnplacedRefusals counts the refusals that the logs of a service tell of without a path,
// where they tell of none with one.
func (s *Service) UnplacedRefusals() int {
	n := 0
	for i := range s.Logs {
		if len(s.Logs[i].Writes) == 0 {
			n += s.Logs[i].Unplaced
		}
	}
	return n
}
