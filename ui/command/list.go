package command

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui"
	"petrify/ui/clean"
)

func listCommand(p *Program, f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "ls",
		Short: "List the Compose projects that the engine knows",
		Args:  cobra.NoArgs,

		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			session, err := f.session(cmd)
			if err != nil {
				return err
			}
			return listProjects(cmd, session, p.Now)
		},
	}
}

func listProjects(cmd *cobra.Command, engine KnownProjects, now func() time.Time) error {
	waiting := startProgress(cmd, now)
	defer waiting.end()
	var projects []model.ProjectSummary
	err := waiting.await(cmd.Context(), model.WaitEngine, func() (err error) {
		projects, err = engine.Projects(cmd.Context())
		return err
	})
	if err != nil {
		return err
	}
	waiting.end()
	out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "NAME\tCONTAINERS\tFILES")
	for _, p := range projects {
		fmt.Fprintf(out, "%s\t%s\t%s\n", clean.Line(p.Name), ui.StatesText(p), cleanList(p.Files))
	}
	return out.Flush()
}
