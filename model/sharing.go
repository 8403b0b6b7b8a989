package model

import (
	"cmp"
	"slices"
	"strings"
)

// holders finds who holds a volume or a host path, among all containers of the
// engine. A host path is shared with who mounts a folder above or below it.
type holders struct {
	volumes map[string][]VolumeUse
	binds   []hostPathUse
}

type hostPathUse struct {
	path string
	VolumeUse
}

func newHolders(uses []VolumeUse) holders {
	h := holders{volumes: map[string][]VolumeUse{}}
	for _, use := range uses {
		switch use.Mount.Kind {
		case Volume:
			h.volumes[use.Mount.Source] = append(h.volumes[use.Mount.Source], use)
		case Bind:
			h.binds = append(h.binds, hostPathUse{hostPath(use.Mount.Source), use})
		}
	}
	return h
}

// of returns the others that hold what a mount of a service brings in, the
// service's own project first.
func (h holders) of(m Mount, project, service string) []VolumeUse {
	var found []VolumeUse
	add := func(use VolumeUse) {
		if use.Project != project || use.Service != service {
			found = append(found, use)
		}
	}
	switch {
	case m.Source == "":
	case m.Kind == Volume:
		for _, use := range h.volumes[m.Source] {
			add(use)
		}
	case m.Kind == Bind:
		source := hostPath(m.Source)
		for _, use := range h.binds {
			if within(use.path, source) || within(source, use.path) {
				add(use.VolumeUse)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b VolumeUse) int {
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

// writers names the other services that can write to what they share, each once.
func writers(users []VolumeUse, project string) []string {
	var names []string
	for _, use := range users {
		if use.Mount.ReadOnly {
			continue
		}
		name := cmp.Or(use.Service, use.Container)
		if use.Project != project && use.Project != "" {
			name = use.Project + "/" + name
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
