package plan

import (
	"slices"

	"petrify/model"
)

// kind returns the kind of mount that a site needs.
func (p *planner) kind(at *site) model.MountKind {
	if at.keeps() || p.needed(at) || at.onDisk || p.mayKeep(at) {
		return model.Volume
	}
	return model.Tmpfs
}

// mayKeep reports whether a site may hold what has to be kept. Settings that a service adds
// may be rendered at each start, or be somebody's work; a directory for data may hold more
// later. Where a user other than root makes the directory itself, no volume is planned: it
// would belong to root.
func (p *planner) mayKeep(at *site) bool {
	if slices.Contains(p.dataDirs, at.target) {
		return true
	}
	return (!at.made || p.madeBy(at.target) == 0) && slices.ContainsFunc(at.writes, func(w write) bool {
		return w.Class == model.Configuration && w.Kind == model.Added
	})
}

func (at *site) keeps() bool {
	return slices.ContainsFunc(at.writes, func(w write) bool { return w.Class.Keeps() })
}

// needed reports whether the service needs what the image has at a site.
func (p *planner) needed(at *site) bool {
	if at.made || at.isForLogs() {
		return false
	}
	if !volatile(at.target) {
		return p.facts.HasContent(at.target)
	}
	return p.runsFrom(at.target) || slices.ContainsFunc(at.writes, func(w write) bool {
		return w.Kind == model.Modified && !w.isDirectory(p.facts)
	})
}

// runsFrom reports whether the service starts a program that the image has in a
// directory such as /run or /tmp.
func (p *planner) runsFrom(dir string) bool {
	return slices.ContainsFunc(runFromTemp(p.service), func(program string) bool {
		_, mounted := p.service.Takes(program)
		return model.Within(program, dir) && !mounted && p.facts[program].Known && p.facts[program].Exists
	})
}
