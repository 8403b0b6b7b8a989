package report

import (
	"fmt"
	"io"
	"text/tabwriter"

	"petrify/model"
	"petrify/ui/clean"
)

// Trials writes what became of the services that were tried; nil where a service was not.
func Trials(w io.Writer, asJSON bool, project string, names []string, tried map[string]*model.Trial) error {
	if asJSON {
		return trialsJSON(w, project, names, tried)
	}
	out := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(out, "SERVICE\tRESULT\tROUNDS\tTIME\tMOUNTS BEFORE\tAFTER\tREFUSED\tTOLERATED")
	for _, name := range names {
		t := tried[name]
		if t == nil {
			fmt.Fprintf(out, "%s\tnot tried\t–\t–\t–\t–\t–\t–\n", clean.Line(name))
			continue
		}
		before, after := t.MountCounts()
		fmt.Fprintf(out, "%s\t%s\t%d\t%s\t%d\t%d\t%d\t%d\n", clean.Line(name), t.Result, len(t.Rounds), model.DurationText(t.Took), before, after, t.Refused(), len(t.Tolerated))
	}
	if err := out.Flush(); err != nil {
		return err
	}
	for _, name := range names {
		if t := tried[name]; t != nil {
			writeTrial(w, t)
		}
	}
	return nil
}

// writeTrial says what the table does not.
func writeTrial(w io.Writer, t *model.Trial) {
	name := clean.Line(t.Service)
	if t.Reason != "" {
		fmt.Fprintf(w, "✗ %s: %s\n", name, clean.Line(t.Reason))
	}
	if t.Result != model.TrialProved {
		for _, line := range logOf(t) {
			fmt.Fprintf(w, "  │ %s\n", clean.Line(line))
		}
	}
	last := t.Last()
	if last == nil {
		return
	}
	for i := range t.Tolerated {
		fmt.Fprintf(w, "  %s: tolerated: %s\n", name, clean.Line(last.Evidence.RefusedText(&t.Tolerated[i])))
	}
	if !last.TellsRefusals() {
		fmt.Fprintf(w, "! %s: nobody saw which writes were refused: it is judged by health, answers, exit codes and its log only\n", name)
	}
}

// logOf is what the copy said last, where a step failed.
func logOf(t *model.Trial) []string {
	if last := t.Last(); last != nil {
		return last.Log
	}
	return t.Baseline.Log
}
