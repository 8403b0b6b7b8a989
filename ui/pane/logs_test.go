package pane

import (
	"context"
	"fmt"
	"slices"
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
		addMarked(r, row.Paint{}, match, test.text, textRange{0, len(test.text)}, occurrences(test.text, test.word))
		got := strings.NewReplacer("\x1b[7m", "[", "\x1b[m", "]").Replace(r.String())
		if got = strings.TrimRight(got, " "); got != test.want {
			t.Errorf("%q in %q: %q, want %q", test.word, test.text, got, test.want)
		}
	}
}

// screenOf is what a pane shows, without the blank lines at its end.
func screenOf(p *Logs) string {
	return strings.TrimRight(ansi.Strip(strings.Join(p.Lines(), "\n")), " \n")
}

func trimmed(text string) []string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

func TestLogsWrap(t *testing.T) {
	p := logs("short", strings.Repeat("0123456789", 8)+" END", "名前"+strings.Repeat("é", 40)+"!")
	defer p.Stop()
	p.SetSize(41, 8)
	want := []string{
		" web-1  following",
		" short",
		" " + strings.Repeat("0123456789", 4),
		" " + strings.Repeat("0123456789", 4),
		"  END",
		" 名前" + strings.Repeat("é", 36),
		" éééé!",
	}
	if got := trimmed(screenOf(p)); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	p.SetSize(41, 4)
	if got := trimmed(screenOf(p)); !slices.Equal(got[1:], want[4:]) {
		t.Errorf("the end is not followed: %q", got)
	}
	p.Update(press('g'))
	if got := trimmed(screenOf(p)); !slices.Equal(got[1:], want[1:4]) {
		t.Errorf("the top is %q", got)
	}
}

func TestLogsScrollSideways(t *testing.T) {
	p := logs("short", strings.Repeat("0123456789", 8)+" END")
	defer p.Stop()
	p.SetSize(41, 8)
	p.Update(press('w'))
	if got := trimmed(screenOf(p)); len(got) != 3 || got[2] != " "+strings.Repeat("0123456789", 4)[:39]+"…" {
		t.Errorf("cut to %q", got)
	}
	if p.Sideways() {
		t.Error("there is nothing to the left")
	}
	for range 10 {
		p.Update(press('l'))
		p.Lines()
	}
	if got := trimmed(screenOf(p)); !strings.HasSuffix(got[2], " END") || !strings.HasPrefix(got[2], " …") || !p.Sideways() {
		t.Errorf("at the end: %q", got)
	}
	p.Update(press('w'))
	if got := trimmed(screenOf(p)); len(got) != 5 || p.Sideways() {
		t.Errorf("wrapped again: %q", got)
	}
}

func TestAProgressLineShowsItsLastState(t *testing.T) {
	for text, want := range map[string]string{
		"\rdownloading:   0%|####|0\rdownloading: 100%|####|100": "downloading: 100%|####|100",
		"\x1b[32m10%\x1b[0m\r\x1b[2K100%\r":                      "100%",
		"plain\r":                                                "plain",
		"\r\r":                                                   "",
		"open: Read-only file system\rall is well":               "✗ open: Read-only file system ⏎ all is well",
		"all is well\ropen: Read-only file system":               "✗ open: Read-only file system",
		"1%\ropen: Read-only file system\r2%\rmv: EROFS\r3%":     "✗ open: Read-only file system ⏎ mv: EROFS ⏎ 3%",
	} {
		p := logs(text)
		p.SetSize(120, 3)
		if got := trimmed(screenOf(p))[1:]; want == "" && len(got) > 0 || want != "" && (len(got) != 1 || got[0] != " "+want) {
			t.Errorf("%q shows as %q, want %q", text, got, want)
		}
		p.Stop()
	}
}

