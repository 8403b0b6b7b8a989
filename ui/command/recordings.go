package command

import (
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui/clean"
)

func listRecordings(cmd *cobra.Command, kept Recordings) error {
	recordings, err := kept.Recordings()
	out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "PROJECT\tSERVICE\tIMAGE\tRECORDED\tLAST\tPATHS\tPROCESSES")
	for _, r := range recordings {
		sum := r.Sum()
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%d\t%d\n", clean.Line(r.Project), clean.Line(r.Service), clean.Line(shortID(r.ImageID)),
			model.DurationText(sum.Ran), sum.Ended.Local().Format("2006-01-02 15:04"), len(r.Writes), len(r.Processes))
	}
	return errors.Join(out.Flush(), err)
}

// shortID is as much of an image's ID as docker shows.
func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	return id[:min(12, len(id))]
}

func clearRecordings(cmd *cobra.Command, kept Recordings, services []string) error {
	project, removed, err := kept.ClearRecordings(cmd.Context(), services...)
	if err != nil {
		return err
	}
	fmt.Fprintf(cmd.OutOrStdout(), "forgot %s of %s\n", model.Plural(removed, "recording"), clean.Line(project))
	return nil
}
