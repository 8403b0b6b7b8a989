package ui

import (
	"context"
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/model/stack"
	"petrify/ui/pane"
)

// manyServices is a stack of 200 services that runs, one changed path each.
func manyServices(at time.Time) *model.Stack {
	seen := shopSeen()
	seen.At = at
	template, image := seen.Containers[0], seen.Images[seen.Containers[0].ImageID]
	seen.Project.Services, seen.Containers = nil, nil
	for i := range 200 {
		c := template
		c.Service = fmt.Sprintf("service-%03d", i)
		c.Name, c.ID = "shop-"+c.Service+"-1", fmt.Sprintf("%064x", i)
		seen.Containers = append(seen.Containers, c)
		seen.Project.Services = append(seen.Project.Services, model.Declared{Name: c.Service, Image: c.Image, Mounts: c.Mounts, Replicas: 1})
		seen.Changes[c.ID] = stack.NewChanges([]model.Change{{Path: fmt.Sprintf("/run/%d.pid", at.UnixNano()), Kind: model.Added}}, c, &image, at, time.Millisecond)
	}
	return stack.Lay(seen, nil)
}

func benchApp(b *testing.B, stack *model.Stack) *App {
	app := New(context.Background(), newStill(), Options{Now: func() time.Time { return noon }, Zone: time.UTC})
	app.Update(tea.WindowSizeMsg{Width: 160, Height: 45})
	app.Update(stackMsg{stack: stack})
	app.View()
	b.ReportAllocs()
	b.ResetTimer()
	return app
}

// BenchmarkFrameUnchanged is what a message costs that changes nothing on screen.
func BenchmarkFrameUnchanged(b *testing.B) {
	app := benchApp(b, manyServices(noon))
	for b.Loop() {
		app.Update(tea.MouseMotionMsg{})
		app.View()
	}
}

// BenchmarkFrameAllChanged is what a stack costs of which everything is new.
func BenchmarkFrameAllChanged(b *testing.B) {
	stacks := []*model.Stack{manyServices(noon), manyServices(noon.Add(time.Second))}
	app := benchApp(b, stacks[0])
	for i := 0; b.Loop(); i++ {
		app.Update(stackMsg{stack: stacks[i%2]})
		app.View()
	}
}

// BenchmarkKey is one key press and its frame in a tree of many changes.
func BenchmarkKey(b *testing.B) {
	for _, n := range []int{100_000, 1_000_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			seen := shopSeen()
			web := seen.Containers[0]
			paths := make([]model.Change, n)
			for i := range paths {
				paths[i] = model.Change{Path: fmt.Sprintf("/srv/%03d/%02d/file-%d", i%500, i%17, i), Kind: model.Added}
			}
			seen.Changes[web.ID] = stack.NewChanges(paths, web, nil, noon, time.Second)
			app := benchApp(b, stack.Lay(seen, nil))
			app.Update(press("3"))
			app.Update(treeMsg{app.building.Build()})
			app.Update(press("enter"))
			app.Update(pane.OpenMsg{})
			keys := []tea.KeyPressMsg{press("down"), press("up")}
			b.ResetTimer()
			for i := 0; b.Loop(); i++ {
				app.Update(keys[i%2])
				app.View()
			}
		})
	}
}
