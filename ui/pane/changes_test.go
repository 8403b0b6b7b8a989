package pane

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"petrify/model"
	"petrify/ui/theme"
)

// files answers with an owner for every path, and compares nothing before it is
// given up.
type files struct{ owner string }

func (f files) Stat(_ context.Context, _ string, paths []string) ([]model.FileInfo, error) {
	infos := make([]model.FileInfo, len(paths))
	for i, p := range paths {
		infos[i] = model.FileInfo{Path: p, Type: model.Regular, Owner: f.owner, Modified: noon}
	}
	return infos, nil
}

func (f files) Compare(ctx context.Context, _, _ string) (model.Comparison, error) {
	<-ctx.Done()
	return model.Comparison{}, ctx.Err()
}

// subject shows a service that added paths.
func subject(name string, paths ...string) Subject {
	s := changedService(name, answer(name, noon, paths...))
	s.Counts.Added = len(paths)
	return Subject{
		Stack: &model.Stack{Services: []model.Service{*s}}, Service: s,
		Tree: NewChangeTree(s, nil).Build(), Now: noon, Zone: time.UTC,
	}
}

func newChanges(f Files) *Changes {
	p := NewChanges(f)
	p.SetTheme(theme.New(true))
	p.SetSize(80, 12)
	return p
}

func text(p Pane) string { return ansi.Strip(strings.Join(p.Lines(), "\n")) }

func press(key rune) tea.KeyPressMsg {
	if unicode.IsPrint(key) {
		return tea.KeyPressMsg{Code: key, Text: string(key)}
	}
	return tea.KeyPressMsg{Code: key}
}

// messages runs a command and those that it is made of.
func messages(cmd tea.Cmd) []tea.Msg {
	if cmd == nil {
		return nil
	}
	msg := cmd()
	batch, ok := msg.(tea.BatchMsg)
	if !ok {
		return []tea.Msg{msg}
	}
	var all []tea.Msg
	for _, cmd := range batch {
		all = append(all, messages(cmd)...)
	}
	return all
}

func TestFactsOfAnotherServiceComeTooLate(t *testing.T) {
	p := newChanges(files{owner: "mysql"})
	asked := p.Show(subject("db", "/run/shared.pid"))
	p.Show(Subject{Service: &model.Service{Name: "web"}}) // asks for nothing
	for _, msg := range messages(asked) {
		p.Update(msg)
	}
	if p.Show(subject("web", "/run/shared.pid")) == nil {
		t.Error("the file of the new service is not asked for")
	}
	if strings.Contains(text(p), "mysql") {
		t.Errorf("a fact of another service's file is shown:\n%s", text(p))
	}
}

func TestClosingAFileGivesItUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newChanges(files{})
		p.Show(subject("web", "/a"))
		var file Dialog
		for _, msg := range messages(p.Update(press(tea.KeyEnter))) {
			if msg, ok := msg.(DialogMsg); ok {
				file = msg.Dialog
			}
		}
		if file == nil {
			t.Fatal("the file does not open")
		}
		read := file.Start()
		ended := make(chan error, 1)
		go func() { ended <- read().(comparedMsg).err }()
		synctest.Wait()
		file.Close()
		synctest.Wait()
		select {
		case err := <-ended:
			if !errors.Is(err, context.Canceled) {
				t.Errorf("it ended with %v", err)
			}
		default:
			t.Fatal("the engine still reads the image for nobody")
		}
	})
}

// What a filter lets through may be more than opens by itself.
func TestDirectoriesOfAFilteredTreeOpen(t *testing.T) {
	paths := []string{"/a/found/one", "/a/found/two"}
	for i := range 2 * linesOpened {
		paths = append(paths, fmt.Sprintf("/b/found-%03d", i))
	}
	p := newChanges(files{})
	p.Show(subject("web", paths...))
	p.Update(press('/'))
	for _, key := range "found" {
		for _, msg := range messages(p.Update(press(key))) {
			p.Update(msg)
		}
	}
	p.Update(press(tea.KeyEnter))
	p.Update(press(tea.KeyEnd))
	if got := text(p); !strings.Contains(got, "▸ b/") {
		t.Fatalf("the test wants b to be closed:\n%s", got)
	}
	p.Update(press(tea.KeyRight))
	if got := text(p); !strings.Contains(got, "▾ b/") || !strings.Contains(got, "found-000") {
		t.Errorf("b does not open:\n%s", got)
	}
	p.Update(press(tea.KeyHome))
	p.Update(press(tea.KeyLeft))
	more := append(slices.Clone(paths), "/c/found")
	for _, msg := range messages(p.Show(subject("web", more...))) {
		p.Update(msg)
	}
	if got := text(p); !strings.Contains(got, "▸ a/found/") {
		t.Errorf("what somebody closed opened with the news:\n%s", got)
	}
}
