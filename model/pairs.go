package model

import (
	"slices"
	"strings"
)

// pairs lays the declared mounts of a service beside the live ones, by target.
// Live mounts are those of all its containers but the one-off ones; where scaled
// containers differ, as in their anonymous volumes, the first one speaks.
func (l layer) pairs(s *Service) []MountPair {
	var pairs []MountPair
	index := map[string]int{}
	at := func(target string) *MountPair {
		i, ok := index[target]
		if !ok {
			i = len(pairs)
			index[target] = i
			pairs = append(pairs, MountPair{Target: target})
		}
		return &pairs[i]
	}
	if s.Declared != nil {
		for _, m := range s.Declared.Mounts {
			m.Target = canonical(m.Target)
			at(m.Target).Declared = &m
		}
	}
	for _, c := range standing(s.Containers) {
		for _, m := range c.Mounts {
			m.Target = canonical(m.Target)
			pair := at(m.Target)
			if pair.Live != nil {
				continue
			}
			if m.Kind == Volume && m.Anonymous && s.Image != nil && pair.Declared == nil {
				m.FromImage = hasVolume(s.Image, m.Target)
			}
			pair.Live = &m
		}
	}
	for i := range pairs {
		l.judgeMount(&pairs[i], s.Name)
	}
	slices.SortFunc(pairs, func(a, b MountPair) int { return strings.Compare(a.Target, b.Target) })
	return pairs
}

// standing returns the containers that stand for their service: all but the
// one-off ones, or those where there are no others.
func standing(containers []Container) []Container {
	for i, c := range containers {
		if c.OneOff && i > 0 {
			return containers[:i]
		}
	}
	return containers
}

// judgeMount fills in who shares a mount and why it deserves a second look. The
// live side speaks first: it is what can do harm now.
func (l layer) judgeMount(pair *MountPair, service string) {
	ground := riskGround{dockerRoot: l.DockerRoot}
	if l.Project != nil {
		ground.projectDir = hostPath(l.Project.WorkingDir)
	}
	for _, m := range []*Mount{pair.Live, pair.Declared} {
		if m == nil || m.Copied {
			continue
		}
		if pair.Users == nil {
			pair.Users = l.holders.of(*m, l.Name, service)
		}
		if pair.Risk == "" {
			pair.Risk = risk(*m, ground)
		}
		if pair.Risk == "" {
			pair.Risk = sharedRisk(*m, pair.Users, l.Name)
		}
	}
}
