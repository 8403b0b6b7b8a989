package model

import (
	"slices"
	"strings"
)

// survey is what a service wrote, in order, with what follows from the paths
// alone: what each write is, and which directory could take it.
type survey struct {
	service *Service
	writes  []write // by path
	leading []write // directories made on the way to another write: they are explained by it
}

// write is one change that a read-only root would refuse.
type write struct {
	Change
	Classification
	// made is the topmost directory above it that the container added, or itself
	// where it leads to others; "" where the image has what it lies in. What is made once is made
	// again, so that a mount there hides nothing and takes all of it.
	made string
}

// look surveys the writes of a service. Paths are those of the engine, which has
// them without symbolic links, unless facts know better.
func look(s *Service, facts Facts) survey {
	v := survey{service: s}
	changes := sortedChanges(s.Verdict.Blocked)
	for i := range changes {
		changes[i].Path = facts.resolveWrite(changes[i].Path)
	}
	slices.SortFunc(changes, byPath)
	changes = slices.CompactFunc(changes, func(a, b Change) bool { return a.Path == b.Path })

	transient := ""   // the directory at hand that came and went, with all below it
	var made []string // added directories that lead to the write at hand, the topmost first
	for i, change := range changes {
		for len(made) > 0 && !within(change.Path, made[len(made)-1]) {
			made = made[:len(made)-1]
		}
		w := write{Change: change}
		if transient != "" && within(change.Path, transient) {
			v.leading = append(v.leading, w)
			continue
		}
		if seen := s.Recording.Find(change.Path); seen != nil && seen.Transient() && seen.Type == Directory {
			transient = change.Path // nothing can be mounted on what the service makes and removes
		}
		if len(made) > 0 {
			w.made = made[0]
		}
		leads := transient != change.Path && i+1 < len(changes) && within(changes[i+1].Path, change.Path)
		if leads && change.Kind == Added && change.Path != "/" {
			made = append(made, change.Path)
			w.made = made[0]
			v.leading = append(v.leading, w)
			continue
		}
		w.Classification = Classify(change.Path, change.Kind, s.Image)
		v.writes = append(v.writes, w)
	}
	return v
}

// byPath orders changes so that whatever is below a directory follows it at once.
func byPath(a, b Change) int { return comparePaths(a.Path, b.Path) }

// comparePaths compares as if "/" came before every other byte: "/a/b" stands
// between "/a" and "/a-b".
func comparePaths(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] == b[i] {
			continue
		}
		switch {
		case a[i] == '/':
			return -1
		case b[i] == '/':
			return 1
		default:
			return int(a[i]) - int(b[i])
		}
	}
	return len(a) - len(b)
}

// sortedChanges returns changes by path, in a slice of their own.
func sortedChanges(changes []Change) []Change {
	sorted := slices.Clone(changes)
	slices.SortFunc(sorted, byPath)
	return sorted
}

// home is the deepest directory that takes a write and whatever is likely to be
// written like it.
func (w write) home(facts Facts) string {
	dir := parentOf(w.Path)
	if w.isDirectory(facts) {
		dir = w.Path
	}
	switch {
	case w.made != "":
		dir = w.made
		if fleeting(dir) {
			dir = parentOf(dir)
		}
	case dir == w.Path && w.Kind == Added:
		dir = w.emptyDirectory(facts)
	}
	if w.Place == "" || !within(dir, w.Place) || w.Place == w.Path && dir != w.Path {
		return dir
	}
	// A tmpfs on /tmp has no directory that the image ships in it.
	if volatile(w.Place) {
		if w.made != "" {
			dir = parentOf(w.made)
		}
		if fact, ok := facts.owner(dir); ok && fact.Exists && within(dir, w.Place) {
			return dir
		}
	}
	return w.Place
}

// emptyDirectory is the home of an added directory with nothing in it. It may be
// a lock, which must not be there at the start: where the directory above holds
// nothing of the image, that one is the home.
func (w write) emptyDirectory(facts Facts) string {
	above := parentOf(w.Path)
	if fleeting(w.Path) || above != "/" && facts.empty(above) {
		return above
	}
	return w.Path
}

// isDirectory says whether the write is one of a directory itself: one that was
// made, or whose mode or owner was set.
func (w write) isDirectory(facts Facts) bool {
	if w.Kind == Deleted {
		return false
	}
	if fact := facts[w.Path]; fact.Known && fact.Type != "" {
		return fact.Type == Directory
	}
	return w.Kind == Modified && w.Place == w.Path || slices.Contains(usualDirectories, w.Path)
}

// fleeting says whether the name of a directory looks made up for one run: with
// a number of four digits or more, as process numbers and years have, with eight
// or more hexadecimal digits, or as mktemp makes them.
func fleeting(p string) bool {
	name := p[strings.LastIndexByte(p, '/')+1:]
	digits, hex := 0, 0
	hasDigit := false
	for _, c := range []byte(name) {
		switch {
		case '0' <= c && c <= '9':
			digits, hex, hasDigit = digits+1, hex+1, true
		case 'a' <= c && c <= 'f':
			digits, hex = 0, hex+1
		default:
			digits, hex, hasDigit = 0, 0, false
		}
		if digits >= 4 || hex >= 8 && hasDigit {
			return true
		}
	}
	return strings.HasPrefix(name, "tmp.") || strings.HasPrefix(name, "tmp_")
}
