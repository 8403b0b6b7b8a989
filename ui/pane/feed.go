package pane

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"petrify/model"
)

// feed carries the lines of one log from the command that reads them to the one
// that waits for them, many at a time.
type feed struct {
	ctx    context.Context
	cancel context.CancelFunc
	ready  chan struct{} // one token: there are lines, or the log ended

	mu    sync.Mutex
	lines []model.LogLine
	ended bool
}

type linesMsg struct {
	feed  *feed
	lines []model.LogLine
}

type logEndMsg struct {
	feed *feed
	err  error
}

func newFeed() *feed {
	ctx, cancel := context.WithCancel(context.Background())
	return &feed{ctx: ctx, cancel: cancel, ready: make(chan struct{}, 1)}
}

// read follows the log until it ends or the feed is left.
func (f *feed) read(logger Logger, container string) tea.Cmd {
	return func() tea.Msg {
		err := logger.Logs(f.ctx, container, linesAsked, f.add)
		if f.ctx.Err() != nil {
			err = nil
		}
		f.mu.Lock()
		f.ended = true
		f.mu.Unlock()
		f.signal()
		return logEndMsg{f, err}
	}
}

func (f *feed) add(line model.LogLine) {
	f.mu.Lock()
	f.lines = append(f.lines, line)
	if over := len(f.lines) - linesKept; over > 0 {
		f.lines = f.lines[over:]
	}
	f.mu.Unlock()
	f.signal()
}

func (f *feed) signal() {
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// gather is how long lines are gathered, so that a flood is drawn a few times a second.
const gather = 60 * time.Millisecond

// wait returns the next lines together; nothing once the log has ended.
func (f *feed) wait() tea.Cmd {
	return func() tea.Msg {
		select {
		case <-f.ready:
		case <-f.ctx.Done():
			return nil
		}
		select {
		case <-time.After(gather):
		case <-f.ctx.Done():
			return nil
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		lines := f.lines
		f.lines = nil
		if f.ended {
			if len(lines) == 0 {
				return nil
			}
			f.signal() // whoever waits next is told the end, and does not wait for ever
		}
		return linesMsg{f, lines}
	}
}
