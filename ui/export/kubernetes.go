package export

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"petrify/model"
	"petrify/ui/clean"
)

// What Kubernetes makes of mounts decides how they are written:
//
//   - An emptyDir is 0777 and root's, has neither sticky bit nor noexec, survives a
//     restart of its container and starts empty. In memory, it counts against the
//     memory limit. An fsGroup gives its group, with setgid.
//   - No volume takes over what the image has: an init container of the same image
//     copies it, into a volume that is still empty.
//   - Some runtimes mount a VOLUME of the image writable, others leave it on the
//     read-only root: each is declared.
//   - The path of a mount has no colon.
//   - $(NAME) in commands is replaced, and $$ stands for a dollar sign.
//   - Lists of a strategic merge patch are merged by name, those of mounts by path.

// writeKubernetes writes a strategic merge patch for the Deployment of each service,
// and a claim for each volume.
func writeKubernetes(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	k := newKube(s, plans, false)
	k.header(s, "Kubernetes patches", plans,
		"Each Deployment is a strategic merge patch for one that has the service's name, as has its container. "+
			"In a kustomization it stands below patches, by itself it is applied with:", "",
		"  kubectl patch deployment NAME --patch-file FILE", "",
		"A PersistentVolumeClaim is whole: it stands below resources, or is applied with kubectl apply -f FILE.", "",
		"What an emptyDir in memory holds counts against the memory limit of its container.")
	return k.write(w)
}

// writeDeployments writes a Deployment for each service, and a claim for each volume.
func writeDeployments(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	k := newKube(s, plans, true)
	k.header(s, "Kubernetes objects", plans,
		"Apply them with:", "", "  kubectl apply -f FILE", "",
		"Services, probes and limits other than of memory are not in it. Values of variables come from a Secret with the name of the "+
			"service and -env.")
	k.notes.add("kubernetes: services, probes and limits other than of memory are not in the file")
	return k.write(w)
}

type kube struct {
	page
	project    string
	all        []entry
	plans      []model.Plan
	whole      bool
	names      *namer // of services
	claimNames *namer
	claims     []string
	users      map[string]int // of claims
}

func newKube(s *model.Stack, plans []model.Plan, whole bool) *kube {
	all := entries(s, plans)
	services := make([]string, len(all))
	for i, e := range all {
		services[i] = e.Service
	}
	return &kube{
		project: s.Name, all: all, plans: plans, whole: whole, users: map[string]int{},
		names:      newNamer(labelName, labelLimit-len("-env"), services),
		claimNames: newNamer(labelName, labelLimit, volumeKeys(all)),
	}
}

func (k *kube) write(w io.Writer) ([]string, error) {
	documents := 0
	begin := func() {
		if documents++; documents > 1 {
			k.line("---")
		} else {
			k.blank()
		}
	}
	for _, e := range k.all {
		if k.whole && e.image() == "" {
			k.comment("Left out: service " + clean.Line(e.Service) + ": its image is not known.")
			k.notes.add("%s: left out, for its image is not known", e.Service)
			continue
		}
		begin()
		k.comment("Service " + clean.Line(e.Service))
		k.about(e, k.plans)
		d := &deployment{kube: k, entry: e, name: k.names.name(e.Service), volumes: newNamer(labelName, labelLimit, nil)}
		d.user = e.podUser()
		d.collect()
		d.write()
	}
	for _, claim := range k.claims {
		begin()
		k.claim(claim)
	}
	return k.page.write(w)
}

// storage is what a claim asks for: how much data there will be is not known.
const storage = "1Gi"

func (k *kube) claim(name string) {
	k.line("apiVersion: v1")
	k.line("kind: PersistentVolumeClaim")
	k.in("metadata", func() { k.pair("name", name) })
	k.in("spec", func() {
		k.list("accessModes", []string{"ReadWriteOnce"})
		k.comment("Set the size that the data will need.")
		k.in("resources", func() { k.in("requests", func() { k.pair("storage", storage) }) })
	})
	k.notes.add("claim %s: asks for %s, for how much the data needs is not known", name, storage)
	if k.users[name] > 1 {
		k.notes.add("claim %s: ReadWriteOnce holds the services that share it on one node", name)
	}
}

