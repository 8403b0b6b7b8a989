package recorder

import (
	"strconv"
	"strings"
)

// mount is one line of /proc/PID/mountinfo.
type mount struct {
	id       int
	dev      string // major:minor
	root     string // the directory of its file system that it shows
	target   string
	readOnly bool
	kind     string // of file system
}

// parseMounts reads a mount table; lines that it does not understand are left out.
func parseMounts(table string) []mount {
	var mounts []mount
	for line := range strings.Lines(table) {
		if m, ok := parseMount(strings.TrimSuffix(line, "\n")); ok {
			mounts = append(mounts, m)
		}
	}
	return mounts
}

// parseMount reads "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw"
// (proc(5)), where any number of fields may stand before the dash.
func parseMount(line string) (mount, bool) {
	about, system, found := strings.Cut(line, " - ")
	fields, rest := strings.Fields(about), strings.Fields(system)
	if !found || len(fields) < 6 || len(rest) < 1 {
		return mount{}, false
	}
	id, err := strconv.Atoi(fields[0])
	m := mount{
		id: id, dev: fields[2], root: unescape(fields[3]), target: unescape(fields[4]),
		readOnly: hasOption(fields[5], "ro"), kind: rest[0],
	}
	return m, err == nil && strings.HasPrefix(m.target, "/")
}

func hasOption(options, wanted string) bool {
	for option := range strings.SplitSeq(options, ",") {
		if option == wanted {
			return true
		}
	}
	return false
}

// unescape takes back how the kernel writes spaces and their like: \040.
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				out.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		out.WriteByte(s[i])
	}
	return out.String()
}

// writable reports whether a mount is one that a service could write its files to,
// on a root that can be written or not.
func (m mount) writable() bool {
	switch m.kind {
	case "proc", "sysfs", "cgroup", "cgroup2", "mqueue", "devpts", "devtmpfs", "securityfs", "debugfs", "bpf":
		return false
	}
	return !m.readOnly && !below(m.target, "/dev") && !below(m.target, "/proc") && !below(m.target, "/sys")
}

// ownSystem reports whether a mount shows the whole of a file system that is there
// for it alone, as the root of a container is on an overlay.
func (m mount) ownSystem() bool {
	return m.root == "/" && (m.kind == "overlay" || strings.HasPrefix(m.kind, "fuse.") || m.kind == "aufs")
}

func below(path, dir string) bool {
	return path == dir || strings.HasPrefix(path, dir+"/")
}
