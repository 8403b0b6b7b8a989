package stack

import (
	"path"
	"slices"

	"petrify/model"
)

// MaybeBehind returns the mount points of a container, and its working directory, that
// a link of the image may lead elsewhere: those that are not where they were said to be,
// while a directory of the same name was added in another place. An engine makes what
// is missing behind the link, and lists it there. Only of these it is worth asking.
func MaybeBehind(paths []model.Change, c model.Container, img *model.Image) []string {
	targets := map[string]bool{} // true when found where it was said to be
	names := map[string]bool{}
	add := func(target string) {
		if target != "" && target != "/" {
			targets[target], names[path.Base(target)] = false, true
		}
	}
	for _, m := range c.Mounts {
		add(model.Canonical(m.Target))
	}
	add(workingDirOf(c, img))
	elsewhere := map[string]bool{}
	for _, change := range paths {
		if change.Kind == model.Deleted {
			continue
		}
		if _, ok := targets[change.Path]; ok {
			targets[change.Path] = true
		} else if name := path.Base(change.Path); change.Kind == model.Added && names[name] {
			elsewhere[name] = true
		}
	}
	var maybe []string
	for target, found := range targets {
		if !found && elsewhere[path.Base(target)] {
			maybe = append(maybe, target)
		}
	}
	slices.Sort(maybe)
	return maybe
}
