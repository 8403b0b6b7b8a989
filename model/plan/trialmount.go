package plan

import (
	"fmt"
	"slices"

	"petrify/model"
)

// What is changed of a mount that a service could not use:
//
//   - noexec: it gets exec.
//   - Somebody who is no owner of it: it becomes theirs. Where that does not help, or
//     several are refused, everybody may write to it, as in /tmp.
//   - Too small: four times as large, or as large as the service's memory allows. Where that
//     is no larger, a volume takes its place.
//   - Of a volume nothing can be changed: its owner is the image's.

const largerBy = 4

// changeMounts changes the mounts in which something was refused.
func (m *mender) changeMounts() {
	for i := range m.plan.Mounts {
		mount := &m.plan.Mounts[i]
		if mount.Kind != model.Tmpfs {
			continue
		}
		var run, full, denied []*model.Write
		for j := range m.run.Evidence.Writes {
			w := &m.run.Evidence.Writes[j]
			switch {
			case !w.Blocked() || w.Mount != mount.Target || m.refusedAnyway(w):
			case w.Refusal.Acts&model.Ran != 0:
				run = append(run, w)
			case w.Refusal.Err == model.FullError:
				full = append(full, w)
			case w.Refusal.Err == model.DeniedError, w.Refusal.Err == model.NotYoursError:
				denied = append(denied, w)
			}
		}
		if len(run) > 0 && !mount.Exec {
			mount.Exec = true
			m.mended(mount.Target, model.ExecMended, m.whyRefused(run))
		}
		if len(denied) > 0 && m.give(mount, denied) {
			m.mended(mount.Target, model.OwnerMended, m.whyRefused(denied)+fmt.Sprintf(": mode=%04o uid=%d gid=%d", mount.Mode, mount.UID, mount.GID))
		}
		if len(full) > 0 {
			m.enlarge(mount)
			m.mended(mount.Target, model.SizeMended, m.whyRefused(full)+": "+newSize(mount))
		}
	}
}

func newSize(mount *model.PlannedMount) string {
	if mount.Kind == model.Volume {
		return "memory has no room for more, so that it becomes a volume"
	}
	return "size=" + model.SizeText(mount.Size)
}

// give lets those write to a mount who were refused, and reports whether that is new.
func (m *mender) give(mount *model.PlannedMount, denied []*model.Write) bool {
	users := m.writersIn(mount.Target)
	for _, w := range denied {
		users = withUsers(users, m.run.Evidence.By(w))
	}
	one := len(users) == 1 && users[0] >= 0
	switch {
	case one && (mount.UID != users[0] || mount.Mode&0o700 != 0o700):
		if start, ok := m.service.Starts(); ok && start.UID == users[0] {
			mount.GID = start.GID
		}
		mount.UID, mount.Mode = users[0], mount.Mode|0o700
	case mount.Mode != 0o1777:
		mount.Mode = 0o1777
	default:
		return false
	}
	return true
}

// writersIn are the users, root aside, of whom the unmodified copy wrote right in a
// directory.
func (m *mender) writersIn(dir string) []int {
	var users []int
	for i := range m.baseline.Evidence.Writes {
		if w := &m.baseline.Evidence.Writes[i]; w.Wrote() && model.Parent(m.facts.ResolveWrite(w.Path)) == dir {
			users = withUsers(users, m.baseline.Evidence.By(w))
		}
	}
	return slices.DeleteFunc(users, func(uid int) bool { return uid == 0 })
}

func withUsers(users []int, processes []model.Process) []int {
	for _, p := range processes {
		if !slices.Contains(users, p.UID) {
			users = append(users, p.UID)
		}
	}
	return users
}

// enlarge makes a mount larger.
func (m *mender) enlarge(mount *model.PlannedMount) {
	size := powerOfTwo(max(mount.Size*largerBy, m.run.Used[mount.Target]*largerBy))
	if room, limited := m.tmpfsRoom(); limited {
		for i := range m.plan.Mounts {
			if other := &m.plan.Mounts[i]; other.Kind == model.Tmpfs && other.Target != mount.Target {
				room -= other.Size
			}
		}
		for size > room && size > mount.Size {
			size /= 2
		}
	}
	if size > mount.Size {
		mount.Size = size
		m.seen = withSeen(m.seen, mount.Target, size)
		return
	}
	*mount = model.PlannedMount{
		Kind: model.Volume, Target: mount.Target, Class: mount.Class, Serves: mount.Serves, By: mount.By, Assumed: mount.Assumed, Better: mount.Better,
		Reason: "what it writes there may vanish with the container, but does not fit into its memory",
	}
	mount.AddWarning("empty the volume when it grows")
}

// withSeen notes that so much is needed in a tmpfs, so that it is not cut below that.
func withSeen(seen map[string]int64, target string, size int64) map[string]int64 {
	if seen == nil {
		seen = map[string]int64{}
	}
	seen[target] = size
	return seen
}
