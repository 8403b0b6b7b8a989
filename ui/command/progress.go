package command

// What a command waits for is told by these rules:
//
//   - Only a terminal is told, on standard error, in one line that is rewritten.
//   - Nothing is told in the first half second, and the line goes before anything else
//     is written: a command that is quick shows none of it.
//   - The step that others wait for is named, with whoever takes longest.
//   - An interrupt ends the waiting at once, also where what is waited for does not heed it.

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui/clean"
)

const (
	silentFor   = 500 * time.Millisecond
	redrawEvery = time.Second
)

// progress is the line that tells what a command waits for.
type progress struct {
	out   io.Writer // nil where nobody looks
	width func() int
	now   func() time.Time // the clock of what is waited for

	waits chan []model.Waiting
	over  chan struct{}
	gone  chan struct{} // closed when the line is
	end   func()        // removes the line; may be called again
}

// startProgress begins to wait. The caller ends it before it writes anything.
func startProgress(cmd *cobra.Command, now func() time.Time) *progress {
	p := newProgress(nil, nil, now)
	if file, ok := cmd.ErrOrStderr().(*os.File); ok && isTerminal(file) {
		p = newProgress(file, func() int {
			width, _, _ := term.GetSize(file.Fd())
			return width
		}, now)
	}
	return p
}

func newProgress(out io.Writer, width func() int, now func() time.Time) *progress {
	p := &progress{
		out: out, width: width, now: now,
		waits: make(chan []model.Waiting), over: make(chan struct{}), gone: make(chan struct{}),
	}
	p.end = sync.OnceFunc(func() {
		close(p.over)
		<-p.gone
	})
	go p.run()
	return p
}

// show tells what is waited for from now on.
func (p *progress) show(waits []model.Waiting) {
	select {
	case p.waits <- waits:
	case <-p.over:
	}
}

func (p *progress) run() {
	defer close(p.gone)
	var waits []model.Waiting
	drawn := false
	next := time.NewTimer(silentFor)
	defer next.Stop()
	for {
		select {
		case waits = <-p.waits:
			if drawn {
				p.draw(waits)
			}
		case <-next.C:
			drawn = true
			p.draw(waits)
			next.Reset(redrawEvery)
		case <-p.over:
			if drawn && p.out != nil {
				fmt.Fprintf(p.out, "%s", eraseLine)
			}
			return
		}
	}
}

// eraseLine begins a line of a terminal anew.
const eraseLine = "\r\x1b[K"

func (p *progress) draw(waits []model.Waiting) {
	if p.out == nil || len(waits) == 0 {
		return
	}
	text := clean.Line(firstOpen(waits).Text(p.now()))
	if width := p.width(); width > 0 {
		text = clean.Fit(text, width-1)
	}
	fmt.Fprintf(p.out, "%s%s", eraseLine, text)
}

// firstOpen is the step that the others wait for.
func firstOpen(waits []model.Waiting) model.Waiting {
	for _, w := range waits {
		if w.Open() {
			return w
		}
	}
	return waits[0]
}

// await does one step, and returns when that is done or ctx is.
func (p *progress) await(ctx context.Context, step model.Step, do func() error) error {
	p.show([]model.Waiting{{Step: step, Since: p.now()}})
	_, err := interruptible(ctx, func() (struct{}, error) { return struct{}{}, do() })
	return err
}

// interruptible returns what do does, or that ctx is done, whether do heeds that or not.
func interruptible[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := do()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

// hasServices checks what the command line names.
func (p *progress) hasServices(ctx context.Context, session Session, services []string) error {
	if len(services) == 0 {
		return nil
	}
	return p.await(ctx, model.WaitFiles, func() error { return session.HasServices(ctx, services...) })
}

// stackOf waits for the stack of a project, in which only the services named are asked
// about, once it is known that there are such services.
func (p *progress) stackOf(ctx context.Context, session Session, services []string) (Live, *model.Stack, error) {
	if err := p.hasServices(ctx, session, services); err != nil {
		return nil, nil, err
	}
	live := session.Watch(ctx, services...)
	stack, err := live.Complete(ctx, p.show)
	return live, stack, err
}

// untilListed waits until the containers of a stack are known. Their changes may take
// minutes, and what needs none of them does not wait.
func (p *progress) untilListed(ctx context.Context, live Live) error {
	waiting, enough := context.WithCancel(ctx)
	defer enough()
	_, err := live.Complete(waiting, func(waits []model.Waiting) {
		p.show(waits)
		before := slices.ContainsFunc(waits, func(w model.Waiting) bool { return w.Step == model.WaitFiles || w.Step == model.WaitEngine })
		if len(waits) > 0 && !before {
			enough()
		}
	})
	if ctx.Err() == nil && waiting.Err() != nil {
		return nil
	}
	return err
}
