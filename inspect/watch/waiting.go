package watch

import (
	"cmp"
	"slices"
	"time"

	"petrify/model"
)

// inScope reports whether more is asked of a container than the list of all.
func (k *keeper) inScope(c *watched) bool { return k.names(cmp.Or(c.Service, c.Name)) }

func (k *keeper) names(service string) bool {
	return len(k.opt.Services) == 0 || slices.Contains(k.opt.Services, service)
}

// waiting says what was not answered yet, and what is asked again.
func (k *keeper) waiting() []model.Waiting {
	var all []model.Waiting
	if k.loading {
		all = append(all, model.Waiting{Step: model.WaitFiles, Since: k.loadSince})
	}
	if k.connected && !(k.listed && k.described) {
		all = append(all, model.Waiting{Step: model.WaitEngine, Since: k.began})
	}
	for _, w := range []model.Waiting{k.waitingContainers(), k.waitingLogs(), k.waitingChanges()} {
		if w.Open() && w.Total > 0 || len(w.On) > 0 {
			slices.SortFunc(w.On, func(a, b model.Asked) int {
				return cmp.Or(a.Since.Compare(b.Since), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Container, b.Container))
			})
			all = append(all, w)
		}
	}
	return all
}

// waitingContainers counts those that were inspected, and whose image was.
func (k *keeper) waitingContainers() model.Waiting {
	w := model.Waiting{Step: model.WaitContainers}
	for _, c := range k.containers {
		if !k.inScope(c) {
			continue
		}
		w.Total++
		inspected := c.Inspected || c.failed != ""
		if inspected && !k.imageOpen[c.ImageID] {
			w.Done++
		} else if !inspected && !c.askedSince.IsZero() {
			w.On = append(w.On, model.Asked{Service: c.Service, Container: c.ID, Since: c.askedSince})
		}
	}
	return w
}

// waitingChanges counts those whose changes were found once. Finding them again
// counts as waiting only when it takes long: it comes every few seconds.
func (k *keeper) waitingChanges() model.Waiting {
	w := model.Waiting{Step: model.WaitChanges}
	for _, c := range k.containers {
		if !c.shown || !k.inScope(c) || !c.HasLayer() {
			continue
		}
		w.Total++
		if c.changes != nil {
			w.Done++
		}
		if (c.diffing || c.reading) && (c.changes == nil || c.told) {
			w.On = append(w.On, model.Asked{Service: c.Service, Container: c.ID, Since: c.changesSince, Read: c.reading})
		}
	}
	return w
}

// tellSlow lets a stack leave when finding changes again has become slow.
func (k *keeper) tellSlow(now time.Time) {
	for _, c := range k.containers {
		if (c.diffing || c.reading) && !c.told && k.due(now, c.changesBegan.Add(noticeable)) {
			c.told, k.news = true, true
		}
	}
}
