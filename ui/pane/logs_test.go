package pane

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"petrify/model"
	"petrify/ui/row"
	"petrify/ui/theme"
)

// logger is a log that each test writes itself.
type logger func(ctx context.Context, each func(model.LogLine)) error

func (l logger) Logs(ctx context.Context, _ string, _ int, each func(model.LogLine)) error {
	return l(ctx, each)
}

func TestFeedGathersLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		defer f.cancel()
		read := f.read(logger(func(ctx context.Context, each func(model.LogLine)) error {
			for i := range 10 {
				each(model.LogLine{Text: fmt.Sprint(i)})
				time.Sleep(gather / 4)
			}
			<-ctx.Done()
			return ctx.Err()
		}), "web")
		go read()
		total, messages := 0, 0
		for total < 10 {
			total += len(f.wait()().(linesMsg).lines)
			messages++
		}
		if total != 10 || messages > 4 {
			t.Errorf("%d lines in %d messages", total, messages)
		}
	})
}

// Whatever the order, whoever waits hears of the end, and nobody waits for ever:
// a bubble fails when somebody does.
func TestFeedEnds(t *testing.T) {
	for _, lines := range []int{0, 1, 3} {
		synctest.Test(t, func(t *testing.T) {
			f := newFeed()
			end := f.read(logger(func(_ context.Context, each func(model.LogLine)) error {
				for range lines {
					each(model.LogLine{})
				}
				return nil
			}), "web")()
			if msg := end.(logEndMsg); msg.err != nil {
				t.Error(msg.err)
			}
			got := 0
			for msg := f.wait()(); msg != nil; msg = f.wait()() {
				got += len(msg.(linesMsg).lines)
			}
			if got != lines {
				t.Errorf("%d lines, want %d", got, lines)
			}
		})
	}
}

func TestLeavingAFeedEndsItsCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFeed()
		answers := make(chan tea.Msg, 2)
		go func() { answers <- f.wait()() }()
		go func() {
			answers <- f.read(logger(func(ctx context.Context, _ func(model.LogLine)) error {
				<-ctx.Done()
				return ctx.Err()
			}), "web")()
		}()
		synctest.Wait()
		f.cancel()
		for range 2 {
			if end, ok := (<-answers).(logEndMsg); ok && end.err != nil {
				t.Errorf("leaving is no error: %v", end.err)
			}
		}
	})
}

func TestFeedIsBounded(t *testing.T) {
	f := newFeed()
	defer f.cancel()
	for i := range 3 * linesKept {
		f.add(model.LogLine{Text: fmt.Sprint(i)})
	}
	if len(f.lines) != linesKept || f.lines[linesKept-1].Text != fmt.Sprint(3*linesKept-1) {
		t.Errorf("%d lines wait, the last is %q", len(f.lines), f.lines[len(f.lines)-1].Text)
	}
}

// logs follows a container whose lines have come.
func logs(texts ...string) *Logs {
	p := NewLogs(logger(func(context.Context, func(model.LogLine)) error { return nil }))
	p.SetTheme(theme.New(true))
	p.SetSize(40, 8)
	p.Show(Subject{Service: &model.Service{Containers: []model.Container{{ID: "1", Name: "web-1"}}}, Zone: time.UTC})
	p.Update(linesMsg{p.feed, lines(texts...)})
	return p
}

func lines(texts ...string) []model.LogLine {
	lines := make([]model.LogLine, len(texts))
	for i, text := range texts {
		lines[i].Text = text
	}
	return lines
}

func TestSearchFindsEveryLine(t *testing.T) {
	p := logs("needle 0", "hay", "needle 2", "hay", "needle 4")
	defer p.Stop()
	p.Lines()
	p.Update(press('/'))
	for _, key := range "NEEDLE" {
		p.Update(press(key))
	}
	p.Update(press(tea.KeyEnter)) // finds the last one
	for _, step := range []struct {
		key  rune
		want int
	}{{0, 4}, {'N', 2}, {'N', 0}, {'N', 4}, {'n', 0}, {'n', 2}} {
		if step.key != 0 {
			p.Update(press(step.key))
		}
		p.Lines()
		if p.cursor != step.want {
			t.Fatalf("after %q at line %d, want %d", step.key, p.cursor, step.want)
		}
	}
	p.Update(press('f'))
	p.Lines()
	if p.Update(press('n')); p.cursor != 0 {
		t.Errorf("from the end the next match is in line %d, want the first", p.cursor)
	}
}

// Old lines go, and what is looked at stays where it is.
func TestLogsKeepWhatIsLookedAt(t *testing.T) {
	texts := make([]string, linesKept)
	for i := range texts {
		texts[i] = "hay"
	}
	texts[0], texts[linesKept/2] = "open: Read-only file system", "needle"
	p := logs(texts...)
	defer p.Stop()
	p.Lines()
	if p.failures != 1 {
		t.Errorf("%d failures, want 1", p.failures)
	}
	p.search.SetValue("needle")
	p.find(-1)
	p.Update(linesMsg{p.feed, lines("rm: Read-only file system", "mv: Read-only file system", "hay")})
	screen := ansi.Strip(strings.Join(p.Lines(), "\n"))
	if p.lines[p.cursor].Text != "needle" || !strings.Contains(screen, " needle") {
		t.Errorf("the cursor is on %q:\n%s", p.lines[p.cursor].Text, screen)
	}
	if len(p.lines) != linesKept || p.failures != 2 {
		t.Errorf("%d lines with %d failures are kept, want %d with 2", len(p.lines), p.failures, linesKept)
	}
	p.Update(linesMsg{newFeed(), lines("of another container")})
	if last := p.lines[len(p.lines)-1].Text; last != "hay" {
		t.Errorf("a line of a log that was left was taken: %q", last)
	}
}

func TestHighlight(t *testing.T) {
	match := row.NewPaint(lipgloss.NewStyle().Reverse(true))
	for _, test := range []struct{ text, word, want string }{
		{"GET /get", "get", "[GET] /[get]"},
		{"nothing", "get", "nothing"},
		{"größe GRÖSSE Größe", "GRÖ", "[grö]ße [GRÖ]SSE [Grö]ße"},
		{"İİ get", "get", "İİ get"},                 // longer in small letters
		{"\u212Aelvin ȺȺ", "vin", "\u212Aelvin ȺȺ"}, // one shrinks, two grow: all together stay as long
		{"名前 get", "get", "名前 [get]"},
	} {
		r := row.New(30, row.Paint{})
		highlight(r, row.Paint{}, match, test.text, test.word)
		got := strings.NewReplacer("\x1b[7m", "[", "\x1b[m", "]").Replace(r.String())
		if got = strings.TrimRight(got, " "); got != test.want {
			t.Errorf("%q in %q: %q, want %q", test.word, test.text, got, test.want)
		}
	}
}
