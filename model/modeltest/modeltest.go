// Package modeltest has what tests of several floors of the model start from.
package modeltest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"petrify/model"
)

// Start is when containers of tests began to run.
var Start = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

// Running is a container that has run since start.
func Running(service string, number int) model.Container {
	id := service + string(rune('0'+number))
	return model.Container{
		ID: id, Name: id, Service: service, Number: number, State: model.Running, Started: Start,
		Inspected: true, WorkingDir: "/", Image: service, ImageID: "sha256:" + service,
	}
}

// After is an answer taken some time after start.
func After(d time.Duration, lines ...string) model.Changes {
	return model.Changes{Paths: Diff(lines...), Taken: Start.Add(d)}
}

// Diff reads changes from lines such as "A /run/a.pid".
func Diff(lines ...string) []model.Change {
	changes := make([]model.Change, len(lines))
	for i, line := range lines {
		changes[i] = model.Change{Kind: model.ChangeKind(strings.IndexByte("CAD", line[0])), Path: line[2:]}
	}
	return changes
}

// Lines writes changes one a line.
func Lines(changes []model.Change) string {
	var b strings.Builder
	for _, change := range changes {
		fmt.Fprintln(&b, change)
	}
	return b.String()
}

// ManyChanges makes changes as an engine lists them: modified directories among
// what is in them, in random order.
func ManyChanges(n int) []model.Change {
	changes := make([]model.Change, 0, n)
	for i := 0; len(changes) < n; i++ {
		dir := fmt.Sprintf("/var/lib/app/%03d/%03d", i/40%1000, i%40)
		changes = append(changes, model.Change{Path: dir, Kind: model.Modified})
		for j := 0; j < 25 && len(changes) < n; j++ {
			changes = append(changes, model.Change{Path: fmt.Sprintf("%s/file-%d-%d.dat", dir, i/40000, j), Kind: model.Added})
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(n, func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	return changes
}
