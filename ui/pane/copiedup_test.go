package pane

import (
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
	"petrify/ui/theme"
)

// passedSubject shows a service in whose layer something was written that left no trace.
func passedSubject() Subject {
	o := model.Observation{
		Name: "shop", At: noon, Link: model.Link{State: model.Live}, Images: map[string]model.Image{"i": {ID: "i"}},
		Containers: []model.Container{{ID: "c", Service: "web", State: model.Running, Inspected: true, ImageID: "i", Started: noon.Add(-time.Hour)}},
		Changes: map[string]model.Changes{"c": {Taken: noon, Asked: "a\x1b[31m reason", CopiedUp: []model.CopiedUp{
			{Path: "/srv/\x1b[31mdb", Changed: noon}, {Path: "/tmp", Directory: true, Changed: noon},
		}}},
	}
	laid := stack.Lay(o, nil)
	s := &laid.Services[0]
	return Subject{Stack: laid, Service: s, Tree: NewChangeTree(s, nil).Build(), Now: noon, Zone: time.UTC}
}

func TestWhatLeftNoTraceIsSaid(t *testing.T) {
	changes, overview := newChanges(nil), NewOverview()
	changes.SetSize(90, 20)
	changes.Show(passedSubject())
	changes.Update(press('G'))
	overview.SetTheme(theme.New(true))
	overview.SetSize(110, 60)
	overview.Show(passedSubject())
	for _, test := range []struct {
		shown string
		want  []string
	}{
		{text(changes), []string{"± tmp", "written without a trace", "it is as in the image: no change", "a recording shows who"}},
		{text(overview), []string{
			"Left no trace", "± something was written in /tmp that left no trace · 12:00:00", "was opened for writing or set, and is as in the image",
			"The engine was asked for the changes, which takes it long: a", "wrote to 2 paths of its root",
		}},
	} {
		for _, want := range test.want {
			if !strings.Contains(test.shown, want) {
				t.Errorf("%q is missing in\n%s", want, test.shown)
			}
		}
		if strings.Contains(test.shown, "\x1b[31mdb") || strings.Contains(test.shown, "\x1b[31m reason") {
			t.Error("a foreign text reaches the terminal raw")
		}
	}
}
