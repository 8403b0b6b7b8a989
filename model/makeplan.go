package model

import (
	"slices"
	"strings"
)

// From writes to mounts. The rules, in order:
//
//   - A service that declares a read-only root is left alone.
//   - Mounts that are declared take what they take; a plan has only the rest.
//   - Code and packages never get a mount of their own: they are alarms. What a
//     service runs on without, and what a person left, gets none either.
//   - A mount goes to the deepest directory that takes what was written, and what
//     is likely to be written like it: an uploads folder, not its folder of May;
//     the whole of a directory that the service made itself.
//   - What must survive gets a named volume, and so does a directory that holds
//     something of the image, as only a volume copies that up (Docker never fills
//     a tmpfs). Everything else gets a tmpfs. /tmp and /run may be empty at any
//     start by their definition: a tmpfs goes there whatever the image left in
//     them, unless the service changes or runs it.
//   - A volume where the image has no directory belongs to root (Docker 20.10), so
//     that for other users it goes to the directory above, which the image has.
//   - A mount that another one replaces is not there.

// MakePlan returns the mounts with which a service runs on a read-only root. The
// same service, facts and options make the same plan, whatever the order in
// which an engine listed the changes.
func MakePlan(s *Service, facts Facts, opt PlanOptions) Plan {
	p := planner{service: s, facts: facts, plan: Plan{Service: s.Name}, user: userOf(s)}
	if s.ReadOnlyRoot() {
		p.plan.Already = true
		for _, change := range copiedIn(s) {
			p.leave(write{Change: change}, copiedWhy, copiedAdvice)
		}
		p.settleOpen()
		return p.plan
	}
	p.plan.Evidence, p.plan.Blind = s.Verdict.Evidence, s.Verdict.Blind
	seen := look(s, facts)
	p.settle(seen)
	p.gather()
	for p.assign() || p.rise() {
	}
	p.absorb()
	p.adopt(seen.leading)
	for _, at := range p.sites {
		p.plan.Mounts = append(p.plan.Mounts, p.mount(at))
	}
	if opt.NoAssumptions {
		p.sayAnonymous()
	} else {
		p.assume()
	}
	slices.SortFunc(p.plan.Mounts, func(a, b PlannedMount) int { return comparePaths(a.Target, b.Target) })
	p.nameVolumes()
	p.warn()
	p.settleOpen()
	return p.plan
}

// planner makes one plan.
type planner struct {
	service *Service
	facts   Facts
	user    user
	plan    Plan
	sites   []*site // by target
	alarms  []write
	left    []leftOut
}

// site is a directory that needs a mount, with the writes that it is for.
type site struct {
	target string
	writes []write
	made   bool // the service made the directory itself
}

// leftOut is a write that no mount is for.
type leftOut struct {
	write
	why, advice string
}

const (
	copiedWhy    = "Compose copies its content into the container, which it refuses on a read-only root"
	copiedAdvice = "put the content into a file of its own and refer to it with file:, so that it is mounted"
)

func (p *planner) leave(w write, why, advice string) {
	p.left = append(p.left, leftOut{write: w, why: why, advice: advice})
}

// settle sends each write to a site, to the alarms, or to what is left out.
func (p *planner) settle(seen survey) {
	copied := copiedIn(p.service)
	tainted := map[string]bool{}
	for _, w := range seen.writes {
		if w.Class.Alarm() && w.made != "" {
			for dir := parentOf(w.Path); within(dir, w.made) && !tainted[dir]; dir = parentOf(dir) {
				tainted[dir] = true
			}
		}
	}
	at := map[string]*site{}
	for _, w := range seen.writes {
		if p.excluded(w, copied) {
			continue
		}
		for w.made != "" && tainted[w.made] && w.made != parentOf(w.Path) {
			w.made = w.made + "/" + firstElement(w.Path[len(w.made)+1:])
		}
		target := w.home(p.facts)
		if target == "/" {
			p.leave(w, "it lies directly below /, where no mount can stand",
				"let the service write to a directory of its own, by configuration or by its working directory")
			continue
		}
		if at[target] == nil {
			at[target] = &site{target: target, made: target == w.made || target == w.Path && w.Kind == Added}
		}
		at[target].writes = append(at[target].writes, w)
	}
	p.sites = inOrder(at)
}

