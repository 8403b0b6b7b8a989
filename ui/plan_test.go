package ui

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
)

// The preview plans for the selected service first, then for all that would break, each once.
func TestPreviewPlansWhatWouldBreak(t *testing.T) { bubbled(testPreviewPlansWhatWouldBreak)(t) }

func testPreviewPlansWhatWouldBreak(t *testing.T) {
	source := newStill(shop())
	source.plan, source.plans = webPlan(), otherPlans()
	s := open(t, source, 120, 30).keys("@web")
	if len(source.planned) > 0 {
		t.Errorf("nobody asked, and %q were planned for", source.planned)
	}
	s.keys("r")
	if want := []string{"web", "db", "worker"}; !slices.Equal(source.planned, want) {
		t.Errorf("planned for %q, want %q", source.planned, want)
	}
	if s.keys("r r 3 4 r"); len(source.planned) != 3 {
		t.Errorf("planned again: %q", source.planned)
	}
}

// What was written since is planned for, and only that: that somebody looked again is no
// reason.
func TestNewChangesAreNewPlans(t *testing.T) { bubbled(testNewChangesAreNewPlans)(t) }

func testNewChangesAreNewPlans(t *testing.T) {
	seen := shopSeen()
	source := newStill(stack.Lay(seen, nil))
	source.plan, source.plans = webPlan(), otherPlans()
	s := open(t, source, 120, 30).keys("@web r")
	for _, test := range []struct {
		more []model.Change
		want []string
	}{{nil, nil}, {[]model.Change{{Path: "/tmp/new", Kind: model.Added}}, []string{"db"}}} {
		source.planned = nil
		for _, c := range seen.Containers {
			if changes, ok := seen.Changes[c.ID]; ok {
				changes.Taken = changes.Taken.Add(time.Second)
				if c.Service == "db" && test.more != nil {
					changes.Paths = slices.Concat(changes.Paths, test.more)
				}
				seen.Changes[c.ID] = changes
			}
		}
		s.send(stackMsg{stack: stack.Lay(seen, s.app.(*App).stack)})
		if !slices.Equal(source.planned, test.want) {
			t.Errorf("with %d more changes planned for %q, want %q", len(test.more), source.planned, test.want)
		}
	}
}

// A service that writes all the time gets its plan: what is under way is not begun anew with
// each write.
func TestPlansAreFinishedWhileMoreIsWritten(t *testing.T) {
	bubbled(testPlansAreFinishedWhileMoreIsWritten)(t)
}

func testPlansAreFinishedWhileMoreIsWritten(t *testing.T) {
	source := newStill(shop())
	source.plan, source.plans = webPlan(), otherPlans()
	s := open(t, source, 120, 30).keys("@web")
	app := s.app.(*App)
	app.active = planPane
	underWay := app.plan(app.stack.Service("web"))
	s.send(stackMsg{stack: stack.Lay(answeredShop(noon.Add(time.Second), model.Change{Path: "/tmp/more", Kind: model.Added}), nil)})
	if len(source.planned) > 0 {
		t.Errorf("while web is planned for, plans were made for %q", source.planned)
	}
	s.send(underWay())
	if made := s.app.(*App).planning.made["web"]; made.full == nil || made.err != nil {
		t.Errorf("web has no plan: %v", made.err)
	}
	if want := []string{"web", "web"}; len(source.planned) < 2 || !slices.Equal(source.planned[:2], want) {
		t.Errorf("planned for %q, want first %q: its changes are newer", source.planned, want)
	}
}

// A mount that is left out shows at once in the second verdict.
func TestSecondVerdictFollowsWhatIsLeftOut(t *testing.T) {
	bubbled(testSecondVerdictFollowsWhatIsLeftOut)(t)
}

func testSecondVerdictFollowsWhatIsLeftOut(t *testing.T) {
	source := newStill(shop())
	source.plan, source.plans = webPlan(), otherPlans()
	s := open(t, source, 120, 30).keys("@web 4 r")
	before := s.text()
	s.keys("enter down space")
	for _, test := range []struct{ text, want string }{{before, "would break ⇒ 3 !2 ✗1"}, {s.text(), "would break ⇒ 2 !2 ✗2"}} {
		if !strings.Contains(test.text, test.want) {
			t.Errorf("no %q in\n%s", test.want, test.text)
		}
	}
}

// A plan that cannot be made is no verdict, and is not asked for over and over.
func TestPlansThatFail(t *testing.T) { bubbled(testPlansThatFail)(t) }

func testPlansThatFail(t *testing.T) {
	source := newStill(shop())
	source.plan = model.Plan{Service: "nobody"}
	s := open(t, source, 120, 30).keys("@web r")
	if len(source.planned) != 3 {
		t.Errorf("planned for %q", source.planned)
	}
	if text := s.text(); !strings.Contains(text, "+3 ~1 -1     would break ? ") {
		t.Errorf("web has a verdict:\n%s", text)
	}
	asked := s.app.(*App).planning
	s.send(planMsg{generation: asked.generation - 1, err: errors.New("late")})
	if got := s.app.(*App).planning.made["web"].err; got == nil || got.Error() == "late" {
		t.Errorf("an answer to an earlier question counts: %v", got)
	}
}
