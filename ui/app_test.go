package ui

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
	"petrify/model/stack"
)

func TestFrames(t *testing.T) {
	for _, frame := range []struct {
		name          string
		width, height int
		keys          string
	}{
		{"overview", 120, 36, "@web"},
		{"overview-80", 80, 24, "@web"},
		{"overview-wide", 200, 50, "@web"},
		{"services-narrow", 50, 20, ""},
		{"pane-narrow", 50, 20, "@web 1"},
		{"tiny", 20, 5, ""},
		{"mounts", 120, 30, "@db 2"},
		{"mounts-risky", 100, 30, "2 enter down"},
		{"changes", 120, 30, "@web 3"},
		{"changes-scaled", 100, 24, "@worker 3"},
		{"changes-filter", 100, 24, "@web 3 enter / s e s s enter"},
		{"plan", 120, 30, "@web 4 enter"},
		{"plan-left-out", 100, 30, "@web 4 enter down space end"},
		{"plan-without", 100, 20, "4"},
		{"logs", 120, 24, "@web 5"},
		{"preview", 120, 36, "@web r"},
		{"preview-80", 80, 24, "@web r"},
		{"preview-wide", 200, 40, "@web r"},
		{"plan-80", 80, 24, "@web 4 enter"},
		{"plan-opens", 80, 24, "@worker 4 enter"},
		{"preview-changes", 120, 30, "@web 3 r"},
		{"preview-mounts", 100, 30, "@web 2 r enter down"},
		{"values", 100, 60, "@web v"},
		{"help", 120, 40, "?"},
		{"filter", 80, 24, "/ w"},
	} {
		t.Run(frame.name, bubbled(func(t *testing.T) {
			source := newStill(shop())
			source.infos = map[string]model.FileInfo{
				"/run/apache2/apache2.pid": {Type: model.Regular, Mode: 0o644, Owner: "root", Size: 3, Modified: noon.Add(-11 * time.Minute)},
				"/var/www/html/index.php":  {Type: model.Regular, Mode: 0o644, Owner: "www-data", UID: 33, Size: 24_000, Modified: noon.Add(-30 * 24 * time.Hour)},
			}
			source.plan, source.plans = webPlan(), otherPlans()
			source.log = []string{"AH00558: apache2: Could not reliably determine the name", "cannot touch '/run/lock': Read-only file system", "\x1b[31mGET /\x1b[0m 200"}
			got := open(t, source, frame.width, frame.height).keys(frame.keys).text()
			golden.RequireEqual(t, got+"\n")
		}))
	}
}

// No line is ever too wide or missing, whatever the size, the pane and the names.
func TestEveryLineFits(t *testing.T) { bubbled(testEveryLineFits)(t) }

func testEveryLineFits(t *testing.T) {
	hostile := shopSeen()
	evil := "\x1b]0;owned\a\u202egnp.\x9b31m名前\xff" + strings.Repeat("é", 90)
	hostile.Containers[0].Name = evil
	hostile.Containers[0].Image = evil
	hostile.Containers[0].Mounts[0].Source = "/" + evil
	hostile.Project.Services[4].Mounts[0].Target = "/" + evil
	hostile.Problem = &model.Problem{File: evil, Line: 3, Text: evil, Advice: evil}
	hostile.Link = model.Link{State: model.Stale, Reason: evil, Advice: evil}
	web := hostile.Containers[0]
	hostile.Changes[web.ID] = stack.NewChanges([]model.Change{{Path: "/" + evil + "/" + evil, Kind: model.Added}}, web, nil, noon, 0)
	for _, stack := range []*model.Stack{shop(), stack.Lay(hostile, nil)} {
		for _, size := range [][2]int{{20, 5}, {21, 9}, {50, 12}, {72, 24}, {80, 24}, {133, 41}, {300, 100}, {1, 1}} {
			source := newStill(stack)
			source.log = []string{evil, "plain"}
			s := open(t, source, size[0], size[1])
			for _, key := range strings.Fields("1 2 3 4 5 r enter 1 2 3 4 v ] ] ] ] 1 2 3 enter enter esc m ? ? R ? esc y 4 e f p x esc ? esc esc : / esc z > <") {
				s.keys(key)
				check(t, s, size, key)
			}
		}
	}
}

