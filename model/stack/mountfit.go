package stack

import (
	"fmt"
	"slices"
	"strings"

	"petrify/model"
)

// Whether a mount does for its service:
//
//   - A tmpfs belongs to root unless uid and gid say otherwise, also where the image's
//     directory belongs to the service (Docker 20.10). With a mode that keeps the
//     service's user out, it is of no use.
//   - Without a mode it has that of the image's directory, which only an image tells. Then
//     a refusal that was seen tells that it does not do.
//   - A volume where the image has no directory is 0755 and root's, so that others cannot
//     write there (Docker 20.10). It is of no use where it is empty and nobody else has it,
//     or where a write was seen to be refused. One with something in it may be there to be
//     read. Who owns it is asked of services whose root is read-only.
//   - Engines mount tmpfs noexec: where a program was refused to run, or is known to be
//     run, it needs exec.
//   - It is too small when it was seen to be full, or when more was recorded there.
//   - A user may be in more groups than its first one, by the image's list or by group_add:
//     what a group may write counts against nobody who may be in it.
//
// Each is judged as the next start brings it, and only on what is known for certain.

// addFaults fills in what keeps a service from using its mounts.
func addFaults(s *model.Service) {
	var seen map[string]seenInMount
	for i := range s.Mounts {
		pair := &s.Mounts[i]
		pair.Faults = nil
		m, ok := pair.InForce(s.Declared != nil)
		if !ok || m.Kind != model.Tmpfs && m.Kind != model.Volume || m.ReadOnly {
			continue
		}
		if seen == nil {
			seen = seenInMounts(s)
		}
		at := seen[m.Target]
		faults := []model.MountFault{ownerFault(s, m, at), sizeFault(m, at), execFault(m, at)}
		if m.Kind == model.Volume {
			faults = []model.MountFault{volumeFault(s, pair, m, at), fullVolume(m, at)}
		}
		for _, fault := range faults {
			if fault.Kind != "" {
				pair.Faults = append(pair.Faults, fault)
			}
		}
	}
}

// seenInMount is what the evidence has of one mount.
type seenInMount struct {
	denied, full, ran string // a path of each kind; "" for none
	bytes             int64  // of the files that are there
}

// seenInMounts is what the evidence has of each tmpfs and volume, by target.
func seenInMounts(s *model.Service) map[string]seenInMount {
	all := map[string]seenInMount{}
	for i := range s.Evidence.Writes {
		w := &s.Evidence.Writes[i]
		m, ok := s.Takes(w.Path)
		if !ok || m.Kind != model.Tmpfs && m.Kind != model.Volume {
			continue
		}
		seen := all[m.Target]
		if w.Bytes > 0 && !w.Gone {
			seen.bytes += w.Bytes
		}
		switch blocked := w.Blocked(); {
		case w.Acts&model.Ran != 0, blocked && w.Refusal.Acts&model.Ran != 0:
			seen.ran = w.Path
		case blocked && w.Refusal.Err == model.FullError:
			seen.full = w.Path
		case blocked && (w.Refusal.Err == model.DeniedError || w.Refusal.Err == model.NotYoursError):
			seen.denied = w.Path
		}
		all[m.Target] = seen
	}
	return all
}

// starter is who a service starts as.
type starter struct {
	model.User
	groupsKnown bool // it is in no other group than its first one
}

// starterOf returns who a service starts as, where that is known and not root.
func starterOf(s *model.Service) (who starter, ok bool) {
	user, known := s.Starts()
	_, group, _ := strings.Cut(s.UserSpec(), ":")
	return starter{user, group != "" && !s.MoreGroups()}, known && user.UID != 0
}

func (u starter) String() string { return fmt.Sprintf("user %d with group %d", u.UID, u.GID) }

