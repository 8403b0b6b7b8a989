package export

import (
	"cmp"
	"maps"
	"slices"

	"petrify/model"
)

// Settings of a service are those that its files declare or, where it only runs,
// those in which its container differs from the image.

func (e entry) image() string {
	if d := e.service.Declared; d != nil {
		return d.Image
	}
	c, _ := e.container()
	return cmp.Or(c.Image, c.ImageID)
}

func (e entry) user() string {
	if d := e.service.Declared; d != nil {
		return d.User
	}
	c, _ := e.container()
	if img := e.service.Image; img != nil && img.User == c.User {
		return ""
	}
	return c.User
}

func (e entry) workingDir() string {
	if d := e.service.Declared; d != nil {
		return d.WorkingDir
	}
	c, _ := e.container()
	if img := e.service.Image; img != nil && img.WorkingDir == c.WorkingDir {
		return ""
	}
	return c.WorkingDir
}

// entrypoint is nil for the image's own.
func (e entry) entrypoint() []string {
	if d := e.service.Declared; d != nil {
		return d.Entrypoint
	}
	c, _ := e.container()
	if img := e.service.Image; img != nil && slices.Equal(img.Entrypoint, c.Entrypoint) {
		return nil
	}
	return c.Entrypoint
}

// command is nil for the image's own.
func (e entry) command() []string {
	if d := e.service.Declared; d != nil {
		return d.Command
	}
	c, _ := e.container()
	if img := e.service.Image; img != nil && slices.Equal(img.Command, c.Command) && e.entrypoint() == nil {
		return nil
	}
	return c.Command
}

// ports are those that are published. A container's exposed ports say nothing
// that the image does not.
func (e entry) ports() []model.Port {
	if d := e.service.Declared; d != nil {
		return d.Ports
	}
	c, _ := e.container()
	return slices.DeleteFunc(slices.Clone(c.Ports), func(p model.Port) bool { return p.Host == "" })
}

// variables are the names of what is set for the service, without the image's own.
func (e entry) variables() []string {
	var env map[string]model.Masked
	if d := e.service.Declared; d != nil {
		env = d.Env
	} else if c, ok := e.container(); ok {
		env = maps.Clone(c.Env)
		if img := e.service.Image; img != nil {
			maps.DeleteFunc(env, func(name string, value model.Masked) bool { return img.Env[name] == value })
		}
	}
	names := slices.Sorted(maps.Keys(env))
	return slices.DeleteFunc(names, func(name string) bool { return name == "" || !isExpressible(name) })
}

func sorted(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}
