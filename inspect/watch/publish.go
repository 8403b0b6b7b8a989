package watch

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"petrify/model"
	"petrify/model/stack"
)

// publishing is what has left, and what is to leave.
type publishing struct {
	news      bool // something differs from the last stack
	urgent    bool // and it is worth leaving before its time
	populated bool // list and name were known together once
	complete  bool // nothing was left to be inspected once
	left      time.Time
	before    *model.Stack
	uses      []model.VolumeUse
	usesOld   bool
}

// publish lays a stack and leaves it where Next finds it, in place of one that
// nobody took.
func (k *keeper) publish(now time.Time) {
	if !k.news || !k.urgent && !k.due(now, k.left.Add(pace)) {
		return
	}
	k.news, k.urgent, k.left = false, false, now
	k.before = stack.Lay(k.observe(), k.before)
	select {
	case <-k.box:
	default:
	}
	k.box <- k.before // free: nobody else fills it
}

// lookComplete lets the first stack leave at once in which all is inspected.
func (k *keeper) lookComplete() {
	if !k.complete && k.asking() == 0 && len(k.queue)+len(k.imageQueue) == 0 {
		k.complete, k.news, k.urgent = true, true, true
	}
}

// observe copies what the keeper goes on changing; the values that it only ever
// replaces are shared with the observations before.
func (k *keeper) observe() model.Observation {
	o := model.Observation{
		At:         k.opt.Now(),
		Engine:     k.known,
		Link:       *k.link.Load(),
		Name:       k.name,
		Project:    k.project,
		Problem:    k.problem,
		Images:     maps.Clone(k.images),
		Changes:    make(map[string]model.Changes, len(k.containers)),
		Logs:       map[string]model.LogSearch{},
		DockerRoot: k.root,
		Recordings: k.recorded.all(),
		Recorder:   k.recorded.recorder,
		Trials:     k.recorded.trials,
		Trying:     k.recorded.trying,
		Waiting:    k.waiting(),
	}
	for id, c := range k.containers {
		if !c.shown {
			continue
		}
		seen := c.Container
		seen.Err = c.failed
		o.Containers = append(o.Containers, seen)
		if c.changes != nil {
			o.Changes[id] = *c.changes
		}
		if c.log != nil {
			o.Logs[id] = *c.log
		}
	}
	slices.SortFunc(o.Containers, func(a, b model.Container) int { return cmp.Compare(a.ID, b.ID) })
	if k.usesOld {
		k.usesOld = false
		// The very same slice tells Lay for nothing that no service is concerned.
		if uses := usesOf(k.allContainers, o.Containers, k.name); !slices.Equal(uses, k.uses) {
			k.uses = uses
		}
	}
	o.Uses = k.uses
	return o
}

// usesOf says who holds what: the project's containers as they are now, all
// others as last listed.
func usesOf(allContainers, ours []model.Container, name string) []model.VolumeUse {
	var uses []model.VolumeUse
	hold := func(c model.Container) {
		for _, m := range c.Mounts {
			if m.Source == "" {
				continue // a tmpfs is nobody else's
			}
			uses = append(uses, model.VolumeUse{
				Container: c.Name,
				Project:   c.Project,
				Service:   c.Service,
				Running:   c.State == model.Running || c.State == model.Paused || c.State == model.Restarting,
				Mount:     m,
			})
		}
	}
	for _, c := range ours {
		hold(c)
	}
	for _, c := range allContainers {
		if c.Project != name || name == "" {
			hold(c)
		}
	}
	return uses
}
