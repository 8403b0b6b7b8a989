package ui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
)

type fakeProjects struct {
	projects []model.ProjectSummary
	err      error
	opened   string
}

func (f *fakeProjects) Projects(context.Context) ([]model.ProjectSummary, error) {
	return f.projects, f.err
}

func (f *fakeProjects) Open(p model.ProjectSummary) Source {
	f.opened = p.Name
	return newStill(shop())
}

func choose(t *testing.T, known *fakeProjects) *screen {
	ctx, cancel := context.WithCancel(context.Background())
	c := NewChooser(ctx, known, Options{Now: func() time.Time { return noon }})
	s := &screen{t, c}
	t.Cleanup(func() { cancel(); s.keys("ctrl+c") })
	s.send(tea.WindowSizeMsg{Width: 90, Height: 12})
	s.run(c.ask)
	return s
}

func TestChooser(t *testing.T) { bubbled(testChooser)(t) }

func testChooser(t *testing.T) {
	known := &fakeProjects{projects: []model.ProjectSummary{
		{Name: "blog", Dir: "/src/blog", States: map[model.State]int{model.Running: 3, model.Exited: 1}},
		{Name: "shop\x1b[2J", Dir: "/src/sh\nop", States: map[model.State]int{model.Paused: 2}},
	}}
	s := choose(t, known)
	golden.RequireEqual(t, s.text()+"\n")
	s.keys("down enter")
	if known.opened != "shop\x1b[2J" {
		t.Errorf("opened %q", known.opened)
	}
	if text := s.text(); !strings.Contains(text, "3 would break") {
		t.Errorf("the inspector did not open:\n%s", text)
	}
}

// The states of many containers take the room that there is, and leave a gap.
func TestChooserStates(t *testing.T) { bubbled(testChooserStates)(t) }

func testChooserStates(t *testing.T) {
	s := choose(t, &fakeProjects{projects: []model.ProjectSummary{{Name: "zoo", Dir: "/src/zoo", States: map[model.State]int{
		model.Created: 1, model.Exited: 2, model.Paused: 1, model.Restarting: 1, model.Running: 12,
	}}}})
	for _, test := range []struct {
		width int
		want  string
	}{
		{160, " 12 running, 1 created, 2 exited, 1 paused, 1 restarting  /src/zoo"},
		{90, " 12 running, 1 created, 2 exite…  /src/zoo"},
		{64, " 12 running, 1 created, 2 …  /src/zoo"},
	} {
		s.send(tea.WindowSizeMsg{Width: test.width, Height: 12})
		if text := s.text(); !strings.Contains(text, test.want) {
			t.Errorf("%d columns: no %q:\n%s", test.width, test.want, text)
		}
	}
}

// A click opens the project that it is on, also where the list has moved.
func TestChooserClick(t *testing.T) { bubbled(testChooserClick)(t) }

func testChooserClick(t *testing.T) {
	known := &fakeProjects{}
	for i := range 30 {
		known.projects = append(known.projects, model.ProjectSummary{Name: fmt.Sprintf("project-%02d", i)})
	}
	s := choose(t, known).keys(strings.Repeat("down ", 20))
	for y, line := range strings.Split(s.text(), "\n") {
		name := strings.TrimSpace(line)
		if !strings.HasPrefix(name, "project-") { // nor the selected one, which has a pointer
			continue
		}
		known.opened = ""
		s.app.Update(tea.MouseClickMsg{X: 5, Y: y, Button: tea.MouseLeft})
		if known.opened != name {
			t.Errorf("a click on %q opened %q", name, known.opened)
		}
		s.app.(*Chooser).chosen = "project-20"
	}
	known.opened = ""
	s.app.Update(tea.MouseClickMsg{X: 5, Y: 11, Button: tea.MouseLeft})
	if known.opened != "" {
		t.Errorf("a click on the last line opened %q", known.opened)
	}
}

func TestChooserWithoutProjects(t *testing.T) { bubbled(testChooserWithoutProjects)(t) }

func testChooserWithoutProjects(t *testing.T) {
	if text := choose(t, &fakeProjects{}).keys("enter").text(); !strings.Contains(text, "petrify -f FILE") {
		t.Errorf("no advice:\n%s", text)
	}
	if text := choose(t, &fakeProjects{err: errors.New("no engine\x1b[2J")}).text(); !strings.Contains(text, `no engine\x1b[2J`) {
		t.Errorf("no word on the engine:\n%s", text)
	}
}
