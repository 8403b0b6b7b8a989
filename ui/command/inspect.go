package command

import (
	"context"
	"errors"
	"runtime/debug"
	"slices"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"petrify/model"
	"petrify/ui"
)

// inspectCommand opens the inspector; where nobody can press keys it prints the report.
func inspectCommand(p *Program, f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "petrify",
		Short: "See what your Compose stack writes, and what a read-only root would make of it",
		Long: `petrify lays a Compose project over its live containers. It shows every place a
service can write and every path it did write, and with one key (r) the stack as
it would be with read-only roots. It asks the engine and changes nothing; only to
record it may start a container, and says so before.`,
		Args:          onlyCommands,
		Version:       version(),
		SilenceErrors: true,

		ValidArgsFunction: cobra.NoFileCompletions,
		SilenceUsage:      true,
		RunE:              func(cmd *cobra.Command, _ []string) error { return p.inspect(cmd, f) },
	}
}

func (p *Program) inspect(cmd *cobra.Command, f *flags) error {
	session, err := f.session(cmd)
	if err != nil {
		return err
	}
	if !isTerminal(cmd.OutOrStdout()) {
		return printStack(cmd, session.Watch(cmd.Context()), f, p.Now)
	}
	options := ui.Options{Now: p.Now, Files: planFiles{p}, Edit: editor}
	if p.Preferences != nil {
		options.Preferences = p.Preferences.Load()
	}
	if !session.HasProject() {
		projects := &watchedProjects{ctx: cmd.Context(), KnownProjects: session}
		err := p.show(cmd, ui.NewChooser(cmd.Context(), projects, options))
		return errors.Join(err, p.finish(cmd, projects.watched...))
	}
	live := session.Watch(cmd.Context())
	err = p.show(cmd, ui.New(cmd.Context(), live, options))
	return errors.Join(err, p.finish(cmd, live))
}

// finish waits until what was started has ended, and says so where that takes long: the
// screen is gone, and its user waits for the shell.
func (p *Program) finish(cmd *cobra.Command, all ...Live) error {
	waiting := startProgress(cmd, p.Now)
	defer waiting.end()
	waiting.show([]model.Waiting{{Step: model.WaitEnd, Since: p.Now()}})
	var failed error
	for _, live := range all {
		failed = errors.Join(failed, live.Finish())
	}
	return failed
}

// watchedProjects watches the projects that somebody chooses.
type watchedProjects struct {
	ctx context.Context
	KnownProjects
	watched []Live
}

// Open watches a project.
func (w *watchedProjects) Open(project model.ProjectSummary) ui.Source {
	live := w.WatchProject(w.ctx, project)
	w.watched = append(w.watched, live)
	return live
}

// framesPerSecond bounds how long a key waits for its frame. Bubble Tea looks for
// a new frame this often also while nothing happens, which costs about as much.
const framesPerSecond = 60

// show runs the screen until it is left, or a signal ends it, and keeps how it was liked.
func (p *Program) show(cmd *cobra.Command, screen tea.Model) error {
	left, err := runScreen(cmd, screen)
	if app, ok := left.(*ui.App); ok && p.Preferences != nil {
		p.Preferences.Save(app.Preferences())
	}
	return err
}

func runScreen(cmd *cobra.Command, screen tea.Model) (left tea.Model, err error) {
	left, err = tea.NewProgram(screen,
		tea.WithContext(cmd.Context()),
		tea.WithInput(cmd.InOrStdin()),
		tea.WithOutput(cmd.OutOrStdout()),
		tea.WithFPS(framesPerSecond),
	).Run()
	if cmd.Context().Err() != nil {
		err = nil // it was asked to end, by a signal
	}
	return left, err
}

// version is the release's, or what Go knows of the build.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if at := slices.IndexFunc(info.Settings, func(s debug.BuildSetting) bool { return s.Key == "vcs.revision" }); at >= 0 && info.Main.Version == "(devel)" {
		return "devel " + info.Settings[at].Value[:min(12, len(info.Settings[at].Value))]
	}
	return info.Main.Version
}
