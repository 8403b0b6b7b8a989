package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"petrify/model"
	"petrify/ui/clean"
)

// maxRows is how many rows one list of paths takes.
const maxRows = 8

// changes writes what a service changed: what a read-only root would refuse,
// what its mounts would take or, where there is no such split, all of it.
func (p *page) changes(s *model.Stack, svc *model.Service) {
	var asked []string
	if taken := oldest(svc.Changes); !taken.IsZero() {
		asked = append(asked, "asked "+ago(s.At.Sub(taken)))
	}
	engineMade := 0
	sets := make([][]model.Change, len(svc.Changes))
	for i, c := range svc.Changes {
		engineMade += len(c.EngineMade)
		sets[i] = c.Paths
	}
	if engineMade > 0 {
		asked = append(asked, fmt.Sprint(engineMade, " more made by the engine left out"))
	}
	switch {
	case len(svc.Containers) == 0:
		return
	case len(asked) == 0:
		p.row("changes", quiet, "not asked for")
		return
	}
	words := cmp.Or(countWords(svc.Counts), "none")
	p.row("changes", plain, words+" ("+strings.Join(asked, ", ")+")")
	p.noTrace(svc.Evidence.CopiedUp)

	v := svc.Verdict
	if len(v.Blocked) == 0 && len(v.Allowed) == 0 {
		p.rows(rollUp(model.NewTree(sets...)))
		return
	}
	if len(v.Blocked) > 0 && v.Outcome != model.IsReadOnly { // what that was refused is listed by itself
		p.row("  blocked", plain, "a read-only root would refuse these:")
		p.rows(rollUp(model.NewTree(v.Blocked)))
	}
	if len(v.Allowed) > 0 {
		p.row("  allowed", plain, "the declared mounts would take these:")
		p.rows(byMount(v.Allowed))
	}
}

// mostNoTrace is how many paths are named that were written without a trace.
const mostNoTrace = 5

// noTrace tells what was written and is as in the image.
func (p *page) noTrace(copied []model.CopiedUp) {
	label := "no trace"
	for _, c := range copied[:min(len(copied), mostNoTrace)] {
		p.row(label, plain, clean.Line(c.Text()))
		label = ""
	}
	if more := len(copied) - mostNoTrace; more > 0 {
		p.row("", quiet, fmt.Sprintf("and so in %s more", model.Plural(more, "path")))
	}
}

// countWords says counts in words that also explain the marks in the rows.
func countWords(c model.Counts) string {
	var parts []string
	for _, part := range []struct {
		mark string
		n    int
		what string
	}{{"+", c.Added, "added"}, {"~", c.Modified, "modified"}, {"-", c.Deleted, "deleted"}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprint(part.mark, part.n, " ", part.what))
		}
	}
	return strings.Join(parts, ", ")
}

// pathRow is a path with what changed there and below it.
type pathRow struct {
	counts model.Counts
	path   string // clean; a directory ends in a slash
	note   string // clean
}

func (p *page) rows(rows []pathRow) {
	marks := make([]string, len(rows))
	marksWidth := 0
	for i, row := range rows {
		marks[i] = countMarks(row.counts)
		marksWidth = max(marksWidth, len(marks[i]))
	}
	for i, row := range rows {
		lead := strings.Repeat(" ", labelWidth) + pad(marks[i], marksWidth) + "  "
		note := ""
		if row.note != "" {
			note = "  " + row.note
		}
		room := p.width - len(lead)
		note = clean.Fit(note, room/2)
		p.put(plain, lead+clean.FitPath(row.path, room-len(note)))
		p.put(quiet, note)
		p.blank()
	}
}

func countMarks(c model.Counts) string {
	var parts []string
	for _, part := range []struct {
		mark string
		n    int
	}{{"+", c.Added}, {"~", c.Modified}, {"-", c.Deleted}} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprint(part.mark, part.n))
		}
	}
	return strings.Join(parts, " ")
}

// rollUp shows a tree in a few rows: as deep as they reach, opening what holds
// the most changes first. Where the top alone is too wide, its smallest entries
// share the last row.
func rollUp(tree *model.Tree) []pathRow {
	open := slices.Clone(tree.Children(model.Root))
	bySize := func(a, b model.Node) int {
		return cmp.Or(cmp.Compare(tree.Counts(b).Total(), tree.Counts(a).Total()), strings.Compare(tree.Path(a), tree.Path(b)))
	}
	var rest model.Counts
	restPaths := 0
	if len(open) > maxRows {
		slices.SortFunc(open, bySize)
		for _, n := range open[maxRows-1:] {
			c := tree.Counts(n)
			rest.Added += c.Added
			rest.Modified += c.Modified
			rest.Deleted += c.Deleted
		}
		restPaths = len(open) - (maxRows - 1)
		open = open[:maxRows-1]
	}
	for {
		slices.SortFunc(open, bySize)
		next := slices.IndexFunc(open, func(n model.Node) bool {
			_, own := tree.Own(n) // a new directory says enough by itself
			fanout := tree.Fanout(n, maxRows+2)
			room := maxRows - len(open)
			if restPaths > 0 {
				room--
			}
			return !own && fanout > 0 && fanout-1 <= room
		})
		if next < 0 {
			break
		}
		open = slices.Concat(open[:next], open[next+1:], tree.Children(open[next]))
	}
	slices.SortFunc(open, func(a, b model.Node) int { return strings.Compare(tree.Path(a), tree.Path(b)) })
	rows := make([]pathRow, 0, maxRows)
	for _, n := range open {
		row := pathRow{counts: tree.Counts(n), path: clean.Path(tree.Path(n))}
		if tree.HasChildren(n) {
			row.path += "/"
		}
		rows = append(rows, row)
	}
	if restPaths > 0 {
		rows = append(rows, pathRow{counts: rest, path: fmt.Sprintf("in %d other places", restPaths)})
	}
	return rows
}

// byMount counts the writes that each mount would take.
func byMount(all []model.AllowedPath) []pathRow {
	sets := map[string][]model.Change{}
	rows := []pathRow{}
	for _, a := range all {
		if sets[a.Mount.Target] == nil {
			rows = append(rows, pathRow{path: a.Mount.Target, note: clean.Line(string(a.Mount.Kind))})
		}
		sets[a.Mount.Target] = append(sets[a.Mount.Target], a.Change)
	}
	slices.SortFunc(rows, func(a, b pathRow) int { return strings.Compare(a.path, b.path) })
	for i, row := range rows {
		tree := model.NewTree(sets[row.path])
		rows[i].counts = tree.Counts(model.Root)
		rows[i].path = clean.Path(row.path) + "/"
	}
	return rows
}
