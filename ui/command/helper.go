package command

import (
	"context"
	"io"

	"github.com/spf13/cobra"
)

// Task is what petrify does in a container of its own. It speaks to the petrify that
// started it until that says nothing more.
type Task func(ctx context.Context, in io.Reader, out io.Writer) error

// recorderCommand records in the helper container.
func recorderCommand(p *Program, _ *flags) *cobra.Command {
	return taskCommand("recorder", "Record for the petrify at the other end of standard input and output", func() Task { return p.Record })
}

// trialCommand looks after the copies of a trial in the helper container.
func trialCommand(p *Program, _ *flags) *cobra.Command {
	return taskCommand("trial", "Look after copies for the petrify at the other end of standard input and output", func() Task { return p.Trial })
}

func taskCommand(name, short string, task func() Task) *cobra.Command {
	return &cobra.Command{
		Use:    name,
		Short:  short,
		Args:   cobra.NoArgs,
		Hidden: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return task()(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout())
		},
	}
}