func check(t *testing.T, s *screen, size [2]int, after string) {
	t.Helper()
	content := s.app.View().Content
	lines := strings.Split(content, "\n")
	if len(lines) != size[1] {
		t.Fatalf("%v after %q: %d lines", size, after, len(lines))
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w != size[0] {
			t.Fatalf("%v after %q: line %d is %d wide: %q", size, after, i, w, line)
		}
	}
	for _, r := range ansi.Strip(content) {
		if r != '\n' && (r < 0x20 || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0xfffd) {
			t.Fatalf("%v after %q: %q reached the terminal", size, after, r)
		}
	}
}

func TestSelectionStaysWithItsService(t *testing.T) { bubbled(testSelectionStaysWithItsService)(t) }

func testSelectionStaysWithItsService(t *testing.T) {
	source := newStill(shop())
	s := open(t, source, 120, 30).keys("@web")
	before := s.text()
	seen := shopSeen()
	seen.Project.Services = append([]model.Declared{{Name: "aaa"}, {Name: "abc"}}, seen.Project.Services...)
	s.send(stackMsg{stack: stack.Lay(seen, nil)})
	for _, text := range []string{before, s.text()} {
		if !strings.Contains(text, "┬─ web ─") {
			t.Errorf("web is not selected any more:\n%s", text)
		}
	}
}

func TestCursorStaysOnItsPath(t *testing.T) { bubbled(testCursorStaysOnItsPath)(t) }

func testCursorStaysOnItsPath(t *testing.T) {
	s := open(t, newStill(shop()), 120, 30).keys("@web 3 enter end up up up")
	if got := pointed(s.text()); !strings.Contains(got, "sess_b01d") {
		t.Fatalf("the cursor is not where the test wants it: %q", got)
	}
	seen := shopSeen()
	web := seen.Containers[0]
	more := append([]model.Change{{Path: "/a/new.file", Kind: model.Added}}, seen.Changes[web.ID].Paths...)
	seen.Changes[web.ID] = stack.NewChanges(more, web, nil, noon, 0)
	s.send(stackMsg{stack: stack.Lay(seen, nil)})
	if got := pointed(s.text()); !strings.Contains(got, "sess_b01d") {
		t.Errorf("after an update the cursor is on %q", got)
	}
}

// pointed returns the line with the cursor of the focussed part.
func pointed(text string) string {
	for line := range strings.Lines(text) {
		if _, after, ok := strings.Cut(line, "▌"); ok {
			return after
		}
	}
	return ""
}

func TestMarkShowsOnlyWhatCameAfterIt(t *testing.T) { bubbled(testMarkShowsOnlyWhatCameAfterIt)(t) }

func testMarkShowsOnlyWhatCameAfterIt(t *testing.T) {
	source := newStill(shop())
	s := open(t, source, 120, 30).keys("@web 3 enter m")
	if text := s.text(); source.askedChanges != 1 || !strings.Contains(text, "◇ asking, to mark") || strings.Contains(text, "since") {
		t.Fatalf("not asked before the mark is set:\n%s", text)
	}
	// What had been written before, and is told only now, is not new.
	unasked := model.Change{Path: "/run/apache2/unasked.lock", Kind: model.Added}
	s.send(stackMsg{stack: stack.Lay(answeredShop(noon.Add(time.Second), unasked), nil)})
	if text := s.text(); !strings.Contains(text, "◆ 0 since 12:00:01") || !strings.Contains(text, "marked 12:00:01") {
		t.Fatalf("no mark:\n%s", text)
	}
	fresh := model.Change{Path: "/run/apache2/fresh.sock", Kind: model.Added}
	s.send(stackMsg{stack: stack.Lay(answeredShop(noon.Add(4*time.Second), unasked, fresh), nil)})
	text := s.text()
	if !strings.Contains(text, "◆ 1 since") || !strings.Contains(text, "◆1") {
		t.Errorf("the new path does not stand out:\n%s", text)
	}
	if s.keys("M"); strings.Contains(s.text(), "◆") {
		t.Error("the mark is still there")
	}
}

func TestOpenAFileBesideItsOriginal(t *testing.T) { bubbled(testOpenAFileBesideItsOriginal)(t) }

