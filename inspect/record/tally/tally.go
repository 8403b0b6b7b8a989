// Package tally adds up what a recorder reports of one service, in bounded memory.
package tally

import (
	"path"
	"slices"
	"time"

	"petrify/inspect/record/wire"
	"petrify/model"
)

const (
	mostPaths     = 20_000
	mostProcesses = 200
	window        = 5 * time.Second // over which the rate of writes is taken
)

// Tally is the sum of what was reported of a service's containers. It belongs to
// one goroutine.
type Tally struct {
	sum       model.Recording // without its lists
	writes    map[string]*model.Written
	processes []model.Process
	byID      map[int]int // index of a process by its number on the wire
	blind     map[string][]string
	begun     map[string]bool // containers whose present start is counted
	recent    []burst
}

// burst is a number of writes that was reported at once.
type burst struct {
	at    time.Time
	count int
}

// New returns an empty tally.
func New(project, service, imageID string, began time.Time) *Tally {
	return &Tally{
		sum:    model.Recording{Project: project, Service: service, ImageID: imageID, Began: began},
		writes: map[string]*model.Written{}, byID: map[int]int{}, blind: map[string][]string{}, begun: map[string]bool{},
	}
}

// Joined takes how a container is watched. It may come again for the same start.
func (t *Tally) Joined(j wire.Joined) {
	t.blind[j.Container] = j.Blind
	if j.Early && !t.begun[j.Container] {
		t.begun[j.Container] = true
		t.sum.Starts++
	}
}

// Left takes that a container's start is over: the next one counts anew.
func (t *Tally) Left(container string) { delete(t.begun, container) }

// Lost takes a number of events that the kernel dropped.
func (t *Tally) Lost(n uint64) { t.sum.Lost += n }

// Process takes who a number stands for. Processes of one program and user are one.
func (t *Tally) Process(p wire.Process) {
	known := model.Process{Command: string(p.Command), User: string(p.User), UID: p.UID}
	at := slices.IndexFunc(t.processes, func(q model.Process) bool {
		return q.Command == known.Command && q.User == known.User && q.UID == known.UID
	})
	if at < 0 {
		if len(t.processes) >= mostProcesses {
			return // its writes are known, though not who it is
		}
		at = len(t.processes)
		t.processes = append(t.processes, known)
	}
	t.processes[at].PID = p.PID
	if len(p.Line) > 0 {
		t.processes[at].Line = string(p.Line)
	}
	t.byID[p.ID] = at
}

// Seen takes writes.
func (t *Tally) Seen(s wire.Seen, now time.Time) {
	count := 0
	for i := range s.Writes {
		w := &s.Writes[i]
		t.add(w)
		count += w.Count
	}
	t.recent = append(t.recent, burst{now, count})
}

func (t *Tally) add(w *wire.Write) {
	at := string(w.Path)
	inside := w.Inside
	known := t.writes[at]
	folded := known == nil && len(t.writes) >= mostPaths
	if folded {
		at, inside = path.Dir(at), max(inside, 1)
		known = t.writes[at]
	}
	if known == nil {
		known = &model.Written{Path: at, Mount: string(w.Mount), Bytes: -1, First: w.First}
		t.writes[at] = known
	}
	known.Count += w.Count
	known.Inside += inside
	known.First, known.Last = earlier(known.First, w.First), later(known.Last, w.Last)
	if who, ok := t.byID[w.Process]; ok {
		t.processes[who].Count += w.Count
		if !slices.Contains(known.By, who) {
			// What was handed out before keeps its own list.
			known.By = append(slices.Clip(known.By), who)
		}
	}
	if folded {
		known.Acts |= model.Made
		return
	}
	known.Acts |= w.Acts
	known.Bytes = max(known.Bytes, w.Bytes)
	known.Gone = w.Gone
	if w.Type != "" {
		known.Type = w.Type
	}
}

// Snapshot returns what was reported so far. It is never changed afterwards.
func (t *Tally) Snapshot(now time.Time, live bool) *model.Recording {
	r := t.sum
	r.Ended, r.Took, r.Live = now, now.Sub(t.sum.Began), live
	r.Processes = slices.Clone(t.processes)
	r.Writes = make([]model.Written, 0, len(t.writes))
	for _, w := range t.writes {
		r.Writes = append(r.Writes, *w)
	}
	slices.SortFunc(r.Writes, model.CompareWrites)
	for _, blind := range t.blind {
		for _, what := range blind {
			if !slices.Contains(r.Blind, what) {
				r.Blind = append(r.Blind, what)
			}
		}
	}
	slices.Sort(r.Blind)
	if live {
		r.PerSecond = t.rate(now)
	}
	return &r
}

// rate is how many writes a second there were of late.
func (t *Tally) rate(now time.Time) float64 {
	t.recent = slices.DeleteFunc(t.recent, func(b burst) bool { return now.Sub(b.at) > window })
	count := 0
	for _, b := range t.recent {
		count += b.count
	}
	return float64(count) / window.Seconds()
}

// Empty reports whether nothing was recorded: no container was watched.
func (t *Tally) Empty() bool { return len(t.blind) == 0 && len(t.writes) == 0 }

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
