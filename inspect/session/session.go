// Package session opens a stack to watch: the project of the Compose files here,
// one that the engine knows, or a captured one.
package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"petrify/inspect/compose"
	"petrify/inspect/connect"
	"petrify/inspect/engine"
	"petrify/inspect/helper"
	"petrify/inspect/layer"
	"petrify/inspect/plans"
	"petrify/inspect/proofs"
	"petrify/inspect/record/store"
	"petrify/inspect/trial"
	"petrify/inspect/watch"
	"petrify/model"
)

// Session is an engine, and the flags that say which project is meant.
type Session struct {
	engine *engine.Engine
	helper *helper.Helper // all that may ever change the engine
	files  compose.Options
	store  *store.Store
	plans  *plans.Store
	proofs *proofs.Store
	trials trials
	read   atomic.Pointer[loaded] // when names were checked; the next watch takes it
}

// loaded is what a loader returned.
type loaded struct {
	name    string
	project *model.Project
	problem *model.Problem
}

// Open finds the engine that is meant, without waiting for it. It is the one place
// that hands out what can change an engine.
func Open(files compose.Options, options connect.Options) (*Session, error) {
	api, about, err := connect.Connect(options)
	if err != nil {
		return nil, explained(err)
	}
	asked, own := engine.New(api, about), helper.New(api)
	return &Session{
		engine: asked, helper: own, files: files, store: store.Open(""), plans: plans.Open(""), proofs: proofs.Open(""),
		trials: copyMaker{trial.New(api, asked, own, filesOf(files))},
	}, nil
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
// Where services are named, only these are asked about.
func (s *Session) Watch(ctx context.Context, services ...string) *Live {
	return s.watch(ctx, func(ctx context.Context) (string, *model.Project, *model.Problem) {
		if found := s.read.Swap(nil); found != nil {
			return found.name, found.project, found.problem
		}
		return s.project(ctx)
	}, services)
}

// project loads the project of the flags and of the files here.
func (s *Session) project(ctx context.Context) (string, *model.Project, *model.Problem) {
	name, project, problem := load(ctx, s.files)
	if project == nil && s.files.ProjectName != "" && !compose.Exists(s.files) {
		return s.byLabels(ctx, s.files.ProjectName)
	}
	return name, project, problem
}

// WatchProject watches a project that the engine knows, with the files that its
// labels name.
func (s *Session) WatchProject(ctx context.Context, p model.ProjectSummary) *Live {
	return s.watch(ctx, func(ctx context.Context) (string, *model.Project, *model.Problem) {
		return fromLabels(ctx, p, s.files)
	}, nil)
}

func (s *Session) watch(ctx context.Context, load loader, services []string) *Live {
	w := watch.Start(ctx, watch.Options{
		Engine: s.engine, Load: load, Services: services, Known: s.engine.Reached(), Recorded: s.kept, Tried: s.proofs.Project, Layers: s.layers(),
	})
	planner := planner{s.engine, s.plans}
	return &Live{
		Watched: Watched{Watcher: w, planner: planner}, recording: s.newRecording(ctx, w),
		trying: newTrying(ctx, s.trials, planner, s.proofs, w),
	}
}

// layers returns who reads layers; nil where the engine is reached by another way than
// its socket, and its files are somebody else's.
func (s *Session) layers() watch.Layers {
	if !strings.HasPrefix(s.engine.Reached().Address, "unix://") {
		return nil
	}
	return layer.NewReader(s.engine)
}

// loader reads a project: its name, which is known also when its files are
// broken, and the project or why there is none.
type loader = func(context.Context) (name string, p *model.Project, problem *model.Problem)

func load(ctx context.Context, o compose.Options) (string, *model.Project, *model.Problem) {
	project, err := compose.Load(ctx, o)
	if err != nil {
		problem := compose.Explain(err)
		problem.Unreadable = compose.Exists(o)
		return compose.Name(ctx, o), nil, problem
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

func explained(err error) error {
	if problem, ok := errors.AsType[*model.ProblemError](err); ok { // it says itself what to do
		return &model.ProblemError{Problem: model.Problem{Text: err.Error(), Advice: problem.Advice}, Cause: err}
	}
	return &model.ProblemError{Problem: engine.Explain(err), Cause: err}
}
