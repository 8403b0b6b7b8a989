package stack

import (
	"cmp"
	"slices"
	"strings"

	"petrify/model"
)

// pairs lays the declared mounts of a service beside the live ones, by target.
// Live mounts are those of all its containers but the one-off ones; where scaled
// containers differ, as in their anonymous volumes, the first one counts.
func (b builder) pairs(s *model.Service) []model.MountPair {
	var pairs []model.MountPair
	index := map[string]int{}
	at := func(target string) *model.MountPair {
		i, ok := index[target]
		if !ok {
			i = len(pairs)
			index[target] = i
			pairs = append(pairs, model.MountPair{Target: target})
		}
		return &pairs[i]
	}
	if s.Declared != nil {
		for _, m := range s.Declared.Mounts {
			m.Target = model.Canonical(m.Target)
			at(m.Target).Declared = &m
		}
	}
	for _, c := range s.Standing() {
		for _, m := range c.Mounts {
			m.Target = model.Canonical(m.Target)
			pair := at(m.Target)
			pair.Behind = cmp.Or(pair.Behind, c.Behind[m.Target])
			if pair.Live != nil {
				continue
			}
			if m.Kind == model.Volume && m.Anonymous && s.Image != nil && pair.Declared == nil {
				m.FromImage = s.Image.HasVolume(m.Target)
			}
			pair.Live = &m
		}
	}
	for i := range pairs {
		b.judgeMount(&pairs[i], s.Name)
	}
	slices.SortFunc(pairs, func(a, b model.MountPair) int { return strings.Compare(a.Target, b.Target) })
	return pairs
}

// judgeMount fills in who shares a mount and why it deserves a second look. The
// live side counts first: it is what can do harm now.
func (b builder) judgeMount(pair *model.MountPair, service string) {
	places := hostPlaces{dockerRoot: b.DockerRoot}
	if b.Project != nil {
		places.projectDir = model.HostPath(b.Project.WorkingDir)
	}
	for _, m := range []*model.Mount{pair.Live, pair.Declared} {
		if m == nil || m.Copied {
			continue
		}
		if pair.Users == nil {
			pair.Users = b.holders.of(*m, b.Name, service)
		}
		if pair.Risk == "" {
			pair.Risk = risk(*m, places)
		}
		if pair.Risk == "" {
			pair.Risk = sharedRisk(*m, pair.Users, b.Name)
		}
	}
}
