package export

import (
	"fmt"

	"petrify/model"
	"petrify/ui/clean"
)

// stays writes, and notes, why a service is not in the file.
func (p *page) stays(e entry) {
	name := clean.Line(e.Service)
	p.comment(fmt.Sprintf("Left out: service %s stays on a writable root: %s %s", name, sentence(e.Stays.String()), capital(sentence(e.Stays.Advice()))))
	p.notes.add("%s: stays on a writable root, for %s: %s", name, e.Stays, e.Stays.Advice())
}

// noteOpen notes what nobody may miss of what a plan leaves open: what Compose will fail to
// copy into a read-only root, and mounts that only the project's own files can mend.
func (p *page) noteOpen(e entry) {
	for _, u := range e.Unsolved {
		if u.Reason == model.OpenSynced || u.Reason == model.OpenCopiedIn && e.Already || u.Reason == model.OpenMountFault {
			p.notes.add("%s: %s: %s: %s", e.Service, u.Path, u.Why, u.Advice)
		}
	}
}

// inactive says how a service is started that no active profile selects.
func (p *page) inactive(e entry) {
	d := e.service.Declared
	if d == nil || !d.Inactive || len(d.Profiles) == 0 {
		return
	}
	p.comment("Its profile is not active: it takes --profile " + clean.Line(d.Profiles[0]) + " before \"up\".")
}
