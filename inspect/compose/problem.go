package compose

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"petrify/model"
)

// failure is an error of Load with what is known about its place.
type failure struct {
	problem model.Problem
	err     error
}

func (f *failure) Error() string {
	p := f.problem
	switch {
	case p.File != "" && p.Line > 0:
		return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text)
	case p.File != "":
		return p.File + ": " + p.Text
	default:
		return p.Text
	}
}

func (f *failure) Unwrap() error { return f.err }

// Explain says what is wrong with a project, where, and what to do about it. Of
// an error that Load did not return it knows no place.
func Explain(err error) *model.Problem {
	var f *failure
	if errors.As(err, &f) {
		p := f.problem
		return &p
	}
	return explain(err, nil)
}

// locate gives an error its place, while the files are at hand.
func locate(err error, from *sources) error {
	return &failure{problem: *explain(err, from.texts()), err: err}
}

// explain reads the words of an error, for compose-go's errors are nothing more.
func explain(err error, texts []text) *model.Problem {
	if p := explainType(err, texts); p != nil {
		return p
	}
	words := firstOf(err)
	p := &model.Problem{}
	if m := inFile.FindStringSubmatch(words); m != nil {
		p.File, words = m[1], m[2]
	}
	if strings.HasPrefix(words, "yaml: ") {
		var t text
		if i := slices.IndexFunc(texts, func(t text) bool { return t.file == p.File }); i >= 0 {
			t = texts[i]
		}
		explainYAML(p, strings.TrimPrefix(words, "yaml: "), t)
		return p
	}
	if m := envLine.FindStringSubmatch(words); m != nil && p.File != "" {
		p.Line, _ = strconv.Atoi(m[1])
		p.Text, p.Advice = m[2], "Write each variable in a line of its own, as NAME=value."
		return p
	}
	for _, f := range forms {
		if f.explain(p, words, texts) {
			return p
		}
	}
	p.Text = strings.TrimSuffix(strings.ReplaceAll(words, "\n", " "), ": invalid compose project")
	p.Advice = "Correct it; `docker compose config` says as well whether the files are right."
	if m := leadingPath.FindStringSubmatch(p.Text); m != nil {
		place(p, m[1], "", texts)
	}
	return p
}

// explain explains an error of this form; false if it is of another.
func (f form) explain(p *model.Problem, words string, texts []text) bool {
	m := f.words.FindStringSubmatchIndex(words)
	if m == nil {
		return false
	}
	fill := func(template string) string {
		return string(f.words.ExpandString(nil, template, words, m))
	}
	p.Text = strings.TrimPrefix(fill(f.text), ": ")
	p.Advice = fill(f.advice)
	if path, near := fill(f.path), fill(f.near); path != "" || near != "" {
		place(p, path, near, texts)
	} else if f.whole {
		placeWhole(p, texts)
	}
	return true
}

// inFile matches how compose-go says which file it was reading.
var inFile = regexp.MustCompile(`(?s)^(?:validating|failed to parse|failed to read) (.+?): (.*)$`)

// envLine matches what is wrong with an env file.
var envLine = regexp.MustCompile(`(?s)^line (\d+): (.*)$`)

// leadingPath matches errors that begin with the path of a key.
var leadingPath = regexp.MustCompile(`^((?:services|volumes|networks|configs|secrets|include)\.\S+?):? `)

// explainType explains the errors that say more than words: nil for the others.
func explainType(err error, texts []text) *model.Problem {
	var away elsewhereError
	if errors.As(err, &away) {
		p := &model.Problem{Text: away.Error(), Advice: "Fetch it, and name the copy."}
		placeFile(p, string(away), texts)
		return p
	}
	if errors.Is(err, errNoFile) {
		return &model.Problem{
			Text:   err.Error(),
			Advice: "Go to a project's folder, name its Compose file with -f, or a project of `petrify ls` with -p.",
		}
	}
	var onDisk *fs.PathError
	if !errors.As(err, &onDisk) {
		return nil
	}
	p := &model.Problem{Text: fmt.Sprintf("%s: %s", onDisk.Path, onDisk.Err)}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.Text = onDisk.Path + " does not exist"
		p.Advice = "Create the file, or correct its path: relative ones start in the folder of the file that names them."
		if strings.HasPrefix(err.Error(), "env file ") {
			p.Advice = "Create the file, correct its path, or say `required: false` beside it."
		}
	case errors.Is(err, fs.ErrPermission):
		p.Text = onDisk.Path + " may not be read: permission denied"
		p.Advice = "Make it readable for your user."
	case strings.HasSuffix(err.Error(), "is a directory"):
		p.Text = onDisk.Path + " is a directory"
		p.Advice = "Name the Compose file in it."
	default:
		p.Advice = "Check the path and the disk."
	}
	if variable, _, ok := strings.Cut(err.Error(), ": "); ok && variable == "COMPOSE_FILE" {
		p.Text += ", but COMPOSE_FILE names it"
	}
	placeFile(p, onDisk.Path, texts)
	return p
}

// firstOf returns the words of an error; of several that were joined, those of
// the first one alone, for the others may be about other lines.
func firstOf(err error) string {
	if inFile.MatchString(err.Error()) {
		return err.Error()
	}
	for {
		var joined interface{ Unwrap() []error }
		if !errors.As(err, &joined) || len(joined.Unwrap()) == 0 {
			return err.Error()
		}
		err = joined.Unwrap()[0]
	}
}

// place finds the line of a key, and in it of what is near, in the file that an
// error names or else in the last one that has the key.
func place(p *model.Problem, path, near string, texts []text) {
	keys := splitPath(path)
	for _, t := range slices.Backward(texts) {
		if p.File != "" && p.File != t.file {
			continue
		}
		if line := t.line(keys, near); line > 0 {
			p.File, p.Line = t.file, line
			return
		}
	}
	// A key that no file has comes from a merge; the service is still known.
	if len(keys) > 2 {
		place(p, strings.Join(keys[:2], "."), "", texts)
	}
}

// placeWhole blames the first file that is no Compose file, or else the first.
func placeWhole(p *model.Problem, texts []text) {
	if p.File != "" || len(texts) == 0 {
		return
	}
	p.File = texts[max(0, slices.IndexFunc(texts, func(t text) bool { return !t.isProject() }))].file
}

// placeFile finds the line that names a file.
func placeFile(p *model.Problem, path string, texts []text) {
	for _, t := range texts {
		if line := t.mention(path); line > 0 {
			p.File, p.Line = t.file, line
			return
		}
	}
}

// splitPath takes the path of a key apart as compose-go writes it: a.b.0,
// a.b.[0], a.b[0] and a[b].
func splitPath(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) })
}
