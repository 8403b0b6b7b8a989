// Command petrify shows what a Compose stack writes, and what a read-only root
// would make of it.
package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"text/tabwriter"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/term"
	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"petrify/inspect/compose"
	"petrify/inspect/engine"
	"petrify/inspect/keep"
	"petrify/inspect/replay"
	"petrify/inspect/session"
	"petrify/model"
	"petrify/ui"
	"petrify/ui/clean"
	"petrify/ui/export"
	"petrify/ui/report"
)

// exitFailure is the code of whatever could not be done or looked at.
const exitFailure = 2

func main() {
	// Go's HTTP client logs what a server says out of turn, which would land in
	// the middle of the screen.
	log.SetOutput(io.Discard)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	var code exitCode
	switch {
	case err == nil:
	case errors.As(err, &code):
		os.Exit(int(code))
	default:
		fmt.Fprintln(os.Stderr, "petrify:", clean.Line(err.Error()))
		var explained *session.Explained
		if errors.As(err, &explained) && explained.Advice != "" {
			fmt.Fprintln(os.Stderr, clean.Line(explained.Advice))
		}
		os.Exit(exitFailure)
	}
}

// exitCode ends the program with a code and without a word: all was said.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// flags are those that every command has, with the names that docker and
// docker compose give them.
type flags struct {
	compose compose.Options
	engine  engine.Options
}

func (f *flags) open(stdin io.Reader) (*session.Session, error) {
	// Standard input can be read only once, the Compose files at every refresh.
	f.compose.Stdin = sync.OnceValues(func() ([]byte, error) { return io.ReadAll(stdin) })
	return session.Open(f.compose, f.engine)
}

func command() *cobra.Command {
	f := &flags{}
	root := &cobra.Command{
		Use:   "petrify",
		Short: "See what your Compose stack writes, and what a read-only root would make of it",
		Long: `petrify lays a Compose project over its live containers. It shows every place a
service can write and every path it did write, and with one key (r) the stack as
it would be with read-only roots. It asks the engine and changes nothing; only to
record it may start a container, and says so before.`,
		Args:          cobra.NoArgs,
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE:          func(cmd *cobra.Command, _ []string) error { return inspect(cmd, f) },
	}
	set := root.PersistentFlags()
	set.StringArrayVarP(&f.compose.Files, "file", "f", nil, "Compose file, - for standard input; may be repeated")
	set.StringVarP(&f.compose.ProjectName, "project-name", "p", "", "project name")
	set.StringArrayVar(&f.compose.Profiles, "profile", nil, "profile to enable; may be repeated")
	set.StringArrayVar(&f.compose.EnvFiles, "env-file", nil, "alternate environment file; may be repeated")
	set.StringVar(&f.compose.ProjectDir, "project-directory", "", "alternate working directory")
	set.StringVarP(&f.engine.Context, "context", "c", "", "docker context of the engine")
	set.StringVarP(&f.engine.Host, "host", "H", "", "address of the engine")
	root.AddCommand(demoCommand(), listCommand(f), checkCommand(f), planCommand(f), recordCommand(f), recorderCommand(), manCommand(root))
	return root
}

// inspect opens the inspector; where nobody can press keys it prints the report.
func inspect(cmd *cobra.Command, f *flags) error {
	s, err := f.open(cmd.InOrStdin())
	if err != nil {
		return err
	}
	if !interactive(cmd) {
		return printStack(cmd, s.Watch(cmd.Context()), textReport)
	}
	if !s.HasProject() {
		l := &lobby{ctx: cmd.Context(), Session: s}
		defer l.settle()
		return run(cmd, ui.NewChooser(cmd.Context(), l, ui.Options{Now: time.Now, Keep: keepPlan}))
	}
	live := s.Watch(cmd.Context())
	defer live.Settled()
	return run(cmd, ui.New(cmd.Context(), live, ui.Options{Now: time.Now, Keep: keepPlan}))
}

// lobby opens the projects that the chooser lists.
type lobby struct {
	ctx context.Context
	*session.Session
	opened []*session.Live
}

func (l *lobby) Open(p model.ProjectSummary) ui.Source {
	live := l.WatchProject(l.ctx, p)
	l.opened = append(l.opened, live)
	return live
}

