package trial

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"

	"petrify/model"
)

// What a service would be made as that has no container, as Compose makes it (its
// pkg/compose/create.go): in the form in which the engine tells of containers, so that
// its copy is made like all others. Labels, ports and what else no copy has is left out.

// fromFiles says how a service is made that its files declare.
func fromFiles(p *types.Project, name string, declared *model.Declared) (container.InspectResponse, error) {
	s, ok := p.Services[name]
	if !ok {
		if s, ok = p.DisabledServices[name]; !ok {
			return container.InspectResponse{}, fmt.Errorf("the files do not declare %s", name)
		}
	}
	options, err := securityOptions(p, s.SecurityOpt)
	if err != nil {
		return container.InspectResponse{}, err
	}
	config := &container.Config{
		Image: declared.Image, Hostname: s.Hostname, Domainname: s.DomainName, User: s.User, WorkingDir: s.WorkingDir,
		Env: variablesOf(s.Environment), Cmd: []string(s.Command), Entrypoint: []string(s.Entrypoint),
		Tty: s.Tty, OpenStdin: s.StdinOpen, StopSignal: s.StopSignal, Healthcheck: healthCheck(s.HealthCheck),
		ExposedPorts: exposedPorts(declared),
	}
	if s.StopGracePeriod != nil {
		config.StopTimeout = new(int(time.Duration(*s.StopGracePeriod).Seconds()))
	}
	host := &container.HostConfig{
		NetworkMode: container.NetworkMode(s.NetworkMode), IpcMode: container.IpcMode(s.Ipc), PidMode: container.PidMode(s.Pid),
		UTSMode: container.UTSMode(s.Uts), UsernsMode: container.UsernsMode(s.UserNSMode), CgroupnsMode: container.CgroupnsMode(s.Cgroup),
		CapAdd: s.CapAdd, CapDrop: s.CapDrop, SecurityOpt: options, GroupAdd: s.GroupAdd, ExtraHosts: s.ExtraHosts.AsList(":"),
		Init: s.Init, Privileged: s.Privileged, ReadonlyRootfs: s.ReadOnly, ShmSize: int64(s.ShmSize), Sysctls: s.Sysctls,
		Runtime: s.Runtime, DNS: addresses(s.DNS), DNSOptions: s.DNSOpts, DNSSearch: s.DNSSearch, OomScoreAdj: int(s.OomScoreAdj),
		StorageOpt: s.StorageOpt, Annotations: s.Annotations, Links: s.Links, Resources: resources(s, declared.Memory),
	}
	found := container.InspectResponse{Config: config, HostConfig: host, NetworkSettings: &container.NetworkSettings{}}
	if s.ContainerName != "" {
		found.Name = "/" + s.ContainerName
	}
	found.NetworkSettings.Networks = map[string]*network.EndpointSettings{}
	for name, settings := range s.Networks {
		endpoint := &network.EndpointSettings{}
		if settings != nil {
			endpoint.Aliases = settings.Aliases
		}
		found.NetworkSettings.Networks[name] = endpoint
	}
	declaredMounts(p, declared, &found)
	return found, nil
}

// declaredMounts adds the mounts of a service.
func declaredMounts(p *types.Project, declared *model.Declared, found *container.InspectResponse) {
	found.HostConfig.Tmpfs = map[string]string{}
	for _, m := range declared.Mounts {
		point := container.MountPoint{Source: m.Source, Destination: m.Target, RW: !m.ReadOnly}
		switch {
		case m.Copied || m.ByPlan:
			continue
		case m.Kind == model.Tmpfs:
			found.HostConfig.Tmpfs[m.Target] = m.Options
			continue
		case m.Kind == model.Volume:
			point.Type, point.Name, point.Source = mount.TypeVolume, m.Source, ""
			if hasMode(m.Options, "nocopy") {
				point.Mode = "nocopy"
			}
		case m.Kind == model.Bind:
			point.Type = mount.TypeBind
		case m.Kind == model.Config:
			point.Type, point.Source = mount.TypeBind, p.Configs[m.Source].File
		case m.Kind == model.Secret:
			point.Type, point.Source = mount.TypeBind, p.Secrets[m.Source].File
		default:
			point.Type = mount.Type(m.Kind)
		}
		found.Mounts = append(found.Mounts, point)
	}
}

