// Package command holds petrify's commands, each in a file: their flags, what they
// print, how they show progress, and the code that they exit with.
package command

// What holds for every command:
//
//   - Flags that docker and docker compose have keep their names.
//   - What was asked for goes to standard output; all else, also a question or
//     progress, to standard error.
//   - An error is printed once, here, with what to do next on a line of its own.
//   - Exit codes: 0 when it is done, and nothing is found; 1 on findings; 2 when it
//     could not look, or could not do it.
//   - Services that are named are checked before anything is asked of the engine, and
//     only they are asked about.
//   - An interrupt ends a command at once, which then removes what it started, and
//     exits with 130, without a word. It is how a recording ends well.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui"
	"petrify/ui/clean"
)

// Program is petrify, with all that its commands ask of the world.
type Program struct {
	// Open finds the engine that is meant, without waiting for it to answer.
	Open func(Options) (Session, error)
	Demo func() (Demo, error)
	// Contexts names the docker contexts that there are.
	Contexts func() ([]string, error)
	Name     string // that it was started by
	// Record and Trial run in containers of petrify's own.
	Record, Trial Task
	Files         Files
	Preferences   Preferences
	Now           func() time.Time
}

// Preferences keep how somebody likes the inspector. What cannot be read or written is as good
// as none.
type Preferences interface {
	Load() ui.Preferences
	Save(ui.Preferences)
}

// Streams are a command's standard input, output and error.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// commands are all that there are, in the order of a first encounter.
var commands = []func(*Program, *flags) *cobra.Command{
	demoCommand,
	listCommand,
	checkCommand,
	planCommand,
	recordCommand,
	tryCommand,
	recorderCommand,
	trialCommand,
	manCommand,
}

// exitFailure is the code of whatever could not be done or looked at.
const exitFailure = 2

// exitInterrupted is the code of a command that an interrupt ended, as shells have it.
const exitInterrupted = 130

// Run runs the command that the arguments name, and returns the code to exit with.
func (p *Program) Run(ctx context.Context, args []string, std Streams) (code int) {
	if isPlugin(p.Name) {
		own, done, err := p.asPlugin(args, std)
		if err != nil {
			return fail(std.Err, err)
		}
		if done {
			return 0
		}
		args = own
	}
	root := p.root()
	root.SetArgs(args)
	root.SetIn(std.In)
	root.SetOut(std.Out)
	root.SetErr(std.Err)
	err := root.ExecuteContext(ctx)
	var exit exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	}
	return fail(std.Err, err)
}

// fail says what could not be done, and what to do about it.
func fail(w io.Writer, err error) int {
	fmt.Fprintln(w, "petrify:", clean.Line(err.Error()))
	if next := advice(err); next != "" {
		fmt.Fprintln(w, clean.Line(next))
	}
	return exitFailure
}

func (p *Program) root() *cobra.Command {
	f := &flags{open: p.Open}
	root := inspectCommand(p, f)
	if isPlugin(p.Name) {
		root.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: "docker " + pluginName}
	}
	p.register(f, root)
	for _, command := range commands {
		root.AddCommand(command(p, f))
	}
	return root
}

// exitCode ends the program with a code and without a word: all was said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// advice is what to do about an error; "" where nothing is known.
func advice(err error) string {
	if problem, ok := errors.AsType[*model.ProblemError](err); ok {
		return problem.Advice
	}
	if unknown, ok := errors.AsType[*model.UnknownServiceError](err); ok {
		return didYouMean(unknown.Service, unknown.Known)
	}
	if taken, ok := errors.AsType[*model.FileTakenError](err); ok {
		return adviceForTaken(taken)
	}
	if unknown, ok := errors.AsType[*unknownCommandError](err); ok {
		return didYouMean(unknown.name, unknown.known())
	}
	return ""
}
