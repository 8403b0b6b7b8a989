package model_test

import (
	"testing"

	"petrify/model"
	"petrify/model/modeltest"
	"petrify/model/stack"
)

// A definition is of how a service runs, and of nothing that a plan or a new container
// changes.
func TestDefinition(t *testing.T) {
	service := func(change func(*model.Declared, *model.Container)) *model.Service {
		d := model.Declared{
			Name: "web", Image: "web", Replicas: 1, Command: []string{"serve"}, Env: map[string]model.Masked{"A": "1", "B": "2"},
			Mounts: []model.Mount{{Kind: model.Volume, Target: "/data", Anonymous: true}},
		}
		c := modeltest.Running("web", 1)
		c.Command, c.Env = []string{"serve"}, map[string]model.Masked{"A": "1", "B": "2", "PATH": "/bin"}
		c.Mounts = []model.Mount{{Kind: model.Volume, Source: "0a1b2c", Target: "/data", Anonymous: true}}
		if change != nil {
			change(&d, &c)
		}
		return stack.Lay(model.Observation{
			Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{d}}, Containers: []model.Container{c},
			Images: map[string]model.Image{c.ImageID: {ID: c.ImageID}},
		}, nil).Service("web")
	}
	before := service(nil).Definition()
	for name, test := range map[string]struct {
		change func(*model.Declared, *model.Container)
		same   bool
	}{
		"another container":        {func(_ *model.Declared, c *model.Container) { c.ID, c.Name, c.Number = "other", "other", 2 }, true},
		"another anonymous volume": {func(_ *model.Declared, c *model.Container) { c.Mounts[0].Source = "ffff" }, true},
		"started again":            {func(_ *model.Declared, c *model.Container) { c.Restarts, c.State = 3, model.Exited }, true},
		"another port":             {func(d *model.Declared, _ *model.Container) { d.Ports = []model.Port{{Host: "80", Target: 80}} }, true},
		"a plan in use": {func(d *model.Declared, c *model.Container) {
			d.ReadOnly, d.ByPlan, c.ReadOnly = true, true, true
			tmp := model.Mount{Kind: model.Tmpfs, Target: "/tmp", Options: "size=64m"}
			c.Mounts = append(c.Mounts, tmp)
			tmp.ByPlan = true
			d.Mounts = append(d.Mounts, tmp)
		}, true},
		"a plan declared, and not yet in use": {func(d *model.Declared, _ *model.Container) {
			d.ReadOnly, d.ByPlan = true, true
			d.Mounts = append(d.Mounts, model.Mount{Kind: model.Tmpfs, Target: "/tmp", ByPlan: true})
		}, true},
		"a plan in use that the files no longer declare": {func(_ *model.Declared, c *model.Container) {
			c.ReadOnly = true
			c.Mounts = append(c.Mounts, model.Mount{Kind: model.Tmpfs, Target: "/tmp", Options: "size=64m"})
		}, true},
		"another command":      {func(d *model.Declared, c *model.Container) { d.Command, c.Command = []string{"run"}, []string{"run"} }, false},
		"another value":        {func(d *model.Declared, c *model.Container) { d.Env["A"], c.Env["A"] = "7", "7" }, false},
		"another user":         {func(d *model.Declared, c *model.Container) { d.User, c.User = "33", "33" }, false},
		"another memory limit": {func(d *model.Declared, _ *model.Container) { d.Memory = 1 << 20 }, false},
		"a declared mount": {func(d *model.Declared, c *model.Container) {
			m := model.Mount{Kind: model.Tmpfs, Target: "/tmp"}
			d.Mounts, c.Mounts = append(d.Mounts, m), append(c.Mounts, m)
		}, false},
		"what runs differs from the files": {func(_ *model.Declared, c *model.Container) { c.User = "33" }, false},
	} {
		if got := service(test.change).Definition() == before; got != test.same {
			t.Errorf("%s: the same definition is %v", name, got)
		}
	}
}
