package compose

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/consts"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/compose-spec/compose-go/v2/utils"
)

// Where a project comes from is Compose's policy, and in its order:
//  1. variables of the process win over those of env files, always;
//  2. env files: --env-file, else COMPOSE_ENV_FILES, else .env of the folder
//     that one stands in, and later that of the project, if it is another;
//  3. files: -f, else COMPOSE_FILE, which .env may set, else the first default
//     name here or in a parent folder, with the override file beside it;
//  4. the project's folder: --project-directory, else that of the first file;
//  5. its name: -p, COMPOSE_PROJECT_NAME, `name:` in the files, its folder's.
//
// compose-go's cli package has most of this, but it asks the process for the
// folder, the variables and standard input, where Options may say otherwise.

// sources are what a project is read from.
type sources struct {
	paths    []string
	files    []types.ConfigFile // paths with their content
	dir      string
	env      types.Mapping
	profiles []string
	named    string // by a flag
	origin   string // of paths, where the user did not name them: a variable
}

// find finds out where a project is read from. What it returns beside an error is
// as far as it came, and never nil.
func find(o Options) (*sources, error) {
	here, err := filepath.Abs(o.Dir)
	if err != nil {
		return &sources{named: o.ProjectName}, fmt.Errorf("find the current folder: %w", err)
	}
	environ := o.Environ
	if environ == nil {
		environ = os.Environ()
	}
	s := &sources{
		env:   types.Mapping(utils.GetAsEqualsMap(environ)),
		dir:   here,
		named: o.ProjectName,
	}
	if _, ok := s.env["PWD"]; !ok || o.Dir != "" {
		s.env["PWD"] = here
	}
	envFiles := o.EnvFiles
	if len(envFiles) == 0 {
		envFiles = strings.FieldsFunc(s.env["COMPOSE_ENV_FILES"], func(r rune) bool { return r == ',' })
	}
	project := &cli.ProjectOptions{
		Environment: s.env,
		ConfigPaths: absolute(here, o.Files),
	}
	if o.ProjectDir != "" {
		project.WorkingDir = absolute(here, []string{o.ProjectDir})[0]
	}
	for _, step := range []cli.ProjectOptionsFn{
		dotEnv(absolute(here, envFiles)),
		s.composeFile(here),
		cli.WithDefaultConfigPath,
		dotEnv(absolute(here, envFiles)),
	} {
		if stepErr := inFolder(here, step)(project); err == nil {
			err = stepErr
		}
	}
	s.paths = project.ConfigPaths
	s.profiles = o.Profiles
	if len(s.profiles) == 0 {
		for p := range strings.SplitSeq(s.env[consts.ComposeProfiles], ",") {
			s.profiles = append(s.profiles, strings.TrimSpace(p))
		}
	}
	_ = inFolder(here, func(p *cli.ProjectOptions) (dirErr error) {
		s.dir, dirErr = p.GetWorkingDir()
		return dirErr // of os.Getwd only, which is not asked
	})(project)
	if err == nil && len(s.paths) == 0 {
		err = fmt.Errorf("%w in %s or a folder above", errNoFile, here)
	}
	return s, err
}

// inFolder lets a step of compose-go look around as if started in dir.
func inFolder(dir string, step cli.ProjectOptionsFn) cli.ProjectOptionsFn {
	return func(p *cli.ProjectOptions) error {
		onDisk := func(path string) bool { return path != "-" }
		if p.WorkingDir == "" && !slices.ContainsFunc(p.ConfigPaths, onDisk) {
			p.WorkingDir = dir
			defer func() { p.WorkingDir = "" }()
		}
		return step(p)
	}
}

// dotEnv reads env files, or .env where none is named.
func dotEnv(files []string) cli.ProjectOptionsFn {
	return func(p *cli.ProjectOptions) error {
		if len(files) == 0 && utils.StringToBool(p.Environment[consts.ComposeDisableDefaultEnvFile]) {
			return nil
		}
		if err := cli.WithEnvFiles(files...)(p); err != nil {
			return err
		}
		return cli.WithDotEnv(p)
	}
}

// composeFile takes the files that COMPOSE_FILE names, if no flag did.
func (s *sources) composeFile(here string) cli.ProjectOptionsFn {
	return func(p *cli.ProjectOptions) error {
		list, ok := p.Environment[consts.ComposeFilePath]
		if !ok || len(p.ConfigPaths) > 0 {
			return nil
		}
		separator := p.Environment[consts.ComposePathSeparator]
		if separator == "" {
			separator = string(os.PathListSeparator)
		}
		p.ConfigPaths = absolute(here, strings.Split(list, separator))
		s.origin = consts.ComposeFilePath
		return nil
	}
}

// absolute makes paths absolute that are neither standard input nor elsewhere.
func absolute(dir string, paths []string) []string {
	var abs []string
	for _, p := range paths {
		if p != "-" && !isElsewhere(p) && !filepath.IsAbs(p) {
			p = filepath.Join(dir, p)
		}
		abs = append(abs, p)
	}
	return abs
}

// read fetches the content of the files.
func (s *sources) read(o Options) error {
	for _, path := range s.paths {
		content, err := readFile(path, o)
		if err != nil {
			if s.origin != "" {
				err = fmt.Errorf("%s: %w", s.origin, err)
			}
			return err
		}
		s.files = append(s.files, types.ConfigFile{Filename: path, Content: content})
	}
	return nil
}

func readFile(path string, o Options) ([]byte, error) {
	switch {
	case isElsewhere(path):
		return nil, elsewhereError(path)
	case path != "-" && o.ReadFile != nil:
		return o.ReadFile(path)
	case path != "-":
		return os.ReadFile(path)
	case o.Stdin == nil:
		return nil, errors.New("nothing to read on standard input")
	}
	content, err := o.Stdin()
	if err != nil {
		return nil, fmt.Errorf("read standard input: %w", err)
	}
	if content == nil {
		content = []byte{} // compose-go opens files that have no content
	}
	return content, nil
}

// projectName returns the name that flags and variables give the project, which
// are binding, or that of its folder, which `name:` in a file overrides.
func (s *sources) projectName() (name string, binding bool) {
	if s.named != "" {
		return s.named, true
	}
	if name := s.env[consts.ComposeProjectName]; name != "" {
		return name, true
	}
	return loader.NormalizeProjectName(filepath.Base(s.dir)), false
}

// separator stands between a project's name and a service's in the names that
// Compose makes up.
func (s *sources) separator() string {
	if s.truth("COMPOSE_COMPATIBILITY") {
		return "_"
	}
	return "-"
}

func (s *sources) truth(variable string) bool { return utils.StringToBool(s.env[variable]) }
