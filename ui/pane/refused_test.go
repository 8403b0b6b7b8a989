package pane

import (
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/stack"
	"petrify/ui/theme"
)

// refusedSubject shows a service with a read-only root that was refused one path, tried
// another, and ran what it wrote in a mount.
func refusedSubject() Subject {
	refused := func(path string, count, tries int) model.Write {
		return model.Write{
			Path: path, Refused: count, Gone: true, Bytes: -1, First: noon, Last: noon, By: []int{0},
			Refusal: model.Refusal{Tries: tries, Acts: model.Made, Err: model.ReadOnlyError, Call: "mkdir", Last: noon},
		}
	}
	o := model.Observation{
		Name: "shop", At: noon, Link: model.Link{State: model.Live}, Images: map[string]model.Image{"i": {ID: "i"}},
		Containers: []model.Container{{ID: "c", Service: "web", State: model.Running, Inspected: true, ReadOnly: true, ImageID: "i", Started: noon.Add(-time.Hour)}},
		Recordings: []*model.Recording{{
			Project: "shop", Service: "web", ImageID: "i", Sittings: []model.Sitting{{Began: noon, Ended: noon, Ran: time.Minute, Refusals: true}},
			Processes: []model.Process{{Command: "mk\x1b[31mdir", User: "root", PID: 9}},
			Writes: []model.Write{
				{Path: "/data/tool", Mount: "/data", Acts: model.Made | model.Ran, Count: 2, Bytes: -1, First: noon, Last: noon},
				refused("/srv/tried", 1, 1), refused("/var/lib/thing", 5, 0),
			},
		}},
	}
	laid := stack.Lay(o, nil)
	s := &laid.Services[0]
	return Subject{Stack: laid, Service: s, Tree: NewChangeTree(s, nil).Build(), Now: noon, Zone: time.UTC}
}

func TestRefusedWritesStandInChanges(t *testing.T) {
	p := newChanges(nil)
	p.SetSize(80, 20)
	p.Show(refusedSubject())
	p.Update(press('G'))
	shown := text(p)
	for _, want := range []string{"✗1", "✗ thing", "◦ tried", "✗ refused: mkdir: read-only file system", "5×", "mk"} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is missing in\n%s", want, shown)
		}
	}
}

func TestRefusedWritesStandInTheOverview(t *testing.T) {
	p := NewOverview()
	p.SetTheme(theme.New(true))
	p.SetSize(100, 60)
	p.Show(refusedSubject())
	shown := text(p)
	for _, want := range []string{
		"Was refused", "✗ /var/lib/thing was refused (mkdir: read-only file system), 5× by mk", "◦ 1 path it was refused and went on, such as /srv/tried",
		"! a program that was written was run: /data/tool",
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("%q is missing in\n%s", want, shown)
		}
	}
	if strings.Contains(shown, "\x1b[31m") {
		t.Error("a process's name reaches the terminal raw")
	}
}
