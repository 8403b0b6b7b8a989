package recorder

import (
	"fmt"
	"slices"
	"strings"

	"github.com/moby/sys/mountinfo"

	"petrify/inspect/layer/options"
)

// mount is one line of /proc/PID/mountinfo.
type mount struct {
	id       int
	dev      string // major:minor
	root     string // the directory of its file system that it shows
	target   string
	readOnly bool
	noExec   bool
	kind     string // of file system
	options  string // of that, such as the layers of an overlay
}

// parseMounts reads a mount table, one line at a time: a line that is not
// understood is left out, and the others count.
func parseMounts(table string) []mount {
	var mounts []mount
	for line := range strings.Lines(table) {
		found, err := mountinfo.GetMountsFromReader(strings.NewReader(line), nil)
		if err != nil {
			continue
		}
		for _, m := range found {
			if strings.HasPrefix(m.Mountpoint, "/") {
				mounts = append(mounts, newMount(m))
			}
		}
	}
	return mounts
}

func newMount(m *mountinfo.Info) mount {
	return mount{
		id: m.ID, dev: fmt.Sprintf("%d:%d", m.Major, m.Minor), root: m.Root, target: m.Mountpoint,
		readOnly: slices.Contains(strings.Split(m.Options, ","), "ro"),
		noExec:   slices.Contains(strings.Split(m.Options, ","), "noexec"), kind: m.FSType, options: m.VFSOptions,
	}
}

// writable reports whether a mount is one that a service could write its files to,
// on a root that can be written or not.
func (m mount) writable() bool { return !m.readOnly && !m.pseudo() }

// pseudo reports whether a mount is one that all containers have, with any root.
func (m mount) pseudo() bool {
	switch m.kind {
	case "proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts", "devtmpfs", "securityfs", "debugfs", "bpf":
		return true
	}
	return below(m.target, "/dev") || below(m.target, "/proc") || below(m.target, "/sys")
}

// ownSystem reports whether a mount shows the whole of a file system that is there
// for it alone, as the root of a container is on an overlay.
func (m mount) ownSystem() bool {
	return m.root == "/" && (options.Layered(m.kind) || m.kind == "aufs")
}

func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}
