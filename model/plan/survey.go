package plan

import (
	"slices"
	"strings"

	"petrify/model"
)

// survey is what a service wrote, in order, with what follows from the paths
// alone: what each write is, and which directory could take it.
type survey struct {
	service *model.Service
	writes  []write // by path
	leading []write // directories made on the way to another write: they are explained by it
}

// write is one change that a read-only root would refuse.
type write struct {
	model.Change
	model.Classification
	// made is the topmost directory above it that the container added, or itself
	// where it leads to others; "" where the image has what it lies in. What is made once is made
	// again, so that a mount there hides nothing and takes all of it.
	made string
	// transient says that it came and went.
	transient bool
	// passed says that it left no trace, and that nobody saw it.
	passed bool
	// refused says that it was only seen to fail, and refusedDirectory that it would have
	// made a directory.
	refused, refusedDirectory bool
}

// surveyOf surveys the writes of a service. Paths are those of the engine, which has
// them without symbolic links, unless facts know better.
func surveyOf(s *model.Service, facts model.Facts) survey {
	v := survey{service: s}
	changes := slices.Concat(wanted(s), s.CopiedIn())
	failed := map[string]*model.Write{} // those that were only seen to fail, by path
	for i := range changes {
		seen := s.Evidence.Find(changes[i].Path)
		changes[i].Path = facts.ResolveWrite(changes[i].Path)
		if seen != nil && seen.Refused > 0 && !seen.Wrote() {
			failed[changes[i].Path] = seen
			if changes[i].Kind == model.Modified && facts.Lacks(changes[i].Path) {
				changes[i].Kind = model.Added
			}
		}
	}
	slices.SortFunc(changes, model.ByPath)
	changes = slices.CompactFunc(changes, func(a, b model.Change) bool { return a.Path == b.Path })

	own := ownHomes(s)
	v.writes = make([]write, 0, len(changes)) // there may be a million
	transient := ""                           // the directory at hand that came and went, with all below it
	var made []string                         // added directories that lead to the write at hand, the topmost first
	for i, change := range changes {
		for len(made) > 0 && !model.Within(change.Path, made[len(made)-1]) {
			made = made[:len(made)-1]
		}
		w := write{Change: change}
		if seen := failed[change.Path]; seen != nil {
			w.refused, w.refusedDirectory = true, seen.Type == model.Directory && seen.Refusal.Acts&model.Made != 0
		}
		if transient != "" && model.Within(change.Path, transient) {
			v.leading = append(v.leading, w)
			continue
		}
		seen := s.Evidence.Find(change.Path)
		w.transient = seen != nil && seen.Transient() && seen.Inside == 0
		if w.transient && seen.Type == model.Directory {
			transient = change.Path // nothing can be mounted on what the service makes and removes
		}
		w.passed = seen != nil && seen.Acts == model.Passed
		if len(made) > 0 {
			w.made = made[0]
		}
		leads := transient != change.Path && i+1 < len(changes) && model.Within(changes[i+1].Path, change.Path)
		if leads && change.Kind == model.Added && change.Path != "/" {
			made = append(made, change.Path)
			w.made = made[0]
			v.leading = append(v.leading, w)
			continue
		}
		w.Classification = w.classify(s.Image, own, facts)
		v.writes = append(v.writes, w)
	}
	return v
}

// classify says what a write is, by its path and by what else is known of it.
func (w write) classify(image *model.Image, homes []string, facts model.Facts) model.Classification {
	w.Classification = Classify(w.Path, w.Kind, image)
	if place, ok := generated(w, facts); ok {
		return model.Classification{Class: model.GeneratedCode, Why: "under a name made up by a program, where the image has nothing", Place: place}
	}
	if w.transient && (w.Class == model.Unclassified || w.Class == model.Configuration) {
		// What the service removes itself is neither data nor a setting.
		return model.Classification{Class: model.Temporary, Why: "came and went"}
	}
	if w.Class == model.Configuration && inHidden(homes, w.Path) {
		return model.Classification{Class: model.UserData, Why: "inside a hidden directory of a home"}
	}
	return w.Classification
}

// ownHomes are the homes of the users of a service, as its container's list has them.
func ownHomes(s *model.Service) []string {
	if len(s.Accounts) == 0 {
		return nil
	}
	users := ownUsers(s)
	var homes []string
	for _, account := range s.Accounts {
		if users[account.UID] {
			homes = append(homes, model.Canonical(account.Home))
		}
	}
	return homes
}

func inHidden(homes []string, p string) bool {
	return slices.ContainsFunc(homes, func(home string) bool {
		_, ok := hiddenIn(home, p)
		return ok && home != "/"
	})
}

// wanted are the changes that a plan is for: of a service that is read-only already what
// it is refused, for what else was seen before is none of its troubles.
func wanted(s *model.Service) []model.Change {
	refused, _ := s.Refused()
	if s.NextRoot() != model.RootReadOnly {
		return refused
	}
	var failing []model.Change
	for _, change := range refused {
		if w := s.Evidence.Find(change.Path); w != nil && w.Blocked() {
			failing = append(failing, change)
		}
	}
	return failing
}

// home is the deepest directory that takes a write and whatever is likely to be
// written like it.
func (w write) home(facts model.Facts) string {
	dir := model.Parent(w.Path)
	if w.isDirectory(facts) {
		dir = w.Path
	}
	switch {
	case w.made != "":
		dir = w.made
		if madeForOneRun(dir) {
			dir = model.Parent(dir)
		}
	case dir == w.Path && w.Kind == model.Added:
		dir = w.emptyDirectory(facts)
	}
	if w.Place == "" || !model.Within(dir, w.Place) || w.Place == w.Path && dir != w.Path {
		return dir
	}
	if w.inBroad(facts) {
		return dir
	}
	// A tmpfs on /tmp has no directory that the image ships in it.
	if volatile(w.Place) {
		if w.made != "" {
			dir = model.Parent(w.made)
		}
		if facts.HasDirectory(dir) && model.Within(dir, w.Place) {
			return dir
		}
	}
	return w.Place
}

// inBroad says whether the place of a write is of many things, and holds files of the
// image, so that a mount on all of it would open or hide more than what is written.
func (w write) inBroad(facts model.Facts) bool { return w.Broad && facts.HasFiles(w.Place) }

// emptyDirectory is the home of an added directory with nothing in it. It may be
// a lock, which must not be there at the start: where the directory above holds
// nothing of the image, that one is the home; so it is where the image lacks that too.
func (w write) emptyDirectory(facts model.Facts) string {
	above := model.Parent(w.Path)
	if madeForOneRun(w.Path) || above != "/" && (facts.IsEmpty(above) || w.refusedDirectory && facts.Lacks(above)) {
		return above
	}
	return w.Path
}

// isDirectory says whether the write is one of a directory itself: one that was
// made, or whose mode or owner was set.
func (w write) isDirectory(facts model.Facts) bool {
	if w.Kind == model.Deleted {
		return false
	}
	if fact := facts[w.Path]; fact.Known && fact.Type != "" {
		return fact.Type == model.Directory
	}
	return w.refusedDirectory || w.Kind == model.Modified && w.Place == w.Path || slices.Contains(usualDirectories, w.Path)
}

// madeForOneRun says whether the name of a directory looks made up for one run: with
// a number of four digits or more, as process numbers and years have, with eight
// or more hexadecimal digits, or as mktemp makes them.
func madeForOneRun(p string) bool {
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