// deployment is one service being written.
type deployment struct {
	*kube
	entry   entry
	name    string
	user    podUser
	volumes *namer
	mounts  []podMount
}

// podMount is one mount of a pod.
type podMount struct {
	name     string // of its volume
	path     string
	claim    string // "" for an emptyDir
	memory   bool
	size     int64 // 0 for no limit
	readOnly bool
	copies   bool
	comments func()
}

// collect gathers the mounts of a service: those of its plan, those it has
// already, and those its image asks for.
func (d *deployment) collect() {
	e := d.entry
	for _, m := range e.Mounts {
		pm := podMount{path: m.Target, copies: m.CopiesUp, comments: func() {
			d.reasons(e, m)
			d.permissions(m)
		}}
		if m.Kind == model.Volume {
			pm.claim = d.claimNames.name(m.Volume)
		} else {
			pm.memory, pm.size = true, m.Size
		}
		d.mount(pm)
	}
	for _, m := range e.given() {
		d.given(m)
	}
	if e.service.Image == nil {
		return
	}
	for _, target := range e.service.Image.Volumes {
		if !d.has(target) {
			d.mount(podMount{path: target, comments: func() { d.comment("A VOLUME of the image, which nothing else mounts.") }})
		}
	}
}

// has says whether something is mounted at a path, or would be if it could.
func (d *deployment) has(target string) bool {
	for _, pair := range d.entry.service.Mounts {
		if pair.Target == target && !pair.Current().FromImage {
			return true
		}
	}
	for _, m := range d.mounts {
		if m.path == target {
			return true
		}
	}
	return d.entry.plans(target)
}

func (d *deployment) given(m model.Mount) {
	service := d.entry.Service
	pm := podMount{path: m.Target, readOnly: m.ReadOnly}
	switch {
	case m.Kind == model.Tmpfs:
		pm.memory, pm.size = true, m.Size()
		pm.comments = func() { d.comment("A tmpfs of the project's files.") }
	case m.FromImage, m.Kind == model.Volume && d.whole && m.Source == "":
		pm.comments = func() { d.comment("A volume without a name: its content goes with the pod.") }
	case m.Kind == model.Volume && d.whole:
		pm.claim = d.claimNames.name(strings.TrimPrefix(m.Source, d.project+"_"))
		pm.comments = func() { d.comment("A volume of the project's files.") }
	case d.whole:
		d.notes.add("%s: no mount at %s: a %s of the project's files has no place in a cluster yet", service, clean.Path(m.Target), m.Kind)
		return
	default:
		d.notes.add("%s: the %s at %s has to be in the Deployment already", service, m.Kind, clean.Path(m.Target))
		return
	}
	d.mount(pm)
}

func (d *deployment) mount(m podMount) {
	switch {
	case !isExpressible(m.path):
		d.leaveOut(d.entry.Service, m.path, noText)
		return
	case strings.Contains(m.path, ":"):
		d.leaveOut(d.entry.Service, m.path, "Kubernetes takes no path with a colon")
		return
	}
	m.name = d.volumes.name(cmp.Or(m.claim, m.path))
	if m.claim != "" {
		if d.users[m.claim]++; d.users[m.claim] == 1 {
			d.claims = append(d.claims, m.claim)
		}
	}
	d.mounts = append(d.mounts, m)
}

// permissions says what an emptyDir lacks of a planned tmpfs.
func (d *deployment) permissions(m model.PlannedMount) {
	if m.Kind != model.Tmpfs {
		return
	}
	if !m.Exec {
		d.notes.add("%s: an emptyDir has no noexec, so that what is written there can be executed", d.entry.Service)
	}
	p := clean.Path(m.Target)
	owner := fmt.Sprintf("%s %d:%d", octal(m.Mode), m.UID, m.GID)
	if m.Mode&0o1000 != 0 {
		d.writeIncomplete(d.entry.Service, "an emptyDir is 0777: "+p+" has no sticky bit, without which Ruby refuses it as a place for temporary files")
	} else if m.Mode != 0o777 || m.UID != 0 || m.GID != 0 {
		d.writeIncomplete(d.entry.Service, "an emptyDir is 0777 and root's: "+p+" should be "+owner)
	}
}
