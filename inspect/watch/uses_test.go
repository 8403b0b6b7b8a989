package watch

import (
	"slices"
	"testing"

	"petrify/model"
)

func TestUsesAreOfEveryContainer(t *testing.T) {
	volume := model.Mount{Kind: model.Volume, Source: "data", Target: "/data"}
	with := func(id, project string, state model.State, mounts ...model.Mount) model.Container {
		c := runs(id, "web")
		c.Name, c.Project, c.State, c.Mounts = id, project, state, mounts
		return c
	}
	listed := []model.Container{
		with("old", "shop", model.Running, volume), // ours, and gone since
		with("foreign", "blog", model.Exited, volume),
		with("lone", "", model.Paused, volume, model.Mount{Kind: model.Tmpfs, Target: "/tmp"}),
	}
	ours := []model.Container{with("new", "shop", model.Restarting, volume)}
	use := func(container, project string, running bool) model.VolumeUse {
		return model.VolumeUse{Container: container, Project: project, Service: "web", Running: running, Mount: volume}
	}
	want := []model.VolumeUse{use("new", "shop", true), use("foreign", "blog", false), use("lone", "", true)}
	if got := usesOf(listed, ours, "shop"); !slices.Equal(got, want) {
		t.Errorf("uses:\n got  %+v\n want %+v", got, want)
	}
}
