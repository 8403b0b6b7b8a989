package command

import (
	"fmt"

	"github.com/spf13/cobra"
)

// didYouMean suggests the names that are most like one that nobody knows; "" where
// none is. Names are as far apart as cobra, which compares commands, says.
func didYouMean(name string, known []string) string {
	if near := nearest(name, known); len(near) > 0 {
		return "did you mean " + orList(near) + "?"
	}
	return ""
}

// mostEdits bounds how much of a name may be mistyped.
const mostEdits = 2

func nearest(name string, known []string) []string {
	for edits := 1; edits <= mostEdits; edits++ {
		names := &cobra.Command{SuggestionsMinimumDistance: edits}
		for _, k := range known {
			if min(len(k), len(name)) > edits { // else nothing is left to know it by
				names.AddCommand(&cobra.Command{Use: k, Run: func(*cobra.Command, []string) {}})
			}
		}
		if near := names.SuggestionsFor(name); len(near) > 0 {
			return near
		}
	}
	return nil
}

// unknownCommandError says that there is no command of a name.
type unknownCommandError struct {
	name string
	root *cobra.Command
}

func (e *unknownCommandError) Error() string {
	return fmt.Sprintf("unknown command %q for %q", e.name, e.root.CommandPath())
}

// known are the commands that are not hidden.
func (e *unknownCommandError) known() []string {
	var names []string
	for _, c := range e.root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

// onlyCommands takes no argument, for which cobra would not suggest a command.
func onlyCommands(root *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &unknownCommandError{args[0], root}
	}
	return nil
}
