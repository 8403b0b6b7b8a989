// Package session opens a stack to watch: the project of the Compose files here,
// one that the engine knows, or a recorded one.
package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"petrify/inspect/compose"
	"petrify/inspect/engine"
	"petrify/inspect/record/store"
	"petrify/inspect/replay"
	"petrify/inspect/watch"
	"petrify/model"
)

// Session is an engine, and the flags that say which project is meant.
type Session struct {
	engine *engine.Engine
	files  compose.Options
	store  *store.Store
}

// Open settles which engine is meant, without waiting for it.
func Open(files compose.Options, options engine.Options) (*Session, error) {
	e, err := engine.Connect(options)
	if err != nil {
		return nil, explained(err)
	}
	return &Session{engine: e, files: files, store: store.Open("")}, nil
}

// HasProject reports whether a project is named, or a Compose file found here.
func (s *Session) HasProject() bool {
	return s.files.ProjectName != "" || compose.Exists(s.files)
}

// Projects asks the engine for the Compose projects that it knows.
func (s *Session) Projects(ctx context.Context) ([]model.ProjectSummary, error) {
	projects, err := s.engine.Projects(ctx)
	if err != nil {
		return nil, explained(err)
	}
	return projects, nil
}

// Watch watches the project of the flags and of the files here, until ctx is done.
func (s *Session) Watch(ctx context.Context) *Live {
	return s.watch(ctx, func(ctx context.Context) (string, *model.Project, *model.Problem) {
		name, project, problem := load(ctx, s.files)
		if project == nil && s.files.ProjectName != "" && !compose.Exists(s.files) {
			return s.byLabels(ctx, s.files.ProjectName)
		}
		return name, project, problem
	})
}

// WatchProject watches a project that the engine knows, with the files that its
// labels name.
func (s *Session) WatchProject(ctx context.Context, p model.ProjectSummary) *Live {
	return s.watch(ctx, func(ctx context.Context) (string, *model.Project, *model.Problem) {
		return fromLabels(ctx, p, s.files)
	})
}

func (s *Session) watch(ctx context.Context, load loader) *Live {
	l := &Live{from: s.engine, tape: tape{engine: s.engine, store: s.store}}
	l.Watcher = watch.Start(ctx, watch.Options{Engine: s.engine, Load: load, Known: s.engine.Reached(), Recorded: l.kept})
	l.told = l.Watcher
	return l
}

// loader reads a project: its name, which is known also when its files are
// broken, and the project or why there is none.
type loader = func(context.Context) (name string, p *model.Project, problem *model.Problem)

func load(ctx context.Context, o compose.Options) (string, *model.Project, *model.Problem) {
	project, err := compose.Load(ctx, o)
	if err != nil {
		return compose.Name(ctx, o), nil, compose.Explain(err)
	}
	return project.Name, project, nil
}

// byLabels finds a project's files through what the engine says of it.
func (s *Session) byLabels(ctx context.Context, name string) (string, *model.Project, *model.Problem) {
	projects, err := s.engine.Projects(ctx)
	if err != nil {
		// The watcher has the same trouble, and says so.
		return name, nil, nil
	}
	at := slices.IndexFunc(projects, func(p model.ProjectSummary) bool { return p.Name == name })
	if at < 0 {
		return name, nil, &model.Problem{
			Text:   fmt.Sprintf("there is no Compose file here, and the engine knows no project %q", name),
			Advice: "`petrify ls` lists the projects that it knows; -f FILE names a Compose file",
		}
	}
	return fromLabels(ctx, projects[at], s.files)
}

// fromLabels loads the files that a project's containers name, where they still exist.
func fromLabels(ctx context.Context, p model.ProjectSummary, flags compose.Options) (string, *model.Project, *model.Problem) {
	for _, file := range p.Files {
		if _, err := os.Stat(file); err != nil {
			return p.Name, nil, &model.Problem{
				File:   file,
				Text:   "the Compose file that the project was started with cannot be read here: " + reason(err),
				Advice: "only what runs is shown; -f FILE names a Compose file",
			}
		}
	}
	if len(p.Files) == 0 {
		return p.Name, nil, &model.Problem{
			Text:   "the project's containers do not name their Compose files",
			Advice: "only what runs is shown; -f FILE names a Compose file",
		}
	}
	flags.Files, flags.ProjectName, flags.ProjectDir = p.Files, p.Name, p.Dir
	return load(ctx, flags)
}

// reason is an error's cause without the path that is named already.
func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}

// Explained is an error with what is wrong and what to do about it.
type Explained struct {
	model.Problem
	cause error
}

func explained(err error) error { return &Explained{engine.Explain(err), err} }

func (e *Explained) Error() string { return e.Text }

// Unwrap returns the error that was explained.
func (e *Explained) Unwrap() error { return e.cause }

// Replay plays a recording: its stack from the recorded engine, and its clock.
func Replay(ctx context.Context, rec *replay.Recording, now func() time.Time) (*Live, func() time.Time, error) {
	api, err := rec.Client(now)
	if err != nil {
		return nil, nil, err
	}
	files := compose.Options{
		ProjectName: rec.Project,
		ProjectDir:  rec.Dir,
		Environ:     append([]string{"COMPOSE_DISABLE_ENV_FILE=1"}, rec.Environ...),
		ReadFile:    rec.ReadFile,
	}
	for _, f := range rec.Files {
		files.Files = append(files.Files, filepath.Join(rec.Dir, f.Name))
	}
	about := model.Engine{Address: replay.Address, Recording: rec.Name}
	clock := rec.Clock(now)
	recorded := engine.New(api, about)
	w := watch.Start(ctx, watch.Options{
		Engine: recorded,
		Load: func(ctx context.Context) (string, *model.Project, *model.Problem) {
			return load(ctx, files)
		},
		Now:   clock,
		Known: about,
	})
	return &Live{Watcher: w, from: recorded}, clock, nil
}
