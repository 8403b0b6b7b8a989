package ui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
	"petrify/model/stack"
)

// waitingShop is the shop before its changes are known, while the engine walks web.
func waitingShop(walked time.Duration) model.Observation {
	seen := shopSeen()
	web := seen.Containers[0]
	delete(seen.Changes, web.ID)
	seen.Waiting = []model.Waiting{{
		Step: model.WaitChanges, Done: 4, Total: 6, On: []model.Asked{{Service: web.Service, Container: web.ID, Since: noon.Add(-walked)}},
	}}
	return seen
}

func TestWaitingFrames(t *testing.T) {
	for _, frame := range []struct {
		name          string
		width, height int
		keys          string
	}{
		{"overview", 120, 24, "@web"},
		{"changes-80", 80, 16, "@web 3"},
		{"logs", 100, 16, "@web 5"},
	} {
		t.Run(frame.name, bubbled(func(t *testing.T) {
			source := newStill(stack.Lay(waitingShop(12*time.Second), nil))
			golden.RequireEqual(t, open(t, source, frame.width, frame.height).keys(frame.keys).text()+"\n")
		}))
	}
}

// What is quick is not told of, and when nothing is waited for nothing moves.
func TestWaitingShowsAfterHalfASecond(t *testing.T) { bubbled(testWaitingShowsAfterHalfASecond)(t) }

func testWaitingShowsAfterHalfASecond(t *testing.T) {
	s := open(t, newStill(stack.Lay(waitingShop(0), nil)), 120, 24)
	app := s.app.(*App)
	const told = "changes: 4 of 6, web for 1 s"
	if strings.Contains(s.text(), "4 of 6") || !app.waits.ticking {
		t.Errorf("told at once, or nothing will move:\n%s", s.text())
	}
	app.Update(spinMsg(noon.Add(silentFor)))
	if !strings.Contains(s.text(), told) || !app.waits.ticking {
		t.Errorf("not told after half a second:\n%s", s.text())
	}
	before := s.text()
	app.Update(spinMsg(noon.Add(silentFor + 100*time.Millisecond)))
	if s.text() == before {
		t.Error("nothing moves")
	}
	app.Update(stackMsg{stack: stack.Lay(shopSeen(), nil)})
	app.Update(spinMsg(noon.Add(time.Second)))
	if strings.Contains(s.text(), "changes:") || app.waits.ticking {
		t.Errorf("something is still waited for:\n%s", s.text())
	}
}
