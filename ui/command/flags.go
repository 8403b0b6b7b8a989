package command

import (
	"io"
	"sync"

	"github.com/spf13/cobra"

	"petrify/ui/report"
)

// Options are the flags that every command has: which project, and which engine.
type Options struct {
	Files       []string // "-" is standard input
	ProjectName string
	Profiles    []string
	EnvFiles    []string
	ProjectDir  string
	Context     string // of docker
	Host        string // the engine's address
	// Stdin gives what "-" stands for, as often as it is asked.
	Stdin func() ([]byte, error)
}

type flags struct {
	Options
	open func(Options) (Session, error)
}

// register gives every command the flags, and what a shell completes them with.
func (p *Program) register(f *flags, root *cobra.Command) {
	set := root.PersistentFlags()
	set.StringArrayVarP(&f.Files, "file", "f", nil, "Compose file, - for standard input; may be repeated")
	set.StringVarP(&f.ProjectName, "project-name", "p", "", "project name")
	set.StringArrayVar(&f.Profiles, "profile", nil, "profile to enable; may be repeated")
	set.StringArrayVar(&f.EnvFiles, "env-file", nil, "alternate environment file; may be repeated")
	set.StringVar(&f.ProjectDir, "project-directory", "", "alternate working directory")
	set.StringVarP(&f.Context, "context", "c", "", "docker context of the engine")
	set.StringVarP(&f.Host, "host", "H", "", "address of the engine")
	completeFlag(root, "project-name", f.completeProjects)
	completeFlag(root, "profile", cobra.NoFileCompletions)
	completeFlag(root, "project-directory", completeDirectories)
	completeFlag(root, "context", p.completeContexts)
	completeFlag(root, "host", cobra.NoFileCompletions)
}

// session opens what the flags mean.
func (f *flags) session(cmd *cobra.Command) (Session, error) {
	options := f.Options
	// Standard input can be read only once, the Compose files at every refresh.
	options.Stdin = sync.OnceValues(func() ([]byte, error) { return io.ReadAll(cmd.InOrStdin()) })
	return f.open(options)
}

// named are the flags that say which project and which engine is meant, for commands
// that are told to somebody.
func (f *flags) named() report.Flags {
	var named report.Flags
	if f == nil {
		return named
	}
	add := func(words *[]string, flag string, values ...string) {
		for _, value := range values {
			if value != "" {
				*words = append(*words, flag, value)
			}
		}
	}
	add(&named.Engine, "-c", f.Context)
	add(&named.Engine, "-H", f.Host)
	add(&named.Project, "-f", f.Files...)
	add(&named.Project, "-p", f.ProjectName)
	add(&named.Project, "--profile", f.Profiles...)
	add(&named.Project, "--env-file", f.EnvFiles...)
	add(&named.Project, "--project-directory", f.ProjectDir)
	return named
}
