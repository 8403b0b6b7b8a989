package command

import (
	"time"

	"github.com/spf13/cobra"

	"petrify/ui"
)

// demoStart is when the demo's stack is coming up: the interesting part begins.
const demoStart = 22 * time.Second

// tourMoment is when all that a tour shows was written.
const tourMoment = 200 * time.Second

func demoCommand(p *Program, _ *flags) *cobra.Command {
	var at time.Duration
	var tour bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Open the inspector on a captured WordPress stack, without any engine",
		Args:  cobra.NoArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return p.demo(cmd, at, tour) },
	}
	cmd.Flags().BoolVar(&tour, "tour", false, "walk through it by itself, until a key is pressed")
	cmd.Flags().DurationVar(&at, "at", 0, "hold the replay at this moment, such as 90s")
	completeFlag(cmd, "at", cobra.NoFileCompletions)
	return cmd
}

// demo plays the stack, or holds it at a moment; where nobody can press keys it
// prints the report of that moment, or of the end.
func (p *Program) demo(cmd *cobra.Command, at time.Duration, tour bool) error {
	demo, err := p.Demo()
	if err != nil {
		return err
	}
	ctx, interactive := cmd.Context(), isTerminal(cmd.OutOrStdout())
	if at == 0 && tour {
		at = tourMoment
	}
	if at == 0 && !interactive {
		at = demo.Duration()
	}
	var source Source
	var clock func() time.Time
	if at > 0 {
		source, clock, err = demo.Hold(ctx, at)
	} else {
		source, clock, err = demo.Play(ctx, demoStart)
	}
	if err != nil {
		return err
	}
	if !interactive {
		return printStack(cmd, source, nil, clock)
	}
	_, err = runScreen(cmd, ui.New(ctx, source, ui.Options{Now: clock, Files: planFiles{p}, Tour: tour}))
	return err
}
