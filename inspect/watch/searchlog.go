package watch

import (
	"context"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
)

// searching is what the keeper knows of the log of one container.
type searching struct {
	log       *model.LogSearch // nil until it was searched once
	logWanted bool
	inLog     bool      // a search is in flight
	logBegan  time.Time // when it was sent
	logSince  time.Time // the same, by the clock of what is seen
	logNotYet time.Time // when it has rested from the last one
	logNoRest bool      // the search in flight began before somebody asked for another one
}

// searched is what a search found, with whose the container's volumes are.
type searched struct {
	model.LogSearch
	whose
}

// wantLog asks for a search once a container has had a moment to write.
func (c *watched) wantLog(now time.Time) {
	c.logWanted = true
	c.logNotYet = later(c.logNotYet, now.Add(shortestRest))
}

// searchNext starts the searches that are due.
func (k *keeper) searchNext(now time.Time) {
	if !k.listed || k.answering(now) {
		return
	}
	for _, c := range k.containers {
		if k.searches >= searchesAtOnce {
			return
		}
		if k.wantsSearch(c) && k.due(now, c.logNotYet) {
			k.askLog(c)
		}
	}
}

func (k *keeper) wantsSearch(c *watched) bool {
	_, marked := k.marks[c.ID]
	return c.logWanted && !c.inLog && !c.busy() && !marked && k.refusesWrites(c)
}

// refusesWrites says whether a container may have met a read-only root.
func (k *keeper) refusesWrites(c *watched) bool {
	return c.shown && k.inScope(c) && c.Inspected && c.ReadOnly && c.HasLayer()
}

func (k *keeper) askLog(c *watched) {
	k.searches++
	c.inLog, c.logWanted, c.logBegan, c.logSince = true, false, time.Now(), k.opt.Now()
	k.news = k.news || c.log == nil // somebody waits for the first answer
	id, taken, container := c.ID, c.logSince, c.Container
	before := model.LogSearch{}
	if c.log != nil {
		before = *c.log
	}
	ask(k, callLimit, func(ctx context.Context) (searched, error) {
		var lines model.LogSearcher
		cut, err := k.engine.SearchLog(ctx, id, before.Until, lines.Add)
		found := lines.Found()
		found.Cut = found.Cut || cut
		return searched{found, lookWhose(ctx, k.engine, container)}, err
	}, func(answer searched, err error) {
		found := answer.LogSearch
		k.searches--
		c.endSearch(time.Now())
		if k.containers[id] != c {
			return // destroyed meanwhile
		}
		if engine.IsGone(err) {
			k.drop(id)
			return
		}
		if err != nil {
			// Many logs are kept where no engine reads them, so that this is no news of the link.
			found = model.LogSearch{Err: engine.Explain(err).Text}
		}
		found = before.Add(found)
		found.Taken = taken
		c.log, k.news = &found, true
		c.StartsAs, c.MountPoints = answer.user, answer.points
	})
}

// endSearch begins the rest after a search.
func (c *watched) endSearch(now time.Time) {
	c.inLog = false
	c.logNotYet = now.Add(rest(shortestRest, now.Sub(c.logBegan)))
	if c.logNoRest {
		c.logNotYet, c.logNoRest = now, false
	}
}

// waitingLogs counts those that were searched once.
func (k *keeper) waitingLogs() model.Waiting {
	w := model.Waiting{Step: model.WaitLogs}
	for _, c := range k.containers {
		if !k.refusesWrites(c) {
			continue
		}
		w.Total++
		if c.log != nil {
			w.Done++
		} else if c.inLog {
			w.On = append(w.On, model.Asked{Service: c.Service, Container: c.ID, Since: c.logSince})
		}
	}
	return w
}
