package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"petrify/inspect/record/recorder"
	"petrify/inspect/session"
	"petrify/model"
	"petrify/ui/clean"
)

// recording are the flags of record.
type recording struct {
	long             time.Duration
	list, clear, yes bool
}

func recordCommand(f *flags) *cobra.Command {
	var r recording
	cmd := &cobra.Command{
		Use:   "record [SERVICE...]",
		Short: "Record what the stack writes, also what leaves no trace, and which processes do",
		Long: `record watches the writes of all services, or of those that are named, until the
time is up or Ctrl-C, and keeps what it saw for plan, check and the inspector.
Containers that start meanwhile are recorded from their start on: restart a
service while it is recorded to see all of it.

As root beside the engine petrify records by itself. Else it starts a container
made of its own program, which it removes afterwards, and asks before it does;
--yes agrees.

Exit codes: 0 when something was recorded, 2 when it could not.`,
		RunE: func(cmd *cobra.Command, services []string) error {
			s, err := f.open(cmd.InOrStdin())
			if err != nil {
				return err
			}
			switch {
			case r.list:
				return listRecordings(cmd, s)
			case r.clear:
				return clearRecordings(cmd, s, services)
			default:
				return r.record(cmd, s, services)
			}
		},
	}
	set := cmd.Flags()
	set.DurationVar(&r.long, "for", 0, "end after this time, such as 60s")
	set.BoolVar(&r.list, "list", false, "list the recordings that are kept, of all projects")
	set.BoolVar(&r.clear, "clear", false, "forget the recordings of this project, or of the services named")
	set.BoolVarP(&r.yes, "yes", "y", false, "agree to what is started")
	cmd.MarkFlagsMutuallyExclusive("list", "clear", "for")
	return cmd
}

// recorderCommand is what runs in the helper container.
func recorderCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "recorder",
		Short:  "Record for the petrify at the other end of standard input and output",
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return recorder.Run(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}

func (r *recording) record(cmd *cobra.Command, s *session.Session, services []string) error {
	// An interrupt ends the recording, and what follows from that has to be heard.
	watching, stop := context.WithCancel(context.WithoutCancel(cmd.Context()))
	defer stop()
	ctx := cmd.Context()
	live := s.Watch(watching)
	stack, err := session.Settle(ctx, live)
	if err != nil {
		return err
	}
	if _, err := stack.Only(services...); err != nil {
		return err
	}
	offer, err := live.Recorder(ctx)
	if err != nil {
		return err
	}
	if err := r.agree(cmd, offer); err != nil {
		return err
	}
	if err := live.Record(ctx, true, services...); err != nil {
		return err
	}
	recorded, failed := r.wait(cmd, live)
	live.Settled()
	printRecorded(cmd.OutOrStdout(), recorded)
	if failed != nil {
		return failed
	}
	if len(recorded) == 0 {
		return errors.New("nothing was recorded: no container of these services ran")
	}
	return nil
}

// agree says what will be started, and asks where somebody can answer.
func (r *recording) agree(cmd *cobra.Command, offer model.RecorderOffer) error {
	switch {
	case offer.Problem != nil:
		return &session.Explained{Problem: *offer.Problem}
	case offer.Container == nil:
		fmt.Fprintln(cmd.ErrOrStderr(), "petrify records by itself: it is root beside the engine, and starts nothing.")
		return nil
	}
	c := offer.Container
	fmt.Fprintf(cmd.ErrOrStderr(), `To record, petrify starts a container and removes it afterwards:
  image         %s, made of petrify's own program
  capabilities  %s, no others
  sees          the %s namespace of the engine's host
  has no        network, mounts, writable root
`, clean.Line(c.Image), strings.Join(c.Capabilities, " and "), strings.Join(c.Namespaces, " and "))
	if r.yes {
		return nil
	}
	in, ok := cmd.InOrStdin().(*os.File)
	if !ok || !term.IsTerminal(in.Fd()) {
		return errors.New("nobody can be asked: agree to the container with --yes")
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "Start it? [y/N] ")
	answer, _ := bufio.NewReader(in).ReadString('\n')
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was started")
	}
	return nil
}