func firstElement(rest string) string {
	first, _, _ := strings.Cut(rest, "/")
	return first
}

// excluded leaves out what gets no mount of its own.
func (p *planner) excluded(w write, copied []Change) bool {
	mount, mounted := p.service.takes(w.Path)
	switch {
	case slices.ContainsFunc(copied, func(c Change) bool { return c.Path == w.Path }):
		w.Class = Configuration
		p.leave(w, copiedWhy, copiedAdvice)
	case mounted && mount.ReadOnly:
		p.leave(w, "it lies in the mount at "+mount.Target+", which is declared read-only", "declare that mount writable, if the service needs it")
	case slices.Contains(boundFiles, w.Path):
		p.leave(w, "the engine binds its own file there, which is read-only on a read-only root",
			"let the engine write it: extra_hosts, hostname and dns in the Compose file")
	case within(w.Path, "/dev"):
		w.Harmless = true
		p.leave(w, "/dev stays writable on a read-only root", "")
	case w.Class.Alarm():
		p.alarms = append(p.alarms, w)
	case w.Class == Home:
		p.leave(w, "a person in a shell leaves such files behind, not a service", w.Class.Remedy())
	case w.Harmless:
		p.leave(w, "Python runs on when it cannot keep what it compiled",
			"compile it when the image is built (python -m compileall), or set PYTHONDONTWRITEBYTECODE=1")
	default:
		return false
	}
	return true
}

// gather puts siblings together that a service makes in a directory which the
// image ships empty: it is there for them, as /var/cache/nginx is.
func (p *planner) gather() {
	siblings := map[string]int{}
	for _, at := range p.sites {
		if at.made {
			siblings[parentOf(at.target)]++
		}
	}
	p.move(func(at *site) string {
		above := parentOf(at.target)
		if at.made && siblings[above] > 1 && above != "/" && p.facts.empty(above) {
			return above
		}
		return at.target
	})
}

// assign gives each write to the deepest site that holds it, for that is where
// it will land, and drops sites that are left with none. What lands in a site
// may change its kind.
func (p *planner) assign() (changed bool) {
	at := make(map[string]*site, len(p.sites))
	for _, s := range p.sites {
		at[s.target] = s
	}
	landed := map[*site][]write{}
	for _, s := range p.sites {
		for _, w := range s.writes {
			dir := w.Path
			for at[dir] == nil {
				dir = parentOf(dir)
			}
			landed[at[dir]] = append(landed[at[dir]], w)
			changed = changed || at[dir] != s
		}
	}
	for target, s := range at {
		if s.writes = landed[s]; len(s.writes) == 0 {
			delete(at, target)
		}
	}
	p.sites = inOrder(at)
	return changed
}

// rise moves volumes that would belong to root, where the service does not run as
// root, to the nearest directory that the image has.
func (p *planner) rise() (moved bool) {
	return p.move(func(at *site) string {
		target := at.target
		if p.kind(at) != Volume || !at.made || p.madeBy(target) == 0 {
			return target
		}
		above := parentOf(target)
		for above != "/" && p.facts.lacks(above) {
			above = parentOf(above)
		}
		if above == "/" || !p.ownMaking(target, above) {
			return target
		}
		return above
	})
}

// madeBy is who made a directory that the image lacks; -1 for somebody unknown
// who is not root.
func (p *planner) madeBy(dir string) int {
	if fact, ok := p.facts.owner(dir); ok {
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
	fact, ok := p.facts.owner(above)
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
			at[target] = &site{target: target}
		}
		at[target].writes = append(at[target].writes, old.writes...)
		at[target].made = old.made && target == old.target
		moved = moved || target != old.target
	}
	p.sites = inOrder(at)
	return moved
}

func inOrder(at map[string]*site) []*site {
	sites := make([]*site, 0, len(at))
	for _, s := range at {
		slices.SortFunc(s.writes, func(a, b write) int { return byPath(a.Change, b.Change) })
		sites = append(sites, s)
	}
	slices.SortFunc(sites, func(a, b *site) int { return comparePaths(a.target, b.target) })
	return sites
}

