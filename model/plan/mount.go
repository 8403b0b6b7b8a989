package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"petrify/model"
	"petrify/model/stack"
)

// mount makes the mount of a site.
func (p *planner) mount(at *site) model.PlannedMount {
	m := model.PlannedMount{Kind: p.kind(at), Target: at.target, Class: at.class()}
	for _, w := range at.writes {
		m.Serves = append(m.Serves, w.Change)
	}
	m.By = p.writersOf(at)
	m.Better = betterFor(p.service, at, m.Class)
	if m.Kind == model.Tmpfs {
		p.setOwner(&m)
		p.setSize(&m, at)
		m.Exec = p.executes(at)
		if p.facts.HasFiles(m.Target) {
			m.AddWarning(hidesFiles)
		}
	} else {
		p.describeVolume(&m, at)
	}
	m.Reason = p.reasonOf(m, at)
	return m
}

// writersOf names the processes that wrote what a site is for.
func (p *planner) writersOf(at *site) []string {
	e := &p.service.Evidence
	var names []string
	for _, w := range at.writes {
		if seen := e.Find(w.Path); seen != nil {
			for _, name := range e.Who(seen) {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// describeVolume fills in what there is to say about a volume.
func (p *planner) describeVolume(m *model.PlannedMount, at *site) {
	known := p.facts[m.Target].Known
	m.CopiesUp = !at.made && known && p.facts.HasContent(m.Target)
	if m.CopiesUp && mayHoldProgram(m.Target) {
		m.OpensProgram = true
		m.AddWarning("all that the image has there can be changed and outlives the image, its code as well, which is what a read-only root is to prevent")
	}
	switch {
	case m.CopiesUp:
		m.AddWarning("it starts with what the image has there, and hides what a newer image ships: remove the volume when the image changes")
	case !at.made && !known:
		m.AddWarning("nobody knows what the image has there: the volume starts with it, and hides what a newer image ships")
	case at.made && p.madeBy(m.Target) != 0:
		m.AddWarning("it belongs to root until the service gives it away: make the directory in the image, with its owner")
	}
	if at.onDisk && !at.keeps() {
		m.AddWarning(p.tooLarge(at))
	}
	if at.keeps() && !at.refused() {
		m.AddWarning("it starts without what the service wrote so far, which stays in the old container: copy it first (docker cp)")
	}
}

// mayHoldProgram says whether images put code into a directory: they do anywhere
// but where the Filesystem Hierarchy Standard has configuration and state.
func mayHoldProgram(dir string) bool {
	if model.Within(dir, "/var/www") {
		return true
	}
	for _, other := range []string{"/etc", "/var", "/run", "/tmp", "/data"} {
		if model.Within(dir, other) {
			return false
		}
	}
	return true
}

// maxNamed is how many files are named in what would make a mount unnecessary.
const maxNamed = 3

// better says what would make the mount of a site unnecessary. A few files that a start
// writes are named: having them in the image locks their directory again.
func (at *site) better(class model.Class) string {
	if class != model.Configuration {
		return class.Better()
	}
	var names []string
	for _, w := range at.writes {
		if w.Class == class && w.Kind != model.Deleted {
			names = append(names, w.Path[strings.LastIndexByte(w.Path, '/')+1:])
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 || len(names) > maxNamed {
		return class.Better()
	}
	return fmt.Sprintf("rendering %s when the image is built, or mounting it ready-made and read-only", strings.Join(names, " and "))
}

// hidesFiles is the warning where a tmpfs hides files that the image left in a place
// which may be empty at any start.
const hidesFiles = "it hides files that the image has there, which a service should not count on"

// class is what a site is for: what must survive comes first, then what there is
// most of, then what comes first by name.
func (at *site) class() model.Class {
	counts := map[model.Class]int{}
	for _, w := range at.writes {
		if w.Class != "" && !w.Harmless {
			counts[w.Class]++
		}
	}
	var best model.Class
	for _, c := range sortedClasses(counts) {
		if best == "" || c.Keeps() && !best.Keeps() || c.Keeps() == best.Keeps() && counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

func sortedClasses(counts map[model.Class]int) []model.Class {
	all := make([]model.Class, 0, len(counts))
	for c := range counts {
		all = append(all, c)
	}
	slices.Sort(all)
	return all
}

// maxSigns is how many signs stand for all of them in a reason.
const maxSigns = 3

func (p *planner) reasonOf(m model.PlannedMount, at *site) string {
	var signs []string
	for _, w := range at.writes {
		if w.Class != "" && w.Class == m.Class && !slices.Contains(signs, w.Why) {
			if signs = append(signs, w.Why); len(signs) == maxSigns {
				break
			}
		}
	}
	what := "what it writes there"
	if at.refused() {
		what = "what it is refused to write there"
	}
	if len(signs) > 0 {
		what += " (" + strings.Join(signs, ", ") + ")"
	}
	switch {
	case m.Kind == model.Tmpfs:
		return what + " may vanish with the container"
	case at.onDisk && !at.keeps():
		return what + " may vanish with the container, but does not fit into its memory"
	case at.keeps() && m.Class == model.Unclassified, !at.keeps() && !p.needed(at):
		return what + " might have to survive the container"
	case at.keeps():
		return what + " must survive the container"
	default:
		return what + " lies among files of the image, which only a volume copies"
	}
}

// executes says whether a site must be mounted with exec: engines mount tmpfs
// noexec, which also refuses to load a shared object.
func (p *planner) executes(at *site) bool {
	if p.ranIn(at.target) {
		return true
	}
	return slices.ContainsFunc(at.writes, func(w write) bool {
		if w.Kind == model.Deleted {
			return false
		}
		fact := p.facts[w.Path]
		if fact.Known && fact.Type != "" && fact.Type != model.Regular {
			return false
		}
		return isSharedObject(w.Path) || fact.Known && fact.Type == model.Regular && fact.Mode&0o111 != 0
	})
}

// ranIn says whether something was run in a directory that the service writes to, or was
// refused to be run there, though it may be gone by now.
func (p *planner) ranIn(dir string) bool {
	return slices.ContainsFunc(p.service.Evidence.Writes, func(w model.Write) bool {
		ran := w.Acts&model.Ran != 0 || w.Refusal.Acts&model.Ran != 0 && w.Blocked()
		other := w.Mount != "" && w.Mount != dir && model.Within(w.Mount, dir)
		return ran && !other && model.Within(p.facts.ResolveWrite(w.Path), dir)
	})
}

var numberedObject = newPattern("*.so.[0-9]*")

func isSharedObject(p string) bool {
	base := p[strings.LastIndexByte(p, '/')+1:]
	return strings.HasSuffix(base, ".so") || strings.HasSuffix(base, ".node") || numberedObject.fits(base)
}

// warn adds what only the whole plan shows.
func (p *planner) warn() {
	for i := range p.plan.Mounts {
		m := &p.plan.Mounts[i]
		if n := p.alarmsBelow(m.Target); n > 0 {
			m.OpensProgram = true
			m.AddWarning("it makes program files writable, " + model.Plural(n, "path") + " with an alarm among them")
		}
		for _, pair := range p.service.Mounts {
			there := pair.Current()
			real := p.facts.Resolve(pair.Target)
			if behind, ok := model.BehindLink(real); ok {
				real = behind
			}
			if there.Copied || real == m.Target || !model.Within(real, m.Target) {
				continue
			}
			if real != model.Canonical(pair.Target) {
				m.AddWarning(fmt.Sprintf("a mount at %s goes through a link: declare it as %s, or the two hide each other", pair.Target, real))
			}
			if others := stack.Writers(pair.Users, ""); len(others) > 0 {
				m.AddWarning(pair.Target + " in it stays shared with " + strings.Join(others, ", "))
			}
		}
	}
}

func (p *planner) alarmsBelow(dir string) int {
	n := 0
	for _, alarm := range p.alarms {
		if model.Within(alarm.Path, dir) {
			n++
		}
	}
	return n
}

// nameVolumes gives each volume a key: the service, and the directory.
func (p *planner) nameVolumes() {
	taken := map[string]bool{}
	for i := range p.plan.Mounts {
		taken[p.plan.Mounts[i].Volume] = true
	}
	for i := range p.plan.Mounts {
		m := &p.plan.Mounts[i]
		if m.Kind != model.Volume || m.Volume != "" {
			continue
		}
		name := slug(p.service.Name + m.Target)
		for n := 2; taken[name]; n++ {
			name = slug(p.service.Name+m.Target) + "-" + strconv.Itoa(n)
		}
		taken[name] = true
		m.Volume = name
	}
}

// slug writes a text with what Compose allows in a key.
func slug(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '.', r == '-':
			return r
		default:
			return '-'
		}
	}, text)
}
