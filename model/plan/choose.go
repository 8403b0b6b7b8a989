package plan

import (
	"slices"
	"strings"

	"petrify/model"
)

// Where mounts go: each write is sent to the directory that could take it, directories
// that belong together become one, and what another mount does for as well is dropped.

// site is a directory that needs a mount, with the writes that it is for.
type site struct {
	target string
	writes []write
	made   bool // the service made the directory itself
	onDisk bool // what was seen there does not fit into the service's memory
	paired bool // a directory in it goes with a file beside that one
}

// refused says whether all that a site is for was only seen to fail.
func (at *site) refused() bool {
	return !slices.ContainsFunc(at.writes, func(w write) bool { return !w.refused })
}

// sendToPlaces sends each write to a site, to the alarms, or to what is left out.
func (p *planner) sendToPlaces(seen survey) {
	copied := p.service.CopiedIn()
	leadsToOpened := map[string]bool{}
	for _, w := range seen.writes {
		if w.Class.Alarm() && w.made != "" {
			for dir := model.Parent(w.Path); model.Within(dir, w.made) && !leadsToOpened[dir]; dir = model.Parent(dir) {
				leadsToOpened[dir] = true
			}
		}
	}
	at := map[string]*site{}
	for _, w := range seen.writes {
		if p.leavesOut(w, copied) || p.takenInUse(w) {
			continue
		}
		for w.made != "" && leadsToOpened[w.made] && w.made != model.Parent(w.Path) {
			w.made = w.made + "/" + firstElement(w.Path[len(w.made)+1:])
		}
		target := w.home(p.facts)
		if target == "/" {
			p.leave(w, model.OpenBelowRoot, "")
			continue
		}
		if at[target] == nil {
			at[target] = &site{target: target, made: target == w.made || target == w.Path && w.Kind == model.Added}
		}
		at[target].writes = append(at[target].writes, w)
	}
	p.sites = inOrder(at)
}

func firstElement(rest string) string {
	first, _, _ := strings.Cut(rest, "/")
	return first
}

// joinSiblings puts siblings together that a service makes in a directory which the
// image ships empty: it is there for them, as /var/cache/nginx is.
func (p *planner) joinSiblings() {
	siblings := map[string]int{}
	for _, at := range p.sites {
		if at.made {
			siblings[model.Parent(at.target)]++
		}
	}
	p.move(func(at *site) string {
		above := model.Parent(at.target)
		if at.made && siblings[above] > 1 && above != "/" && p.facts.IsEmpty(above) {
			return above
		}
		return at.target
	})
}

// joinBroad puts together what is written in several directories of a place that holds
// more: in the deepest that has them all.
func (p *planner) joinBroad() {
	common := map[string]string{}
	for _, at := range p.sites {
		for _, w := range at.writes {
			if !w.inBroad(p.facts) || !model.Within(at.target, w.Place) {
				continue
			}
			if dir, ok := common[w.Place]; ok {
				common[w.Place] = commonDirectory(dir, at.target)
			} else {
				common[w.Place] = at.target
			}
		}
	}
	p.move(func(at *site) string {
		for _, w := range at.writes {
			if dir := common[w.Place]; w.inBroad(p.facts) && model.Within(at.target, w.Place) && !at.spans(w.Place) {
				return dir
			}
		}
		return at.target
	})
}

// spans says whether a site has writes that are not of a place.
func (at *site) spans(place string) bool {
	return slices.ContainsFunc(at.writes, func(w write) bool { return w.Place != place })
}

func commonDirectory(a, b string) string {
	for !model.Within(b, a) {
		a = model.Parent(a)
	}
	return a
}

// assignToDeepest gives each write to the deepest site that holds it, for that is where
// it will land, and drops sites that are left with none. What lands in a site
// may change its kind.
func (p *planner) assignToDeepest() (changed bool) {
	at := make(map[string]*site, len(p.sites))
	for _, s := range p.sites {
		at[s.target] = s
	}
	assigned := map[*site][]write{}
	for _, s := range p.sites {
		for _, w := range s.writes {
			dir := w.Path
			for at[dir] == nil {
				dir = model.Parent(dir)
			}
			assigned[at[dir]] = append(assigned[at[dir]], w)
			changed = changed || at[dir] != s
		}
	}
	for target, s := range at {
		if s.writes = assigned[s]; len(s.writes) == 0 {
			delete(at, target)
		}
	}
	p.sites = inOrder(at)
	return changed
}

// moveUpToImage moves volumes that would belong to root, where the service does not run as
// root, to the nearest directory that the image has.
func (p *planner) moveUpToImage() (moved bool) {
	return p.move(func(at *site) string {
		target := at.target
		if p.kind(at) != model.Volume || !at.made || p.madeBy(target) == 0 {
			return target
		}
		above := model.Parent(target)
		for above != "/" && p.facts.Lacks(above) {
			above = model.Parent(above)
		}
		if above == "/" || !p.ownMaking(target, above) {
			return target
		}
		return above
	})
}