// settle waits until what is recorded is kept.
func (l *lobby) settle() {
	for _, live := range l.opened {
		live.Settled()
	}
}

// framesPerSecond bounds how long a key waits for its frame. Bubble Tea looks for
// a new frame this often also while nothing happens, which costs about as much.
const framesPerSecond = 60

func run(cmd *cobra.Command, m tea.Model) error {
	_, err := tea.NewProgram(m,
		tea.WithContext(cmd.Context()),
		tea.WithInput(cmd.InOrStdin()),
		tea.WithOutput(cmd.OutOrStdout()),
		tea.WithFPS(framesPerSecond),
	).Run()
	if cmd.Context().Err() != nil {
		err = nil // it was asked to end, by a signal
	}
	return err
}

// interactive reports whether somebody sits before a terminal.
func interactive(cmd *cobra.Command) bool {
	out, ok := cmd.OutOrStdout().(*os.File)
	return ok && term.IsTerminal(out.Fd())
}

// printer writes a settled stack.
type printer func(io.Writer, *model.Stack) error

func textReport(w io.Writer, stack *model.Stack) error {
	opt := report.Options{}
	if out, ok := w.(*os.File); ok && term.IsTerminal(out.Fd()) {
		opt.Width, _, _ = term.GetSize(out.Fd())
		opt.Color = os.Getenv("NO_COLOR") == ""
	}
	return report.Text(w, stack, opt)
}

func printStack(cmd *cobra.Command, source session.Source, print printer) error {
	stack, err := session.Settle(cmd.Context(), source)
	if err != nil {
		return err
	}
	return print(cmd.OutOrStdout(), stack)
}

// demoStart is when the recorded stack is coming up: the interesting part begins.
const demoStart = 22 * time.Second

func demoCommand() *cobra.Command {
	var at time.Duration
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Open the inspector on a recorded WordPress stack, without any engine",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			rec, err := replay.Demo()
			if err != nil {
				return err
			}
			if at > 0 || !interactive(cmd) {
				if at == 0 {
					at = rec.Duration()
				}
				rec = rec.At(at)
			} else {
				rec = rec.From(demoStart)
			}
			source, clock, err := session.Replay(cmd.Context(), rec, time.Now)
			if err != nil {
				return err
			}
			if !interactive(cmd) {
				return printStack(cmd, source, textReport)
			}
			return run(cmd, ui.New(cmd.Context(), source, ui.Options{Now: clock, Keep: keepPlan}))
		},
	}
	cmd.Flags().DurationVar(&at, "at", 0, "hold the recording at this moment, such as 90s")
	return cmd
}

func listCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "ls",
		Short: "List the Compose projects that the engine knows",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.open(cmd.InOrStdin())
			if err != nil {
				return err
			}
			projects, err := s.Projects(cmd.Context())
			if err != nil {
				return err
			}
			out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 3, ' ', 0)
			fmt.Fprintln(out, "NAME\tCONTAINERS\tFILES")
			for _, p := range projects {
				fmt.Fprintf(out, "%s\t%s\t%s\n", clean.Line(p.Name), ui.StatesText(p), cleanList(p.Files))
			}
			return out.Flush()
		},
	}
}

func cleanList(paths []string) string {
	cleaned := make([]string, len(paths))
	for i, p := range paths {
		cleaned[i] = clean.Path(p)
	}
	return strings.Join(cleaned, ",")
}

