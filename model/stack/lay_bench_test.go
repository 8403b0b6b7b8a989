package stack

import (
	"fmt"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/modeltest"
)

// One container with many changes, beside a project that takes some of them.
func BenchmarkLay(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		paths := modeltest.ManyChanges(n)
		project := &model.Project{Name: "shop", Services: []model.Declared{{Name: "web", Replicas: 1, Mounts: []model.Mount{{Kind: model.Tmpfs, Target: "/tmp"}, {Kind: model.Volume, Source: "v", Target: "/data"}}}}}
		c := model.Container{ID: "1", Name: "web", Service: "web", Inspected: true, Started: time.Unix(1, 0), Mounts: project.Services[0].Mounts}
		o := model.Observation{Project: project, Containers: []model.Container{c}}
		b.Run(fmt.Sprintf("first/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				o.Changes = map[string]model.Changes{"1": NewChanges(paths, c, nil, time.Unix(100, 0), time.Second)}
				Lay(o, nil)
			}
		})
		b.Run(fmt.Sprintf("again/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			before := Lay(o, nil)
			for b.Loop() {
				before = Lay(o, before)
			}
		})
	}
}
