package command

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// indexOfFormat finds a format by its name, or says which there are.
func indexOfFormat(name string, known []string) (int, error) {
	at := slices.Index(known, name)
	if at < 0 {
		return 0, fmt.Errorf("unknown format %q; use %s", name, orList(known))
	}
	return at, nil
}

// orList is "a, b or c".
func orList(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// schemaFlag adds --schema to a command: it prints a schema in the place of all else.
func schemaFlag(cmd *cobra.Command, of, schema string) {
	wanted := cmd.Flags().Bool("schema", false, "print the JSON schema of "+of+" and exit")
	run := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if *wanted {
			_, err := io.WriteString(cmd.OutOrStdout(), schema)
			return err
		}
		return run(cmd, args)
	}
}
