// Package clean makes foreign text safe for a terminal.
//
// Names, labels, paths, logs, file contents and the engine's errors come from
// containers that nobody has to trust: written raw, they could move the cursor,
// colour the screen, set the window's title, or look like something else. All
// of them pass through here, and the rules are these:
//
//   - Control characters never remain. In a log, escape sequences are removed;
//     everywhere else they show as \x1b and the rest of their text.
//   - Bytes that are not UTF-8 show as \xNN.
//   - What has no shape of its own shows as \uNNNN: direction marks, zero width
//     characters, tags, variation selectors, soft hyphens, line separators,
//     blank letters, private use and unassigned code points.
//   - Terminals disagree about the width of skin tones and of the letters that
//     flags are made of: they show as \UNNNNNNNN.
//   - A combining mark needs a character before it, and four are enough.
//   - Tabs and spaces other than the plain one show as escapes in names, where
//     they could pass for something else, and as spaces in logs and files.
//
// Escapes are those of Go's string literals. Every function but [Path] gives
// its own result back unchanged.
package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Line makes a name, a label or an error safe for one line.
func Line(s string) string { return rules{}.clean(s) }

// Path makes a path safe for one line, so that no two different paths look
// alike: a backslash in it is doubled. Give it raw paths, once.
func Path(p string) string { return rules{backslash: true}.clean(p) }

// Log makes one line of a log safe. Colours and other complete escape sequences
// are removed, as are a line end and the selectors that ask for an emoji's shape.
func Log(s string) string {
	s = strings.TrimRight(s, "\r\n")
	return rules{prose: true, noSelectors: true}.clean(strip(s))
}

// Lines splits a file's text into lines and makes each safe. Nothing of it is
// removed, so that two texts that differ also look different; a carriage return
// before a line's end shows as \r.
func Lines(s string) []string {
	if s == "" {
		return nil
	}
	lines := strings.Split(strings.TrimSuffix(s, "\n"), "\n")
	for i, line := range lines {
		lines[i] = rules{prose: true}.clean(line)
	}
	return lines
}

// strip removes the escape sequences of s. One that does not end in s stays,
// and shows: it would take the rest of the line with it.
func strip(s string) string {
	start := strings.IndexByte(s, ansi.ESC)
	if start < 0 {
		return s
	}
	var b strings.Builder
	for start >= 0 {
		b.WriteString(s[:start])
		s = s[start:]
		_, _, n, state := ansi.DecodeSequence(s, ansi.NormalState, nil)
		if state != ansi.NormalState || n < 2 {
			b.WriteByte(s[0])
			n = 1
		}
		s = s[n:]
		start = strings.IndexByte(s, ansi.ESC)
	}
	b.WriteString(s)
	return b.String()
}

// rules are the points in which the kinds of text differ.
type rules struct {
	backslash   bool // double backslashes
	prose       bool // tabs become spaces, and wide or narrow spaces stay
	noSelectors bool // drop the selectors of text and emoji shapes
}

const (
	tabStop  = 8 // as terminals have it, so that files line up as they do there
	maxMarks = 4 // Hebrew with vowels and accents needs as many on one letter
)

// clean returns s itself where it has nothing to do.
func (r rules) clean(s string) string {
	var (
		b      strings.Builder
		copied int        // s[:copied] is in b
		column int        // the width of b[:tabbed], asked for at tabs only
		tabbed int        // bytes of b up to the last tab
		marks  = maxMarks // on the character before; none may come first
	)
	for i := 0; i < len(s); {
		if c := s[i]; ' ' <= c && c <= '~' && (c != '\\' || !r.backslash) {
			marks = 0
			i++
			continue
		}
		char, size := utf8.DecodeRuneInString(s[i:])
		switch mark := isMark(char); {
		case !r.keeps(char, size), mark && marks == maxMarks:
		case mark:
			marks++
			i += size
			continue
		default:
			marks = 0
			i += size
			continue
		}
		b.WriteString(s[copied:i])
		switch {
		case char == '\t' && r.prose:
			column += ansi.StringWidth(b.String()[tabbed:])
			n := tabStop - column%tabStop
			b.WriteString("        "[:n])
			column += n
			tabbed = b.Len()
		case r.noSelectors && (char == 0xFE0E || char == 0xFE0F):
		default:
			escape(&b, s[i:i+size])
		}
		marks = maxMarks
		i += size
		copied = i
	}
	if copied == 0 {
		return s
	}
	b.WriteString(s[copied:])
	return b.String()
}

// keeps tells whether a character stays as it is. One that could not be decoded
// has the size 1.
func (r rules) keeps(char rune, size int) bool {
	switch {
	case char == utf8.RuneError && size == 1:
		return false
	case char == '\\':
		return !r.backslash
	case unicode.Is(unicode.Zs, char):
		return r.prose
	default:
		return shows(char)
	}
}

// shows tells whether a character has a shape and a width of its own that
// terminals agree on.
func shows(char rune) bool {
	switch {
	case !unicode.IsPrint(char), // controls, formats, separators, private use, unassigned
		unicode.Is(unicode.Variation_Selector, char),
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, char), // fillers and joiners that count as letters or marks
		char == 0x2800, char == 0x1D159, // blank symbols: an empty Braille cell, a null note
		unicode.Is(unicode.Regional_Indicator, char),
		0x1F3FB <= char && char <= 0x1F3FF: // skin tones
		return false
	}
	return true
}

// isMark tells whether a character joins the one before it. The vowels and
// final consonants of decomposed Hangul, as file names on macOS have them, are
// letters but do the same.
func isMark(char rune) bool {
	return unicode.Is(unicode.M, char) ||
		0x1160 <= char && char <= 0x11FF ||
		0xD7B0 <= char && char <= 0xD7FF
}

// escape writes one character, or one byte that is none, as Go would in a
// string literal.
func escape(b *strings.Builder, s string) {
	const hex = "0123456789abcdef"
	char, size := utf8.DecodeRuneInString(s)
	digits := 0
	switch {
	case char == '\\':
		b.WriteString(`\\`)
	case char == '\n':
		b.WriteString(`\n`)
	case char == '\r':
		b.WriteString(`\r`)
	case char == '\t':
		b.WriteString(`\t`)
	case char == utf8.RuneError && size == 1:
		char = rune(s[0])
		fallthrough
	case char < utf8.RuneSelf:
		b.WriteString(`\x`)
		digits = 2
	case char <= 0xFFFF:
		b.WriteString(`\u`)
		digits = 4
	default:
		b.WriteString(`\U`)
		digits = 8
	}
	for ; digits > 0; digits-- {
		b.WriteByte(hex[char>>(4*(digits-1))&0xF])
	}
}
