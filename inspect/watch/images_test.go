package watch

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

// A tag names one image. Whatever had it before a build does not have it now.
func TestTagsMoveToTheNewestImage(t *testing.T) {
	k := newKeeper(&Watcher{}, Options{Now: time.Now})
	container := func(id, image string) {
		k.containers[id] = &watched{Container: model.Container{ID: id, ImageID: image}}
	}
	say := func() string {
		var all []string
		for _, id := range slices.Sorted(maps.Keys(k.images)) {
			all = append(all, fmt.Sprint(id, k.images[id].Tags))
		}
		return strings.Join(all, " ")
	}
	container("a", "9")
	k.takeImage("9", model.Image{ID: "9", Tags: []string{"shop/web:latest", "shop/web:1"}})
	observed := maps.Clone(k.images) // as an observation has it
	for _, step := range []struct {
		name string
		do   func()
		want string
	}{
		{"another image", func() { k.takeImage("5", model.Image{ID: "5", Tags: []string{"db"}}) }, "5[db] 9[shop/web:latest shop/web:1]"},
		{"a build", func() {
			container("b", "2")
			k.takeImage("2", model.Image{ID: "2", Tags: []string{"shop/web:latest"}})
		}, "2[shop/web:latest] 5[db] 9[shop/web:1]"},
		{"the last tag goes, a container stays", func() {
			container("c", "3")
			k.takeImage("3", model.Image{ID: "3", Tags: []string{"shop/web:1", "db"}})
		}, "2[shop/web:latest] 3[shop/web:1 db] 9[]"},
		{"and then the container", func() {
			delete(k.containers, "a")
			k.takeImage("3", k.images["3"])
		}, "2[shop/web:latest] 3[shop/web:1 db]"},
	} {
		if step.do(); say() != step.want {
			t.Errorf("%s: %s, want %s", step.name, say(), step.want)
		}
	}
	if got := observed["9"].Tags; len(got) != 2 || got[0] != "shop/web:latest" {
		t.Errorf("what was observed out has changed: %q", got)
	}
}
