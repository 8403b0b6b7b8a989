package stack

import (
	"cmp"
	"slices"
	"strings"

	"petrify/model"
)

// holders finds who holds a volume or a host path, among all containers of the
// engine. A host path is shared with who mounts a folder above or below it.
type holders struct {
	volumes map[string][]model.VolumeUse
	binds   []hostPathUse
}

type hostPathUse struct {
	path string
	model.VolumeUse
}

func newHolders(uses []model.VolumeUse) holders {
	h := holders{volumes: map[string][]model.VolumeUse{}}
	for _, use := range uses {
		switch use.Mount.Kind {
		case model.Volume:
			h.volumes[use.Mount.Source] = append(h.volumes[use.Mount.Source], use)
		case model.Bind:
			h.binds = append(h.binds, hostPathUse{model.HostPath(use.Mount.Source), use})
		}
	}
	return h
}

// of returns the others that hold what a mount of a service brings in, the
// service's own project first.
func (h holders) of(m model.Mount, project, service string) []model.VolumeUse {
	var found []model.VolumeUse
	add := func(use model.VolumeUse) {
		if use.Project != project || use.Service != service {
			found = append(found, use)
		}
	}
	switch {
	case m.Source == "":
	case m.Kind == model.Volume:
		for _, use := range h.volumes[m.Source] {
			add(use)
		}
	case m.Kind == model.Bind:
		source := model.HostPath(m.Source)
		for _, use := range h.binds {
			if model.Within(use.path, source) || model.Within(source, use.path) {
				add(use.VolumeUse)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b model.VolumeUse) int {
		if (a.Project == project) != (b.Project == project) {
			if a.Project == project {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.Project, b.Project), strings.Compare(a.Service, b.Service),
			strings.Compare(a.Container, b.Container), strings.Compare(a.Mount.Target, b.Mount.Target))
	})
	return found
}

// Writers names the other services that can write to what they share, each once.
func Writers(users []model.VolumeUse, project string) []string {
	var names []string
	for _, use := range users {
		if use.Mount.ReadOnly {
			continue
		}
		name := use.Name(project)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
