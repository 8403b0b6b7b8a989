package session

import (
	"context"
	"slices"

	"petrify/model"
)

// Services names the services of the project that Watch watches: those of its files
// or, where these cannot be read, those that the engine runs.
func (s *Session) Services(ctx context.Context) ([]string, error) {
	name, project, problem := s.project(ctx)
	switch {
	case project != nil:
		return declaredNames(project), nil
	case name == "" && problem != nil:
		return nil, &model.ProblemError{Problem: *problem}
	case name == "":
		return nil, errNoProject
	}
	return s.running(ctx, name)
}

// running names the services that have containers.
func (s *Session) running(ctx context.Context, project string) ([]string, error) {
	containers, err := s.engine.List(ctx)
	if err != nil {
		return nil, explained(err)
	}
	return runningNames(containers, project), nil
}

// HasServices returns an error unless the project has services of these names: in its
// files or, where these do not know one, among what runs. The engine is asked only for
// those.
func (s *Session) HasServices(ctx context.Context, names ...string) error {
	if len(names) == 0 {
		return nil
	}
	found := loaded{}
	found.name, found.project, found.problem = s.project(ctx)
	s.read.Store(&found)
	var known []string
	if found.project != nil {
		known = declaredNames(found.project)
	}
	unknown := missing(names, known)
	if unknown == "" || ctx.Err() != nil {
		return ctx.Err()
	}
	running, err := s.running(ctx, found.name)
	if err != nil && found.project == nil {
		return err
	}
	known = append(known, running...)
	slices.Sort(known)
	known = slices.Compact(known)
	if unknown = missing(names, known); unknown == "" {
		return nil
	}
	return &model.UnknownServiceError{Project: found.name, Service: unknown, Known: known}
}

// missing is the first name that is not known; "" when all are.
func missing(names, known []string) string {
	for _, name := range names {
		if !slices.Contains(known, name) {
			return name
		}
	}
	return ""
}

func declaredNames(project *model.Project) []string {
	names := make([]string, len(project.Services))
	for i := range project.Services {
		names[i] = project.Services[i].Name
	}
	return names
}

func runningNames(containers []model.Container, project string) []string {
	var names []string
	for _, c := range containers {
		if c.Project == project && c.Service != "" {
			names = append(names, c.Service)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
