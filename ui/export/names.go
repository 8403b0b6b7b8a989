package export

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"petrify/model"
)

// namer gives each key a name that a target accepts: its own where that will do,
// else what is left of it. No two keys get one name.
type namer struct {
	given map[string]string
	taken map[string]bool
	form  func(string) string
	limit int
}

// newNamer lets the keys that are good names keep them, whatever else is named
// later.
func newNamer(form func(string) string, limit int, keys []string) *namer {
	n := &namer{given: map[string]string{}, taken: map[string]bool{}, form: form, limit: limit}
	for _, key := range keys {
		if len(key) <= limit && form(key) == key {
			n.reserve(key)
			n.given[key] = key
		}
	}
	return n
}

// reserve keeps a name from being given to anything else.
func (n *namer) reserve(name string) { n.taken[name] = true }

func (n *namer) name(key string) string {
	if name, ok := n.given[key]; ok {
		return name
	}
	base := n.form(key)
	if base == "" {
		base = "data"
	}
	name := cut(base, n.limit)
	for i := 2; n.taken[name]; i++ {
		suffix := "-" + strconv.Itoa(i)
		name = cut(base, n.limit-len(suffix)) + suffix
	}
	n.reserve(name)
	n.given[key] = name
	return name
}

func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.TrimRight(s[:limit], "-._")
}

var (
	notInVolume = regexp.MustCompile(`[^A-Za-z0-9_.-]+`)
	notInLabel  = regexp.MustCompile(`[^a-z0-9-]+`)
)

// volumeName makes what Compose takes as the key of a volume, and an engine as
// its name.
func volumeName(key string) string {
	return strings.Trim(notInVolume.ReplaceAllString(key, "-"), "-._")
}

// labelName makes what Kubernetes takes as a name: an RFC 1123 label.
func labelName(key string) string {
	return strings.Trim(notInLabel.ReplaceAllString(strings.ToLower(key), "-"), "-")
}

const (
	volumeLimit = 200 // a local volume is a directory of its name
	labelLimit  = 63
)

// volumeKeys lists the volumes of plans in the order of their first use.
func volumeKeys(all []entry) []string {
	var keys []string
	for _, e := range all {
		for _, m := range e.Mounts {
			if m.Kind == model.Volume && !slices.Contains(keys, m.Volume) {
				keys = append(keys, m.Volume)
			}
		}
	}
	return keys
}

// composeVolumes names the volumes of plans as keys of a Compose file.
func composeVolumes(all []entry) *namer { return newNamer(volumeName, volumeLimit, volumeKeys(all)) }

// keepFree reserves the volumes that the project has already, by their keys.
func (n *namer) keepFree(s *model.Stack) {
	for _, svc := range s.Services {
		for _, pair := range svc.Mounts {
			if m := pair.Current(); m.Kind == model.Volume {
				n.reserve(strings.TrimPrefix(m.Source, s.Name+"_"))
			}
		}
	}
}

// serviceName are the names that Compose takes for services.
var serviceName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// tmpfsOptions writes what a tmpfs needs. A mode is always there: without one an
// engine takes 1777 at the first start and 0755 after a restart, as the mount
// point that it made stays in the container's layer.
func tmpfsOptions(m model.PlannedMount) []string {
	options := []string{"mode=" + octal(m.Mode)}
	if m.UID != 0 || m.GID != 0 {
		options = append(options, fmt.Sprintf("uid=%d", m.UID), fmt.Sprintf("gid=%d", m.GID))
	}
	if m.Size > 0 {
		options = append(options, "size="+kernelSize(m.Size))
	}
	if m.Exec {
		options = append(options, "exec")
	}
	return options
}

func octal(mode uint32) string { return fmt.Sprintf("%04o", mode) }

// kernelSize writes a size as mount options have it, in the largest unit that
// says it exactly.
func kernelSize(n int64) string { return inUnits(n, "", "k", "m", "g") }

// kubernetesSize writes a size as a Kubernetes quantity.
func kubernetesSize(n int64) string { return inUnits(n, "", "Ki", "Mi", "Gi") }

func inUnits(n int64, units ...string) string {
	i := 0
	for i < len(units)-1 && n != 0 && n%1024 == 0 {
		n /= 1024
		i++
	}
	return strconv.FormatInt(n, 10) + units[i]
}
