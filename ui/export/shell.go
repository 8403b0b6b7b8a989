package export

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

var bareWord = regexp.MustCompile(`^[A-Za-z0-9/_.,:=@%+-]+$`)

// ShellWord quotes one word for a shell. What a terminal does not show as what it is
// takes $'…', which bash, zsh, ksh and busybox know and dash does not.
func ShellWord(s string) string {
	if bareWord.MatchString(s) {
		return s
	}
	if !needsEscapes(s) {
		return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
	}
	var b strings.Builder
	b.WriteString("$'")
	for i := 0; i < len(s); {
		char, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case char == '\'' || char == '\\':
			b.WriteString(`\` + s[i:i+size])
		case char == utf8.RuneError && size == 1 || !shows(char):
			// Octal has three digits at most, so that what follows is not taken in.
			for _, c := range []byte(s[i : i+size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteString(s[i : i+size])
		}
		i += size
	}
	b.WriteString("'")
	return b.String()
}

// needsEscapes says whether plain quotes would put something into a terminal
// that does not show.
func needsEscapes(s string) bool {
	if !utf8.ValidString(s) {
		return true
	}
	return strings.ContainsFunc(s, func(char rune) bool { return !shows(char) })
}

// csvField quotes one field of docker's --mount, which is a line of CSV.
func csvField(s string) string {
	if strings.ContainsAny(s, ",\"\r\n") || strings.HasPrefix(s, " ") {
		return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	return s
}
