// Command alone is a recorder without the rest of petrify: what releases carry for
// engines on other machines than their own.
package main

import (
	"context"
	"fmt"
	"os"

	"petrify/inspect/record/recorder"
)

func main() {
	if err := recorder.Run(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2) //nolint:forbidigo // a program of its own
	}
}
