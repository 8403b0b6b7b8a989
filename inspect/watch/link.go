package watch

import (
	"context"
	"io"
	"time"

	"petrify/inspect/engine"
	"petrify/model"
)

// connection is the keeper's line to the engine. Each attempt is a generation.
type connection struct {
	generation int
	connected  bool            // an attempt is under way or has succeeded
	live       context.Context // ends with the generation
	began      time.Time       // when the attempt was made
	described  bool            // the engine was asked what it is, and answered or failed
	endLive    context.CancelFunc
	listed     bool      // the list was answered in this generation
	since      time.Time // when the engine last came to be live; zero: never
	retryAt    time.Time
	retry      time.Duration // to wait after the next failure
}

// connect starts a generation when none is there and the wait is over: the event
// stream, the list and the engine's own description, side by side.
func (k *keeper) connect(now time.Time) {
	if k.connected || !k.due(now, k.retryAt) {
		return
	}
	k.generation++
	k.connected, k.described, k.began = true, false, k.opt.Now()
	k.live, k.endLive = context.WithCancel(k.ctx)
	k.askEvents()
	k.askList()
	k.askAbout()
}

func (k *keeper) askEvents() {
	generation := k.generation
	ask(k, 0, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, k.engine.Events(ctx, func(e engine.Event) {
			k.post(func() {
				if generation == k.generation {
					k.takeEvent(e)
				}
			})
		})
	}, func(_ struct{}, err error) {
		if err == nil {
			err = io.EOF
		}
		k.lost(err)
	})
}

func (k *keeper) askAbout() {
	type answer struct {
		about model.Engine
		root  string
	}
	ask(k, callLimit, func(ctx context.Context) (a answer, err error) {
		a.about, a.root, err = k.engine.About(ctx)
		return a, err
	}, func(a answer, err error) {
		k.described, k.news = true, true
		if err != nil {
			k.relist = true
			return
		}
		k.known, k.root = a.about, a.root
	})
}

// lost gives the connection up: what was known stays and is stale, what is in
// flight is forgotten, and another attempt is made after a while.
func (k *keeper) lost(err error) {
	now := time.Now()
	k.endLive()
	k.generation++
	// Only after a connection that held is the next one tried at once.
	if k.listed && now.Sub(k.since) >= lastRetry {
		k.retry = firstRetry
	}
	k.connected, k.listed = false, false
	k.flushing.forget()
	k.reads, k.diffs, k.searches = 0, 0, 0
	for _, c := range k.containers {
		c.asked, c.askedSince = false, time.Time{}
		if c.inLog {
			c.endSearch(now)
		}
		if c.reading {
			c.endRead(now)
		}
		if c.diffing {
			c.endDiff(now)
			if c.changes != nil { // it may have been cut short
				c.notBefore = later(c.notBefore, now.Add(rest(shortestRest, c.changes.Took)))
			}
		}
	}
	k.retryAt = now.Add(k.retry)
	k.retry = min(2*k.retry, lastRetry)

	problem := engine.Explain(err)
	link := model.Link{State: model.Connecting, Reason: problem.Text, Advice: problem.Advice}
	if !k.since.IsZero() {
		link.State = model.Stale
	}
	k.setLink(link)
}

// held notes that the engine answered: the link is live.
func (k *keeper) held() {
	k.listed, k.since = true, time.Now()
	k.setLink(model.Link{State: model.Live})
	k.waiters.wakeAll() // something may have started while nobody was told
}

// setLink keeps since when the link has been in its state, whatever the reason.
func (k *keeper) setLink(link model.Link) {
	link.Since = k.opt.Now()
	if old := k.link.Load(); old != nil && old.State == link.State {
		link.Since = old.Since
		if *old == link {
			return
		}
	}
	k.link.Store(&link)
	k.news = true
}
