package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui/clean"
)

// recordOptions are the flags of record.
type recordOptions struct {
	length           time.Duration // 0: until somebody interrupts
	list, clear, yes bool
}

func recordCommand(p *Program, f *flags) *cobra.Command {
	var o recordOptions
	cmd := &cobra.Command{
		Use:   "record [SERVICE...]",
		Short: "Record all that the stack writes, even what leaves no trace, and which processes write it",
		Long: `record watches the writes of all services, or of those that are named, until the
time is up or Ctrl-C, and keeps what it saw for plan, check and the inspector.
It also sees the writes that the kernel refuses, such as those of a service that is
read-only already, with the path and the process.
Containers that start meanwhile are recorded from their start on: restart a
service while it is recorded to see all of it.

As root beside the engine petrify records by itself. Else it starts a container
made of its own program, which it removes afterwards, and asks before it does;
--yes agrees.

Exit codes: 0 when something was recorded, 2 when it could not.`,
		ValidArgsFunction: f.completeServices,
		RunE: func(cmd *cobra.Command, services []string) error {
			session, err := f.session(cmd)
			if err != nil {
				return err
			}
			switch {
			case o.list:
				return listRecordings(cmd, session)
			case o.clear:
				return clearRecordings(cmd, session, services)
			default:
				return p.record(cmd, session, o, services)
			}
		},
	}
	set := cmd.Flags()
	set.DurationVar(&o.length, "for", 0, "end after this time, such as 60s")
	set.BoolVar(&o.list, "list", false, "list the recordings that are kept, of all projects")
	set.BoolVar(&o.clear, "clear", false, "forget the recordings of this project, or of the services named")
	set.BoolVarP(&o.yes, "yes", "y", false, "agree to what is started")
	cmd.MarkFlagsMutuallyExclusive("list", "clear", "for")
	completeFlag(cmd, "for", cobra.NoFileCompletions)
	return cmd
}

func (p *Program) record(cmd *cobra.Command, session Session, o recordOptions, services []string) error {
	// An interrupt ends the recording, whose last stacks still have to be read.
	watching, stop := context.WithCancel(context.WithoutCancel(cmd.Context()))
	defer stop()
	live, err := p.startRecording(watching, cmd, session, o, services)
	if err != nil {
		return err
	}
	recorded, failed := p.followRecording(cmd, live, o.length)
	if err := p.finish(cmd, live); failed == nil {
		failed = err
	}
	printRecorded(cmd.OutOrStdout(), recorded)
	if failed != nil {
		return failed
	}
	if len(recorded) == 0 {
		return errors.New("nothing was recorded: no container of these services ran")
	}
	return nil
}

// startRecording starts it when somebody agreed. The stack is watched until watching
// ends, the rest until the command is interrupted.
func (p *Program) startRecording(watching context.Context, cmd *cobra.Command, session Session, o recordOptions, services []string) (Live, error) {
	ctx := cmd.Context()
	waiting := startProgress(cmd, p.Now)
	defer waiting.end()
	if err := waiting.hasServices(ctx, session, services); err != nil {
		return nil, err
	}
	live := session.Watch(watching, services...)
	if err := waiting.untilListed(ctx, live); err != nil {
		return nil, err
	}
	var consent model.Consent
	err := waiting.await(ctx, model.WaitRecorder, func() (err error) {
		consent, err = live.RecordingConsent(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	waiting.end()
	if err := agree(cmd, consent, o.yes); err != nil {
		return nil, err
	}
	waiting = startProgress(cmd, p.Now)
	defer waiting.end()
	waiting.show([]model.Waiting{{Step: model.WaitRecorder, Since: p.Now()}})
	return live, live.StartRecording(ctx, services...)
}

// agree says what will be started, and asks where somebody can answer.
func agree(cmd *cobra.Command, consent model.Consent, agreed bool) error {
	switch {
	case consent.Problem != nil:
		return &model.ProblemError{Problem: *consent.Problem}
	case len(consent.Containers) == 0:
		fmt.Fprintln(cmd.ErrOrStderr(), "petrify records by itself: it is root beside the engine, and starts nothing.\nIt watches what the services write and, by eBPF, which writes the kernel refuses them.")
		return nil
	}
	c := consent.Containers[0]
	fmt.Fprintf(cmd.ErrOrStderr(), `To record, petrify starts a container and removes it afterwards. It watches what the
services write and, by eBPF, which writes the kernel refuses them:
  image         %s, made of petrify's own program
  capabilities  %s, no others
  sees          the %s namespace of the engine's host
  has no        network, mounts, writable root
`, clean.Line(c.Image), strings.Join(c.Capabilities, " and "), strings.Join(c.Namespaces, " and "))
	return ask(cmd, agreed, "Start it?", "agree to the container with --yes")
}

// ask asks whether to create what was listed, unless somebody agreed beforehand.
func ask(cmd *cobra.Command, agreed bool, question, advice string) error {
	if agreed {
		return nil
	}
	if !isTerminal(cmd.InOrStdin()) {
		return errors.New("nobody can be asked: " + advice)
	}
	fmt.Fprintf(cmd.ErrOrStderr(), "%s [y/N] ", question)
	answer, err := interruptible(cmd.Context(), func() (string, error) { return bufio.NewReader(cmd.InOrStdin()).ReadString('\n') })
	if cmd.Context().Err() != nil {
		fmt.Fprintln(cmd.ErrOrStderr()) // the question's line has no end yet
		return err
	}
	if answer = strings.ToLower(strings.TrimSpace(answer)); answer != "y" && answer != "yes" {
		return errors.New("nothing was started")
	}
	return nil
}