func testOpenAFileBesideItsOriginal(t *testing.T) {
	source := newStill(shop())
	regular := model.FileInfo{Type: model.Regular, Mode: 0o644, Owner: "root", Size: 12}
	source.compare = map[string]model.Comparison{"/var/www/html/index.php": {
		Path:     "/var/www/html/index.php",
		Now:      model.Version{Exists: true, Info: regular, Content: []byte("<?php\nevil();\n")},
		Original: model.Version{Exists: true, Info: regular, Content: []byte("<?php\ngood();\n")},
	}}
	s := open(t, source, 100, 24).keys("@web 3 enter end up enter")
	text := s.text()
	for _, want := range []string{"-good();", "+evil();", "image", "container"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q:\n%s", want, text)
		}
	}
	if text := s.keys("esc").text(); !strings.Contains(text, "readme.html") {
		t.Errorf("esc does not lead back to the tree:\n%s", text)
	}
	if text := s.keys("down enter").text(); !strings.Contains(text, "is not there any more") {
		t.Errorf("a file that is gone says nothing:\n%s", text)
	}
}

func TestStaleDataStaysAndSaysSo(t *testing.T) { bubbled(testStaleDataStaysAndSaysSo)(t) }

func testStaleDataStaysAndSaysSo(t *testing.T) {
	s := open(t, newStill(shop()), 120, 30)
	seen := shopSeen()
	seen.Link = model.Link{State: model.Stale, Since: noon, Reason: "the engine went away", Advice: "start it"}
	s.send(stackMsg{stack: stack.Lay(seen, nil)})
	text := s.text()
	for _, want := range []string{"◌ stale", "the engine went away", "start it", "web"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q:\n%s", want, text)
		}
	}
	s.send(stackMsg{err: fmt.Errorf("no more")})
	if text := s.text(); !strings.Contains(text, "✗ ended") || !strings.Contains(text, "web") {
		t.Errorf("the end is not said, or the data is gone:\n%s", text)
	}
}

func TestTheSourceHearsWhatIsLookedAt(t *testing.T) { bubbled(testTheSourceHearsWhatIsLookedAt)(t) }

func testTheSourceHearsWhatIsLookedAt(t *testing.T) {
	source := newStill(shop())
	s := open(t, source, 120, 30).keys("@stray")
	source.looked = nil
	s.keys("] 2 3 r 2 r")
	s.send(tea.BlurMsg{})
	s.keys("3")
	s.send(tea.BlurMsg{})
	want := "[{backup true} {backup false} {backup true} {backup false} {backup true} {backup false}]"
	if got := fmt.Sprint(source.looked); got != want {
		t.Errorf("looked at\n%s, want\n%s", got, want)
	}
}

// Nothing that arrives changes the frame while nothing on it did.
func TestNothingChangesWithoutNews(t *testing.T) { bubbled(testNothingChangesWithoutNews)(t) }

func testNothingChangesWithoutNews(t *testing.T) {
	s := open(t, newStill(shop()), 120, 30).keys("3")
	before := s.app.View().Content
	s.send(stackMsg{stack: shop()})
	if after := s.app.View().Content; after != before {
		t.Error("the same stack drew another frame")
	}
}

func TestMouse(t *testing.T) { bubbled(testMouse)(t) }

func testMouse(t *testing.T) {
	s := open(t, newStill(shop()), 120, 30)
	s.clickOn("worker ×2")
	s.clickOn("3 Changes")
	if text := s.text(); !strings.Contains(text, "┬─ worker ─") || !strings.Contains(text, "job.pyc") {
		t.Errorf("clicks did not lead to the worker's changes:\n%s", text)
	}
	s.clickOn("job.log")
	if got := pointed(s.text()); !strings.Contains(got, "job.log") {
		t.Errorf("a click on a path points at %q", got)
	}
}

// The steps are buttons as well.
func TestStepsAreClicked(t *testing.T) {
	bubbled(func(t *testing.T) {
		s := open(t, newStill(shop()), 120, 30)
		if s.clickOn("Preview"); !strings.Contains(s.text(), "READ-ONLY PREVIEW") {
			t.Errorf("no preview:\n%s", s.text())
		}
		if s.clickOn("Record 0/7"); !strings.Contains(s.text(), "Record what the stack writes") {
			t.Errorf("no question:\n%s", s.text())
		}
	})(t)
}

// Values are shown only to who asked.
func TestValuesAreMasked(t *testing.T) { bubbled(testValuesAreMasked)(t) }

func testValuesAreMasked(t *testing.T) {
	s := open(t, newStill(shop()), 120, 80).keys("@web")
	if strings.Contains(s.text(), "hunter2") {
		t.Error("a value is on screen")
	}
	if !strings.Contains(s.keys("v").text(), "DB_PASSWORD=hunter2") {
		t.Error("the value is not shown to who asked")
	}
}

