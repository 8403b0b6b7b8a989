package trial

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/client"

	"petrify/model"
)

// What the copies have in the place of the originals' mounts:
//
//   - A volume that no copy writes is mounted itself, read-only; one that is written is
//     copied, or begins empty where fresh data is wanted.
//   - A folder or file of the host that no copy writes is mounted itself, read-only and
//     without what is mounted below it: an engine may leave that writable. One that is
//     written is copied, whatever data is wanted: it often holds code and configuration.
//     Folders of the system are never copied.
//   - Sockets and devices of the host are left out: through the engine's own socket, a
//     copy could do anything.
//   - A tmpfs is made as the original has it. The mounts of a plan in use are left out:
//     it is another plan that is tried.
const (
	systemFolders = "/ /bin /boot /dev /etc /home /lib /opt /proc /root /run /sbin /srv /sys /tmp /usr /var /var/lib /var/lib/docker /var/run"
)

// kind is what is mounted, by what it is on the host.
type kind string

const (
	folder  kind = "folder"
	file    kind = "file"
	special kind = "special" // a socket, a device or the like
	absent  kind = "absent"  // a volume that is not there yet
)

// statMounts finds out what is mounted in an original: to mount a volume that is not there
// would make it.
func (t *Trials) statMounts(ctx context.Context, o *original) map[string]kind {
	kinds := map[string]kind{}
	for _, m := range o.found.Mounts {
		if m.Type == mount.TypeVolume && !o.made && m.Name != "" {
			if _, err := t.api.VolumeInspect(ctx, m.Name, client.VolumeInspectOptions{}); err != nil {
				kinds[m.Destination] = absent
			}
		}
		if m.Type != mount.TypeBind {
			continue
		}
		mode := fs.ModeDir
		if o.made {
			if found, err := t.api.ContainerStatPath(ctx, o.found.ID, client.ContainerStatPathOptions{Path: m.Destination}); err == nil {
				mode = found.Stat.Mode
			}
		} else if info, err := os.Stat(m.Source); err == nil {
			mode = info.Mode()
		}
		switch {
		case mode.IsDir():
			kinds[m.Destination] = folder
		case mode.IsRegular():
			kinds[m.Destination] = file
		default:
			kinds[m.Destination] = special
		}
	}
	return kinds
}

// volume is one of the trial's own, in the place of a volume or folder of the originals.
type volume struct {
	service, target string            // of the first copy that has it
	from            *mount.Mount      // where its content comes from; nil where it begins empty
	single          bool              // it holds one file
	options         map[string]string // of its driver
	bytes           int64             // of its content; -1 where nobody knows
}

// placed is a mount of a copy.
type placed struct {
	mount.Mount
	volume int // the trial's own volume that is mounted; -1 for none
}

// layout is where the data of the copies lies.
type layout struct {
	volumes []volume
	mounts  map[string][]placed // by service
	notes   []string
}

// newLayout lays out the mounts of copies.
func newLayout(originals []*original, data model.TrialData) layout {
	l := layout{mounts: map[string][]placed{}}
	written := map[string]bool{}
	for _, o := range originals {
		for _, m := range o.found.Mounts {
			written[sourceOf(m)] = written[sourceOf(m)] || m.RW
		}
	}
	own := map[string]int{}
	for _, o := range originals {
		for _, m := range o.found.Mounts {
			if !slices.Contains(o.inUse, model.Canonical(m.Destination)) {
				l.place(o, m, written[sourceOf(m)], data, own)
			}
		}
		for _, m := range o.found.HostConfig.Mounts {
			if m.Type == mount.TypeTmpfs && !slices.Contains(o.inUse, model.Canonical(m.Target)) {
				l.mounts[o.service] = append(l.mounts[o.service], placed{m, -1})
			}
		}
	}
	return l
}

// sourceOf tells what is mounted from everything else.
func sourceOf(m container.MountPoint) string {
	if m.Type == mount.TypeVolume {
		return "volume " + m.Name
	}
	return string(m.Type) + " " + m.Source
}

