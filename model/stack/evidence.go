package stack

import (
	"slices"
	"time"

	"petrify/model"
)

// blindToDiff is what `docker diff` cannot see.
var blindToDiff = []model.BlindSpot{
	{Kind: model.BlindTransient},
	{Kind: model.BlindFailed},
	{Kind: model.BlindOpened},
	{Kind: model.BlindSameMode},
	{Kind: model.BlindSameContent},
	{Kind: model.BlindInMounts},
}

// gather fills in all that is known of the writes of a service: what its writable
// layers hold, what was recorded, and what logs tell. There may be a million paths, so that what did
// not change is taken over from the service as it was before; nil where it is new.
func gather(s, before *model.Service) {
	sameLayers := before != nil && sameLists(before.Changes, s.Changes)
	if sameLayers {
		s.Layers, s.Counts = before.Layers, before.Counts
	} else {
		s.Layers = fromChanges(s)
		s.Counts = model.CountChanges(s.Layers.Root)
	}
	s.Layers.Watched = watched(s)
	if sameLayers && sameLogs(before.Logs, s.Logs) && slices.Equal(before.Recordings, s.Recordings) && before.Trial == s.Trial && sameTargets(before.Mounts, s.Mounts) {
		s.Evidence = before.Evidence
		s.Evidence.Watched = s.Layers.Watched
		return
	}
	s.Evidence = s.Layers
	if r := joined(s.Recordings); r != nil {
		made := enginePaths(s)
		s.Evidence.Merge(r.Evidence(func(w model.Write) bool { return w.Mount == "" && made[w.Path] }))
	}
	if s.Trial != nil {
		s.Evidence.Merge(s.Trial.Wrote())
	}
	addCopiedUp(s)
	addLogs(s)
}

func sameTargets(a, b []model.MountPair) bool {
	return slices.EqualFunc(a, b, func(a, b model.MountPair) bool { return a.Target == b.Target && a.Behind == b.Behind })
}

// fromChanges is what the writable layers of a service's containers hold.
func fromChanges(s *model.Service) model.Evidence {
	sets := answered(s.Changes)
	if len(sets) == 0 || s.NeverRan() {
		return model.Evidence{}
	}
	e := model.Evidence{From: []model.Source{model.FromChanges}, Root: distinct(sets...), Blind: blindToDiff}
	if slices.ContainsFunc(s.Changes, func(c model.ContainerChanges) bool { return c.Cut }) {
		e.Blind = append(slices.Clip(e.Blind), model.BlindSpot{Kind: model.BlindBeyond})
	}
	switch {
	case len(e.Root) == 0:
	case len(s.Changes) == 1:
		e.Sets = [][]model.Change{e.Root}
	default:
		for i := range s.Changes {
			e.Sets = append(e.Sets, s.Changes[i].Paths)
		}
	}
	return e
}

// watched is the longest time that one of the containers has run before it was
// asked. Earlier runs of a restarted container are not known, though the writable
// layer has kept what they left. Engines note the end of a container that dies at
// once some milliseconds before its start (20.10), so that only its state tells
// whether an end is that of an earlier run.
func watched(s *model.Service) time.Duration {
	var longest time.Duration
	for _, changes := range s.Changes {
		i := slices.IndexFunc(s.Containers, func(c model.Container) bool { return c.ID == changes.Container })
		if i < 0 || changes.Taken.IsZero() || s.Containers[i].Started.IsZero() {
			continue
		}
		c := s.Containers[i]
		end := changes.Taken
		if !c.Runs() && !c.Finished.IsZero() && c.Finished.Before(end) {
			end = c.Finished
		}
		longest = max(longest, end.Sub(c.Started))
	}
	return longest
}

// answered returns the paths of the containers that answered at least once.
func answered(changes []model.ContainerChanges) [][]model.Change {
	sets := make([][]model.Change, 0, len(changes))
	for _, c := range changes {
		if !c.Taken.IsZero() {
			sets = append(sets, c.Paths)
		}
	}
	return sets
}

// recordingsOf finds the recordings of a service, of the image that it runs.
func recordingsOf(all []*model.Recording, s *model.Service) []*model.Recording {
	var found []*model.Recording
	for _, r := range all {
		if r.Service == s.Name && s.RunsImage(r.ImageID) {
			found = append(found, r)
		}
	}
	return found
}

// trialOf finds the last trial of a service, of the image that it runs.
func trialOf(all []*model.Trial, s *model.Service) *model.Trial {
	var last *model.Trial
	for _, t := range all {
		if t.Service == s.Name && s.RunsImage(t.ImageID) && (last == nil || t.Began.After(last.Began)) {
			last = t
		}
	}
	return last
}

func joined(all []*model.Recording) *model.Recording {
	if len(all) == 0 {
		return nil
	}
	joined := all[0]
	for _, r := range all[1:] {
		joined = model.Join(joined, r)
	}
	return joined
}

// EvidenceOf is what a recording of one container says of the writes of its service.
func EvidenceOf(r *model.Recording, c model.Container) model.Evidence {
	s := model.Service{Containers: []model.Container{c}}
	for i := range c.Mounts {
		target := model.Canonical(c.Mounts[i].Target)
		s.Mounts = append(s.Mounts, model.MountPair{Target: target, Behind: c.Behind[target], Live: &c.Mounts[i]})
	}
	made := enginePaths(&s)
	return r.Evidence(func(w model.Write) bool { return w.Mount == "" && made[w.Path] })
}

// enginePaths are the paths that the engine made in a service's containers.
func enginePaths(s *model.Service) map[string]bool {
	made := map[string]bool{}
	for _, changes := range s.Changes {
		for _, change := range changes.EngineMade {
			made[change.Path] = true
		}
	}
	for _, pair := range s.Mounts {
		made[model.Canonical(pair.Target)] = true
		if pair.Behind != "" {
			made[pair.Behind] = true
		}
	}
	for _, file := range engineFiles {
		made[file] = !slices.Contains(model.BoundFiles, file)
	}
	if slices.ContainsFunc(s.Containers, func(c model.Container) bool { return c.Init }) {
		for _, file := range initFiles {
			made[file] = true
		}
	}
	return made
}
