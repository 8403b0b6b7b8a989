package export

import (
	"fmt"
	"regexp"
	"strings"

	"petrify/ui/clean"
)

// yaml writes block style YAML with comments where a reader looks for them,
// which an encoder does not. Its scalars are strings unless said otherwise.
type yaml struct {
	b     strings.Builder
	depth int
	dash  bool // the next line begins an item
}

func (y *yaml) String() string { return y.b.String() }

func (y *yaml) line(text string) {
	indent := strings.Repeat("  ", y.depth)
	if y.dash {
		indent = indent[2:] + "- "
		y.dash = false
	}
	y.b.WriteString(strings.TrimRight(indent+text, " ") + "\n")
}

func (y *yaml) blank() { y.b.WriteByte('\n') }

// in writes a key with what fill writes below it.
func (y *yaml) in(key string, fill func()) {
	y.line(scalar(key) + ":")
	y.depth++
	fill()
	y.depth--
}

// item writes what fill writes as one item of a list.
func (y *yaml) item(fill func()) {
	y.depth++
	y.dash = true
	fill()
	y.depth--
}

func (y *yaml) entry(value string)    { y.line("- " + scalar(value)) }
func (y *yaml) pair(key, text string) { y.line(scalar(key) + ": " + scalar(text)) }

// literal writes a value that is no string: a number, true, {}.
func (y *yaml) literal(key, value string) { y.line(scalar(key) + ": " + value) }

// list writes strings in one line.
func (y *yaml) list(key string, words []string) {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	y.line(scalar(key) + ": [" + strings.Join(quoted, ", ") + "]")
}

// textWidth is how long a line of a comment gets before it is broken.
const textWidth = 100

// comment writes text, which has to be clean, as lines of comment.
func (y *yaml) comment(text string) {
	for _, line := range fold(text, textWidth-2*y.depth-len("# ")) {
		y.line(strings.TrimRight("# "+line, " "))
	}
}

// fold breaks text at spaces. What follows is indented like the text's start.
func fold(text string, width int) []string {
	body := strings.TrimLeft(text, " ")
	indent := text[:len(text)-len(body)]
	hang := indent
	if strings.HasPrefix(body, "- ") {
		hang += "  "
	}
	var lines []string
	for len(indent)+len(body) > width {
		at := strings.LastIndexByte(body[:width-len(indent)+1], ' ')
		if at <= 0 {
			if at = strings.IndexByte(body, ' '); at < 0 {
				break
			}
		}
		lines = append(lines, indent+strings.TrimRight(body[:at], " "))
		body, indent = strings.TrimLeft(body[at:], " "), hang
	}
	return append(lines, indent+body)
}

// plain are texts that every reader of YAML 1.1 and 1.2 takes for themselves
// when they stand alone in a block. A colon has no space after it here, and a
// dollar sign is not among them.
var plain = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9/_.,:=@+-]*$`)

// words are plain texts that mean something else.
var words = regexp.MustCompile(`^(?i:y|n|yes|no|on|off|true|false|null)$`)

// scalar writes a string as it is where nothing can come of it, else quoted.
func scalar(s string) string {
	if plain.MatchString(s) && !words.MatchString(s) && !strings.HasSuffix(s, ":") {
		return s
	}
	return quote(s)
}

// quote writes a string in double quotes. What a terminal could take for
// something else becomes an escape, so that the text reads as what it is.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, char := range s {
		switch {
		case char == '"' || char == '\\':
			b.WriteByte('\\')
			b.WriteRune(char)
		case char == '\n':
			b.WriteString(`\n`)
		case char == '\t':
			b.WriteString(`\t`)
		case shows(char):
			b.WriteRune(char)
		case char < 0x100:
			fmt.Fprintf(&b, `\x%02x`, char)
		case char < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, char)
		default:
			fmt.Fprintf(&b, `\U%08x`, char)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// shows says whether a terminal shows a character as what it is.
func shows(char rune) bool {
	return clean.Line(string(char)) == string(char)
}
