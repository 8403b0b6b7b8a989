package model

import (
	"fmt"
	"testing"
	"time"
)

// One container with many changes, beside a project that takes some of them.
func BenchmarkLay(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		paths := manyChanges(n)
		project := &Project{Name: "shop", Services: []Declared{{Name: "web", Replicas: 1, Mounts: []Mount{{Kind: Tmpfs, Target: "/tmp"}, {Kind: Volume, Source: "v", Target: "/data"}}}}}
		c := Container{ID: "1", Name: "web", Service: "web", Inspected: true, Started: time.Unix(1, 0), Mounts: project.Services[0].Mounts}
		o := Observation{Project: project, Containers: []Container{c}}
		b.Run(fmt.Sprintf("first/%d", n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				o.Changes = map[string]Changes{"1": NewChanges(paths, c, nil, time.Unix(100, 0), time.Second)}
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