func checkCommand(f *flags) *cobra.Command {
	var format string
	var schema bool
	cmd := &cobra.Command{
		Use:   "check [SERVICE...]",
		Short: "Print what the stack writes and what a read-only root would make of it",
		Long: `check asks the engine once and prints a report.

Exit codes: 0 when nothing is found, 1 on findings, 2 when it could not look.`,
		RunE: func(cmd *cobra.Command, services []string) error {
			if schema {
				_, err := io.WriteString(cmd.OutOrStdout(), report.Schema)
				return err
			}
			print, known := map[string]printer{
				"text": textReport,
				"json": func(w io.Writer, s *model.Stack) error { return report.JSON(w, s, report.Options{}) },
			}[format]
			if !known {
				return fmt.Errorf("unknown format %q; use text or json", format)
			}
			s, err := f.open(cmd.InOrStdin())
			if err != nil {
				return err
			}
			return printStack(cmd, s.Watch(cmd.Context()), func(w io.Writer, stack *model.Stack) error {
				stack, err := stack.Only(services...)
				if err != nil {
					return err
				}
				if err := print(w, stack); err != nil {
					return err
				}
				if code := report.ExitCode(stack); code != 0 {
					return exitCode(code)
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON schema of --format json and exit")
	return cmd
}

// exporter writes plans in one format, and returns what that cannot express.
type exporter func(io.Writer, *model.Stack, []model.Plan) (notes []string, err error)

var exporters = map[string]exporter{
	"compose":               export.Compose,
	"compose-v2":            export.ComposeV2,
	"swarm":                 export.Swarm,
	"kubernetes":            export.Kubernetes,
	"kubernetes-deployment": export.KubernetesWhole,
	"docker-run":            export.DockerRun,
	"json":                  export.JSON,
}

func planCommand(f *flags) *cobra.Command {
	var format, file string
	var force, schema bool
	var opt model.PlanOptions
	cmd := &cobra.Command{
		Use:   "plan [SERVICE...]",
		Short: "Print the mounts with which the stack runs on read-only roots",
		Long: `plan asks the engine once, finds out what the images hold without running
anything, and prints the smallest set of mounts that takes what the services
write, with the reason for each. It changes nothing.

  petrify plan -w compose.readonly.yaml
  docker compose -f compose.yaml -f compose.readonly.yaml up -d

What the format cannot express is said on standard error.
Exit codes: 0 with a plan, 2 when it could not look or write.`,
		RunE: func(cmd *cobra.Command, services []string) error {
			if schema {
				_, err := io.WriteString(cmd.OutOrStdout(), export.Schema)
				return err
			}
			write, known := exporters[format]
			if !known {
				return fmt.Errorf("unknown format %q; use %s", format, formats)
			}
			if file != "" {
				if err := keep.MayReplace(file, export.Ours, force); err != nil { // before anybody waits
					return err
				}
			}
			s, err := f.open(cmd.InOrStdin())
			if err != nil {
				return err
			}
			ctx := cmd.Context()
			stack, err := session.Settle(ctx, s.Watch(ctx))
			if err != nil {
				return err
			}
			if stack, err = stack.Only(services...); err != nil {
				return err
			}
			plans, err := s.Plans(ctx, stack, opt)
			if err != nil {
				return err
			}
			var text bytes.Buffer
			notes, err := write(&text, stack, plans)
			if err != nil {
				return err
			}
			for _, note := range notes {
				fmt.Fprintln(cmd.ErrOrStderr(), "petrify:", clean.Line(note))
			}
			if file != "" {
				return keep.Replace(file, text.Bytes())
			}
			_, err = text.WriteTo(cmd.OutOrStdout())
			return err
		},
	}
	cmd.Flags().StringVarP(&format, "output", "o", "compose", formats)
	cmd.Flags().StringVarP(&file, "write", "w", "", "write to this `FILE`, which must be new or an earlier plan")
	cmd.Flags().BoolVar(&force, "force", false, "with --write, replace the file whoever wrote it")
	cmd.Flags().BoolVar(&schema, "schema", false, "print the JSON schema of -o json and exit")
	cmd.Flags().BoolVar(&opt.NoAssumptions, "no-assumptions", false, "plan only for what was written, not for what such services usually need")
	return cmd
}

// formats names the exporters in the order in which people look for them.
const formats = "compose, compose-v2, swarm, kubernetes, kubernetes-deployment, docker-run or json"

// keepPlan writes a plan from the inspector, over nothing but an earlier plan.
func keepPlan(name string, content []byte) error {
	if err := keep.MayReplace(name, export.Ours, false); err != nil {
		return err
	}
	return keep.Replace(name, content)
}

// manCommand writes the manual pages that releases carry.
func manCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:    "man DIRECTORY",
		Short:  "Write the manual pages",
		Args:   cobra.ExactArgs(1),
		Hidden: true,
		RunE: func(_ *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			root.DisableAutoGenTag = true
			return doc.GenManTree(root, &doc.GenManHeader{Section: "1", Source: "petrify"}, args[0])
		},
	}
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
