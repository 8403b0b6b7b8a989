package model

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// Lay lays a project over its containers. What did not change since the stack
// before is taken over from it (nil when there is none), so that changes are
// walked once, however often the rest moves.
func Lay(o Observation, before *Stack) *Stack {
	s := &Stack{At: o.At, Engine: o.Engine, Link: o.Link, Name: o.Name, Problem: o.Problem, Recorder: o.Recorder, seen: o}
	l := layer{Observation: o, holders: newHolders(o.Uses), tagged: tagged(o.Images)}
	if before != nil {
		l.before = before
		l.sameUses = same(o.Uses, before.seen.Uses) && o.DockerRoot == before.seen.DockerRoot
		l.sameImages = same(o.Images, before.seen.Images)
	}
	if o.Project != nil {
		s.Name = cmp.Or(s.Name, o.Project.Name)
		s.Files = o.Project.Files
		s.Version = o.Project.FileVersion
		s.Inactive, s.Warnings = o.Project.Inactive, o.Project.Warnings
	}
	l.Name = s.Name
	groups := byService(o.Containers)
	for _, d := range declaredByName(o.Project) {
		s.Services = append(s.Services, l.service(d.Name, d, groups[d.Name]))
		delete(groups, d.Name)
	}
	for _, name := range sortedKeys(groups) {
		s.Services = append(s.Services, l.service(name, nil, groups[name]))
	}
	s.Totals = total(s.Services)
	return s
}

// layer lays one service after the other.
type layer struct {
	Observation
	before               *Stack
	sameUses, sameImages bool
	holders              holders
	tagged               map[string]string // image ID by normal reference
}

func (l layer) service(name string, d *Declared, containers []Container) Service {
	s := Service{
		Name: name, Declared: d, Containers: containers, Image: l.image(d, containers),
		Unlisted: l.Link.State == Connecting && len(containers) == 0,
	}
	for _, c := range containers {
		if changes, ok := l.Changes[c.ID]; ok {
			s.Changes = append(s.Changes, ContainerChanges{Container: c.ID, Changes: changes})
		}
	}
	s.recorded = recordingsOf(l.Recordings, &s)
	old := l.before.service(name)
	if old != nil && slices.Equal(old.recorded, s.recorded) {
		s.Recording = old.Recording // where several were joined, it would be a new one each time
	} else {
		s.Recording = joinAll(s.recorded)
	}
	if old != nil && l.before.seen.Project == l.Project && l.sameImages && sameSeen(*old, s) {
		if l.sameUses {
			return *old
		}
		s = *old
		s.Mounts = l.pairs(&s)
		return s
	}
	s.Mounts = l.pairs(&s)
	s.Drift = l.drift(&s)
	if old != nil && sameChanges(old.Changes, s.Changes) {
		s.changed, s.Counts = old.changed, old.Counts
	} else {
		s.changed = distinct(answered(s.Changes)...)
		s.Counts = count(s.changed)
	}
	s.Recorded = beyond(s.changed, &s)
	s.written = s.changed
	if blockable := s.onRoot(s.Recorded); len(blockable) > 0 {
		s.written = slices.Concat(s.changed, blockable)
	}
	s.Verdict = judge(&s)
	return s
}

// image returns the image of a service: its containers' own or, where none was
// made yet, the one that its declaration names.
func (l layer) image(d *Declared, containers []Container) *Image {
	for _, c := range containers {
		if img, ok := l.Images[c.ImageID]; ok {
			return &img
		}
	}
	if d == nil || len(containers) > 0 {
		return nil
	}
	if img, ok := l.Images[l.tagged[normalReference(d.Image)]]; ok {
		return &img
	}
	return nil
}

// tagged finds images by what they are called.
func tagged(images map[string]Image) map[string]string {
	ids := map[string]string{}
	for _, id := range sortedKeys(images) {
		for _, tag := range images[id].Tags {
			ids[normalReference(tag)] = id
		}
	}
	return ids
}

// sameSeen says whether all that a service is made from is what it was.
func sameSeen(a, b Service) bool {
	return a.Declared == b.Declared && a.Unlisted == b.Unlisted && a.Recording == b.Recording && same(a.Containers, b.Containers) &&
		same(a.Image, b.Image) && sameChanges(a.Changes, b.Changes)
}

// sameChanges compares answers by when they were taken: a container is asked
// once at a time, so that two answers of one moment are one answer.
func sameChanges(a, b []ContainerChanges) bool {
	return slices.EqualFunc(a, b, func(a, b ContainerChanges) bool {
		return a.Container == b.Container && a.Taken.Equal(b.Taken) && a.Err == b.Err &&
			len(a.Paths) == len(b.Paths) && len(a.EngineMade) == len(b.EngineMade)
	})
}

// same compares by value; slices and maps that are shared cost nothing.
func same[T any](a, b T) bool { return reflect.DeepEqual(a, b) }

// answered returns the paths of the containers that answered at least once.
func answered(changes []ContainerChanges) [][]Change {
	sets := make([][]Change, 0, len(changes))
	for _, c := range changes {
		if !c.Taken.IsZero() {
			sets = append(sets, c.Paths)
		}
	}
	return sets
}

// service returns a service by its name; nil when there is none, or no stack.
func (s *Stack) service(name string) *Service {
	if s == nil {
		return nil
	}
	for i := range s.Services {
		if s.Services[i].Name == name {
			return &s.Services[i]
		}
	}
	return nil
}

func declaredByName(p *Project) []*Declared {
	if p == nil {
		return nil
	}
	declared := make([]*Declared, len(p.Services))
	for i := range p.Services {
		declared[i] = &p.Services[i]
	}
	slices.SortFunc(declared, func(a, b *Declared) int { return strings.Compare(a.Name, b.Name) })
	return declared
}

// byService groups containers by the service they belong to, in order.
func byService(containers []Container) map[string][]Container {
	groups := map[string][]Container{}
	for _, c := range containers {
		name := cmp.Or(c.Service, c.Name)
		groups[name] = append(groups[name], c)
	}
	for _, group := range groups {
		slices.SortFunc(group, func(a, b Container) int {
			if a.OneOff != b.OneOff {
				if b.OneOff {
					return -1
				}
				return 1
			}
			return cmp.Or(cmp.Compare(a.Number, b.Number), a.Created.Compare(b.Created),
				strings.Compare(a.Name, b.Name), strings.Compare(a.ID, b.ID))
		})
	}
	return groups
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// total counts services by the outcome of their verdicts.
func total(services []Service) Totals {
	totals := Totals{Services: len(services)}
	for i := range services {
		switch services[i].Verdict.Outcome {
		case IsReadOnly:
			totals.ReadOnly++
		case WouldBreak:
			totals.Breaks++
		case WouldRun:
			totals.WouldRun++
		default:
			totals.Unknown++
		}
	}
	return totals
}
