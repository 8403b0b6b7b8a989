package engine

import (
	"context"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"petrify/inspect/imageref"
	"petrify/model"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"
)

// The labels that Compose leaves on containers. podman-compose leaves them too.
const (
	labelProject     = "com.docker.compose.project"
	labelService     = "com.docker.compose.service"
	labelNumber      = "com.docker.compose.container-number"
	labelOneOff      = "com.docker.compose.oneoff"
	labelProjectDir  = "com.docker.compose.project.working_dir"
	labelProjectFile = "com.docker.compose.project.config_files"
)

// List returns every container of the engine, in every state, as far as the
// engine's list tells: one question, however many there are. The list does not
// know the tmpfs mounts of a container.
func (e *Engine) List(ctx context.Context) ([]model.Container, error) {
	listed, err := e.api.ContainerList(ctx, client.ContainerListOptions{All: true})
	if err != nil {
		return nil, e.failed("list the containers", err)
	}
	containers := make([]model.Container, len(listed.Items))
	for i, item := range listed.Items {
		containers[i] = fromList(item)
	}
	return containers, nil
}

// Inspect returns all that is known of one container. The answer waits while the engine
// compares that container with its image, or reads a file from it.
func (e *Engine) Inspect(ctx context.Context, id string) (model.Container, error) {
	p, err := e.Place(ctx, id)
	return p.Container, err
}

// Projects returns the Compose projects that have containers, by name.
func (e *Engine) Projects(ctx context.Context) ([]model.ProjectSummary, error) {
	containers, err := e.List(ctx)
	if err != nil {
		return nil, err
	}
	projects := make(map[string]model.ProjectSummary)
	for _, c := range containers {
		if c.Project == "" {
			continue
		}
		p, ok := projects[c.Project]
		if !ok {
			p = model.ProjectSummary{
				Name: c.Project, Dir: c.ProjectDir, Files: c.ProjectFiles,
				States: make(map[model.State]int), Healths: make(map[model.Health]int),
			}
		}
		if !c.OneOff {
			p.States[c.State]++
			if c.Health != model.NoHealth {
				p.Healths[c.Health]++
			}
		}
		projects[c.Project] = p
	}
	return slices.SortedFunc(maps.Values(projects), func(a, b model.ProjectSummary) int {
		return strings.Compare(a.Name, b.Name)
	}), nil
}

func fromList(item container.Summary) model.Container {
	c := fromLabels(item.Labels)
	c.ID = item.ID
	c.Name = ownName(item.Names)
	c.Image, c.ImageID = item.Image, item.ImageID
	c.Reference = imageref.SpellOut(c.Image)
	c.State = state(item.State)
	c.Health, c.ExitCode = fromStatus(item.Status)
	if item.Created > 0 {
		c.Created = time.Unix(item.Created, 0).UTC()
	}
	c.Mounts = listedMounts(item.Mounts)
	c.Ports = listedPorts(item.Ports)
	return c
}

func fromInspect(found container.InspectResponse) model.Container {
	var c model.Container
	if config := found.Config; config != nil {
		c = fromLabels(config.Labels)
		c.Image, c.Reference = config.Image, imageref.SpellOut(config.Image)
		c.Entrypoint, c.Command = config.Entrypoint, config.Cmd
		c.User, c.WorkingDir = config.User, config.WorkingDir
		c.Env = environment(config.Env)
		c.TTY = config.Tty
	}
	c.Inspected = true
	c.ID = found.ID
	c.Name = strings.TrimPrefix(found.Name, "/")
	c.ImageID = found.Image
	c.Restarts = found.RestartCount
	c.Created = moment(found.Created)
	if s := found.State; s != nil {
		c.State = state(s.Status)
		c.ExitCode, c.OOMKilled, c.Error = s.ExitCode, s.OOMKilled, s.Error
		c.Started, c.Finished = moment(s.StartedAt), moment(s.FinishedAt)
		c.Health, c.HealthLog = health(s.Health)
	}
	if found.HostConfig != nil {
		c.ReadOnly = found.HostConfig.ReadonlyRootfs
		c.Init = found.HostConfig.Init != nil && *found.HostConfig.Init
		c.Memory = max(found.HostConfig.Memory, 0)
		c.Groups = found.HostConfig.GroupAdd
	}
	c.Mounts = inspectedMounts(found)
	c.Ports = inspectedPorts(found)
	return c
}

func fromLabels(labels map[string]string) model.Container {
	c := model.Container{
		Project:    labels[labelProject],
		Service:    labels[labelService],
		OneOff:     strings.EqualFold(labels[labelOneOff], "true"),
		ProjectDir: labels[labelProjectDir],
	}
	c.Number, _ = strconv.Atoi(labels[labelNumber]) // 0 where there is none, as for one-off containers of old
	for file := range strings.SplitSeq(labels[labelProjectFile], ",") {
		if file == "" {
			continue
		}
		if c.ProjectDir != "" && !filepath.IsAbs(file) && file != "-" {
			file = filepath.Join(c.ProjectDir, file) // Compose v1 left them as they were typed
		}
		c.ProjectFiles = append(c.ProjectFiles, file)
	}
	return c
}

// ownName picks the container's own among its names: a legacy link from
// another container adds one such as /web/db.
func ownName(names []string) string {
	for _, name := range names {
		name = strings.TrimPrefix(name, "/")
		if !strings.Contains(name, "/") {
			return name
		}
	}
	return ""
}

// state knows the words that Podman adds to Docker's.
func state(s container.ContainerState) model.State {
	switch s {
	case "configured", "initialized":
		return model.Created
	case "stopped":
		return model.Exited
	case "stopping":
		return model.Running
	}
	return model.State(s)
}

var exitedStatus = regexp.MustCompile(`^(?:Exited|Restarting) \((-?\d+)\)`)

// fromStatus reads the one line of `docker ps`, which is all that lists tell
// of these: "Up 2 hours (healthy)", "Up 1 second (health: starting)",
// "Exited (137) 5 minutes ago".
func fromStatus(status string) (model.Health, int) {
	if m := exitedStatus.FindStringSubmatch(status); m != nil {
		code, _ := strconv.Atoi(m[1]) // digits only
		return model.NoHealth, code
	}
	switch {
	case strings.HasSuffix(status, "(healthy)"):
		return model.Healthy, 0
	case strings.HasSuffix(status, "(unhealthy)"):
		return model.Unhealthy, 0
	case strings.HasSuffix(status, "(health: starting)"), strings.HasSuffix(status, "(starting)"):
		return model.Starting, 0
	}
	return model.NoHealth, 0
}

func health(h *container.Health) (model.Health, []model.Probe) {
	if h == nil {
		return model.NoHealth, nil
	}
	var log []model.Probe
	for _, probe := range h.Log {
		if probe != nil {
			log = append(log, model.Probe{At: probe.Start, ExitCode: probe.ExitCode, Output: probe.Output})
		}
	}
	if h.Status == container.NoHealthcheck {
		return model.NoHealth, log
	}
	return model.Health(h.Status), log
}

func environment(pairs []string) map[string]model.Masked {
	env := make(map[string]model.Masked, len(pairs))
	for _, pair := range pairs {
		name, value, _ := strings.Cut(pair, "=")
		env[name] = model.Masked(value)
	}
	return env
}

// moment reads a time; the engine says year 1 for one that has not come.
func moment(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || t.Year() <= 1 {
		return time.Time{}
	}
	return t
}

// short is an ID as docker's own tables show it.
func short(id string) string {
	if len(id) == 64 {
		return id[:12]
	}
	return id
}