// What runs otherwise than declared is marked in the list, and told as it runs.
func TestDriftIsSeen(t *testing.T) { bubbled(testDriftIsSeen)(t) }

func testDriftIsSeen(t *testing.T) {
	seen := shopSeen()
	seen.Project.Services[5].User, seen.Project.Services[5].ReadOnly = "app", true
	s := open(t, newStill(stack.Lay(seen, nil)), 120, 60).keys("@worker")
	text := s.text()
	for _, want := range []string{"worker ×2 ≠ ", "stray ≠ ", "≠ user", "user         root", "docker compose up -d"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "web ≠") {
		t.Error("a service as declared is marked")
	}
	if text := s.keys("2").text(); !strings.Contains(text, "/         ro       rw") {
		t.Errorf("the root is not shown as declared and as it runs:\n%s", text)
	}
	seen = shopSeen()
	seen.Project.Services[2].ReadOnly = false // what runs still is
	s = open(t, newStill(stack.Lay(seen, nil)), 120, 60).keys("@cache 2")
	if text := s.text(); !strings.Contains(text, "/         rw       ro") {
		t.Errorf("the root is not shown as declared and as it runs:\n%s", text)
	}
}

// Before an engine answered nothing is said of containers.
func TestNothingIsMadeUpBeforeAnAnswer(t *testing.T) {
	bubbled(testNothingIsMadeUpBeforeAnAnswer)(t)
}

func testNothingIsMadeUpBeforeAnAnswer(t *testing.T) {
	seen := shopSeen()
	seen.Link, seen.Containers, seen.Changes = model.Link{State: model.Connecting, Reason: "no engine"}, nil, nil
	text := open(t, newStill(stack.Lay(seen, nil)), 160, 40).text()
	if strings.Contains(text, "not created") || !strings.Contains(text, "no engine has answered yet") {
		t.Errorf("containers are told of without an engine:\n%s", text)
	}
}

func TestFilterThatFindsNothingSaysSo(t *testing.T) { bubbled(testFilterThatFindsNothingSaysSo)(t) }

func testFilterThatFindsNothingSaysSo(t *testing.T) {
	s := open(t, newStill(shop()), 120, 30).keys("/ z z z enter")
	if text := s.text(); !strings.Contains(text, "no name matches; esc shows all") {
		t.Errorf("an empty list says nothing:\n%s", text)
	}
	if text := s.keys("esc").text(); !strings.Contains(text, "worker") {
		t.Errorf("esc does not show all:\n%s", text)
	}
	for keys, want := range map[string]string{"@db / w o r esc": "db", "@db / w o r enter esc": "db", "@cache / w enter up esc": "web"} {
		if s.keys(keys); s.app.(*App).services.Selected() != want {
			t.Errorf("after %q %s is selected, want %s", keys, s.app.(*App).services.Selected(), want)
		}
	}
}

// Every word of a state has room and a gap behind it, and what never ran is not
// waited for.
func TestStatesOfServices(t *testing.T) { bubbled(testStatesOfServices)(t) }

func testStatesOfServices(t *testing.T) {
	seen := shopSeen()
	for i := range seen.Containers {
		switch c := &seen.Containers[i]; c.Service {
		case "agent":
			c.State, c.Started, c.Finished = model.Created, time.Time{}, time.Time{}
		case "db":
			c.State, c.Health = model.Restarting, model.NoHealth
		case "stray":
			c.State, c.ExitCode = model.Exited, 137
		}
	}
	s := open(t, newStill(stack.Lay(seen, nil)), 200, 30).keys("@agent 3")
	text := s.text()
	for _, want := range []string{"created     rw", "not created rw", "restarting  rw", "exited 137  rw", "never started"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q:\n%s", want, text)
		}
	}
}

// Ctrl-Z leads to the shell wherever one is, also while something is typed.
func TestSuspend(t *testing.T) { bubbled(testSuspend)(t) }

func testSuspend(t *testing.T) {
	for name, s := range map[string]*screen{
		"inspector": open(t, newStill(shop()), 120, 30),
		"typing":    open(t, newStill(shop()), 120, 30).keys("/ a"),
		"help":      open(t, newStill(shop()), 120, 30).keys("?"),
		"chooser":   choose(t, &fakeProjects{}),
	} {
		_, cmd := s.app.Update(press("ctrl+z"))
		if cmd == nil {
			t.Errorf("%s: nothing happens", name)
		} else if _, ok := cmd().(tea.SuspendMsg); !ok {
			t.Errorf("%s: does not suspend", name)
		}
	}
}

