package compose

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"petrify/model"
)

// The forms of the YAML parser's errors.
var (
	yamlDuplicate = regexp.MustCompile(`line (\d+): mapping key (.+) already defined at line (\d+)`)
	yamlOffset    = regexp.MustCompile(`^offset (\d+): (.*)$`)
	yamlConstruct = regexp.MustCompile(`^construct errors:\n\s*(?:line \d+: )*(?:yaml: )?(.*)`)
	yamlMarks     = regexp.MustCompile(`^(?:(.*?) at line (\d+)(?:, column \d+)?: )?(?:line (\d+)(?:, column \d+)?: )?(.*)$`)
)

// explainYAML explains what the YAML parser says of a text, which may be empty.
func explainYAML(p *model.Problem, words string, t text) {
	p.Advice = "Check the indentation, the quotes and the brackets, in this line and above it."
	if m := yamlDuplicate.FindStringSubmatch(words); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		p.Text = fmt.Sprintf("key %s is there already, in line %s", m[2], m[3])
		p.Advice = "Keep one of the two."
		return
	}
	if m := yamlOffset.FindStringSubmatch(words); m != nil {
		if offset, err := strconv.Atoi(m[1]); err == nil && t.file != "" {
			p.Line = t.lineAt(offset)
		}
		p.Text = m[2]
		p.Advice = "Save the file as UTF-8 text."
		return
	}
	if m := yamlConstruct.FindStringSubmatch(words); m != nil {
		// Its line is that of the whole document.
		p.Text = m[1]
		if strings.Contains(m[1], "map merge") {
			p.Line = t.line(nil, "<<")
		}
		return
	}
	m := yamlMarks.FindStringSubmatch(words)
	if m == nil {
		p.Text = words
		return
	}
	start, _ := strconv.Atoi(m[2])
	p.Line, _ = strconv.Atoi(m[3])
	p.Text = m[4]
	if strings.HasPrefix(p.Text, "did not find expected") {
		// The parser counts lines from zero, where its scanner counts from one.
		start, p.Line = start+1, p.Line+1
	}
	if m[3] == "" || p.Line > t.lines() && start > 0 {
		// What was never closed is of more use than the end of the file.
		p.Line = start
	}
	switch {
	case strings.Contains(p.Text, "cannot start any token"):
		p.Advice = "YAML is indented with spaces: put them in the place of tabs."
	case m[1] != "":
		p.Text = m[1] + ": " + p.Text
	}
}
