package plan

import (
	"regexp"
	"slices"
	"strings"

	"petrify/model"
)

// Where a service will keep its data, also when it has written none yet: a directory that
// the image ships empty, and that is its own. Its own is what belongs to one of its users,
// and the home of one that it may write to. Its users are:
//
//   - who it starts as, and who its processes were seen to write as;
//   - the user whose name is the program's, as servers that start as root become it.
//
// Root owns much that is not for data, and its home is for a person: where the service
// starts as root, a directory of root counts only if its name is one for data.
//
// Only places where images have such directories are looked at, as each costs a question.

// dataNames are what a directory for data is called, below one of the program's own.
var dataNames = []string{"data", "db", "storage", "uploads", "media", "instance"}

var dataPlaces = []string{"/data", "/config", "/db", "/storage", "/state"}

// wordOfName is a name that may be a program's, and a user's.
var wordOfName = regexp.MustCompile(`^[a-z_][a-z0-9_.-]{1,31}$`)

// ownUsers are the users of a service by number, without root.
func ownUsers(s *model.Service) map[int]bool {
	own := map[int]bool{}
	if u := userOf(s); u.known && !u.root {
		own[u.uid] = true
	}
	for _, process := range s.Evidence.Processes {
		if process.UID > 0 {
			own[process.UID] = true
		}
	}
	names := programNames(s)
	for _, account := range s.Accounts {
		if account.UID > 0 && slices.Contains(names, account.Name) {
			own[account.UID] = true
		}
	}
	return own
}

// programNames are the names that a service's image and commands go by.
func programNames(s *model.Service) []string {
	var names []string
	for _, known := range namesOf(s) {
		for word := range strings.FieldsSeq(known.name) {
			word = word[strings.LastIndexByte(word, '/')+1:]
			if wordOfName.MatchString(word) && !slices.Contains(names, word) {
				names = append(names, word)
			}
		}
	}
	return names
}

// maxNames bounds how many names places are looked for by.
const maxNames = 6

// dataDirectories are the places that may be a service's for its data.
func dataDirectories(s *model.Service) []string {
	own := ownUsers(s)
	if len(own) == 0 && !userOf(s).root {
		return nil
	}
	dirs := slices.Clone(dataPlaces)
	names := programNames(s)
	for _, account := range s.Accounts {
		if own[account.UID] {
			dirs = append(dirs, model.Canonical(account.Home), model.Canonical(account.Home+"/data"))
			names = append(names, account.Name)
		}
	}
	for _, name := range names[max(len(names)-maxNames, 0):] {
		dirs = append(dirs, "/var/lib/"+name, "/opt/"+name+"/data")
	}
	if dir := workingDir(s); dir != "/" {
		dirs = append(dirs, dir)
		for _, name := range dataNames {
			dirs = append(dirs, dir+"/"+name)
		}
	}
	dirs = slices.DeleteFunc(dirs, func(dir string) bool {
		return dir == "/" || model.Within(dir, "/dev") || model.Within(dir, "/proc") || !Classify(dir, model.Modified, nil).Class.Keeps()
	})
	slices.SortFunc(dirs, model.ComparePaths)
	return slices.Compact(dirs)
}

func workingDir(s *model.Service) string {
	for i := range s.Containers {
		if c := &s.Containers[i]; c.Inspected && !c.OneOff && c.WorkingDir != "" {
			return model.Canonical(c.WorkingDir)
		}
	}
	if s.Image != nil {
		return model.Canonical(s.Image.WorkingDir)
	}
	return "/"
}

// findDataDirs finds out which of the places are the service's own and empty.
func (p *planner) findDataDirs() {
	if p.sureOfNothing() {
		return
	}
	own := ownUsers(p.service)
	homes := map[string]bool{}
	for _, account := range p.service.Accounts {
		if own[account.UID] {
			homes[p.facts.Resolve(account.Home)] = true
		}
	}
	for _, dir := range dataDirectories(p.service) {
		dir = p.facts.Resolve(dir)
		fact, told := p.facts.Owner(dir)
		if !p.facts.IsEmpty(dir) || slices.Contains(p.dataDirs, dir) {
			continue
		}
		byGroup := p.service.StartsAs != nil && fact.GID == p.service.StartsAs.GID && fact.Mode&0o020 != 0
		rootsData := p.user.root && fact.UID == 0 && !homes[dir] && dir != "/root" && !slices.Contains(ofMany, dir)
		if told && (own[fact.UID] || rootsData) || homes[dir] && (!told || byGroup || fact.Mode&0o002 != 0) {
			p.dataDirs = append(p.dataDirs, dir)
		}
	}
}

// assumeData adds a volume where data will go.
func (p *planner) assumeData(dir string) {
	if _, planned := p.plan.Takes(dir); planned {
		return
	}
	if _, mounted := p.service.Takes(dir); mounted {
		return
	}
	class := Classify(dir, model.Modified, nil).Class
	if class == model.Unclassified {
		class = model.UserData
	}
	m := model.PlannedMount{
		Kind: model.Volume, Target: dir, Class: class, Assumed: assumption{kind: assumedOwn}.String(),
		Reason: "what is written there might have to survive the container",
		Better: "a recording from a start to the next one that shows that nothing is written there",
	}
	p.takeOver(&m)
	p.plan.Mounts = append(p.plan.Mounts, m)
}
