package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
	"petrify/model/stack"
	"petrify/ui/pane"
)

// While somebody looks elsewhere no news may make the engine walk a container
// again: each walk would be news, and so on.
func TestNewsDoNotMakeSomebodyLook(t *testing.T) { bubbled(testNewsDoNotMakeSomebodyLook)(t) }

func testNewsDoNotMakeSomebodyLook(t *testing.T) {
	source := newStill(shop())
	s := open(t, source, 120, 30)
	s.send(tea.BlurMsg{})
	s.send(stackMsg{stack: shop()})
	s.send(tickMsg(noon.Add(time.Minute)))
	if last := source.looked[len(source.looked)-1]; last.changes {
		t.Errorf("looked at %v", source.looked)
	}
	s.send(tea.FocusMsg{})
	if last := source.looked[len(source.looked)-1]; !last.changes {
		t.Errorf("after coming back, looked at %v", source.looked)
	}
}

// A tree of many changes is built beside everything else, once, whatever comes
// in between.
func TestManyChangesAreRolledUpOnce(t *testing.T) {
	many := func(n int, taken time.Time) *model.Stack {
		seen := shopSeen()
		web := seen.Containers[0]
		paths := make([]model.Change, n)
		for i := range paths {
			paths[i] = model.Change{Path: fmt.Sprintf("/srv/file-%d", i), Kind: model.Added}
		}
		seen.Changes[web.ID] = stack.NewChanges(paths, web, nil, taken, time.Second)
		return stack.Lay(seen, nil)
	}
	app := New(t.Context(), newStill(), Options{Now: func() time.Time { return noon }, Zone: time.UTC})
	app.Update(tea.WindowSizeMsg{Width: 120, Height: 30})
	stack := many(5000, noon)
	app.Update(stackMsg{stack: stack})
	building := app.building
	if app.services.Selected() != "web" || building == nil {
		t.Fatal("nothing is built for the worst service")
	}
	if app.rollUp(app.service()) != nil || app.building != building {
		t.Error("the same tree is built twice")
	}
	app.Update(treeMsg{pane.NewChangeTree(app.service(), nil).Build()})
	if app.tree != nil {
		t.Error("a tree that nobody waits for is shown")
	}
	app.Update(treeMsg{building.Build()})
	app.Update(press("3"))
	if content := app.View().Content; app.tree != building || !strings.Contains(content, "srv/") {
		t.Errorf("the tree is not shown:\n%s", content)
	}
	app.Update(stackMsg{stack: many(6000, noon.Add(time.Minute))})
	if app.building == nil || app.tree != building {
		t.Error("newer changes are not rolled up beside the older ones")
	}
}