// Changes that could not be read are not taken for none.
func TestChangesThatCouldNotBeRead(t *testing.T) { bubbled(testChangesThatCouldNotBeRead)(t) }

func testChangesThatCouldNotBeRead(t *testing.T) {
	seen := shopSeen()
	for id := range seen.Changes {
		seen.Changes[id] = model.Changes{Err: "the engine hung up"}
	}
	s := open(t, newStill(stack.Lay(seen, nil)), 140, 40).keys("@db 3")
	text := s.text()
	for _, never := range []string{"none seen", "No change seen", "could not ask again"} {
		if strings.Contains(text, never) {
			t.Errorf("%q though nothing was read:\n%s", never, text)
		}
	}
	for _, want := range []string{"not read", "could not be read: the engine hung up", "ctrl+r asks again"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q:\n%s", want, text)
		}
	}
}

// A service of which one container stopped is not one that does not run.
func TestPartlyUp(t *testing.T) { bubbled(testPartlyUp)(t) }

func testPartlyUp(t *testing.T) {
	seen := shopSeen()
	for i := range seen.Containers {
		if c := &seen.Containers[i]; c.State == model.Paused {
			c.State, c.Finished = model.Exited, noon
		}
	}
	text := open(t, newStill(stack.Lay(seen, nil)), 200, 30).text()
	if !regexp.MustCompile(`◐ worker ×2 +1 of 2 up`).MatchString(text) {
		t.Errorf("the worker is not partly up:\n%s", text)
	}
}

func TestExport(t *testing.T) { bubbled(testExport)(t) }

// A file without any service is none, and is not written.
func TestExportWritesNoEmptyPlan(t *testing.T) { bubbled(testEmptyExport)(t) }

// plansWritten are files in memory; those of other people are refused.
type plansWritten struct {
	kept   map[string]string
	others []string
	paths  []string
}

func (f *plansWritten) Keep(file string, content []byte, mayReplace func([]byte) error) error {
	if _, err := f.Replaces(file, mayReplace); err != nil {
		return err
	}
	f.kept[file] = string(content)
	return nil
}

func (f *plansWritten) Replaces(file string, mayReplace func([]byte) error) (bool, error) {
	if slices.Contains(f.others, file) {
		return false, fmt.Errorf("somebody else wrote %s\x1b[2J", file)
	}
	earlier, ok := f.kept[file]
	return ok, mayReplace([]byte(earlier))
}

func (f *plansWritten) Complete(begin string) []string {
	return slices.DeleteFunc(slices.Clone(f.paths), func(path string) bool { return !strings.HasPrefix(path, begin) })
}

func testEmptyExport(t *testing.T) {
	source := newStill(shop())
	source.plan = webPlan()
	source.plan.Stays = model.StaysCopiedIn
	source.anyPlan = true
	s := open(t, source, 120, 30).keys("@web e w")
	if text := s.text(); !strings.Contains(text, "not written: nothing to plan from") {
		t.Errorf("not said that nothing was written:\n%s", text)
	}
	if files := s.app.(*App).options.Files.(*plansWritten); len(files.kept) > 0 {
		t.Errorf("%v was written", files.kept)
	}
}

func testExport(t *testing.T) {
	source := newStill(shop())
	source.plan = webPlan()
	source.anyPlan = true
	s := open(t, source, 120, 30)
	files := s.app.(*App).options.Files.(*plansWritten)
	files.others, files.paths = []string{"plan.json"}, []string{"deploy/", "deploy/plan.yaml"}
	s.keys("@web 4 enter down down x esc e")
	golden.RequireEqual(t, s.text()+"\n")
	shows := func(keys string, want ...string) {
		t.Helper()
		s.keys(keys)
		for _, words := range want {
			if text := s.text(); !strings.Contains(text, words) {
				t.Errorf("after %q no %q:\n%s", keys, words, text)
			}
		}
	}
	shows("w", "wrote compose.readonly.yaml", "docker compose -f /src/shop/compose.yaml", "compose.readonly.yaml up -d", "y copy the command")
	if file := files.kept["compose.readonly.yaml"]; !strings.HasPrefix(file, "# petrify plan") || !strings.Contains(file, "/run/apache2") || strings.Contains(file, "- /tmp") {
		t.Errorf("the file is not the plan without /tmp:\n%s", file)
	}
	shows("y", "copied the command")
	shows("f F", "replaces the earlier plan")
	shows("F", "not written: somebody else wrote plan.json\\x1b[2J")
	shows("w", "somebody else wrote plan.json\\x1b[2J")
	shows("f p ctrl+u d", "deploy/") // the end of it is offered
	shows("tab p tab enter", "wrote deploy/plan.yaml")
	if _, ok := files.kept["deploy/plan.yaml"]; !ok {
		t.Errorf("wrote %v", files.kept)
	}
	if text := s.keys("esc").text(); !strings.Contains(text, "e Export ✓") {
		t.Errorf("esc does not close, or the step is not done:\n%s", text)
	}
}

