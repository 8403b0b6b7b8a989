// Command alone is what a helper does, without the rest of petrify: releases carry it
// for engines on other machines than their own.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"petrify/inspect/record/recorder"
	"petrify/inspect/trial/inside"
)

// tasks are those of petrify's own hidden commands, by their names.
var tasks = map[string]func(context.Context, io.Reader, io.Writer) error{
	"recorder": recorder.Run,
	"trial":    inside.Serve,
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run(arguments []string) error {
	if len(arguments) != 1 || tasks[arguments[0]] == nil {
		return fmt.Errorf("a helper does not know what to do with %q", arguments)
	}
	return tasks[arguments[0]](context.Background(), os.Stdin, os.Stdout)
}
