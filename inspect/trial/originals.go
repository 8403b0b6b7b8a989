package trial

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/client"

	"petrify/model"
)

// original is a service of the user's, as far as a copy of it needs to be known.
type original struct {
	service string
	// found is what the engine tells of its container, or would tell of one that the files
	// declare.
	found  container.InspectResponse
	made   bool // the container is there
	labels map[string]string
	stat   map[string]kind // what is mounted at a target
	inUse  []string        // targets of mounts that an earlier plan made
	copies []string        // files that Compose copied into it
	needs  []string        // services that have to be up before it
}

// name is that of the container, "" where there is none.
func (o *original) name() string { return strings.TrimPrefix(o.found.Name, "/") }

// endedWith is the exit code of a service whose container has ended by itself.
func (o *original) endedWith() (code int, ended bool) {
	if !o.made || o.found.State == nil || o.found.State.Status != container.StateExited {
		return 0, false
	}
	return o.found.State.ExitCode, true
}

// The label with which Compose says what a service depends on: names with conditions.
const labelDependsOn = "com.docker.compose.depends_on"

// originals finds a service and all that it depends on, in the order of their start: the
// service is the last one.
func (t *Trials) originals(ctx context.Context, stack *model.Stack, service string) ([]*original, error) {
	var ordered []*original
	done := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if done[name] {
			return nil
		}
		done[name] = true
		s := stack.Service(name)
		if s == nil {
			return fmt.Errorf("%s depends on %s, which the project does not have", service, name)
		}
		o, err := t.original(ctx, stack, s)
		if err != nil {
			return fmt.Errorf("look at %s: %w", name, err)
		}
		for _, needed := range o.needs {
			if needed != service || name == service {
				if err := add(needed); err != nil {
					return err
				}
			}
		}
		ordered = append(ordered, o)
		return nil
	}
	if err := add(service); err != nil {
		return nil, err
	}
	return ordered, nil
}

// original finds out about one service.
func (t *Trials) original(ctx context.Context, stack *model.Stack, s *model.Service) (*original, error) {
	o := &original{service: s.Name}
	if err := t.find(ctx, stack, s, o); err != nil {
		return nil, err
	}
	if o.found.Config == nil || o.found.HostConfig == nil {
		return nil, errors.New("the engine does not say how it was made")
	}
	image, err := t.api.ImageInspect(ctx, imageOf(&o.found))
	if err != nil {
		return nil, fmt.Errorf("look at its image: %w", err)
	}
	if !o.made {
		fromImage(&o.found, image)
	}
	if image.Config != nil {
		o.labels = image.Config.Labels
	}
	for _, m := range s.PlanInUse() {
		o.inUse = append(o.inUse, model.Canonical(m.Target))
	}
	for _, change := range s.CopiedIn() {
		o.copies = append(o.copies, change.Path)
	}
	o.needs = needs(stack, s, o)
	o.stat = t.statMounts(ctx, o)
	return o, nil
}

// find finds out how the container of a service was made, or would be.
func (t *Trials) find(ctx context.Context, stack *model.Stack, s *model.Service, o *original) (err error) {
	if c := standing(s); c != nil {
		o.made = true
		o.found, err = t.engine.InspectRaw(ctx, c.ID)
		return err
	}
	if s.Declared == nil {
		return errors.New("it has no container, and no file declares it")
	}
	project, err := t.files(ctx, stack)
	if err != nil {
		return err
	}
	o.found, err = fromFiles(project, s.Name, s.Declared)
	return err
}

func imageOf(found *container.InspectResponse) string {
	if found.Image != "" {
		return found.Image
	}
	return found.Config.Image
}

// standing is the container that a service is copied from: one that runs, where one does.
func standing(s *model.Service) *model.Container {
	all := s.Standing()
	if i := slices.IndexFunc(all, func(c model.Container) bool { return c.Runs() }); i >= 0 {
		return &all[i]
	}
	if len(all) > 0 {
		return &all[0]
	}
	return nil
}

// fromImage adds what a container would have from its image.
func fromImage(found *container.InspectResponse, image client.ImageInspectResult) {
	found.Image = image.ID
	if image.Config == nil {
		return
	}
	for _, target := range slices.Sorted(maps.Keys(image.Config.Volumes)) {
		taken := slices.ContainsFunc(found.Mounts, func(m container.MountPoint) bool {
			return model.Canonical(m.Destination) == model.Canonical(target)
		})
		if _, tmpfs := found.HostConfig.Tmpfs[target]; !taken && !tmpfs {
			found.Mounts = append(found.Mounts, container.MountPoint{Type: "volume", Destination: target, RW: true})
		}
	}
	if found.Config.Healthcheck == nil && image.Config.Healthcheck != nil {
		found.Config.Healthcheck = image.Config.Healthcheck
	}
}

// needs are the services that a service needs: those that it depends on, and whose
// networks or other namespaces it shares.
func needs(stack *model.Stack, s *model.Service, o *original) []string {
	var needed []string
	add := func(name string) {
		if name != "" && name != s.Name && stack.Service(name) != nil && !slices.Contains(needed, name) {
			needed = append(needed, name)
		}
	}
	if s.Declared != nil {
		for _, name := range s.Declared.DependsOn {
			add(name)
		}
	}
	for one := range strings.SplitSeq(o.found.Config.Labels[labelDependsOn], ",") {
		name, _, _ := strings.Cut(one, ":")
		add(name)
	}
	h := o.found.HostConfig
	for _, mode := range []string{string(h.NetworkMode), string(h.IpcMode), string(h.PidMode)} {
		if of, ok := strings.CutPrefix(mode, "container:"); ok {
			add(serviceOf(stack, of))
		}
		if of, ok := strings.CutPrefix(mode, "service:"); ok {
			add(of)
		}
	}
	for _, link := range o.links() {
		add(serviceOf(stack, link.container))
	}
	return needed
}

// serviceOf is the service of a container, by its ID or name.
func serviceOf(stack *model.Stack, of string) string {
	for i := range stack.Services {
		for _, c := range stack.Services[i].Containers {
			if c.ID == of || c.Name == of {
				return stack.Services[i].Name
			}
		}
	}
	return ""
}

// link is another name that a service has for a container.
type link struct{ container, alias string }

// links are those that an original was made with.
func (o *original) links() []link {
	var all []link
	add := func(text string) {
		from, alias, _ := strings.Cut(text, ":")
		if at := strings.LastIndexByte(alias, '/'); at >= 0 {
			alias = alias[at+1:] // the engine says /shop-db-1:/shop-web-1/database
		}
		all = append(all, link{strings.TrimPrefix(from, "/"), alias})
	}
	for _, text := range o.found.HostConfig.Links {
		add(text)
	}
	if o.found.NetworkSettings != nil {
		for _, name := range slices.Sorted(maps.Keys(o.found.NetworkSettings.Networks)) {
			if endpoint := o.found.NetworkSettings.Networks[name]; endpoint != nil {
				for _, text := range endpoint.Links {
					add(text)
				}
			}
		}
	}
	return all
}