// kind is what kind of mount a site needs.
func (p *planner) kind(at *site) MountKind {
	if at.keeps() || p.needed(at) {
		return Volume
	}
	return Tmpfs
}

func (at *site) keeps() bool {
	return slices.ContainsFunc(at.writes, func(w write) bool { return w.Class.Keeps() })
}

// needed says whether what the image has at a site must stay.
func (p *planner) needed(at *site) bool {
	if at.made {
		return false
	}
	if !volatile(at.target) {
		return p.facts.content(at.target)
	}
	return p.runsFrom(at.target) || slices.ContainsFunc(at.writes, func(w write) bool {
		return w.Kind == Modified && !w.isDirectory(p.facts)
	})
}

// runsFrom says whether the service starts something that the image has in a
// directory of the volatile kind.
func (p *planner) runsFrom(dir string) bool {
	return slices.ContainsFunc(runFromTemp(p.service), func(program string) bool {
		_, mounted := p.service.takes(program)
		return within(program, dir) && !mounted && p.facts[program].Known && p.facts[program].Exists
	})
}

// absorb drops sites below others whose mounts do for them as well.
func (p *planner) absorb() {
	var kept []*site
	for _, at := range p.sites {
		above := nearest(kept, at.target)
		if above == nil || !p.replaces(above, at) {
			kept = append(kept, at)
			continue
		}
		above.writes = append(above.writes, at.writes...)
		slices.SortFunc(above.writes, func(a, b write) int { return byPath(a.Change, b.Change) })
	}
	p.sites = kept
}

func nearest(sites []*site, target string) *site {
	for _, at := range slices.Backward(sites) {
		if within(target, at.target) {
			return at
		}
	}
	return nil
}

// replaces says whether the mount of a site does for one below it.
//   - A volume does for what may vanish: it has the image's directories.
//   - It does for data only if it is there for data: one that copies code is
//     thrown away for a newer image.
//   - A tmpfs does for what the service makes right in it. It has no directory that
//     the image ships, and nothing that survives.
func (p *planner) replaces(above, below *site) bool {
	switch {
	case p.kind(above) == Volume:
		return !below.keeps() || above.keeps()
	case p.kind(below) == Tmpfs:
		if !below.made && !p.facts.lacks(below.target) {
			return false
		}
		dir := parentOf(below.target)
		return above.made || dir == above.target || p.facts.lacks(dir)
	default:
		return false
	}
}

// adopt gives the writes that are no reason for a mount to the mounts that take
// them anyway: directories made on the way to one, for engines make its mount
// point, and what a service could do without. A directory that leads to an alarm
// or to something left out goes with it.
func (p *planner) adopt(leading []write) {
	alarms, left := p.alarms, p.left
	p.left = nil
	for _, l := range left {
		if at := nearest(p.sites, l.Path); at != nil && l.Harmless {
			at.writes = append(at.writes, l.write)
			continue
		}
		p.left = append(p.left, l)
	}
	for _, w := range leading {
		if at := nearest(p.sites, w.Path); at != nil {
			at.writes = append(at.writes, w)
		} else if i := firstBelow(p.sites, w.Path, func(at *site) string { return at.target }); i >= 0 {
			p.sites[i].writes = append(p.sites[i].writes, w)
		} else if i := firstBelow(alarms, w.Path, func(w write) string { return w.Path }); i >= 0 {
			w.Classification = alarms[i].Classification
			p.alarms = append(p.alarms, w)
		} else if i := firstBelow(left, w.Path, func(l leftOut) string { return l.Path }); i >= 0 {
			w.Classification = left[i].Classification
			p.leave(w, left[i].why, left[i].advice)
		}
	}
	for _, at := range p.sites {
		slices.SortFunc(at.writes, func(a, b write) int { return byPath(a.Change, b.Change) })
	}
}

// firstBelow finds the first of some sorted by path that lies below a directory;
// -1 when none does.
func firstBelow[T any](sorted []T, dir string, pathOf func(T) string) int {
	i, _ := slices.BinarySearchFunc(sorted, dir, func(t T, dir string) int { return comparePaths(pathOf(t), dir) })
	if i < len(sorted) && within(pathOf(sorted[i]), dir) {
		return i
	}
	return -1
}