// wait shows how it goes until the time is up, somebody interrupts, or it ends by
// itself. It returns what was recorded last.
func (r *recording) wait(cmd *cobra.Command, live *session.Live) (recorded []*model.Recording, failed error) {
	interrupted := cmd.Context().Done()
	var began time.Time
	var over <-chan time.Time
	errOut := cmd.ErrOrStderr()
	file, isFile := errOut.(*os.File)
	terminal := isFile && term.IsTerminal(file.Fd())
	stacks, ended := followStacks(live)
	stopping := false
	for {
		select {
		case stack := <-stacks:
			state := stack.Recorder
			switch {
			case state.State == model.RecorderFails:
				return recorded, &session.Explained{Problem: model.Problem{Text: "the recording ended: " + state.Reason, Advice: state.Advice}}
			case state.State == model.NotRecording && !began.IsZero():
				return since(stack, began), nil
			case state.State == model.NotRecording || stopping:
				continue
			}
			if state.State == model.IsRecording && began.IsZero() {
				began = time.Now()
				if !terminal {
					fmt.Fprintln(errOut, "recording; an interrupt ends it")
				}
				if r.long > 0 {
					over = time.After(r.long)
				}
			}
			recorded = liveOf(stack)
			if terminal && !began.IsZero() {
				fmt.Fprintf(errOut, "\r\x1b[K%s", progress(time.Since(began), state, recorded))
			}
			continue
		case <-over:
		case <-interrupted:
		case err := <-ended:
			return recorded, err
		}
		if terminal {
			fmt.Fprintf(errOut, "\r\x1b[K")
		}
		over, interrupted, stopping = nil, nil, true
		if began.IsZero() {
			began = time.Now()
		}
		if err := live.Record(context.WithoutCancel(cmd.Context()), false); err != nil {
			return recorded, err
		}
	}
}

// followStacks hands on stacks as they come.
func followStacks(live *session.Live) (<-chan *model.Stack, <-chan error) {
	stacks, ended := make(chan *model.Stack), make(chan error, 1)
	go func() {
		for {
			stack, err := live.Next(context.Background())
			if err != nil {
				ended <- err
				return
			}
			stacks <- stack
		}
	}()
	return stacks, ended
}

// liveOf are the recordings under way.
func liveOf(stack *model.Stack) []*model.Recording {
	var recordings []*model.Recording
	for i := range stack.Services {
		if r := stack.Services[i].Recording; r != nil && r.Live {
			recordings = append(recordings, r)
		}
	}
	return recordings
}

// since are the recordings that ended after a moment.
func since(stack *model.Stack, moment time.Time) []*model.Recording {
	var recordings []*model.Recording
	for i := range stack.Services {
		if r := stack.Services[i].Recording; r != nil && r.Ended.After(moment) {
			recordings = append(recordings, r)
		}
	}
	return recordings
}

func progress(took time.Duration, state model.Recorder, recorded []*model.Recording) string {
	paths, rate := 0, 0.0
	for _, r := range recorded {
		paths += len(r.Writes)
		rate += r.PerSecond
	}
	text := fmt.Sprintf("recording %s  %s  %s  %.0f writes/s", took.Round(time.Second), model.Plural(state.Containers, "container"), model.Plural(paths, "path"), rate)
	if state.Lost > 0 {
		text += fmt.Sprintf("  %d lost", state.Lost)
	}
	return text + "  Ctrl-C ends it"
}

// printRecorded is the summary: who wrote how much where.
func printRecorded(w io.Writer, recorded []*model.Recording) {
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "SERVICE\tRECORDED\tON ITS ROOT\tIN MOUNTS\tTRANSIENT\tLOST\tBY")
	for _, r := range recorded {
		root := 0
		for i := range r.Writes {
			if r.Writes[i].OnRoot() {
				root++
			}
		}
		var by []string
		for _, p := range r.Processes {
			by = append(by, clean.Line(p.Name()))
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%d\t%d\t%s\n", clean.Line(r.Service), r.Lasted(),
			model.Plural(root, "path"), model.Plural(len(r.Writes)-root, "path"), r.TransientCount(), r.Lost, strings.Join(by, ", "))
	}
	_ = out.Flush()
}

func listRecordings(cmd *cobra.Command, s *session.Session) error {
	recordings, err := s.Recordings()
	out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "PROJECT\tSERVICE\tIMAGE\tRECORDED\tLAST\tPATHS\tPROCESSES")
	for _, r := range recordings {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", clean.Line(r.Project), clean.Line(r.Service), clean.Line(shortID(r.ImageID)),
			r.Lasted(), r.Ended.Local().Format("2006-01-02 15:04"), len(r.Writes), len(r.Processes))
	}
	return errors.Join(out.Flush(), err)
}

// shortID is as much of an image's ID as docker shows.
func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	return id[:min(12, len(id))]
}

func clearRecordings(cmd *cobra.Command, s *session.Session, services []string) error {
	project, removed, err := s.ClearRecordings(cmd.Context(), services...)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "forgot %s of %s\n", model.Plural(removed, "recording"), clean.Line(project))
	return nil
}