// madeBy returns who made a directory that the image lacks; -1 for an unknown user other
// than root.
func (p *planner) madeBy(dir string) int {
	if fact, ok := p.facts.Owner(dir); ok {
		return fact.UID
	}
	if !p.user.root && !p.user.known {
		return -1
	}
	return p.user.uid
}

// ownMaking says whether the owner of a directory can make one in the directory
// above: else root made it, as entrypoints do, and will give it away again.
func (p *planner) ownMaking(dir, above string) bool {
	fact, ok := p.facts.Owner(above)
	if !ok {
		return !p.user.root
	}
	return fact.UID == p.madeBy(dir) || fact.Mode&0o002 != 0 || !p.user.root
}

// move gives sites other targets, and merges those that meet.
func (p *planner) move(to func(*site) string) (moved bool) {
	at := map[string]*site{}
	for _, old := range p.sites {
		target := to(old)
		if at[target] == nil {
			at[target] = &site{target: target, writes: slices.Clip(old.writes)}
		} else {
			at[target].writes = append(at[target].writes, old.writes...)
		}
		at[target].made = old.made && target == old.target
		at[target].onDisk = at[target].onDisk || old.onDisk
		at[target].paired = at[target].paired || old.paired
		moved = moved || target != old.target
	}
	p.sites = inOrder(at)
	return moved
}

func inOrder(at map[string]*site) []*site {
	sites := make([]*site, 0, len(at))
	for _, s := range at {
		slices.SortFunc(s.writes, func(a, b write) int { return model.ByPath(a.Change, b.Change) })
		sites = append(sites, s)
	}
	slices.SortFunc(sites, func(a, b *site) int { return model.ComparePaths(a.target, b.target) })
	return sites
}

// dropCovered drops sites below others whose mounts do for them as well.
func (p *planner) dropCovered() {
	var kept []*site
	for _, at := range p.sites {
		above := nearest(kept, at.target)
		if above == nil || !p.replaces(above, at) {
			kept = append(kept, at)
			continue
		}
		above.writes = append(above.writes, at.writes...)
		slices.SortFunc(above.writes, func(a, b write) int { return model.ByPath(a.Change, b.Change) })
	}
	p.sites = kept
}

func nearest(sites []*site, target string) *site {
	for _, at := range slices.Backward(sites) {
		if model.Within(target, at.target) {
			return at
		}
	}
	return nil
}

// replaces reports whether the mount of a site makes one below it unnecessary.
//   - A volume also serves for what may vanish: it has the image's directories.
//   - It serves for data, unless it copies files of the image and is there for nothing
//     else: such a volume is thrown away for a newer image.
//   - A tmpfs serves for what the service makes directly in it. It has no directory that
//     the image ships, and nothing that survives.
func (p *planner) replaces(above, below *site) bool {
	switch {
	case p.kind(above) == model.Volume:
		return !below.keeps() || above.keeps() || !p.needed(above)
	case p.kind(below) == model.Tmpfs:
		if !below.made && !p.facts.Lacks(below.target) {
			return false
		}
		dir := model.Parent(below.target)
		return above.made || dir == above.target || p.facts.Lacks(dir)
	default:
		return false
	}
}

// assignLeading gives the writes that are no reason for a mount to the mounts that take
// them anyway: directories made on the way to one, for engines make its mount
// point, and what a service could do without. A directory that leads to an alarm
// or to something left out goes with it.
func (p *planner) assignLeading(leading []write) {
	alarms, left := p.alarms, p.left
	p.left = nil
	for _, l := range left {
		if at := nearest(p.sites, l.Path); at != nil && l.Harmless {
			at.writes = append(at.writes, l.write)
			continue
		}
		if l.Harmless && p.takenInUse(l.write) {
			continue
		}
		p.left = append(p.left, l)
	}
	for _, w := range leading {
		if at := nearest(p.sites, w.Path); at != nil {
			at.writes = append(at.writes, w)
		} else if i := firstBelow(p.sites, w.Path, func(at *site) string { return at.target }); i >= 0 {
			p.sites[i].writes = append(p.sites[i].writes, w)
		} else if p.takenInUse(w) {
			continue
		} else if i := firstBelow(alarms, w.Path, func(w write) string { return w.Path }); i >= 0 {
			w.Classification = alarms[i].Classification
			p.alarms = append(p.alarms, w)
		} else if i := firstBelow(left, w.Path, func(l leftOut) string { return l.Path }); i >= 0 {
			w.Classification = left[i].Classification
			p.leave(w, left[i].reason, left[i].about)
		}
	}
	for _, at := range p.sites {
		slices.SortFunc(at.writes, func(a, b write) int { return model.ByPath(a.Change, b.Change) })
	}
}

// firstBelow finds the first of some sorted by path that lies below a directory;
// -1 when none does.
func firstBelow[T any](sorted []T, dir string, pathOf func(T) string) int {
	i, _ := slices.BinarySearchFunc(sorted, dir, func(t T, dir string) int { return model.ComparePaths(pathOf(t), dir) })
	if i < len(sorted) && model.Within(pathOf(sorted[i]), dir) {
		return i
	}
	return -1
}
