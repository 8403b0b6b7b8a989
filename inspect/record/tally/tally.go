// Package tally adds up what a recorder reports of one service, in bounded memory.
package tally

import (
	"maps"
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
	recording  model.Recording // without its lists
	sitting    model.Sitting
	writes     map[string]*model.Write
	processes  []model.Process
	byID       map[int]int // index of a process by its number on the wire
	containers map[string]*container
	recent     []burst
	used       map[string]int64
	unseen     uint64
}

// container is one container of the service, as far as it is watched.
type container struct {
	blind    []wire.BlindSpot
	refusals bool          // what it is refused is watched
	counted  bool          // its present start is counted
	since    time.Time     // when its present run came under watch; zero while it does not run
	ran      time.Duration // in earlier runs
}

func (c *container) running(now time.Time) time.Duration {
	if c.since.IsZero() {
		return c.ran
	}
	return c.ran + now.Sub(c.since)
}

// burst is a number of writes that was reported at once.
type burst struct {
	at    time.Time
	count int
}

// New returns an empty tally.
func New(project, service, imageID string, began time.Time) *Tally {
	return &Tally{
		recording: model.Recording{Project: project, Service: service, ImageID: imageID}, sitting: model.Sitting{Began: began},
		writes: map[string]*model.Write{}, byID: map[int]int{}, containers: map[string]*container{}, used: map[string]int64{},
	}
}

// Joined notes how a running container is watched. It may come again for the same start.
func (t *Tally) Joined(j wire.Joined, now time.Time) {
	c := t.containers[j.Container]
	if c == nil {
		c = &container{}
		t.containers[j.Container] = c
	}
	c.blind, c.refusals = j.Blind, j.Refusals
	if c.since.IsZero() {
		c.since = now
	}
	if j.Early && !c.counted {
		c.counted = true
		t.sitting.Starts++
	}
}

// Left notes that a container has stopped: its next start counts as another one.
func (t *Tally) Left(id string, now time.Time) {
	if c := t.containers[id]; c != nil {
		c.ran, c.since, c.counted = c.running(now), time.Time{}, false
	}
}

// Lost takes a number of events that the kernel dropped.
func (t *Tally) Lost(n uint64) { t.sitting.Lost += n }

// Unseen takes a number of refused writes of which no more is known.
func (t *Tally) Unseen(n uint64) { t.unseen += n }

// Garbled takes a number of reports that could not be read.
func (t *Tally) Garbled(n int) { t.sitting.Garbled += n }

// Process notes which process a number stands for. Processes of one program and user are
// one.
func (t *Tally) Process(p wire.Process) {
	all, at := model.AddProcess(t.processes, model.Process{
		Command: string(p.Command), Line: string(p.Line), User: string(p.User), UID: p.UID, PID: p.PID, Exec: p.Exec,
	})
	if at < mostProcesses { // of others the writes are known, though not who they are
		t.processes, t.byID[p.ID] = all, at
	}
}

// Used takes how much is in mounts that are in memory. Of several containers the most
// counts.
func (t *Tally) Used(u wire.Used) {
	for _, m := range u.Mounts {
		t.used[string(m.Target)] = max(t.used[string(m.Target)], m.Bytes)
	}
}

// Seen takes writes.
func (t *Tally) Seen(s wire.Seen, now time.Time) {
	t.Garbled(s.Dropped)
	count := 0
	for i := range s.Writes {
		w := &s.Writes[i]
		t.add(w)
		count += w.Count
		if w.Refused != nil {
			count += w.Refused.Count
		}
	}
	t.recent = append(t.recent, burst{now, count})
}

func (t *Tally) add(seen *wire.Write) {
	w := model.Write{
		Path: string(seen.Path), Mount: string(seen.Mount), Acts: seen.Acts, Type: seen.Type, Count: seen.Count, Inside: seen.Inside,
		Bytes: seen.Bytes, First: seen.First, Last: seen.Last, Gone: seen.Gone,
	}
	if r := seen.Refused; r != nil {
		w.Refused = r.Count
		w.Refusal = model.Refusal{Tries: r.Tries, Acts: r.Acts, Err: r.Err, Call: r.Call, Last: r.Last}
	}
	if who, ok := t.byID[seen.Process]; ok {
		t.processes[who].Count += w.Count + w.Refused
		w.By = []int{who}
	}
	if t.writes[w.Path] == nil && len(t.writes) >= mostPaths {
		w = w.InDirectory()
	}
	if known := t.writes[w.Path]; known != nil {
		known.Merge(w)
	} else {
		t.writes[w.Path] = &w
	}
}

// Snapshot returns what was reported so far. It is never changed afterwards.
func (t *Tally) Snapshot(now time.Time, live bool) *model.Recording {
	r := t.recording
	r.Live, r.Processes = live, slices.Clone(t.processes)
	r.Used = maps.Clone(t.used)
	r.Writes = make([]model.Write, 0, len(t.writes))
	for _, w := range t.writes {
		r.Writes = append(r.Writes, *w)
	}
	slices.SortFunc(r.Writes, model.CompareWrites)
	sitting := t.sitting
	sitting.Ended, sitting.Blind = now, t.blind()
	sitting.Refusals = len(t.containers) > 0
	for _, c := range t.containers {
		sitting.Ran = max(sitting.Ran, c.running(now))
		sitting.Refusals = sitting.Refusals && c.refusals
	}
	r.Sittings = []model.Sitting{sitting}
	if live {
		r.PerSecond = t.rate(now)
	}
	return &r
}

// blind is what could not be watched in any of the containers.
func (t *Tally) blind() []model.BlindSpot {
	var blind []model.BlindSpot
	for _, id := range slices.Sorted(maps.Keys(t.containers)) {
		for _, spot := range t.containers[id].blind {
			known := model.BlindSpot{Kind: spot.Kind, Count: spot.Count, Detail: string(spot.Detail)}
			if !slices.Contains(blind, known) {
				blind = append(blind, known)
			}
		}
	}
	if t.unseen > 0 {
		blind = append(blind, model.BlindSpot{Kind: model.BlindOldPrograms, Count: int(t.unseen)})
	}
	return blind
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
func (t *Tally) Empty() bool { return len(t.containers) == 0 && len(t.writes) == 0 }
