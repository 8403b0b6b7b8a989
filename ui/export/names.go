package export

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"petrify/model"
	"petrify/ui/clean"
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
	base := cmp.Or(n.form(key), "data")
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

// podmanTmpfs writes what a tmpfs needs where Podman 4.3 mounts it, which decides:
//
//   - It takes no uid and gid, and fails. With U a tmpfs belongs to the container's user,
//     without to root.
//   - It has no noexec by itself, and copies what the image has there.
func (p *page) podmanTmpfs(e entry, m model.PlannedMount) []string {
	p.notes.add("the tmpfs are written for Podman: Docker does not know U and notmpcopyup")
	options := []string{"mode=" + octal(m.Mode), "notmpcopyup"}
	if m.Size > 0 {
		options = append(options, "size="+model.SizeText(m.Size))
	}
	if !m.Exec {
		options = append(options, "noexec")
	}
	switch u := e.podUser(); {
	case m.UID == 0 && m.GID == 0:
	case u.known && u.uid == m.UID && (!u.grouped || u.gid == m.GID):
		options = append(options, "U")
	default:
		p.writeIncomplete(e.Service, fmt.Sprintf("Podman takes no owner for a tmpfs: %s belongs to root, and should to %d:%d", clean.Path(m.Target), m.UID, m.GID))
	}
	return options
}

// tmpfs writes the options of a tmpfs for the engine that a service runs on.
func (p *page) tmpfs(e entry, m model.PlannedMount) string {
	if e.podman {
		return strings.Join(p.podmanTmpfs(e, m), ",")
	}
	return strings.Join(tmpfsOptions(m), ",")
}

// tmpfsOptions writes what a tmpfs needs. A mode is always there: without one an
// engine takes 1777 at the first start and 0755 after a restart, as the mount
// point that it made stays in the container's layer.
func tmpfsOptions(m model.PlannedMount) []string {
	options := []string{"mode=" + octal(m.Mode)}
	if m.UID != 0 || m.GID != 0 {
		options = append(options, fmt.Sprintf("uid=%d", m.UID), fmt.Sprintf("gid=%d", m.GID))
	}
	if m.Size > 0 {
		options = append(options, "size="+model.SizeText(m.Size))
	}
	if m.Exec {
		options = append(options, "exec")
	}
	return options
}

func octal(mode uint32) string { return fmt.Sprintf("%04o", mode) }

// kubernetesSize writes a size as a Kubernetes quantity.
func kubernetesSize(n int64) string {
	text := model.SizeText(n)
	if unit := strings.TrimLeft(text, "-0123456789"); unit != "" {
		text = strings.TrimSuffix(text, unit) + strings.ToUpper(unit) + "i"
	}
	return text
}
