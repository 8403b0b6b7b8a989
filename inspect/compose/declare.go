package compose

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"petrify/inspect/imageref"
	"petrify/model"
)

// declare turns compose-go's project into ours. The separator is for the names
// that Compose makes up.
func declare(p *types.Project, separator string) *model.Project {
	d := &model.Project{
		Name:       p.Name,
		WorkingDir: p.WorkingDir,
		Files:      p.ComposeFiles,
		Profiles:   slices.DeleteFunc(slices.Clone(p.Profiles), func(s string) bool { return s == "" }),
	}
	for _, name := range p.ServiceNames() {
		s := p.Services[name]
		d.Services = append(d.Services, service(p, s, separator))
		d.Warnings = append(d.Warnings, oddVolumesFrom(s)...)
	}
	for _, name := range p.DisabledServiceNames() {
		s := service(p, resolved(p, p.DisabledServices[name]), separator)
		s.Inactive = true
		d.Inactive = append(d.Inactive, s)
	}
	return d
}

// resolved gives a service that no profile selects the variables of its env files,
// which compose-go reads for the others only. Files that are missing are none of the
// project's problems as long as nobody selects it.
func resolved(p *types.Project, s types.ServiceConfig) types.ServiceConfig {
	alone := *p
	alone.Services, alone.DisabledServices = types.Services{s.Name: s}, nil
	with, err := alone.WithServicesEnvironmentResolved(true)
	if err != nil {
		return s
	}
	return with.Services[s.Name]
}

func service(p *types.Project, s types.ServiceConfig, separator string) model.Declared {
	d := model.Declared{
		Name:       s.Name,
		Image:      s.Image,
		Build:      s.Build != nil,
		Entrypoint: s.Entrypoint,
		Command:    s.Command,
		User:       s.User,
		WorkingDir: s.WorkingDir,
		ReadOnly:   s.ReadOnly,
		Mounts:     mounts(p, s),
		Ports:      ports(s),
		Env:        environment(s.Environment),
		DependsOn:  slices.Sorted(maps.Keys(s.DependsOn)),
		Replicas:   s.GetScale(),
		Memory:     memoryLimit(s),
		Profiles:   s.Profiles,
		Synced:     synced(s),
		Groups:     s.GroupAdd,
	}
	switch {
	case s.Provider != nil:
		d.Replicas = 0 // a plug-in stands for it, not containers
	case d.Image == "":
		d.Image = p.Name + separator + s.Name
	}
	d.Reference = imageref.SpellOut(d.Image)
	return d
}

// synced returns where the rules of `develop.watch` copy files to, other than those that
// build the image again or only restart.
func synced(s types.ServiceConfig) []string {
	if s.Develop == nil {
		return nil
	}
	var targets []string
	for _, rule := range s.Develop.Watch {
		switch rule.Action {
		case types.WatchActionSync, types.WatchActionSyncRestart, types.WatchActionSyncExec:
			targets = append(targets, model.Canonical(rule.Target))
		}
	}
	slices.Sort(targets)
	return slices.Compact(targets)
}

// memoryLimit is the one that Compose gives to the engine: that for deployments wins.
func memoryLimit(s types.ServiceConfig) int64 {
	if s.Deploy != nil && s.Deploy.Resources.Limits != nil && s.Deploy.Resources.Limits.MemoryBytes != 0 {
		return int64(s.Deploy.Resources.Limits.MemoryBytes)
	}
	return max(int64(s.MemLimit), 0)
}

// environment masks the values of variables. One that is to come from the host,
// which does not have it, is there without a value: the engine keeps its name.
func environment(env types.MappingWithEquals) map[string]model.Masked {
	masked := make(map[string]model.Masked, len(env))
	for name, value := range env {
		if value != nil {
			masked[name] = model.Masked(*value)
		} else {
			masked[name] = ""
		}
	}
	return masked
}

// ports lists the published ports of a service, then those it only exposes.
func ports(s types.ServiceConfig) []model.Port {
	var all []model.Port
	for _, p := range s.Ports {
		all = append(all, model.Port{
			HostIP:   p.HostIP,
			Host:     p.Published,
			Target:   int(p.Target),
			Protocol: cmp.Or(p.Protocol, "tcp"),
		})
	}
	for _, text := range s.Expose {
		for _, p := range exposed(text) {
			published := slices.ContainsFunc(all, func(q model.Port) bool {
				return q.Target == p.Target && q.Protocol == p.Protocol
			})
			if !published {
				all = append(all, p)
			}
		}
	}
	slices.SortFunc(all, func(a, b model.Port) int {
		return cmp.Or(
			cmp.Compare(a.Target, b.Target),
			strings.Compare(a.Protocol, b.Protocol),
			strings.Compare(a.Host, b.Host),
			strings.Compare(a.HostIP, b.HostIP),
		)
	})
	return all
}

// exposed reads an entry of `expose`: a port or a range, and maybe a protocol.
func exposed(text string) []model.Port {
	numbers, protocol, _ := strings.Cut(text, "/")
	from, to, isRange := strings.Cut(numbers, "-")
	if !isRange {
		to = from
	}
	first, err1 := strconv.ParseUint(from, 10, 16)
	last, err2 := strconv.ParseUint(to, 10, 16)
	if err1 != nil || err2 != nil {
		return nil // the engine will refuse it
	}
	var list []model.Port
	for n := first; n <= last; n++ {
		list = append(list, model.Port{Target: int(n), Protocol: cmp.Or(protocol, "tcp")})
	}
	return list
}