// It opens on the worst service, also when that is known later, until somebody uses it; then
// the selection stays.
func TestItOpensOnTheWorstService(t *testing.T) { bubbled(testItOpensOnTheWorstService)(t) }

func testItOpensOnTheWorstService(t *testing.T) {
	asking := shopSeen()
	asking.Changes = nil
	s := open(t, newStill(stack.Lay(asking, nil)), 120, 30)
	selected := func() string { return s.app.(*App).services.Selected() }
	before := selected()
	s.send(stackMsg{stack: shop()})
	if got := selected(); got != "web" || before == "web" {
		t.Errorf("%s is selected, before it was %s", got, before)
	}
	s.keys("]")
	s.send(stackMsg{stack: stack.Lay(asking, nil)})
	if got := selected(); got != "db" {
		t.Errorf("the selection moved to %s", got)
	}
	s.send(stackMsg{stack: shop()})
	if at, want := strings.Index(s.text(), "agent"), strings.Index(s.text(), "web "); at < want {
		t.Error("the worst is not first")
	}
	if s.keys("s"); strings.Index(s.text(), "agent") > strings.Index(s.text(), "backup") || selected() != "db" {
		t.Errorf("not by name, or %s is selected:\n%s", selected(), s.text())
	}
}

// The services' width follows their content, and a pane can have all of it.
func TestSplitAndZoom(t *testing.T) { bubbled(testSplitAndZoom)(t) }

func testSplitAndZoom(t *testing.T) {
	s := open(t, newStill(shop()), 120, 30)
	split := func() int { return s.app.(*App).layout().list }
	natural := split()
	if s.keys("> >"); split() != natural+2*splitStep {
		t.Errorf("the list is %d wide, and was %d", split(), natural)
	}
	if s.keys("< <"); split() != natural {
		t.Errorf("the list is %d wide, and was %d", split(), natural)
	}
	if s.keys(strings.Repeat("> ", 60)); split() != 120-narrowestPart || !strings.Contains(s.text(), "as far as it goes") {
		t.Errorf("the list is %d wide:\n%s", split(), s.text())
	}
	if s.keys("< "); split() != 120-narrowestPart-splitStep {
		t.Errorf("the list is %d wide after a step back", split())
	}
	if text := s.keys("z").text(); strings.Contains(text, "─ Services ─") || !strings.Contains(text, "1 Overview") {
		t.Errorf("the pane is not alone:\n%s", text)
	}
	if text := s.keys("z").text(); !strings.Contains(text, "─ Services ─") {
		t.Errorf("the services are gone:\n%s", text)
	}
}

// One jumps to a service, a pane and a path of any service, and to what a command does.
func TestJump(t *testing.T) { bubbled(testJump)(t) }

func testJump(t *testing.T) {
	s := open(t, newStill(stack.Lay(recordedSeen(), nil)), 120, 30)
	for _, jump := range []struct {
		keys string
		want []string
	}{
		{": b a c k enter", []string{"─ backup ─"}},
		{": l o g s enter", []string{"5 Logs"}},
		{": p r e v i e w enter", []string{"READ-ONLY PREVIEW"}},
		{": / r u n / a p", []string{"/run/apache2/apache2.pid", "web · apache2"}},
		{"enter", []string{"━ web ━", "3 Changes"}},
		{": n o s u c h", []string{"nothing is called so"}},
		{"esc : / w e esc", []string{"━ web ━"}},
	} {
		text := s.keys(jump.keys).text()
		for _, want := range jump.want {
			if !strings.Contains(text, want) {
				t.Errorf("after %q no %q:\n%s", jump.keys, want, text)
			}
		}
	}
	if got := pointed(s.text()); !strings.Contains(got, "apache2.pid") {
		t.Errorf("the cursor is on %q", got)
	}
	for _, place := range s.app.(*App).places("who writes /run/apache2?") {
		if !strings.HasPrefix(place.Label, "/run/apache2") {
			t.Errorf("%s is offered", place.Label)
		}
	}
}

