package plan

import (
	"path"
	"slices"
	"strings"

	"petrify/model"
)

// What is written among files of the image, where only a volume on all of them would take
// it. Such a volume hides what a newer image ships, and opens all that is there, so that
// it is the last resort:
//
//   - Data gets it, wherever it is except directly in /etc: nothing else keeps it.
//   - A pid file or a log never gets it. A directory for logs gets a tmpfs, whatever the
//     image left in it; elsewhere it is left open, with what to do instead.
//   - Nothing directly in a directory of many owners gets it, such as a line in
//     /etc/passwd.
//   - A few files of configuration that the image ships are left open among code, and
//     where a recording saw them written in place: they can be pinned, or mounted one by
//     one. A file that the image lacks is probably needed, and a file that is replaced
//     cannot be a mount: these get the volume.

// ofMany are directories where each of many programs has a file or two.
var ofMany = []string{
	"/etc", "/etc/default", "/etc/init.d", "/etc/pam.d", "/etc/profile.d", "/etc/ssl", "/etc/ssl/certs", "/etc/security", "/etc/logrotate.d", "/etc/cron.d",
	"/usr", "/usr/bin", "/usr/lib", "/usr/sbin", "/usr/share", "/usr/local", "/usr/local/bin", "/usr/local/etc", "/usr/local/lib", "/usr/local/sbin", "/usr/local/share", "/usr/local/var", "/usr/src",
	"/bin", "/lib", "/sbin", "/opt", "/srv", "/home", "/mnt", "/media",
	"/var", "/var/cache", "/var/lib", "/var/local", "/var/opt", "/var/spool",
}

// overrides are settings that programs leave for a web server, which runs without.
var overrides = []string{".htaccess", ".user.ini", "web.config"}

// fewFiles is how many files somebody can care for one by one.
const fewFiles = 3

// leaveAmongFiles leaves out what is no reason for a volume on files of the image.
func (p *planner) leaveAmongFiles() {
	var kept []*site
	for _, at := range p.sites {
		above := nearest(kept, at.target)
		if above != nil && p.kind(above) == model.Volume || p.mayOpen(at) {
			kept = append(kept, at)
			continue
		}
		for _, w := range at.writes {
			reason := model.OpenAmongFiles
			switch {
			case isPidFile(w.Path):
				reason = model.OpenPidFile
			case w.isLog():
				reason = model.OpenLog
			}
			p.leave(w, reason, at.target)
		}
	}
	p.sites = kept
	slices.SortStableFunc(p.left, func(a, b leftOut) int { return model.ByPath(a.Change, b.Change) })
}

// mayOpen says whether a site may have the mount that it needs.
func (p *planner) mayOpen(at *site) bool {
	if p.kind(at) != model.Volume || !p.needed(at) {
		return true
	}
	if at.target == "/etc" {
		return false
	}
	if at.keeps() || at.paired {
		return true
	}
	if slices.Contains(ofMany, at.target) {
		return false
	}
	replaced := map[string]bool{} // directories where a file was replaced, by way of another
	files := 0
	for _, w := range at.writes {
		if seen := p.service.Evidence.Find(w.Path); w.Kind == model.Modified && seen != nil && seen.Acts&model.Made != 0 {
			replaced[model.Parent(w.Path)] = true
		}
		if !w.transient {
			files++
		}
	}
	return files > fewFiles && !at.onlyPidFilesAndLogs() || slices.ContainsFunc(at.writes, func(w write) bool {
		return !(w.transient && replaced[model.Parent(w.Path)]) && p.callsForVolume(w, at.target)
	})
}

// onlyPidFilesAndLogs says whether nothing but pid files and logs is written.
func (at *site) onlyPidFilesAndLogs() bool {
	return !slices.ContainsFunc(at.writes, func(w write) bool { return !isPidFile(w.Path) && !w.isLog() })
}

// callsForVolume says whether a write that may vanish is a reason for a volume on what
// the image has in a directory.
func (p *planner) callsForVolume(w write, dir string) bool {
	switch {
	case isPidFile(w.Path), w.isLog():
		return false
	case w.Class != model.Configuration:
		return true
	case mayHoldProgram(dir) && !forSettings(dir):
		return w.Kind == model.Added && !slices.Contains(overrides, path.Base(w.Path))
	default:
		seen := p.service.Evidence.Find(w.Path)
		return w.Kind != model.Modified || seen == nil || seen.Acts&model.Made != 0
	}
}

// forSettings says whether a directory is one for configuration by its name.
func forSettings(dir string) bool {
	return slices.Contains([]string{"conf", "config", "configs", "conf.d", "cfg", "etc", "settings"}, path.Base(dir))
}

func isPidFile(p string) bool { return strings.HasSuffix(p, ".pid") }

// isLog says whether a write is of a log that need not be there at a start. What the
// image has in a directory called logs may be something else, which the service reads.
func (w write) isLog() bool {
	return w.Class == model.Logs && (w.Kind == model.Added || model.Within(w.Path, "/var/log") || strings.Contains(path.Base(w.Path), ".log"))
}

// isForLogs says whether a site is a directory for logs, and for nothing else.
func (at *site) isForLogs() bool { return forLogs(at.target) && at.onlyPidFilesAndLogs() }

// forLogs says whether a directory is one for logs by its name.
func forLogs(dir string) bool {
	name := path.Base(dir)
	return model.Within(dir, "/var/log") || name == "log" || name == "logs"
}

// joinPairs joins a directory with a file beside it that has its name and an ending, as
// `x` and `x.ldif`: one without the other is of no use.
func (p *planner) joinPairs() {
	beside := map[string]*site{}
	for _, at := range p.sites {
		for _, w := range at.writes {
			if w.Kind == model.Deleted || w.isDirectory(p.facts) {
				continue
			}
			if stem := strings.TrimSuffix(w.Path, path.Ext(w.Path)); stem != w.Path && path.Base(stem) != "" {
				beside[stem] = at
			}
		}
	}
	p.move(func(at *site) string {
		other, above := beside[at.target], model.Parent(at.target)
		if other == nil || other == at || slices.Contains(ofMany, above) || other.target != above {
			return at.target
		}
		if mayHoldProgram(above) && p.facts.HasContent(above) && !other.keeps() {
			return at.target // the file does not open code, so that the directory does not either
		}
		at.paired = true
		return above
	})
}
