package command

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"petrify/ui/report"
)

// reportFormats are the forms of a report.
var reportFormats = []struct {
	name  string
	print printer
}{
	{"text", textReport},
	{"json", jsonReport},
	{"sarif", sarifReport},
}

func reportFormatNames() []string {
	names := make([]string, len(reportFormats))
	for i := range reportFormats {
		names[i] = reportFormats[i].name
	}
	return names
}

func checkCommand(p *Program, f *flags) *cobra.Command {
	var format string
	var planned, proved bool
	cmd := &cobra.Command{
		Use:   "check [SERVICE...]",
		Short: "Print what the stack writes and what a read-only root would make of it",
		Long: `check asks the engine once and prints a report. It finds:

` + findingKinds() + `
A service that would break is planned for as well: its second verdict says what is
left with that plan. --planned judges by that one. --proved does so as well, and
finds every service whose plan no trial has proved (petrify try).

Exit codes: 0 when nothing but notes is found, 1 on errors and warnings, 2 when
it could not look.`,
		ValidArgsFunction: f.completeServices,
		RunE: func(cmd *cobra.Command, services []string) error {
			return p.check(cmd, f, format, planned, proved, services)
		},
	}
	cmd.Flags().StringVar(&format, "format", reportFormats[0].name, orList(reportFormatNames()))
	cmd.Flags().BoolVar(&planned, "planned", false, "judge the services as they would be with their plans")
	cmd.Flags().BoolVar(&proved, "proved", false, "as --planned, and each plan has to be proved by a trial")
	schemaFlag(cmd, "--format json", report.Schema)
	completeFlag(cmd, "format", completeFixed(reportFormatNames()))
	return cmd
}

// findingKinds lists what a check finds.
func findingKinds() string {
	var b strings.Builder
	for _, k := range report.Kinds() {
		fmt.Fprintf(&b, "  %-18s %-8s %s\n", k.Rule, k.Severity, k.Title)
	}
	return b.String()
}

func (p *Program) check(cmd *cobra.Command, f *flags, format string, planned, proved bool, services []string) error {
	at, err := indexOfFormat(format, reportFormatNames())
	if err != nil {
		return err
	}
	session, err := f.session(cmd)
	if err != nil {
		return err
	}
	waiting := startProgress(cmd, p.Now)
	defer waiting.end()
	live, whole, err := waiting.stackOf(cmd.Context(), session, services)
	if err != nil {
		return err
	}
	stack, err := whole.Only(services...)
	if err != nil {
		return err
	}
	check := &report.Check{Stack: stack, ByPlan: planned || proved, ByProof: proved, Flags: f.named()}
	if check.Planned, err = waiting.verdicts(cmd.Context(), live, whole, stack, proved); err != nil {
		return err
	}
	waiting.end()
	if err := reportFormats[at].print(cmd.OutOrStdout(), check); err != nil {
		return err
	}
	if code := check.ExitCode(); code != 0 {
		return exitCode(code)
	}
	return nil
}
