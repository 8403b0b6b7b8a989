package pane

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"petrify/model"
	"petrify/ui/clean"
	"petrify/ui/row"
)

// allWrites are what all services of a stack wrote, by directory, for the rows that the list
// does not need.
type allWrites struct {
	known  map[string]serviceWrites // by service
	rates  []float64                // writes a second, one for each second of a recording
	second time.Time                // of the last one
}

// serviceWrites are a service's written paths by directory, and the list they were counted in.
type serviceWrites struct {
	first *model.Change
	count int
	dirs  map[string]int
}

// Where counting would be felt, a service is left out; and how many rates are kept.
const (
	mostCounted = 50_000
	mostRates   = 60
)

// take counts what is new in a stack.
func (w *allWrites) take(stack *model.Stack, now time.Time) {
	before := w.known
	w.known = make(map[string]serviceWrites, len(stack.Services))
	rate := 0.0
	for i := range stack.Services {
		s := &stack.Services[i]
		rate += s.Evidence.PerSecond
		w.known[s.Name] = countWrites(before[s.Name], s.Evidence.Root)
	}
	switch second := now.Truncate(time.Second); {
	case stack.Recorder.State != model.JobRunning:
		w.rates = nil
	case second.After(w.second):
		w.rates, w.second = append(w.rates, rate), second
		w.rates = w.rates[max(len(w.rates)-mostRates, 0):]
	}
}

func countWrites(before serviceWrites, paths []model.Change) serviceWrites {
	if len(paths) == 0 || len(paths) > mostCounted {
		return serviceWrites{count: len(paths)}
	}
	if before.first == &paths[0] && before.count == len(paths) {
		return before
	}
	counted := serviceWrites{&paths[0], len(paths), map[string]int{}}
	for i := range paths {
		counted.dirs[shortDirectory(paths[i].Path)]++
	}
	return counted
}

// shortDirectory is the directory of a path, cut after its second name: "/var/lib/".
func shortDirectory(path string) string {
	end := strings.LastIndexByte(path, '/') + 1
	for i, slashes := 1, 0; i < end; i++ {
		if path[i] == '/' {
			if slashes++; slashes == 2 {
				return path[:i+1]
			}
		}
	}
	return path[:end]
}

// writtenDirectory is one line of all writes.
type writtenDirectory struct {
	path     string
	count    int
	services []string
}

// directories are those that most was written to, the most first.
func (w *allWrites) directories() []writtenDirectory {
	found := map[string]*writtenDirectory{}
	for _, service := range slices.Sorted(maps.Keys(w.known)) {
		for path, count := range w.known[service].dirs {
			d := found[path]
			if d == nil {
				d = &writtenDirectory{path: path}
				found[path] = d
			}
			d.count += count
			d.services = append(d.services, service)
		}
	}
	all := make([]writtenDirectory, 0, len(found))
	for _, d := range found {
		all = append(all, *d)
	}
	slices.SortFunc(all, func(a, b writtenDirectory) int {
		return cmp.Or(cmp.Compare(b.count, a.count), strings.Compare(a.path, b.path))
	})
	return all
}

// any reports whether anything was written.
func (w *allWrites) any() bool {
	for _, known := range w.known {
		if known.count > 0 {
			return true
		}
	}
	return len(w.rates) > 0
}

// sparkline draws numbers as bars, the highest one full.
func sparkline(numbers []float64, width int) string {
	bars := []rune("▁▂▃▄▅▆▇█")
	numbers = numbers[max(len(numbers)-max(width, 0), 0):]
	highest := 1.0
	for _, n := range numbers {
		highest = max(highest, n)
	}
	var line strings.Builder
	for _, n := range numbers {
		line.WriteRune(bars[int(n/highest*float64(len(bars)-1))])
	}
	return line.String()
}

// spare fills the rows below the list with what all services wrote.
func (p *Services) spare(room int) []string {
	all := p.all.directories()
	if room < 4 || !p.all.any() {
		return nil
	}
	t := p.paint
	title := row.New(p.canvas.width, t.Plain).Space(4).Add(t.Faint, "all writes")
	if n := len(p.all.rates); n > 0 {
		rate := rateText(p.all.rates[n-1])
		title.Space(2).Add(t.Writable, sparkline(p.all.rates, title.Left()-len(rate)-3)).Space(2).Add(t.Writable, rate)
	}
	lines := []string{row.Blank(p.canvas.width), title.String()}
	for _, service := range slices.Sorted(maps.Keys(p.all.known)) {
		if known := p.all.known[service]; known.count > mostCounted && len(lines) < room {
			lines = append(lines, row.New(p.canvas.width, t.Plain).Space(4).
				Add(t.Faint, short(known.count)+" of "+clean.Line(service)+", too many to tell apart here").String())
		}
	}
	const widest = 30
	width := min(max(p.canvas.width/2-4, 1), widest)
	for _, d := range all[:min(len(all), max(room-len(lines), 0))] {
		lines = append(lines, row.New(p.canvas.width, t.Plain).Space(4).
			Cell(t.Text, fitPath(d.path, width-1), width).CellRight(t.Text, short(d.count), 5).Space(2).
			Add(t.Faint, clean.Line(strings.Join(d.services, ", "))).String())
	}
	return lines
}