func (l *layout) place(o *original, m container.MountPoint, written bool, data model.TrialData, own map[string]int) {
	asked := askedFor(o, m.Destination)
	switch m.Type {
	case mount.TypeVolume:
		options := &mount.VolumeOptions{NoCopy: true}
		if asked.VolumeOptions != nil {
			options.Subpath = asked.VolumeOptions.Subpath
		}
		there := m.Name != "" && o.stat[m.Destination] != absent
		if !written && there {
			l.add(o, placed{mount.Mount{Type: mount.TypeVolume, Source: m.Name, Target: m.Destination, ReadOnly: true, VolumeOptions: options}, -1})
			return
		}
		options.NoCopy = asked.VolumeOptions != nil && asked.VolumeOptions.NoCopy || hasMode(m.Mode, "nocopy")
		v := volume{service: o.service, target: m.Destination}
		if there && data != model.FreshData {
			v.from = &mount.Mount{Type: mount.TypeVolume, Source: m.Name, ReadOnly: true, VolumeOptions: &mount.VolumeOptions{NoCopy: true}}
		}
		l.add(o, placed{mount.Mount{Type: mount.TypeVolume, Target: m.Destination, ReadOnly: !m.RW, VolumeOptions: options}, l.own(own, sourceOf(m), v)})
	case mount.TypeBind:
		l.placeBind(o, m, written, own)
	case mount.TypeTmpfs: // with its options elsewhere
	case mount.TypeImage:
		l.add(o, placed{asked, -1})
	default:
		l.note("%s has a mount of type %s at %s: its copy does not", o.service, m.Type, m.Destination)
	}
}

func (l *layout) placeBind(o *original, m container.MountPoint, written bool, own map[string]int) {
	system := slices.Contains(strings.Fields(systemFolders), model.Canonical(m.Source)) || strings.HasPrefix(m.Source, "/dev/") || strings.HasPrefix(m.Source, "/proc/") || strings.HasPrefix(m.Source, "/sys/")
	switch k := o.stat[m.Destination]; {
	case k == special:
		l.note("%s has %s of the host at %s: its copy does not, as that would reach outside of the trial", o.service, m.Source, m.Destination)
		return
	case written && !system:
		v := volume{service: o.service, target: m.Destination, single: k == file}
		v.from = &mount.Mount{Type: mount.TypeBind, Source: m.Source, ReadOnly: true}
		l.add(o, placed{mount.Mount{
			Type: mount.TypeVolume, Target: m.Destination, ReadOnly: !m.RW, VolumeOptions: &mount.VolumeOptions{NoCopy: true},
		}, l.own(own, sourceOf(m), v)})
		return
	case m.RW:
		l.note("%s can write %s of the host: its copy can only read it", o.service, m.Source)
	}
	l.add(o, placed{mount.Mount{
		Type: mount.TypeBind, Source: m.Source, Target: m.Destination, ReadOnly: true,
		BindOptions: &mount.BindOptions{Propagation: mount.PropagationRPrivate, NonRecursive: true},
	}, -1})
}

func (l *layout) add(o *original, p placed) {
	l.mounts[o.service] = append(l.mounts[o.service], p)
}

// own is the number of the volume that stands for a source. What nobody named stands for
// itself.
func (l *layout) own(known map[string]int, source string, v volume) int {
	if number, ok := known[source]; ok && source != "volume " {
		return number
	}
	v.bytes = -1
	if v.from == nil {
		v.bytes = 0
	}
	known[source] = len(l.volumes)
	l.volumes = append(l.volumes, v)
	return known[source]
}

func (l *layout) note(format string, with ...any) {
	if text := fmt.Sprintf(format, with...); !slices.Contains(l.notes, text) {
		l.notes = append(l.notes, text)
	}
}

// askedFor is a mount as it was asked for, where that was said at length.
func askedFor(o *original, target string) mount.Mount {
	for _, m := range o.found.HostConfig.Mounts {
		if model.Canonical(m.Target) == model.Canonical(target) {
			return m
		}
	}
	return mount.Mount{}
}

func hasMode(modes, mode string) bool { return slices.Contains(strings.Split(modes, ","), mode) }

// tmpfs are those of the short form.
func (o *original) tmpfs() map[string]string {
	kept := maps.Clone(o.found.HostConfig.Tmpfs)
	maps.DeleteFunc(kept, func(target, _ string) bool { return slices.Contains(o.inUse, model.Canonical(target)) })
	return kept
}