func ownerFault(s *model.Service, m model.Mount, seen seenInMount) model.MountFault {
	who, known := starterOf(s)
	if !known {
		return model.MountFault{}
	}
	settings := m.TmpfsSettings()
	point := model.MountPoint{Mode: settings.Mode, UID: settings.UID, GID: settings.GID}
	text := fmt.Sprintf("%s cannot write there: the tmpfs has %s", who, point)
	switch {
	case settings.HasMode && point.MayWrite(who.User, who.groupsKnown), !settings.HasMode && seen.denied == "":
		return model.MountFault{}
	case !settings.HasMode:
		settings.Mode = 0o755
		text = fmt.Sprintf("%s was refused to write %s: a tmpfs belongs to root where no owner is set", who, seen.denied)
	}
	return model.NewTmpfsFault(model.FaultOwner, m, text,
		fmt.Sprintf("mode=%04o", settings.Mode|0o700), fmt.Sprintf("uid=%d", who.UID), fmt.Sprintf("gid=%d", who.GID))
}

// volumeFault tells whether a volume is somebody else's.
func volumeFault(s *model.Service, pair *model.MountPair, m model.Mount, seen seenInMount) model.MountFault {
	who, known := starterOf(s)
	point, told := s.MountPoint(m)
	shared := slices.ContainsFunc(pair.Users, func(u model.VolumeUse) bool { return !u.Mount.ReadOnly })
	switch {
	case !known, !told && seen.denied == "", told && point.MayWrite(who.User, who.groupsKnown), seen.denied == "" && (!point.Empty || shared):
		return model.MountFault{}
	}
	text := fmt.Sprintf("%s cannot write there: the volume has %s", who, point)
	if !told {
		text = fmt.Sprintf("%s was refused to write %s in the volume", who, seen.denied)
	}
	return model.MountFault{Kind: model.FaultOwner, Text: text, Advice: fmt.Sprintf(
		"make the directory in the image with its owner (RUN install -d -o %[1]d -g %[2]d %[3]s), which a new volume takes over; "+
			"for this one: docker compose run --rm --no-deps --user 0:0 --entrypoint chown %[4]s %[1]d:%[2]d %[3]s", who.UID, who.GID, m.Target, s.Name)}
}

func fullVolume(m model.Mount, seen seenInMount) model.MountFault {
	if seen.full == "" {
		return model.MountFault{}
	}
	return model.MountFault{
		Kind: model.FaultTooSmall, Text: fmt.Sprintf("it was full when %s was written", seen.full),
		Advice: "make room where volume " + m.Source + " is kept, or raise the size among its driver_opts if it has one",
	}
}

func sizeFault(m model.Mount, seen seenInMount) model.MountFault {
	size, wanted := m.Size(), roundUp(seen.bytes)
	switch {
	case seen.full != "" && size > 0:
		return model.NewTmpfsFault(model.FaultTooSmall, m,
			fmt.Sprintf("it was full when %s was written: its size is %s", seen.full, model.SizeText(size)), "size="+model.SizeText(twice(size)))
	case seen.full != "":
		return model.NewTmpfsFault(model.FaultTooSmall, m,
			fmt.Sprintf("it was full when %s was written: without a size it has half of the host's memory", seen.full))
	case size > 0 && seen.bytes > size:
		return model.NewTmpfsFault(model.FaultTooSmall, m,
			fmt.Sprintf("it is smaller than what was recorded there: about %s, and its size is %s", model.SizeText(wanted), model.SizeText(size)),
			"size="+model.SizeText(twice(wanted)))
	default:
		return model.MountFault{}
	}
}

func twice(bytes int64) int64 { return 2 * min(bytes, 1<<60) }

// roundUp rounds bytes up to a whole number of MiB.
func roundUp(bytes int64) int64 {
	const unit = 1 << 20
	return (bytes + unit - 1) / unit * unit
}

func execFault(m model.Mount, seen seenInMount) model.MountFault {
	if seen.ran == "" || m.TmpfsSettings().Exec {
		return model.MountFault{}
	}
	return model.NewTmpfsFault(model.FaultNoExec, m, fmt.Sprintf("it is mounted noexec, and %s is run from there", seen.ran), "exec")
}
