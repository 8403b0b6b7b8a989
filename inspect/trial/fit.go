package trial

import (
	"context"
	"fmt"
	"strconv"

	"petrify/inspect/trial/inside"
	"petrify/model"
)

// What has to fit, before any data is copied:
//
//   - Twice the data: as it was, and as the copies change it. And some room to work.
//   - As much memory as the originals use now.
//   - A tenth of what there is stays free.
const (
	roomToWork = 64 << 20
	leastFree  = 10 // percent of what is free
	// mostCopied is how much is copied without being asked for.
	mostCopied = 1 << 30
)

// needed is how much a trial takes, in bytes; known is false where somebody could not look.
func (l *layout) needed() (bytes int64, known bool) {
	known = true
	for _, v := range l.volumes {
		if v.bytes < 0 {
			known = false
		}
		bytes += max(v.bytes, 0)
	}
	return bytes, known
}

// fits has the keeper look how much is copied, and whether that fits.
func (c *Copies) fits(ctx context.Context) error {
	for i := range c.layout.volumes {
		v := &c.layout.volumes[i]
		if v.from == nil {
			continue
		}
		answer, err := c.ask(ctx, inside.Request{Measure: fromAt + strconv.Itoa(i)})
		if err != nil {
			return fmt.Errorf("look how much is in %s of %s: %w", v.target, v.service, err)
		}
		v.bytes = answer.Size.Bytes
	}
	at := "/"
	if c.layout.copied() {
		at = keptAt
	}
	answer, err := c.ask(ctx, inside.Request{Free: at})
	if err != nil {
		return err
	}
	problem := c.layout.tooMuch(*answer.Room, c.t.memory(ctx, c.originals), c.options.Data)
	if problem != nil {
		return &model.ProblemError{Problem: *problem}
	}
	return nil
}

// memory is how much originals use now.
func (t *Trials) memory(ctx context.Context, originals []*original) int64 {
	var sum int64
	for _, o := range originals {
		sum += t.memoryOf(ctx, o)
	}
	return sum
}

// tooMuch says why a trial does not fit; nil where it does.
func (l *layout) tooMuch(room inside.Room, memory int64, data model.TrialData) *model.Problem {
	bytes, _ := l.needed()
	usable := func(free int64) int64 { return free - free/leastFree }
	switch {
	case bytes > mostCopied && data == "":
		return &model.Problem{
			Text:   fmt.Sprintf("the data of the copies is %s, and no more than %s is copied unasked", model.SizeText(bytes), model.SizeText(mostCopied)),
			Advice: "choose --data copy to copy it, or --data fresh to begin with empty volumes",
		}
	case 2*bytes+roomToWork > usable(room.Disk):
		return &model.Problem{
			Text:   fmt.Sprintf("the copies need %s of disk (twice their data of %s), and %s are free", model.SizeText(2*bytes+roomToWork), model.SizeText(bytes), model.SizeText(room.Disk)),
			Advice: "make room, or choose --data fresh to begin with empty volumes",
		}
	case memory > usable(room.Memory):
		return &model.Problem{
			Text:   fmt.Sprintf("the copies need about %s of memory, as much as the originals use, and %s are free", model.SizeText(memory), model.SizeText(room.Memory)),
			Advice: "stop something else first",
		}
	}
	return nil
}