// What the cursor is on can be copied, and the file that declares it be edited.
func TestCopyAndEdit(t *testing.T) { bubbled(testCopyAndEdit)(t) }

func testCopyAndEdit(t *testing.T) {
	s := open(t, newStill(shop()), 120, 30)
	for _, copied := range []struct{ keys, want string }{
		{"@db y", "copied db,"},
		{"@web 2 enter down y", "copied /etc/apache2/site.conf,"},
		{"3 end y", "copied /var/www/html/readme.html,"},
	} {
		if text := s.keys(copied.keys).text(); !strings.Contains(text, copied.want) {
			t.Errorf("after %q no %q:\n%s", copied.keys, copied.want, text)
		}
	}
	app := s.app.(*App)
	var asked string
	app.options.Edit = func(_ context.Context, file string, line int) (*exec.Cmd, error) {
		asked = fmt.Sprintf("%s:%d", file, line)
		return exec.CommandContext(t.Context(), "true"), nil
	}
	app.keys.Edit.SetEnabled(true)
	app.stack.Service("web").Declared.File, app.stack.Service("web").Declared.Line = "/src/shop/compose.yaml", 12
	if _, cmd := app.Update(press("o")); cmd == nil || asked != "/src/shop/compose.yaml:12" {
		t.Errorf("edits %q", asked)
	}
	app.Update(editedMsg{errors.New("no such editor")})
	if text := s.text(); !strings.Contains(text, "✗ no such editor") {
		t.Errorf("the failure is not said:\n%s", text)
	}
	if text := s.keys("@stray o").text(); !strings.Contains(text, "no Compose file declares this service") {
		t.Errorf("not said that there is no file:\n%s", text)
	}
}

// How somebody likes the screen is as it was left; what makes no sense does no harm.
func TestPreferences(t *testing.T) { bubbled(testPreferences)(t) }

func testPreferences(t *testing.T) {
	start := func(p Preferences) *screen {
		app := New(t.Context(), newStill(shop()), Options{Now: func() time.Time { return noon }, Zone: time.UTC, Preferences: p})
		s := &screen{t, app}
		s.send(tea.WindowSizeMsg{Width: 120, Height: 30})
		s.run(app.next)
		return s
	}
	left := start(Preferences{}).keys("s > 3").app.(*App).Preferences()
	if want := (Preferences{ByName: true, Split: splitStep, Pane: "Changes"}); left != want {
		t.Errorf("%+v is kept", left)
	}
	s := start(left)
	if text := s.text(); strings.Index(text, "agent") > strings.Index(text, "backup") || s.app.(*App).active != changesPane {
		t.Errorf("the screen is not as it was left:\n%s", text)
	}
	check(t, start(Preferences{Split: -9999, Pane: "\x1b[2J"}), [2]int{120, 30}, "broken preferences")
}

// What is pasted is typed where something is typed, and nowhere else.
func TestPaste(t *testing.T) { bubbled(testPaste)(t) }

func testPaste(t *testing.T) {
	s := open(t, newStill(shop()), 120, 30)
	before := s.text()
	if s.send(tea.PasteMsg{Content: "qr3"}); s.text() != before {
		t.Errorf("a paste pressed keys:\n%s", s.text())
	}
	s.keys(":")
	s.send(tea.PasteMsg{Content: "/run/mysqld\n\x1b"})
	if text := s.text(); !strings.Contains(text, ":/run/mysqld") || !strings.Contains(text, "/run/mysqld/mysqld.pid") {
		t.Errorf("the path is not in the jump:\n%s", text)
	}
}

// A list that is as narrow as it gets has room for no chart, and the wheel moves also before
// the first key.
func TestNarrowRecordingAndFirstWheel(t *testing.T) { bubbled(testNarrowRecordingAndFirstWheel)(t) }

func testNarrowRecordingAndFirstWheel(t *testing.T) {
	s := open(t, newStill(recordedShop(), recordedShop()), 120, 36)
	s.send(tea.MouseWheelMsg{X: 4, Y: 8, Button: tea.MouseWheelDown})
	if got := s.app.(*App).services.Selected(); got == "web" {
		t.Error("the wheel does nothing")
	}
	check(t, s.keys(strings.Repeat("< ", 30)), [2]int{120, 36}, "a narrow list")
	check(t, s.keys("z esc z"), [2]int{120, 36}, "zoom")
	if text := s.text(); strings.Contains(text, "─ Services ─") {
		t.Errorf("zoom does nothing after esc:\n%s", text)
	}
}

