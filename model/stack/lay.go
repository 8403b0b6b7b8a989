// Package stack lays a project as declared over its containers as observed: drift,
// risk, and the verdict on a read-only root.
package stack

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"

	"petrify/model"
)

// Lay lays a project over its containers. What did not change since the stack
// before is taken over from it (nil when there is none), so that changes are
// walked once, however often the rest moves.
func Lay(o model.Observation, before *model.Stack) *model.Stack {
	s := &model.Stack{At: o.At, Engine: o.Engine, Link: o.Link, Name: o.Name, Problem: o.Problem, Recorder: o.Recorder, Trying: o.Trying, Waiting: o.Waiting, From: o}
	b := builder{Observation: o, holders: newHolders(o.Uses), tagged: tagged(o.Images)}
	if before != nil {
		b.before = before
		b.sameUses = same(o.Uses, before.From.Uses) && o.DockerRoot == before.From.DockerRoot
		b.sameImages = same(o.Images, before.From.Images)
	}
	if o.Project != nil {
		s.Name = cmp.Or(s.Name, o.Project.Name)
		s.Files, s.PlanFiles = o.Project.Files, o.Project.PlanFiles
		s.Version = o.Project.FileVersion
		s.Warnings = o.Project.Warnings
	}
	b.Name = s.Name
	groups := byService(o.Containers)
	for _, d := range declaredByName(o.Project) {
		if d.Inactive && len(groups[d.Name]) == 0 {
			s.Inactive = append(s.Inactive, d.Name)
			continue
		}
		s.Services = append(s.Services, b.service(d.Name, d, groups[d.Name]))
		delete(groups, d.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		s.Services = append(s.Services, b.service(name, nil, groups[name]))
	}
	s.Totals = model.TotalsOf(s.Services)
	return s
}

// builder lays one service after the other.
type builder struct {
	model.Observation
	before               *model.Stack
	sameUses, sameImages bool
	holders              holders
	tagged               map[string]string // image ID by reference, spelled out
}

func (b builder) service(name string, d *model.Declared, containers []model.Container) model.Service {
	s := model.Service{
		Name: name, Declared: d, Containers: containers, Image: b.image(d, containers),
		Unlisted: b.Link.State == model.Connecting && len(containers) == 0,
	}
	for _, c := range containers {
		if changes, ok := b.Changes[c.ID]; ok {
			s.Changes = append(s.Changes, model.ContainerChanges{Container: c.ID, Changes: changes})
		}
	}
	for _, c := range containers {
		if found, ok := b.Logs[c.ID]; ok {
			s.Logs = append(s.Logs, model.ContainerLog{Container: c.ID, LogSearch: found})
		}
	}
	s.Recordings = recordingsOf(b.Recordings, &s)
	s.Trial = trialOf(b.Trials, &s)
	s.StartsAs = startsAs(&s)
	old := b.before.Service(name)
	if old != nil && b.before.From.Project == b.Project && b.sameImages && sameSeen(*old, s) {
		if b.sameUses {
			return *old
		}
		s = *old
		s.Mounts = b.pairs(&s)
		addFaults(&s)
		return s
	}
	s.Mounts = b.pairs(&s)
	s.Drift = b.drift(&s)
	gather(&s, old)
	addFaults(&s)
	s.Verdict = judge(&s)
	return s
}

// startsAs is who the containers of a service start as, where that is the user with whom it
// will start.
func startsAs(s *model.Service) *model.User {
	for _, c := range s.Standing() {
		if c.StartsAs != nil && c.User == s.UserSpec() {
			return c.StartsAs
		}
	}
	return nil
}

// image returns the image of a service: its containers' own or, where none was
// made yet, the one that its declaration names.
func (b builder) image(d *model.Declared, containers []model.Container) *model.Image {
	for _, c := range containers {
		if img, ok := b.Images[c.ImageID]; ok {
			return &img
		}
	}
	if d == nil || len(containers) > 0 {
		return nil
	}
	if img, ok := b.Images[b.tagged[cmp.Or(d.Reference, d.Image)]]; ok {
		return &img
	}
	return nil
}

// tagged finds images by what they are called.
func tagged(images map[string]model.Image) map[string]string {
	ids := map[string]string{}
	for _, id := range slices.Sorted(maps.Keys(images)) {
		for _, tag := range images[id].Tags {
			ids[tag] = id
		}
	}
	return ids
}

// sameSeen says whether all that a service is made from is what it was.
func sameSeen(a, b model.Service) bool {
	return a.Declared == b.Declared && a.Unlisted == b.Unlisted && slices.Equal(a.Recordings, b.Recordings) && a.Trial == b.Trial && same(a.Containers, b.Containers) &&
		same(a.Image, b.Image) && sameChanges(a.Changes, b.Changes) && sameLogs(a.Logs, b.Logs)
}

// sameChanges compares answers by when they were taken: a container is asked
// once at a time, so that two answers of one moment are one answer.
func sameChanges(a, b []model.ContainerChanges) bool {
	return slices.EqualFunc(a, b, func(a, b model.ContainerChanges) bool {
		return a.Container == b.Container && a.Taken.Equal(b.Taken) && a.Err == b.Err &&
			len(a.Paths) == len(b.Paths) && len(a.EngineMade) == len(b.EngineMade)
	})
}

// sameLists says whether answers tell the same, also when they are of two moments: then
// they share their lists.
func sameLists(a, b []model.ContainerChanges) bool {
	return slices.EqualFunc(a, b, func(a, b model.ContainerChanges) bool {
		return a.Container == b.Container && a.Taken.IsZero() == b.Taken.IsZero() && a.Cut == b.Cut &&
			sameList(a.Paths, b.Paths) && sameList(a.EngineMade, b.EngineMade) && sameList(a.CopiedUp, b.CopiedUp)
	})
}

func sameList[T any](a, b []T) bool { return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0]) }

// sameLogs compares searches by when they were made.
func sameLogs(a, b []model.ContainerLog) bool {
	return slices.EqualFunc(a, b, func(a, b model.ContainerLog) bool {
		return a.Container == b.Container && a.Taken.Equal(b.Taken) && a.Err == b.Err
	})
}

// same compares by value; slices and maps that are shared cost nothing.
func same[T any](a, b T) bool { return reflect.DeepEqual(a, b) }

func declaredByName(p *model.Project) []*model.Declared {
	if p == nil {
		return nil
	}
	declared := make([]*model.Declared, 0, len(p.Services)+len(p.Inactive))
	for _, services := range [][]model.Declared{p.Services, p.Inactive} {
		for i := range services {
			declared = append(declared, &services[i])
		}
	}
	slices.SortFunc(declared, func(a, b *model.Declared) int { return strings.Compare(a.Name, b.Name) })
	return declared
}

// byService groups containers by the service they belong to, in order.
func byService(containers []model.Container) map[string][]model.Container {
	groups := map[string][]model.Container{}
	for _, c := range containers {
		name := cmp.Or(c.Service, c.Name)
		groups[name] = append(groups[name], c)
	}
	for _, group := range groups {
		slices.SortFunc(group, func(a, b model.Container) int {
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
