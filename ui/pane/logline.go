package pane

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// logLine is a line of a log as it is shown.
type logLine struct {
	model.LogLine
	text   string // clean, as a terminal would have it in the end
	failed bool   // it tells of a write that a read-only root refused
	rows   int    // that it takes
}

// newLogLine cleans a line. One that was written over, as progress is, shows its last
// state. A failure in it shows whatever was written over it.
func newLogLine(line model.LogLine) logLine {
	l := logLine{LogLine: line, failed: model.ReadOnlyFailure(line.Text)}
	states := strings.FieldsFunc(line.Text, func(r rune) bool { return r == '\r' })
	if len(states) == 0 {
		return l
	}
	last := states[len(states)-1]
	if l.failed {
		for _, state := range states[:len(states)-1] {
			if model.ReadOnlyFailure(state) {
				l.text += clean.Log(state) + " ⏎ "
			}
		}
		// The failure may be one only with what was written over.
		if l.text == "" && !model.ReadOnlyFailure(last) {
			l.text, last = clean.Log(strings.Join(states, " ⏎ ")), ""
		}
	}
	l.text += clean.Log(last)
	return l
}

// newLogLines cleans lines.
func newLogLines(lines []model.LogLine) []logLine {
	shown := make([]logLine, len(lines))
	for i := range lines {
		shown[i] = newLogLine(lines[i])
	}
	return shown
}

// rowsOf counts the rows that a clean text takes.
func rowsOf(text string, width int) int {
	if plain(text) {
		return max((len(text)+width-1)/width, 1)
	}
	return len(breaks(text, width)) - 1
}

// plain reports whether each byte of a text is one cell.
func plain(text string) bool {
	for i := range len(text) {
		if text[i] < 0x20 || text[i] > 0x7e {
			return false
		}
	}
	return true
}

// breaks are the offsets at which a clean text is broken into rows, with both ends.
func breaks(text string, width int) []int {
	at := []int{0}
	if plain(text) {
		for end := width; end < len(text); end += width {
			at = append(at, end)
		}
		return append(at, len(text))
	}
	for _, part := range strings.Split(ansi.Hardwrap(text, width, true), "\n") {
		at = append(at, at[len(at)-1]+len(part))
	}
	return at
}

// textRange is a part of a text, in bytes.
type textRange struct{ from, until int }

// occurrences finds a word in a text, whatever the case of its letters.
func occurrences(text, word string) []textRange {
	var found []textRange
	lower, word := strings.ToLower(text), strings.ToLower(word)
	// Some letters change their length with their case: then nothing more is marked.
	if word == "" || len(lower) != len(text) {
		return nil
	}
	for from := 0; ; {
		at := strings.Index(lower[from:], word)
		if at < 0 || !strings.EqualFold(text[from+at:from+at+len(word)], word) {
			return found
		}
		found = append(found, textRange{from + at, from + at + len(word)})
		from += at + len(word)
	}
}

// addMarked adds the part of a text between two offsets, with the ranges in it marked.
func addMarked(r *row.Row, text, match row.Paint, line string, part textRange, marked []textRange) {
	at := part.from
	for _, m := range marked {
		from, until := max(m.from, at), min(m.until, part.until)
		if from >= until {
			continue
		}
		r.Add(text, line[at:from]).Add(match, line[from:until])
		at = until
	}
	r.Add(text, line[at:part.until])
}
