package export

import (
	"strconv"
	"strings"

	"petrify/model"
	"petrify/ui/clean"
)

// What Kubernetes makes of users decides how they are written:
//
//   - It takes numbers only. Without any, the image's own user is taken.
//   - A runAsUser alone has the group that the image's list of users gives it.
//   - A claim belongs to root, 0755. An fsGroup, also 0, gives its group the right to write,
//     and makes every process a member of that group.
//   - A pod has one fsGroup.

// podUser is who the processes of a pod start as.
type podUser struct {
	root     bool
	known    bool // uid is
	uid, gid int
	grouped  bool   // gid is known
	declared bool   // other than the image has it by itself
	text     string // as it is written
}

// podUser tells who a service starts as: as its containers have it, else as far as it is
// written in numbers.
func (e entry) podUser() podUser {
	image := ""
	if e.service.Image != nil {
		image = e.service.Image.User
	}
	u := podUser{text: e.user()}
	u.declared = u.text != "" && u.text != image
	if u.text == "" {
		u.text = image
	}
	name, group, _ := strings.Cut(u.text, ":")
	if as := e.StartsAs; as != nil {
		u.uid, u.gid, u.known, u.grouped = as.UID, as.GID, true, true
	} else if name == "" || name == "root" || name == "0" {
		u.known, u.grouped = true, group == ""
	} else {
		u.uid, u.known = number(name)
	}
	if !u.grouped && group != "" {
		u.gid, u.grouped = number(group)
	}
	u.root = u.known && u.uid == 0
	return u
}

func number(text string) (int, bool) {
	n, err := strconv.ParseUint(text, 10, 31)
	return int(n), err == nil
}

// security writes the ids that are known as numbers, and the group that may write to
// what is mounted.
func (d *deployment) security() {
	u := d.user
	asRoot := u.root && (!u.declared || u.gid == 0 && !d.imageHasUser())
	d.sayUnknown(u)
	group, grouped := d.fsGroup(u)
	if (!u.known || asRoot) && !grouped {
		return
	}
	d.in("securityContext", func() {
		if u.known && !asRoot {
			d.literal("runAsUser", strconv.Itoa(u.uid))
			if u.grouped {
				d.literal("runAsGroup", strconv.Itoa(u.gid))
			}
		}
		if grouped {
			d.literal("fsGroup", strconv.Itoa(group))
		}
	})
}

// imageHasUser says whether the image starts as somebody other than root.
func (d *deployment) imageHasUser() bool {
	img := d.entry.service.Image
	if img == nil {
		return false
	}
	name, _, _ := strings.Cut(img.User, ":")
	return name != "" && name != "root" && name != "0"
}

// sayUnknown notes what of a user is known by name only.
func (d *deployment) sayUnknown(u podUser) {
	_, group, _ := strings.Cut(u.text, ":")
	switch {
	case !u.known && u.declared:
		d.writeIncomplete(d.entry.Service, "runAsUser takes a number, and of the user "+clean.Line(u.text)+
			" only the name is known: the pod starts as the image's own user")
	case u.known && !u.grouped && group != "":
		d.writeIncomplete(d.entry.Service, "runAsGroup takes a number, and of the group "+clean.Line(group)+" only the name is known")
	}
	if !u.known && d.claimsToWrite() {
		d.writeIncomplete(d.entry.Service, "fsGroup takes a number, and of the user "+clean.Line(u.text)+
			" only the name is known: without one a claim is root's alone")
	}
}

// fsGroup is the group that may write to what is mounted; false where root alone does.
func (d *deployment) fsGroup(u podUser) (group int, grouped bool) {
	if u.known && !u.root {
		group = u.gid
	}
	for _, m := range d.entry.Mounts {
		switch {
		case m.Kind != model.Tmpfs || m.GID == 0 || m.GID == group:
		case group == 0:
			group = m.GID
		default:
			d.notes.add("%s: a pod has one fsGroup, %d; %s should have group %d", d.entry.Service, group, clean.Path(m.Target), m.GID)
		}
	}
	if group != 0 {
		return group, true
	}
	if u.known && !u.root && d.claimsToWrite() {
		if !u.grouped {
			return u.uid, true // any number does: processes become members of it
		}
		return 0, true
	}
	return 0, false
}

// claimsToWrite says whether a pod has a claim that is not mounted read-only.
func (d *deployment) claimsToWrite() bool {
	for _, m := range d.mounts {
		if m.claim != "" && !m.readOnly {
			return true
		}
	}
	return false
}
