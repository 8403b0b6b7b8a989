package engine

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"petrify/model"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
)

func listedMounts(points []container.MountPoint) []model.Mount {
	var mounts []model.Mount
	for _, p := range points {
		mounts = append(mounts, fromPoint(p))
	}
	return byTarget(mounts)
}

// inspectedMounts puts together what an inspect scatters: a tmpfs of the short
// form is in HostConfig.Tmpfs only; one of the long form is in .Mounts without
// its options, and those are in HostConfig.Mounts. Podman names a tmpfs in
// both places. What it mounts by itself where the root is read-only is told by its options.
func inspectedMounts(found container.InspectResponse) []model.Mount {
	mounts := listedMounts(found.Mounts)
	if found.HostConfig == nil {
		return mounts
	}
	for target, options := range found.HostConfig.Tmpfs {
		mounts = with(mounts, model.Mount{
			Kind:     model.Tmpfs,
			Target:   path.Clean(target),
			Options:  options,
			ByEngine: found.HostConfig.ReadonlyRootfs && options == podmanReadOnlyTmpfs,
			ReadOnly: slices.Contains(strings.Split(options, ","), "ro"),
		})
	}
	for _, m := range found.HostConfig.Mounts {
		if m.Type == mount.TypeTmpfs {
			mounts = with(mounts, model.Mount{
				Kind:     model.Tmpfs,
				Target:   path.Clean(m.Target),
				Options:  tmpfsOptions(m.TmpfsOptions),
				ReadOnly: m.ReadOnly,
			})
		}
	}
	return byTarget(mounts)
}

// podmanReadOnlyTmpfs are the options with which Podman 4.3 mounts a tmpfs on /run, /tmp and
// /var/tmp of every container whose root is read-only, unless something else is mounted there.
const podmanReadOnlyTmpfs = "rw,rprivate,nosuid,nodev,tmpcopyup"

// with replaces the tmpfs at the same target, or adds it.
func with(mounts []model.Mount, tmpfs model.Mount) []model.Mount {
	for i, m := range mounts {
		if m.Kind == model.Tmpfs && m.Target == tmpfs.Target {
			mounts[i] = tmpfs
			return mounts
		}
	}
	return append(mounts, tmpfs)
}

func tmpfsOptions(o *mount.TmpfsOptions) string {
	if o == nil {
		return ""
	}
	var options []string
	if o.SizeBytes > 0 {
		options = append(options, "size="+strconv.FormatInt(o.SizeBytes, 10))
	}
	if o.Mode != 0 {
		options = append(options, "mode="+strconv.FormatUint(uint64(o.Mode), 8))
	}
	for _, option := range o.Options {
		options = append(options, strings.Join(option, "="))
	}
	return strings.Join(options, ",")
}

func fromPoint(p container.MountPoint) model.Mount {
	m := model.Mount{
		Kind:     model.Other,
		Source:   p.Source,
		Target:   path.Clean(p.Destination),
		ReadOnly: !p.RW,
		Options:  p.Mode,
	}
	switch p.Type {
	case mount.TypeBind:
		m.Kind = model.Bind
	case mount.TypeTmpfs:
		m.Kind, m.Source = model.Tmpfs, ""
	case mount.TypeVolume:
		m.Kind, m.Source = model.Volume, p.Name
		m.Anonymous = isGenerated(p.Name)
		if p.Driver != "local" {
			m.Driver = p.Driver
		}
	}
	return m
}

// isGenerated tells the names that engines make up for volumes that nobody named: 64
// hexadecimal digits. The label com.docker.volume.anonymous says the same, but only to
// clients that inspect each volume, and only since Docker 24.
var isGenerated = regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString

func byTarget(mounts []model.Mount) []model.Mount {
	slices.SortStableFunc(mounts, func(a, b model.Mount) int { return strings.Compare(a.Target, b.Target) })
	return mounts
}
