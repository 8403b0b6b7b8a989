package plan

import (
	"slices"

	"petrify/model"
)

// What gets no mount, and why. This table holds all of it.

// openReasons say why no mount is proposed, and what to do instead. %s is what the
// reason is about.
var openReasons = map[model.OpenReason]struct{ why, advice string }{
	model.OpenCodeChange: {
		"files of the program changed after it was deployed: by a break-in, a bug that wrote to the wrong path, " +
			"a framework that generates code, or an automatic update",
		"look who changed them; if it was wanted, build it into the image",
	},
	model.OpenCodeRefused: {
		"it is refused to change files of the program, which is what a read-only root is for",
		"build the change into the image, or switch off what makes it (an automatic update, generated code)",
	},
	model.OpenCopiedIn: {
		"Compose copies its content into the container, which it refuses on a read-only root",
		"put the content into a file of its own and refer to it with file:, so that it is mounted",
	},
	model.OpenSynced: {
		"docker compose watch copies files there, which the engine refuses on a read-only root, whatever is mounted",
		"mount the folder there instead of a sync rule of develop.watch, or let the rule rebuild; while you watch, leave the override out",
	},
	model.OpenReadOnlyMount: {
		"it lies in the mount at %s, which is declared read-only",
		"declare that mount writable, if the service needs it",
	},
	model.OpenInMount: {
		"it was refused in the mount at %s, which no plan changes",
		"give the service's user what is mounted there, or make room in it",
	},
	model.OpenBound: {
		"the engine binds its own file there, which is read-only on a read-only root",
		"let the engine write it: extra_hosts, hostname and dns in the Compose file",
	},
	model.OpenWritable: {"/dev stays writable on a read-only root", ""},
	model.OpenPerson: {
		"a person in a shell leaves such files behind, not a service",
		model.Home.Remedy(),
	},
	model.OpenUnneeded: {
		"Python runs on when it cannot keep what it compiled",
		"compile it when the image is built (python -m compileall), or set PYTHONDONTWRITEBYTECODE=1",
	},
	model.OpenAmongFiles: {
		"it lies among files of the image in %s, all of which a volume there would open and keep",
		"see whether the service runs on when the write is refused; else render the file when the image is built, or mount it alone, ready-made and read-only",
	},
	model.OpenPidFile: {
		"it lies among files of the image in %s, and a pid file is no reason to open them",
		"switch the pid file off, or move it to /run, by an option of the program",
	},
	model.OpenLog: {
		"it lies among files of the image in %s, and a log is no reason to open them",
		"log to standard output, or to a directory of its own; a link to /dev/stdout in the image will do",
	},
	model.OpenNoTrace: {
		"something was written there that left no trace, so that nobody knows what it was",
		"record the service: that shows what comes and goes, and who writes it",
	},
	model.OpenBelowRoot: {
		"it lies directly below /, where no mount can stand",
		"let the service write to a directory of its own, by configuration or by its working directory",
	},
}

// leftOut is a write that no mount is for.
type leftOut struct {
	write
	reason model.OpenReason
	about  string
}

// leaveSynced tells of what `docker compose watch` copies into the containers.
func (p *planner) leaveSynced() {
	if p.service.Declared == nil {
		return
	}
	for _, target := range p.service.Declared.Synced {
		p.leave(write{Change: model.Change{Path: target, Kind: model.Modified}}, model.OpenSynced, "")
	}
}

func (p *planner) leave(w write, reason model.OpenReason, about string) {
	p.left = append(p.left, leftOut{write: w, reason: reason, about: about})
}

// leavesOut reports whether a write gets no mount of its own, and remembers why.
func (p *planner) leavesOut(w write, copied []model.Change) bool {
	mount, mounted := p.service.Takes(w.Path)
	switch {
	case slices.ContainsFunc(copied, func(c model.Change) bool { return c.Path == w.Path }):
		w.Class = model.Configuration
		p.leave(w, model.OpenCopiedIn, "")
	case mounted && mount.ReadOnly:
		p.leave(w, model.OpenReadOnlyMount, mount.Target)
	case slices.Contains(model.BoundFiles, w.Path):
		p.leave(w, model.OpenBound, "")
	case model.Within(w.Path, "/dev"):
		w.Harmless = true
		p.leave(w, model.OpenWritable, "")
	case w.passed && (w.Class.Alarm() || w.Class == model.Unclassified || w.Class == model.Configuration):
		p.leave(w, model.OpenNoTrace, "")
	case w.Class.Alarm() && w.refused:
		p.leave(w, model.OpenCodeRefused, "")
	case w.Class.Alarm():
		p.alarms = append(p.alarms, w)
	case w.Class == model.Home:
		p.leave(w, model.OpenPerson, "")
	case w.Harmless:
		p.leave(w, model.OpenUnneeded, "")
	default:
		return false
	}
	return true
}
