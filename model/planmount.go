package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// user is who the processes of a service start as.
type user struct {
	root, known bool // known: by number
	uid, gid    int
}

// userOf reads the user of a service: as declared, else as it runs, else the
// image's own.
func userOf(s *Service) user {
	name := ""
	if s.Image != nil {
		name = s.Image.User
	}
	if s.Declared != nil && s.Declared.User != "" {
		name = s.Declared.User
	} else if len(s.Containers) > 0 && s.Containers[0].Inspected && s.Containers[0].User != "" {
		name = s.Containers[0].User
	}
	id, group, _ := strings.Cut(name, ":")
	if id == "" || id == "root" || id == "0" {
		return user{root: true, known: true}
	}
	uid, err := strconv.Atoi(id)
	if err != nil {
		return user{}
	}
	gid, err := strconv.Atoi(group)
	if err != nil {
		gid = 0 // the engine's, too, where no group is told
	}
	return user{known: true, uid: uid, gid: gid}
}

// own sets mode and owner of a tmpfs. A tmpfs over a directory of the image takes
// its mode but not its owner, and one where the image has none is 1777 at the
// first start and 0755 after a restart (Docker 20.10): so both are always told.
func (p *planner) own(m *PlannedMount) {
	fact, ok := p.facts.owner(m.Target)
	switch {
	case ok && fact.Mode != 0:
		m.Mode, m.UID, m.GID = fact.Mode, fact.UID, fact.GID
	case m.Class == Temporary || slices.Contains(usualDirectories, m.Target) && m.Target != "/run":
		m.Mode = 0o1777
	case p.user.known && !p.user.root:
		m.Mode, m.UID, m.GID = 0o755, p.user.uid, p.user.gid
	case m.Target == "/run" && p.user.root:
		m.Mode = 0o755
	default:
		// Root may give up its rights after the start.
		m.Mode = 0o1777
		m.addWarning("everybody may write to it, as nobody knows whose the directory is")
	}
}

// mount makes the mount of a site.
func (p *planner) mount(at *site) PlannedMount {
	m := PlannedMount{Kind: p.kind(at), Target: at.target, Class: at.class()}
	for _, w := range at.writes {
		m.Serves = append(m.Serves, w.Change)
	}
	m.By = p.writersOf(at)
	m.Better = at.better(m.Class)
	if m.Kind == Tmpfs {
		p.own(&m)
		m.Size = p.size(at, m.Class)
		m.Exec = p.executes(at)
		if p.facts.files(m.Target) {
			m.addWarning(hidesFiles)
		}
	} else {
		p.keep(&m, at)
	}
	m.Reason = reasonOf(m, at)
	return m
}

