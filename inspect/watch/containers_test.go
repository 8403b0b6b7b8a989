package watch

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"petrify/model"
)

func TestNothingIsAskedOfAnEngineThatIsAway(t *testing.T) {
	watching(t, []model.Container{runs("a", "web")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		if infos, err := w.Stat(t.Context(), "a", []string{"/x", "/y"}); err != nil || len(infos) != 2 {
			t.Errorf("Stat: %v, %v", infos, err)
		}
		if c, err := w.Compare(t.Context(), "a", "/x"); err != nil || c.Path != "/x" {
			t.Errorf("Compare: %+v, %v", c, err)
		}
		e.disconnect(errors.New("connection refused"))
		time.Sleep(time.Second)
		_, statErr := w.Stat(t.Context(), "a", []string{"/x"})
		_, compareErr := w.Compare(t.Context(), "a", "/x")
		logsErr := w.Logs(t.Context(), "a", 10, func(model.LogLine) {})
		for _, err := range []error{statErr, compareErr, logsErr} {
			if err == nil || !strings.Contains(err.Error(), "connection refused") {
				t.Errorf("while it is away: %v", err)
			}
		}
	})
}

func TestLogsFollowAcrossRestarts(t *testing.T) {
	a := runs("a", "web")
	watching(t, []model.Container{a}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		write := func(text string) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.lines["a"] = append(e.lines["a"], model.LogLine{At: time.Now(), Text: text})
			time.Sleep(time.Millisecond)
		}
		write("one")
		write("two")
		var got []string
		done := make(chan error)
		go func() {
			done <- w.Logs(t.Context(), "a", 1, func(line model.LogLine) { got = append(got, line.Text) })
		}()
		synctest.Wait()
		write("three")
		e.tell(a, "health_status") // no start
		synctest.Wait()
		expect(t, "before the restart", got, []string{"two"})
		e.tell(a, "start")
		synctest.Wait()
		expect(t, "after the restart", got, []string{"two", "three"})

		write("four")
		e.disconnect(nil) // a start may have been missed
		time.Sleep(time.Second)
		synctest.Wait()
		expect(t, "after the engine was away", got, []string{"two", "three", "four"})

		e.set(a, "destroy")
		if err := <-done; err != nil {
			t.Errorf("the container is gone, and Logs says %v", err)
		}
	})
}

func TestLogsEndWithTheirContext(t *testing.T) {
	watching(t, []model.Container{runs("a", "web")}, func(t *testing.T, w *Watcher, e *scripted) {
		passStart(t, w, e)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := w.Logs(ctx, "a", 1, func(model.LogLine) {}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Logs: %v", err)
		}
		if len(w.waiters.of) != 0 {
			t.Errorf("somebody still waits: %v", w.waiters.of)
		}
	})
}
