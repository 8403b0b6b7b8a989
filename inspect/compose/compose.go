// Package compose reads Compose files into a project, as `docker compose` does.
package compose

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/cli/pkg/kvfile"

	"petrify/model"
)

// errNoFile is returned by Load where there is no Compose file.
var errNoFile = errors.New("no Compose file found")

// Options say which project to read, in the words of `docker compose`'s flags.
type Options struct {
	Files       []string // -f; "-" is standard input. None: COMPOSE_FILE, or the default names here and above
	ProjectName string   // -p
	Profiles    []string // --profile. None: COMPOSE_PROFILES
	EnvFiles    []string // --env-file. None: COMPOSE_ENV_FILES, or .env
	ProjectDir  string   // --project-directory
	Dir         string   // where to look; "": the current folder
	// Stdin gives what "-" stands for. Each Load asks for it, so that one which
	// can be read only once belongs into a sync.OnceValues.
	Stdin func() ([]byte, error)
	// ReadFile reads the Compose files themselves; os.ReadFile when nil. A
	// capture brings its own along.
	ReadFile func(path string) ([]byte, error)
	Environ  []string // as os.Environ has it, which nil stands for
}

// Load reads a project. It neither prints nor runs anything, and it does not
// touch the network: files that live elsewhere are refused.
func Load(ctx context.Context, o Options) (*model.Project, error) {
	from, project, warnings, err := read(ctx, o)
	if err != nil {
		return nil, err
	}
	p := declare(project, from.separator())
	from.markPlan(ctx, p)
	from.markLines(p)
	p.FileVersion = from.version()
	p.Warnings = append(warnings, p.Warnings...)
	return p, nil
}

// Read reads a project as Load does, and returns all that its files say.
func Read(ctx context.Context, o Options) (*types.Project, error) {
	_, project, _, err := read(ctx, o)
	return project, err
}

func read(ctx context.Context, o Options) (from *sources, project *types.Project, warnings []string, err error) {
	warnings, err = withWarnings(func() (err error) {
		from, err = find(o)
		if err == nil {
			err = from.read(o)
		}
		if err == nil {
			project, err = from.load(ctx)
		}
		return err
	})
	if err != nil {
		return nil, nil, nil, locate(err, from)
	}
	return from, project, warnings, nil
}

// Exists reports whether there is a Compose file to read, be it broken or not.
func Exists(o Options) bool {
	_, err := withWarnings(func() error {
		_, err := find(o)
		return err
	})
	return !errors.Is(err, errNoFile)
}

// load binds the files that were read to compose-go's project.
func (s *sources) load(ctx context.Context) (p *types.Project, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	registerRawFormat()
	defer func() {
		// compose-go relies on its schema in many type assertions: a file that the
		// schema lets through must not end the program.
		if cause := recover(); cause != nil {
			err = fmt.Errorf("compose-go could not cope with this file: %v", cause)
		}
	}()
	p, err = loader.LoadWithContext(ctx, types.ConfigDetails{
		ConfigFiles: s.files,
		WorkingDir:  s.dir,
		Environment: s.env,
	}, func(l *loader.Options) {
		l.SetProjectName(s.projectName())
		l.Profiles = s.profiles
		l.ResourceLoaders = []loader.ResourceLoader{elsewhere{}}
		l.ConvertWindowsPaths = s.truth("COMPOSE_CONVERT_WINDOWS_PATHS")
		l.SkipResolveLabels = true // nothing here looks at them, and it copies the project
	})
	if err != nil {
		return nil, err
	}
	if len(p.Services) == 0 && len(p.DisabledServices) == 0 {
		return nil, errors.New("no service declared")
	}
	for _, f := range s.files {
		p.ComposeFiles = append(p.ComposeFiles, f.Filename)
	}
	return p, nil
}

// registerRawFormat teaches compose-go env_file's `format: raw`, which Compose
// itself brings along: values as they are, without quotes or interpolation.
var registerRawFormat = sync.OnceFunc(func() {
	dotenv.RegisterFormat("raw", func(r io.Reader, file string, vars map[string]string, lookup func(string) (string, bool)) error {
		lines, err := kvfile.ParseFromReader(r, lookup)
		if err != nil {
			return fmt.Errorf("failed to read %s: %w", file, err)
		}
		for _, line := range lines {
			key, value, _ := strings.Cut(line, "=")
			vars[key] = value
		}
		return nil
	})
})