// Each failure is marked, where lines wrap and where they are cut.
func TestFailuresAreMarkedHoweverLong(t *testing.T) {
	p := logs(strings.Repeat("x", 100)+": Read-only file system", "fine", "rm: Read-only file system")
	defer p.Stop()
	p.SetSize(60, 12)
	for range 2 {
		if got := screenOf(p); strings.Count(got, " ✗ ") != 3 || !strings.Contains(got, "✗ 2 read-only failures") {
			t.Errorf("got\n%s", got)
		}
		p.Update(press('w'))
	}
}

func TestASearchIsMarkedAcrossRows(t *testing.T) {
	text := strings.Repeat("x", 36) + "needle" + strings.Repeat("x", 20)
	marked := occurrences(text, "NEEDLE")
	match := row.NewPaint(lipgloss.NewStyle().Reverse(true))
	at := breaks(text, 39)
	var got []string
	for i := range len(at) - 1 {
		r := row.New(39, row.Paint{})
		addMarked(r, row.Paint{}, match, text, textRange{at[i], at[i+1]}, marked)
		got = append(got, strings.TrimRight(strings.NewReplacer("\x1b[7m", "[", "\x1b[m", "]").Replace(r.String()), " "))
	}
	if want := []string{strings.Repeat("x", 36) + "[nee]", "[dle]" + strings.Repeat("x", 20)}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWhyThereIsNoLogComesFirst(t *testing.T) {
	p := logs()
	defer p.Stop()
	p.SetSize(30, 8)
	p.Update(logEndMsg{p.feed, &model.ProblemError{Problem: model.Problem{
		Text: "there is no log: the logging driver none keeps nothing that can be read", Advice: "With another one it can.",
	}}})
	got := strings.Join(strings.Fields(screenOf(p)), " ")
	if !strings.Contains(got, "there is no log: the logging driver none keeps nothing that can be read With another one it can.") {
		t.Errorf("got\n%s", screenOf(p))
	}
}

// The engine keeps logs back while it walks the container.
func TestLogsSayThatTheyWait(t *testing.T) {
	p := logs()
	defer p.Stop()
	service := &model.Service{Containers: []model.Container{{ID: "1", Name: "web-1"}}}
	walked := func(id string) *model.Stack {
		return &model.Stack{Waiting: []model.Waiting{{Step: model.WaitChanges, Total: 1, On: []model.Asked{{Container: id, Since: time.Unix(100, 0)}}}}}
	}
	show := func(stack *model.Stack) string {
		p.Show(Subject{Service: service, Stack: stack, Zone: time.UTC, Now: time.Unix(112, 0)})
		return strings.Join(strings.Fields(screenOf(p)), " ")
	}
	if got := show(walked("1")); !strings.Contains(got, "waits: the engine is walking this container's files for its changes, for 12 s") || strings.Contains(got, "following") {
		t.Errorf("got %q", got)
	}
	if got := show(walked("2")); strings.Contains(got, "waits") {
		t.Errorf("another container is walked: %q", got)
	}
	p.Update(linesMsg{p.feed, lines("hello")})
	if got := show(walked("1")); strings.Contains(got, "waits") {
		t.Errorf("lines come: %q", got)
	}
}

// A line that was written over shows its last state, also where a long one below it fills
// the screen: the beginning of the log is a key away.
func TestProgressAboveALongLine(t *testing.T) {
	progress := ""
	for i := 0; i <= 100; i += 10 {
		progress += fmt.Sprintf("\rdownloading: %3d%%|####|", i)
	}
	p := logs(progress, strings.Repeat("x", 2985)+" END")
	defer p.Stop()
	p.SetSize(78, 36)
	if text := ansi.Strip(strings.Join(p.Lines(), "\n")); strings.Contains(text, "downloading") || !strings.Contains(text, "END") {
		t.Errorf("the end is not followed:\n%s", text)
	}
	p.Update(press('g'))
	if text := ansi.Strip(strings.Join(p.Lines(), "\n")); !strings.Contains(text, "downloading: 100%") || strings.Contains(text, "downloading:  90%") {
		t.Errorf("not its last state:\n%s", text)
	}
}