// writersOf names the processes that wrote what a site is for.
func (p *planner) writersOf(at *site) []string {
	r := p.service.Recording
	var names []string
	for _, w := range at.writes {
		if seen := r.Find(w.Path); seen != nil {
			for _, name := range r.Who(seen) {
				if !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
	}
	slices.Sort(names)
	return names
}

// keep fills in what there is to say about a volume.
func (p *planner) keep(m *PlannedMount, at *site) {
	known := p.facts[m.Target].Known
	m.CopiesUp = !at.made && known && p.facts.content(m.Target)
	if m.CopiesUp && mayHoldProgram(m.Target) {
		m.addWarning("all that the image has there can be changed and outlives the image, its code as well, which is what a read-only root is to prevent")
	}
	switch {
	case m.CopiesUp:
		m.addWarning("it starts with what the image has there, and hides what a newer image ships: remove the volume when the image changes")
	case !at.made && !known:
		m.addWarning("nobody knows what the image has there: the volume starts with it, and hides what a newer image ships")
	case at.made && p.madeBy(m.Target) != 0:
		m.addWarning("it belongs to root until the service gives it away: make the directory in the image, with its owner")
	}
	if at.keeps() {
		m.addWarning("it starts without what the service wrote so far, which stays in the old container: copy it first (docker cp)")
	}
}

// mayHoldProgram says whether images put code into a directory: they do anywhere
// but where the Filesystem Hierarchy Standard has configuration and state.
func mayHoldProgram(dir string) bool {
	if within(dir, "/var/www") {
		return true
	}
	for _, other := range []string{"/etc", "/var", "/run", "/tmp", "/data"} {
		if within(dir, other) {
			return false
		}
	}
	return true
}

// maxNamed is how many files are named in what would make a mount unnecessary.
const maxNamed = 3

// better says what would make the mount of a site unnecessary. A few files that a
// start writes are named: to bake them in is what locks their directory again.
func (at *site) better(class Class) string {
	if class != Configuration {
		return classes[class].better
	}
	var names []string
	for _, w := range at.writes {
		if w.Class == class && w.Kind != Deleted {
			names = append(names, w.Path[strings.LastIndexByte(w.Path, '/')+1:])
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 || len(names) > maxNamed {
		return classes[class].better
	}
	return fmt.Sprintf("rendering %s when the image is built, or mounting it ready-made and read-only", strings.Join(names, " and "))
}

// hidesFiles is said where a tmpfs stands on files that the image left in a place
// which may be empty at any start.
const hidesFiles = "it hides files that the image has there, which a service should not count on"

func (m *PlannedMount) addWarning(text string) {
	if m.Warning != "" {
		m.Warning += "; "
	}
	m.Warning += text
}

// class is what a site is for: what must survive comes first, then what there is
// most of, then what comes first by name.
func (at *site) class() Class {
	counts := map[Class]int{}
	for _, w := range at.writes {
		if w.Class != "" && !w.Harmless {
			counts[w.Class]++
		}
	}
	var best Class
	for _, c := range sortedClasses(counts) {
		if best == "" || c.Keeps() && !best.Keeps() || c.Keeps() == best.Keeps() && counts[c] > counts[best] {
			best = c
		}
	}
	return best
}

func sortedClasses(counts map[Class]int) []Class {
	all := make([]Class, 0, len(counts))
	for c := range counts {
		all = append(all, c)
	}
	slices.Sort(all)
	return all
}

// maxSigns is how many signs stand for all of them in a reason.
const maxSigns = 3

func reasonOf(m PlannedMount, at *site) string {
	var signs []string
	for _, w := range at.writes {
		if w.Class != "" && w.Class == m.Class && !slices.Contains(signs, w.Why) {
			if signs = append(signs, w.Why); len(signs) == maxSigns {
				break
			}
		}
	}
	what := "what it writes there"
	if len(signs) > 0 {
		what += " (" + strings.Join(signs, ", ") + ")"
	}
	switch {
	case m.Kind == Tmpfs:
		return what + " may vanish with the container"
	case at.keeps() && m.Class == Unclassified:
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
	return slices.ContainsFunc(at.writes, func(w write) bool {
		if w.Kind == Deleted {
			return false
		}
		fact := p.facts[w.Path]
		if fact.Known && fact.Type != "" && fact.Type != Regular {
			return false
		}
		return isSharedObject(w.Path) || fact.Known && fact.Type == Regular && fact.Mode&0o111 != 0
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
			m.addWarning("it makes program files writable, " + Plural(n, "path") + " with an alarm among them")
		}
		for _, pair := range p.service.Mounts {
			there := pair.Current()
			real := p.facts.resolve(pair.Target)
			if behind, ok := behindLink(real); ok {
				real = behind
			}
			if there.Copied || real == m.Target || !within(real, m.Target) {
				continue
			}
			if real != canonical(pair.Target) {
				m.addWarning(fmt.Sprintf("a mount at %s goes through a link: declare it as %s, or the two hide each other", pair.Target, real))
			}
			if others := writers(pair.Users, ""); len(others) > 0 {
				m.addWarning(pair.Target + " in it stays shared with " + strings.Join(others, ", "))
			}
		}
	}
}

func (p *planner) alarmsBelow(dir string) int {
	n := 0
	for _, alarm := range p.alarms {
		if within(alarm.Path, dir) {
			n++
		}
	}
	return n
}

// nameVolumes gives each volume a key: the service, and the directory.
func (p *planner) nameVolumes() {
	taken := map[string]bool{}
	for i := range p.plan.Mounts {
		m := &p.plan.Mounts[i]
		if m.Kind != Volume {
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
