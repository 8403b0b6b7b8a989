package command

import (
	"io"
	"os"
	"strings"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"

	"petrify/ui"
	"petrify/ui/clean"
	"petrify/ui/report"
)

// isTerminal tells whether somebody sits at the other end of a stream.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(file.Fd())
}

// widthOf tells how wide a terminal is, each time anew.
func widthOf(stream any) func() int {
	return func() int {
		if file, ok := stream.(*os.File); ok {
			if width, _, err := term.GetSize(file.Fd()); err == nil && width > 0 {
				return width
			}
		}
		return 80
	}
}

// printer writes what a check found.
type printer func(io.Writer, *report.Check) error

func textReport(w io.Writer, c *report.Check) error {
	options := report.Options{}
	if out, ok := w.(*os.File); ok && isTerminal(w) {
		options.Width, _, _ = term.GetSize(out.Fd())
		options.Color = os.Getenv("NO_COLOR") == ""
	}
	return report.Text(w, c, options)
}

func jsonReport(w io.Writer, c *report.Check) error { return report.JSON(w, c, report.Options{}) }

func sarifReport(w io.Writer, c *report.Check) error {
	folder, _ := os.Getwd() // without it, files are named in full
	return report.SARIF(w, c, report.Options{Folder: folder})
}

// printStack prints a stack when everything is known of it.
func printStack(cmd *cobra.Command, source Source, f *flags, now func() time.Time) error {
	waiting := startProgress(cmd, now)
	defer waiting.end()
	stack, err := source.Complete(cmd.Context(), waiting.show)
	if err != nil {
		return err
	}
	check := &report.Check{Stack: stack, Flags: f.named()}
	planner, _ := source.(ui.Planner)
	if check.Planned, err = waiting.verdicts(cmd.Context(), planner, stack, stack, false); err != nil {
		return err
	}
	waiting.end()
	return textReport(cmd.OutOrStdout(), check)
}

func cleanList(paths []string) string {
	cleaned := make([]string, len(paths))
	for i, path := range paths {
		cleaned[i] = clean.Path(path)
	}
	return strings.Join(cleaned, ",")
}
