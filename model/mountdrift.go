package model

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
)

// mountDrift compares the mounts of one container, target by target.
//
// What Compose brings along otherwise is no drift: a config or secret from a
// file is a read-only bind of that file, and one whose content is in the
// Compose files is no mount at all, but copied in. Nor are the volumes that the
// image asks for; while the image is not known, no anonymous volume is.
func mountDrift(d *Declared, c *Container, img *Image) []Difference {
	var all []Difference
	live := map[string]*Mount{}
	for i := range c.Mounts {
		live[canonical(c.Mounts[i].Target)] = &c.Mounts[i]
	}
	declared := map[string]bool{}
	for i := range d.Mounts {
		m := &d.Mounts[i]
		target := canonical(m.Target)
		declared[target] = true
		found, ok := live[target]
		switch {
		case m.Copied:
		case !ok:
			all = append(all, Difference{Field: mountField(m), Subject: target, Declared: m.String()})
		default:
			if want, got := mountDifference(m, found); want != got {
				all = append(all, Difference{Field: mountField(m), Subject: target, Declared: want, Live: got})
			}
		}
	}
	for _, target := range sortedKeys(live) {
		m := live[target]
		if declared[target] || m.Kind == Volume && m.Anonymous && (img == nil || hasVolume(img, target)) {
			continue
		}
		all = append(all, Difference{Field: mountField(m), Subject: target, Live: m.String()})
	}
	slices.SortStableFunc(all, func(a, b Difference) int {
		return cmp.Or(strings.Compare(a.Field, b.Field), strings.Compare(a.Subject, b.Subject))
	})
	return all
}

func mountField(m *Mount) string {
	if m.Kind == Tmpfs {
		return "tmpfs"
	}
	return "mounts"
}

// mountDifference says in which way two mounts on one target differ; the same
// text twice when they do not.
func mountDifference(declared, live *Mount) (want, got string) {
	if declared.Kind == Config || declared.Kind == Secret {
		if live.Kind == Bind || live.Kind == declared.Kind {
			return "", "" // the bind of a file whose path Compose knows
		}
		return declared.String(), live.String()
	}
	if declared.Kind != live.Kind || !sameSource(declared, live) {
		return declared.String(), live.String()
	}
	if declared.ReadOnly != live.ReadOnly {
		return access(declared.ReadOnly), access(live.ReadOnly)
	}
	if declared.Kind == Tmpfs {
		want, got = tmpfsOptions(declared.Options), tmpfsOptions(live.Options)
		if want != got {
			return cmp.Or(want, "default options"), cmp.Or(got, "default options")
		}
	}
	return "", ""
}

func access(readOnly bool) string {
	if readOnly {
		return "read-only"
	}
	return "writable"
}

func sameSource(declared, live *Mount) bool {
	switch declared.Kind {
	case Bind:
		return sameHostPath(declared.Source, live.Source)
	case Volume:
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
	want, got := hostPath(declared), hostPath(live)
	return want == got || isEngineSocket(want) && isEngineSocket(got)
}

func hostPath(p string) string {
	if len(p) > 2 && p[1] == ':' && (p[2] == '\\' || p[2] == '/') { // C:\Users
		p = "/" + strings.ToLower(p[:1]) + strings.ReplaceAll(p[2:], `\`, "/")
	}
	p = path.Clean(p)
	for _, prefix := range []string{"/host_mnt", "/run/desktop/mnt/host", "/private"} {
		if rest, ok := strings.CutPrefix(p, prefix); ok && strings.HasPrefix(rest, "/") {
			p = rest
		}
	}
	return p
}

// tmpfsOptions writes the options of a tmpfs in one form: sizes in bytes, modes
// without leading zeros, sorted, and without what every tmpfs of an engine has.
func tmpfsOptions(options string) string {
	var all []string
	for option := range strings.SplitSeq(options, ",") {
		key, value, _ := strings.Cut(strings.TrimSpace(option), "=")
		switch key {
		case "", "rw", "ro", "nosuid", "nodev", "noexec", "tmpcopyup", "private", "rprivate":
			continue
		case "size", "nr_inodes", "nr_blocks":
			value = inBytes(value)
		case "mode":
			value = cmp.Or(strings.TrimLeft(value, "0"), "0")
		}
		if value != "" {
			key += "=" + value
		}
		all = append(all, key)
	}
	slices.Sort(all)
	return strings.Join(all, ",")
}

// inBytes resolves the units of mount options: 64m is 67108864.
func inBytes(size string) string {
	if size == "" {
		return size
	}
	shift := strings.IndexByte("kmgt", size[len(size)-1]|0x20)
	if shift < 0 {
		return size
	}
	n, err := strconv.ParseInt(size[:len(size)-1], 10, 64)
	if err != nil {
		return size
	}
	return strconv.FormatInt(n<<(10*(shift+1)), 10)
}

func hasVolume(img *Image, target string) bool {
	return slices.ContainsFunc(img.Volumes, func(v string) bool { return canonical(v) == target })
}
