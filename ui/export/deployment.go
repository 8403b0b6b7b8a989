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

func (d *deployment) write() {
	d.line("apiVersion: apps/v1")
	d.line("kind: Deployment")
	d.in("metadata", func() { d.pair("name", d.name) })
	d.in("spec", func() {
		if d.whole {
			d.frame()
		}
		d.in("template", func() {
			if d.whole {
				d.in("metadata", d.labels)
			}
			d.in("spec", d.pod)
		})
	})
}

// frame writes what only a whole Deployment has.
func (d *deployment) frame() {
	d.literal("replicas", strconv.Itoa(replicas(d.entry)))
	for _, m := range d.mounts {
		if m.claim != "" {
			d.comment("Two pods at once could not hold the data.")
			d.in("strategy", func() { d.pair("type", "Recreate") })
			break
		}
	}
	d.in("selector", func() {
		d.in("matchLabels", func() { d.pair("app", d.name) })
	})
}

func (d *deployment) labels() {
	d.in("labels", func() { d.pair("app", d.name) })
}

func (d *deployment) pod() {
	d.security()
	d.initContainers()
	d.in("containers", func() { d.item(d.container) })
	if len(d.mounts) == 0 {
		return
	}
	d.in("volumes", func() {
		var known []string
		for _, m := range d.mounts {
			if !slices.Contains(known, m.name) {
				known = append(known, m.name)
				d.item(func() { d.volume(m) })
			}
		}
	})
}

// copyScript copies a directory into a volume that holds nothing but what a new
// file system has. Foreign names are its arguments.
const copyScript = `ls -A "$2" | grep -qvx lost+found || cp -a "$1/." "$2/"`

// copyScriptOfUser is the same for who does not own the volume, and may not set its times.
const copyScriptOfUser = `ls -A "$2" | grep -qvx lost+found && exit
for f in "$1"/* "$1"/.[!.]* "$1"/..?*; do
  [ -e "$f" ] || [ -L "$f" ] || continue
  cp -a "$f" "$2/" || exit
done`

// seeds is where init containers find the volumes that they fill.
const seeds = "/petrify/"

func (d *deployment) initContainers() {
	script := copyScript
	if d.user.known && !d.user.root {
		script = copyScriptOfUser
	}
	var copies []podMount
	for _, m := range d.mounts {
		if m.copies {
			copies = append(copies, m)
		}
	}
	if len(copies) == 0 {
		return
	}
	image := d.entry.image()
	if image == "" {
		d.writeIncomplete(d.entry.Service, "nothing copies the image's content into its volumes, for the image is not known")
		return
	}
	d.notes.add("%s: the init containers that copy the image's content need a shell in the image", d.entry.Service)
	d.in("initContainers", func() {
		for i, m := range copies {
			d.comment("Copies what the image has at " + clean.Path(m.path) + ", as long as the volume is empty.")
			d.item(func() {
				d.pair("name", fmt.Sprintf("petrify-copy-%d", i+1))
				d.pair("image", image)
				d.list("command", []string{"sh", "-c", script, "copy", unexpanded(m.path), seeds + m.name})
				d.readOnlyRoot()
				d.in("volumeMounts", func() {
					d.item(func() {
						d.pair("name", m.name)
						d.pair("mountPath", seeds+m.name)
					})
				})
			})
		}
	})
}

func (d *deployment) container() {
	d.pair("name", d.name)
	if d.whole {
		d.settings()
	}
	if limit := d.entry.service.MemoryLimit(); d.whole && limit > 0 {
		d.in("resources", func() { d.in("limits", func() { d.pair("memory", kubernetesSize(limit)) }) })
	}
	d.readOnlyRoot()
	if len(d.mounts) == 0 {
		return
	}
	d.in("volumeMounts", func() {
		for _, m := range d.mounts {
			m.comments()
			d.item(func() {
				d.pair("name", m.name)
				d.pair("mountPath", m.path)
				if m.readOnly {
					d.literal("readOnly", "true")
				}
			})
		}
	})
}

func (d *deployment) readOnlyRoot() {
	d.in("securityContext", func() { d.literal("readOnlyRootFilesystem", "true") })
}

// secretKey are the names that keys of a Secret can have.
var secretKey = regexp.MustCompile(`^[-._A-Za-z0-9]+$`)

// settings writes what a container needs beside its mounts.
func (d *deployment) settings() {
	e := d.entry
	d.pair("image", e.image())
	if c := e.service.Declared; c != nil && c.Build {
		d.notes.add("%s: its image %s is built from the project: push it where the cluster finds it", e.Service, c.Image)
	}
	if words := e.entrypoint(); len(words) > 0 {
		d.list("command", unexpandedAll(words))
	}
	if words := e.command(); len(words) > 0 {
		d.list("args", unexpandedAll(words))
	}
	if dir := e.workingDir(); dir != "" {
		d.pair("workingDir", dir)
	}
	d.ports()
	var names []string
	for _, name := range e.variables() {
		if secretKey.MatchString(name) {
			names = append(names, name)
		} else {
			d.writeIncomplete(e.Service, "no key of a Secret can be called as the variable "+name)
		}
	}
	if len(names) == 0 {
		return
	}
	d.in("env", func() {
		for _, name := range names {
			d.item(func() {
				d.pair("name", name)
				d.in("valueFrom", func() {
					d.in("secretKeyRef", func() {
						d.pair("name", d.name+"-env")
						d.pair("key", name)
					})
				})
			})
		}
	})
	d.notes.add("%s: the values of %s have to be in a Secret named %s-env", e.Service, model.Plural(len(names), "variable"), d.name)
}

func (d *deployment) ports() {
	var known []string
	var ports []model.Port
	for _, p := range d.entry.ports() {
		protocol := cmp.Or(strings.ToUpper(p.Protocol), "TCP")
		if key := fmt.Sprint(p.Target, protocol); !slices.Contains(known, key) {
			known = append(known, key)
			ports = append(ports, model.Port{Target: p.Target, Protocol: protocol})
		}
	}
	if len(ports) == 0 {
		return
	}
	d.in("ports", func() {
		for _, p := range ports {
			d.item(func() {
				d.literal("containerPort", strconv.Itoa(p.Target))
				d.pair("protocol", p.Protocol)
			})
		}
	})
}

func (d *deployment) volume(m podMount) {
	d.pair("name", m.name)
	switch {
	case m.claim != "":
		d.in("persistentVolumeClaim", func() { d.pair("claimName", m.claim) })
	case !m.memory:
		d.literal("emptyDir", "{}")
	default:
		d.in("emptyDir", func() {
			d.pair("medium", "Memory")
			if m.size > 0 {
				d.pair("sizeLimit", kubernetesSize(m.size))
			}
		})
	}
}

// unexpanded keeps Kubernetes from replacing what looks like a variable.
func unexpanded(s string) string { return strings.ReplaceAll(s, "$", "$$") }

func unexpandedAll(words []string) []string {
	all := make([]string, len(words))
	for i, w := range words {
		all[i] = unexpanded(w)
	}
	return all
}
