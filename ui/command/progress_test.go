package command

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

// screen is what a terminal was told, and when.
type screen struct {
	began time.Time
	lines []string
}

func (s *screen) Write(text []byte) (int, error) {
	line := strings.ReplaceAll(string(text), eraseLine, "<")
	s.lines = append(s.lines, time.Since(s.began).String()+" "+line)
	return len(text), nil
}

func changesOf(done int, service string, since time.Time) []model.Waiting {
	return []model.Waiting{
		{Step: model.WaitContainers, Done: 3, Total: 3, On: []model.Asked{{Service: "asked again"}}},
		{Step: model.WaitChanges, Done: done, Total: 15, On: []model.Asked{{Service: service, Since: since}, {Service: "redis", Since: since}}},
	}
}

func TestWaitingIsToldAfterHalfASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		to := &screen{began: began}
		p := newProgress(to, func() int { return 80 }, time.Now)
		p.show(changesOf(1, "web", began))
		time.Sleep(2 * time.Second)
		p.show(changesOf(4, "postgres\x1b[2J", began.Add(time.Second)))
		synctest.Wait()
		p.end()
		p.end() // again does nothing
		p.show(nil)
		want := []string{
			"500ms <changes: 1 of 15, web for 1 s",
			"1.5s <changes: 1 of 15, web for 2 s",
			`2s <changes: 4 of 15, postgres\x1b[2J for 1 s`,
			"2s <",
		}
		if !slices.Equal(to.lines, want) {
			t.Errorf("got  %q\nwant %q", to.lines, want)
		}
	})
}

func TestQuickCommandsTellNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &screen{began: time.Now()}
		p := newProgress(to, func() int { return 80 }, time.Now)
		p.show(changesOf(1, "web", time.Now()))
		time.Sleep(silentFor - 1)
		p.end()
		if len(to.lines) > 0 {
			t.Errorf("told %q", to.lines)
		}
	})
}

func TestProgressFitsTheTerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var to bytes.Buffer
		p := newProgress(&to, func() int { return 20 }, time.Now)
		p.show(changesOf(1, "a-service-of-a-long-name", time.Now()))
		time.Sleep(silentFor)
		synctest.Wait()
		p.end()
		if line := strings.Split(to.String(), eraseLine)[1]; len([]rune(line)) != 19 || !strings.HasSuffix(line, "…") {
			t.Errorf("drew %q", line)
		}
	})
}

func TestNobodyIsToldWithoutATerminal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &fakeEngine{stack: shop(), hangs: true, waits: changesOf(1, "web", time.Now())}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if got := runIn(ctx, program(e), strings.NewReader(""), "check"); got.out != "" || strings.Contains(got.err, "changes:") {
			t.Errorf("%+v", got)
		}
	})
}

// An interrupt ends each command at once, whatever it waits for, without a word.
func TestInterruptsEndCommands(t *testing.T) {
	for name, args := range map[string][]string{
		"report": nil, "check": {"check"}, "check one": {"check", "web"}, "plan": {"plan"}, "record": {"record"}, "demo": {"demo"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e := &fakeEngine{stack: shop(), hangs: true}
				ctx, interrupt := context.WithCancel(t.Context())
				began := time.Now()
				time.AfterFunc(time.Minute, interrupt)
				got := runIn(ctx, program(e), strings.NewReader(""), args...)
				got.expect(t, 130, "", "")
				if took := time.Since(began); took != time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

// What does not heed an interrupt does not hold it up.
func TestInterruptsEndWhatDoesNotHeedThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &fakeEngine{stack: shop()}
		ctx, interrupt := context.WithCancel(t.Context())
		over := make(chan struct{})
		p := program(e)
		p.Open = func(Options) (Session, error) { return stuckSession{e, over}, nil }
		time.AfterFunc(time.Minute, interrupt)
		runIn(ctx, p, strings.NewReader(""), "check", "web").expect(t, 130, "", "")
		close(over)
	})
}

type stuckSession struct {
	*fakeEngine
	over chan struct{}
}

func (s stuckSession) HasServices(context.Context, ...string) error {
	<-s.over
	return nil
}

// A failure that is no interruption is said also after one.
func TestAFailureAfterAnInterruptIsSaid(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	e := &fakeEngine{fails: errors.New("the disk is full")}
	runIn(ctx, program(e), strings.NewReader(""), "check").expect(t, 2, "", "petrify: the disk is full\n")
}

func TestNamesAreCheckedBeforeAnythingIsAsked(t *testing.T) {
	for _, command := range []string{"check", "plan", "record"} {
		e := &fakeEngine{stack: shop(), fails: errors.New("it was asked")}
		run(t, program(e), command, "web", "wrker").expect(t, 2, "", "did you mean worker?\n")
		if e.watched != nil {
			t.Errorf("%s: asked about %v", command, e.watched)
		}
	}
}

func TestOnlyWhatIsNamedIsAskedAbout(t *testing.T) {
	for _, command := range []string{"check", "plan"} {
		e := planned()
		runIn(t.Context(), program(e), strings.NewReader(""), command, "worker")
		if !slices.Equal(e.watched, []string{"worker"}) {
			t.Errorf("%s: asked about %v", command, e.watched)
		}
	}
	e := recordable()
	e.stacks <- e.recording(model.JobRunning)
	e.stacks <- e.recording(model.NoJob)
	run(t, program(e), "record", "worker")
	if !slices.Equal(e.watched, []string{"worker"}) {
		t.Errorf("record: asked about %v", e.watched)
	}
}
