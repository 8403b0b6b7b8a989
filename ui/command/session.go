package command

import (
	"context"
	"time"

	"petrify/model"
	"petrify/ui"
)

// Session is an engine, with the project that the flags mean.
type Session interface {
	// HasProject tells whether a project is named, or a Compose file is found here.
	HasProject() bool
	// Services names the services of that project, without waiting for more than that.
	Services(ctx context.Context) ([]string, error)
	// HasServices returns an error unless the project has services of these names.
	HasServices(ctx context.Context, names ...string) error
	// Watch watches that project until ctx is done, and asks about the services named
	// only, or about all.
	Watch(ctx context.Context, services ...string) Live
	KnownProjects
	Recordings
}

// KnownProjects are those that an engine knows.
type KnownProjects interface {
	Projects(ctx context.Context) ([]model.ProjectSummary, error)
	WatchProject(ctx context.Context, project model.ProjectSummary) Live
}

// Recordings are those that are kept between runs.
type Recordings interface {
	// Recordings returns those of all projects. Its error tells what cannot be read;
	// the rest is returned all the same.
	Recordings() ([]*model.Recording, error)
	// ClearRecordings forgets those of the project here, or of some of its services.
	ClearRecordings(ctx context.Context, services ...string) (project string, removed int, err error)
}

// Source is a stack that can be shown, and printed.
type Source interface {
	ui.Source
	// Complete waits until everything has been asked once, and returns that stack. Until
	// then each is told what is waited for.
	Complete(ctx context.Context, each func([]model.Waiting)) (*model.Stack, error)
}

// Live is the stack of an engine.
type Live interface {
	Source
	ui.Planner
	ui.Recorder
	ui.Trier
	// Finish ends what is recorded and tried, and waits until that is kept, and what was
	// made for it removed. Its error says that it does not end.
	Finish() error
}

// Demo is a stack that needs no engine.
type Demo interface {
	Duration() time.Duration
	// Hold shows the stack as it was at a moment, Play from that moment on. Both
	// return its clock.
	Hold(ctx context.Context, at time.Duration) (Source, func() time.Time, error)
	Play(ctx context.Context, from time.Duration) (Source, func() time.Time, error)
}

// Files writes plans to files.
type Files interface {
	// MayReplace returns an error where a file is not ours by its beginning, unless
	// it is to be replaced whoever wrote it.
	MayReplace(name string, ours func(head []byte) bool, whoever bool) error
	// Read returns what a file holds; nothing where there is none.
	Read(name string) ([]byte, error)
	// Replace writes a file whole or not at all.
	Replace(name string, content []byte) error
}
