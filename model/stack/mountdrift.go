package stack

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"petrify/model"
)

// mountDrift compares the mounts of one container, target by target.
//
// What Compose brings along otherwise is no drift: a config or secret from a
// file is a read-only bind of that file, and one whose content is in the
// Compose files is no mount at all, but copied in. Nor are the volumes that the
// image asks for; while the image is not known, no anonymous volume is.
func mountDrift(d *model.Declared, c *model.Container, img *model.Image) []model.Difference {
	var all []model.Difference
	live := map[string]*model.Mount{}
	for i := range c.Mounts {
		live[model.Canonical(c.Mounts[i].Target)] = &c.Mounts[i]
	}
	declared := map[string]bool{}
	for i := range d.Mounts {
		m := &d.Mounts[i]
		target := model.Canonical(m.Target)
		declared[target] = true
		found, ok := live[target]
		switch {
		case m.Copied:
		case !ok:
			all = append(all, model.Difference{Field: mountField(m), Subject: target, Declared: m.String()})
		default:
			if want, got := mountDifference(m, found); want != got {
				all = append(all, model.Difference{Field: mountField(m), Subject: target, Declared: want, Live: got})
			}
		}
	}
	for _, target := range slices.Sorted(maps.Keys(live)) {
		m := live[target]
		if declared[target] || m.ByEngine || m.Kind == model.Volume && m.Anonymous && (img == nil || img.HasVolume(target)) {
			continue
		}
		all = append(all, model.Difference{Field: mountField(m), Subject: target, Live: m.String()})
	}
	slices.SortStableFunc(all, func(a, b model.Difference) int {
		return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Subject, b.Subject))
	})
	return all
}

func mountField(m *model.Mount) string {
	if m.Kind == model.Tmpfs {
		return "tmpfs"
	}
	return "mounts"
}

// mountDifference says in which way two mounts on one target differ; the same
// text twice when they do not.
func mountDifference(declared, live *model.Mount) (want, got string) {
	if declared.Kind == model.Config || declared.Kind == model.Secret {
		if live.Kind == model.Bind || live.Kind == declared.Kind {
			return "", "" // the bind of a file whose path Compose knows
		}
		return declared.String(), live.String()
	}
	if declared.Kind != live.Kind || !sameSource(declared, live) {
		return declared.String(), live.String()
	}
	if declared.ReadOnly != live.ReadOnly {
		return string(declared.Access()), string(live.Access())
	}
	if declared.Kind == model.Tmpfs {
		want, got = numberedOwner(model.TmpfsOptions(declared.Options), model.TmpfsOptions(live.Options))
		if want != got {
			return cmp.Or(want, "default options"), cmp.Or(got, "default options")
		}
	}
	return "", ""
}

// numberedOwner takes out what Podman makes of the option U: the ids of the container's user.
func numberedOwner(declared, live string) (want, got string) {
	options := strings.Split(declared, ",")
	if !slices.Contains(options, "U") {
		return declared, live
	}
	options = slices.DeleteFunc(options, func(o string) bool { return o == "U" })
	others := slices.DeleteFunc(strings.Split(live, ","), func(o string) bool {
		return strings.HasPrefix(o, "uid=") || strings.HasPrefix(o, "gid=")
	})
	return strings.Join(options, ","), strings.Join(others, ",")
}

func sameSource(declared, live *model.Mount) bool {
	switch declared.Kind {
	case model.Bind:
		return sameHostPath(declared.Source, live.Source)
	case model.Volume:
		if declared.Anonymous || declared.Source == "" {
			return live.Anonymous
		}
		return declared.Source == live.Source
	default:
		return true
	}
}

// sameHostPath compares a declared path with what an engine makes of it: one
// that runs in a virtual machine sees the host's files under a folder of its
// own, and macOS has links from /tmp, /var and /etc into /private.
func sameHostPath(declared, live string) bool {
	want, got := model.HostPath(declared), model.HostPath(live)
	return want == got || model.IsEngineSocket(want) && model.IsEngineSocket(got)
}