// What comes next follows from how far one has come.
func TestNextStep(t *testing.T) { bubbled(testNextStep)(t) }

func testNextStep(t *testing.T) {
	source := newStill(shop())
	source.plan, source.plans = webPlan(), otherPlans()
	s := open(t, source, 120, 30)
	for _, step := range []struct{ keys, want string }{
		{"", "next: r shows what a read-only root would break"},
		{"r", "next: R records what the services write"},
	} {
		if text := s.keys(step.keys).text(); !strings.Contains(text, step.want) {
			t.Errorf("after %q no %q:\n%s", step.keys, step.want, text)
		}
	}
	recorded := stack.Lay(recordedSeen(), nil)
	s.send(stackMsg{stack: recorded})
	if text := s.text(); !strings.Contains(text, "next: t proves the plan of web") {
		t.Errorf("nothing is to be proved:\n%s", text)
	}
	for _, test := range []struct {
		progress progress
		exported bool
		want     string
	}{
		{progress{services: 3, proved: 3, safe: 3}, false, "3 of 3 proved read-only · next: e shows the plans as a file"},
		{progress{services: 3, proved: 3, safe: 3}, true, "3 of 3 proved read-only"},
		{progress{services: 3, proved: 1, safe: 3}, true, "3 of 3 read-only, or proved to run so"},
		{progress{services: 3, safe: 3}, false, "3 of 3 read-only, or proved to run so"},
	} {
		app := s.app.(*App)
		app.exported = test.exported
		if got := app.done(test.progress).text; got != test.want {
			t.Errorf("%+v: %s, want %s", test.progress, got, test.want)
		}
	}
}

// A refused write in the log leads to its path, and a key that can do nothing says why.
func TestWaysOutOfTheLogs(t *testing.T) { bubbled(testWaysOutOfTheLogs)(t) }

func testWaysOutOfTheLogs(t *testing.T) {
	source := newStill(shop())
	source.log = []string{"fine", "touch: cannot touch '/run/apache2/apache2.pid': Read-only file system", "fine again"}
	s := open(t, source, 120, 30).keys("@web 5 enter enter")
	if got := pointed(s.text()); !strings.Contains(got, "apache2.pid") || !strings.Contains(s.text(), "3 Changes") {
		t.Errorf("the cursor is on %q:\n%s", got, s.text())
	}
	if text := s.keys("o").text(); !strings.Contains(text, "there is no Compose file to edit") {
		t.Errorf("a dead key says nothing:\n%s", text)
	}
}

// Help and quit are in the last line at every width and in every pane.
func TestHelpAndQuitAreAlwaysThere(t *testing.T) {
	bubbled(func(t *testing.T) {
		for _, width := range []int{30, 60, 80, 99, 100, 120, 200} {
			s := open(t, newStill(shop()), width, 24)
			for _, keys := range []string{"1", "2", "3", "r", "4", "5", "enter"} {
				lines := strings.Split(s.keys(keys).text(), "\n")
				if last := lines[len(lines)-1]; !strings.Contains(last, "? help") || !strings.Contains(last, "q quit") {
					t.Errorf("%d columns, after %s: %q", width, keys, last)
				}
			}
		}
	})(t)
}

// On a low screen all of the details can be reached.
func TestDetailsScroll(t *testing.T) { bubbled(testDetailsScroll)(t) }

func testDetailsScroll(t *testing.T) {
	source := newStill(shop())
	source.plan, source.plans = webPlan(), otherPlans()
	s := open(t, source, 60, 18).keys("@web 4 enter")
	if text := s.text(); !strings.Contains(text, "↓ more J") || strings.Contains(text, "evidence") {
		t.Fatalf("not said that there is more:\n%s", text)
	}
	if text := s.keys("J J J J J J J J J J J J").text(); !strings.Contains(text, "evidence") || strings.Contains(text, "↓ more") {
		t.Errorf("the end is out of reach:\n%s", text)
	}
	if text := s.keys("K K K K K K K K K K K K").text(); !strings.Contains(text, "what the image ships") {
		t.Errorf("no way back:\n%s", text)
	}
	if text := s.keys("J down").text(); !strings.Contains(text, "  /run/apache2") {
		t.Errorf("the next mount's details do not begin at their top:\n%s", text)
	}
}
