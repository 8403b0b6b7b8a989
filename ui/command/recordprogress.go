package command

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui/clean"
)

// recordProgress is a recording under way, as far as standard error tells of it.
type recordProgress struct {
	program  *Program
	live     Live
	out      io.Writer
	terminal bool
	length   time.Duration

	began    time.Time        // zero until containers are watched
	over     <-chan time.Time // when the length is up
	stopping bool
	recorded []*model.Service
}

// followRecording shows how it goes until the time is up, somebody interrupts, or it
// ends by itself. It returns what was recorded last.
func (p *Program) followRecording(cmd *cobra.Command, live Live, length time.Duration) ([]*model.Service, error) {
	r := &recordProgress{
		program: p, live: live, length: length,
		out: cmd.ErrOrStderr(), terminal: isTerminal(cmd.ErrOrStderr()),
	}
	interrupted := cmd.Context().Done()
	following, enough := context.WithCancel(context.WithoutCancel(cmd.Context()))
	defer enough()
	stacks, ended := followStacks(following, live)
	var finished chan error // nil until it is told to end
	defer func() {
		if finished != nil {
			<-finished //nolint:errcheck // its line has gone
		}
	}()
	for {
		select {
		case stack := <-stacks:
			if done, err := r.take(stack); done {
				return r.recorded, err
			}
			continue
		case <-r.over:
		case <-interrupted:
		case err := <-ended:
			return r.recorded, err
		case err := <-finished:
			if finished = nil; err != nil {
				return r.recorded, err
			}
			continue // the stack that tells of it is on its way
		}
		interrupted = nil
		r.stop()
		finished = make(chan error, 1)
		go func() { finished <- p.finish(cmd, live) }()
	}
}

// take tells of a newer stack, and whether the recording has ended.
func (r *recordProgress) take(stack *model.Stack) (done bool, err error) {
	state := stack.Recorder
	switch {
	case state.State == model.JobFailed:
		return true, &model.ProblemError{Problem: model.Problem{Text: "the recording ended: " + state.Reason, Advice: state.Advice}}
	case state.State == model.NoJob && !r.began.IsZero():
		r.recorded = recordedServices(stack, endedAfter(r.began))
		return true, nil
	case state.State == model.NoJob || r.stopping:
		return false, nil
	}
	if state.State == model.JobRunning && r.began.IsZero() {
		r.begin()
	}
	r.recorded = recordedServices(stack, isLive)
	if r.terminal && !r.began.IsZero() {
		fmt.Fprintf(r.out, "\r\x1b[K%s", progressLine(r.program.Now().Sub(r.began), state, r.recorded))
	}
	return false, nil
}

func (r *recordProgress) begin() {
	r.began = r.program.Now()
	if !r.terminal {
		fmt.Fprintln(r.out, "recording; an interrupt ends it")
	}
	if r.length > 0 {
		r.over = time.After(r.length)
	}
}

// stop ends the recording; the stacks tell when it has ended.
func (r *recordProgress) stop() {
	if r.terminal {
		fmt.Fprintf(r.out, "\r\x1b[K")
	}
	r.over, r.stopping = nil, true
	if r.began.IsZero() {
		r.began = r.program.Now()
	}
	r.live.StopRecording()
}

// followStacks passes stacks on as they come.
func followStacks(ctx context.Context, live Live) (<-chan *model.Stack, <-chan error) {
	stacks, ended := make(chan *model.Stack), make(chan error, 1)
	go func() {
		for {
			stack, err := live.Next(ctx)
			if err != nil {
				ended <- err
				return
			}
			select {
			case stacks <- stack:
			case <-ctx.Done():
				return
			}
		}
	}()
	return stacks, ended
}

// recordedServices are the services of a stack whose evidence is wanted.
func recordedServices(stack *model.Stack, wanted func(*model.Evidence) bool) []*model.Service {
	var services []*model.Service
	for i := range stack.Services {
		if s := &stack.Services[i]; wanted(&s.Evidence) {
			services = append(services, s)
		}
	}
	return services
}

func isLive(e *model.Evidence) bool { return e.Live }

func endedAfter(moment time.Time) func(*model.Evidence) bool {
	return func(e *model.Evidence) bool { return e.Recorded().Ended.After(moment) }
}

func progressLine(took time.Duration, state model.Recorder, recorded []*model.Service) string {
	paths, rate := 0, 0.0
	for _, r := range recorded {
		paths += len(r.Evidence.Writes)
		rate += r.Evidence.PerSecond
	}
	text := fmt.Sprintf("recording %s  %s  %s  %.0f writes/s", took.Round(time.Second), model.Plural(state.Containers, "container"), model.Plural(paths, "path"), rate)
	if state.Lost > 0 {
		text += fmt.Sprintf("  %d lost", state.Lost)
	}
	if state.Garbled > 0 {
		text += fmt.Sprintf("  %d unreadable", state.Garbled)
	}
	return text + "  Ctrl-C ends it"
}

// printRecorded is the summary: who wrote how much where.
func printRecorded(w io.Writer, recorded []*model.Service) {
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "SERVICE\tRECORDED\tON ITS ROOT\tIN MOUNTS\tTRANSIENT\tREFUSED\tLOST\tBY")
	for _, s := range recorded {
		e, sum := &s.Evidence, s.Evidence.Recorded()
		root, inMounts, refused := 0, 0, 0
		for i := range e.Writes {
			w := &e.Writes[i]
			switch {
			case !w.Wrote():
			case w.OnRoot():
				root++
			default:
				inMounts++
			}
			if w.Blocked() {
				refused++
			}
		}
		var by []string
		for _, p := range e.Processes {
			by = append(by, clean.Line(p.Name()))
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%d\t%s\t%d\t%s\n", clean.Line(s.Name), model.DurationText(sum.Ran),
			model.Plural(root, "path"), model.Plural(inMounts, "path"), e.TransientCount(), model.Plural(refused, "path"), sum.Lost, strings.Join(by, ", "))
	}
	_ = out.Flush()
	for _, s := range recorded {
		printRefused(w, s)
	}
}

// mostRefused is how many refused paths of a service are listed.
const mostRefused = 20

// printRefused lists what a service was refused, or says why nobody knows.
func printRefused(w io.Writer, s *model.Service) {
	e := &s.Evidence
	listed := 0
	for i := range e.Writes {
		switch write := &e.Writes[i]; {
		case !write.Blocked():
			continue
		case listed < mostRefused:
			fmt.Fprintf(w, "✗ %s: %s\n", clean.Line(s.Name), clean.Line(e.RefusedText(write)))
		}
		listed++
	}
	if listed > mostRefused {
		fmt.Fprintf(w, "✗ %s: %s more\n", clean.Line(s.Name), model.Plural(listed-mostRefused, "path"))
	}
	for _, spot := range e.Blind {
		if spot.Kind == model.BlindRefusals {
			fmt.Fprintf(w, "%s: not seen are %s\n", clean.Line(s.Name), clean.Line(spot.String()))
		}
	}
}
