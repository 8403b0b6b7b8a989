package command

// What a shell is offered holds to this:
//
//   - An engine, a file or a connection that does not answer must not hang the shell:
//     it takes two seconds at most, whether what is asked heeds that or not.
//   - The keys that somebody types are on standard input: it is not read.
//   - Names come from files and from the engine. Those with characters that a shell
//     might give a meaning to, or with control characters, are not offered.
//   - What cannot be told is offered as nothing. Why goes where BASH_COMP_DEBUG_FILE says.

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

// completionTime is as long as a shell waits.
const completionTime = 2 * time.Second

// namesFrom finds out the names that are offered.
type namesFrom func(context.Context) ([]string, error)

// offer completes with names that are not among the arguments yet.
func offer(cmd *cobra.Command, args []string, typed string, from namesFrom) ([]cobra.Completion, cobra.ShellCompDirective) {
	names, err := within(cmd.Context(), completionTime, from)
	if err != nil {
		cobra.CompDebugln(err.Error(), false)
	}
	offered := slices.DeleteFunc(slices.Clone(names), func(name string) bool {
		return !strings.HasPrefix(name, typed) || !isHarmless(name) || slices.Contains(args, name)
	})
	return offered, cobra.ShellCompDirectiveNoFileComp
}

// isHarmless tells whether a name means nothing but itself to any shell.
func isHarmless(name string) bool {
	return !strings.HasPrefix(name, "-") && !strings.ContainsFunc(name, func(r rune) bool {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		return !letter && (r < '0' || r > '9') && !strings.ContainsRune("_.+-", r)
	})
}

// within gives up on names after a while, also where asking for them does not.
func within(ctx context.Context, limit time.Duration, from namesFrom) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return interruptible(ctx, func() ([]string, error) { return from(ctx) })
}

// fromSession asks what the flags typed so far mean.
func (f *flags) fromSession(ask func(context.Context, Session) ([]string, error)) namesFrom {
	return func(ctx context.Context) ([]string, error) {
		options := f.Options
		options.Stdin = func() ([]byte, error) { return nil, errors.New("standard input is not read to complete a name") }
		session, err := f.open(options)
		if err != nil {
			return nil, err
		}
		return ask(ctx, session)
	}
}

// completeServices offers the services of the project here.
func (f *flags) completeServices(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return offer(cmd, args, typed, f.fromSession(func(ctx context.Context, session Session) ([]string, error) {
		return session.Services(ctx)
	}))
}

// completeProjects offers the projects that the engine knows.
func (f *flags) completeProjects(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return offer(cmd, nil, typed, f.fromSession(func(ctx context.Context, session Session) ([]string, error) {
		projects, err := session.Projects(ctx)
		names := make([]string, len(projects))
		for i := range projects {
			names[i] = projects[i].Name
		}
		return names, err
	}))
}

// completeContexts offers docker's contexts.
func (p *Program) completeContexts(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return offer(cmd, nil, typed, func(context.Context) ([]string, error) { return p.Contexts() })
}

// completeFlag says what a flag of a command is completed with.
func completeFlag(cmd *cobra.Command, flag string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(flag, complete); err != nil {
		panic(err) // there is no such flag
	}
}

func completeDirectories(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// completeFixed offers names that are always the same.
func completeFixed(names []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return offer(cmd, nil, typed, func(context.Context) ([]string, error) { return names, nil })
	}
}