// variablesOf are those that have a value. The host's own are resolved by now.
func variablesOf(env types.MappingWithEquals) []string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(env)) {
		if value := env[name]; value != nil {
			all = append(all, name+"="+*value)
		}
	}
	return all
}

func healthCheck(check *types.HealthCheckConfig) *container.HealthConfig {
	switch {
	case check == nil:
		return nil
	case check.Disable:
		return &container.HealthConfig{Test: []string{"NONE"}}
	}
	duration := func(d *types.Duration) time.Duration {
		if d == nil {
			return 0
		}
		return time.Duration(*d)
	}
	made := &container.HealthConfig{
		Test: check.Test, Interval: duration(check.Interval), Timeout: duration(check.Timeout), StartPeriod: duration(check.StartPeriod),
	}
	if check.Retries != nil {
		made.Retries = int(*check.Retries)
	}
	return made
}

func exposedPorts(declared *model.Declared) network.PortSet {
	ports := network.PortSet{}
	for _, p := range declared.Ports {
		if port, err := network.ParsePort(strconv.Itoa(p.Target) + "/" + cmp.Or(p.Protocol, "tcp")); err == nil {
			ports[port] = struct{}{}
		}
	}
	return ports
}

// securityOptions are those of a service, with the profile of seccomp in the place of its
// file: the engine is given the text.
func securityOptions(p *types.Project, options []string) ([]string, error) {
	made := slices.Clone(options)
	for i, option := range made {
		file, ok := strings.CutPrefix(strings.Replace(option, ":", "=", 1), "seccomp=")
		if !ok || file == "unconfined" || file == "builtin" || strings.HasPrefix(file, "{") {
			continue
		}
		text, err := os.ReadFile(p.RelativePath(file))
		if err != nil {
			return nil, fmt.Errorf("read its seccomp profile: %w", err)
		}
		made[i] = "seccomp=" + string(text)
	}
	return made, nil
}

func addresses(texts []string) []netip.Addr {
	var all []netip.Addr
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			all = append(all, address)
		}
	}
	return all
}

// resources are the limits of a service, and its devices.
func resources(s types.ServiceConfig, memory int64) container.Resources {
	limits := container.Resources{
		Memory: memory, MemorySwap: int64(s.MemSwapLimit), MemoryReservation: int64(s.MemReservation),
		CPUPeriod: s.CPUPeriod, CPUQuota: s.CPUQuota, CPUShares: s.CPUShares, CpusetCpus: s.CPUSet, NanoCPUs: int64(float64(s.CPUS) * 1e9),
		CgroupParent: s.CgroupParent, DeviceCgroupRules: s.DeviceCgroupRules,
	}
	if s.PidsLimit != 0 {
		limits.PidsLimit = &s.PidsLimit
	}
	if s.Deploy != nil && s.Deploy.Resources.Limits != nil {
		most := s.Deploy.Resources.Limits
		if most.NanoCPUs != 0 {
			limits.NanoCPUs = int64(float64(most.NanoCPUs) * 1e9)
		}
		if most.Pids != 0 {
			limits.PidsLimit = &most.Pids
		}
	}
	for _, d := range s.Devices {
		limits.Devices = append(limits.Devices, container.DeviceMapping{PathOnHost: d.Source, PathInContainer: d.Target, CgroupPermissions: d.Permissions})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Ulimits)) {
		u := s.Ulimits[name]
		limits.Ulimits = append(limits.Ulimits, &container.Ulimit{Name: name, Soft: int64(cmp.Or(u.Soft, u.Single)), Hard: int64(cmp.Or(u.Hard, u.Single))})
	}
	return limits
}
