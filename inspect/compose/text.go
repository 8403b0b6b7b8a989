package compose

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"petrify/model"
)

// text is one file of a project as it is written, to find lines in.
type text struct {
	file      string
	content   []byte
	documents []*yaml.Node
}

// included bounds how many files are opened to find a line.
const included = 64

// texts returns the files of a project and those they include or extend.
func (s *sources) texts() []text {
	if s == nil {
		return nil
	}
	var all []text
	known := map[string]bool{}
	var add func(file string, content []byte)
	add = func(file string, content []byte) {
		if known[file] || len(all) == included {
			return
		}
		known[file] = true
		t := newText(file, content)
		all = append(all, t)
		for _, other := range t.others() {
			if content, err := os.ReadFile(other); err == nil {
				add(other, content)
			}
		}
	}
	for _, f := range s.files {
		add(f.Filename, f.Content)
	}
	return all
}

func newText(file string, content []byte) text {
	t := text{file: file, content: content}
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var document yaml.Node
		if decoder.Decode(&document) != nil {
			return t // its end, or what is wrong with it is known already
		}
		t.documents = append(t.documents, &document)
	}
}

// others returns the files that this one includes and extends.
func (t text) others() []string {
	var files []string
	add := func(n *yaml.Node) {
		if n != nil && n.Kind == yaml.ScalarNode && n.Value != "" && !isElsewhere(n.Value) {
			files = append(files, absolute(filepath.Dir(t.file), []string{n.Value})[0])
		}
	}
	for _, document := range t.documents {
		top := root(document)
		for _, entry := range values(child(top, "include")) {
			add(entry)
			add(child(entry, "path"))
			for _, path := range values(child(entry, "path")) {
				add(path)
			}
		}
		for _, service := range values(child(top, "services")) {
			add(child(child(service, "extends"), "file"))
		}
	}
	return files
}

// line returns the line of a key, or of what is near below it; 0 where there is
// no such key.
func (t text) line(keys []string, near string) int {
	for _, document := range t.documents {
		if line := lineOf(root(document), keys, near); line > 0 {
			return line
		}
	}
	return 0
}

// markLines says of each service where it is declared: in the first file that does.
func (s *sources) markLines(p *model.Project) {
	texts := s.texts()
	for _, services := range [][]model.Declared{p.Services, p.Inactive} {
		for i := range services {
			d := &services[i]
			at := slices.IndexFunc(texts, func(t text) bool { return t.line([]string{"services", d.Name}, "") > 0 })
			if at >= 0 {
				d.File, d.Line = texts[at].file, texts[at].line([]string{"services", d.Name}, "")
			}
		}
	}
}

// mention returns the line of the value that names a file; 0 without one. What
// it is relative to depends on the key, so that its end decides.
func (t text) mention(path string) int {
	path = filepath.Clean(path)
	for _, document := range t.documents {
		line := scalar(document, func(value string) bool {
			value = filepath.Clean(value)
			for strings.HasPrefix(value, "../") {
				value = value[len("../"):]
			}
			return value == path || value != "." && strings.HasSuffix(path, "/"+value)
		})
		if line > 0 {
			return line
		}
	}
	return 0
}

// isProject says whether there are keys at the top level.
func (t text) isProject() bool {
	for _, document := range t.documents {
		if root(document).Kind != yaml.MappingNode {
			return false
		}
	}
	return len(t.documents) > 0
}

// lineAt returns the line of a byte.
func (t text) lineAt(offset int) int {
	offset = max(0, min(offset, len(t.content)))
	return 1 + bytes.Count(t.content[:offset], []byte("\n"))
}

// lines returns how many lines there are.
func (t text) lines() int {
	n := bytes.Count(t.content, []byte("\n"))
	if !bytes.HasSuffix(t.content, []byte("\n")) {
		n++
	}
	return n
}
