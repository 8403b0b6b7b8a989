package trial

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"petrify/model"
)

// What a copy does not have of its original, and has instead:
//
//   - No published ports, no restart policy, no network of the original's and no fixed
//     address there; the trial's network, with the original's names in it. `network_mode:
//     none` stays, `host` becomes the trial's network, and what shares the network of
//     another service shares that of its copy.
//   - None of its labels, which routers, updaters and Compose itself act upon. Those that
//     come with the image cannot be left out: they are there, and empty.
//   - A log of its own, whatever the original's goes to.
//   - No namespace of the host, and no privileges beyond those that are named: `privileged`
//     reaches all devices of the host.
//   - A health check that is asked every second, and that may fail for as long as the
//     original's may before it counts.
//   - All else stays: user, environment, entrypoint, init, capabilities, security options,
//     hostname, limits, devices, kernel parameters.
const (
	checkEvery   = time.Second
	checkDefault = 30 * time.Second // between two checks, where nothing is said (Docker's)
	checkRetries = 3
	checkLimit   = 30 * time.Second // for one check
	logSize      = "10m"
)

// setting is what a copy finds around it.
type setting struct {
	trial     string            // ID
	network   string            // name of the trial's network
	names     map[string]string // of the copies, by service
	originals []*original
	layout    *layout
	volumes   []string // names of the trial's own volumes
	files     []string // where the host has the only file of a volume; "" for the others
	plan      *model.Plan
	planned   map[string]string // names of the volumes of the plan, by target
}

// copyOf says how the copy of a service is made. The plan of the setting is for the last
// service only.
func copyOf(o *original, at setting) client.ContainerCreateOptions {
	config, host := *o.found.Config, *o.found.HostConfig
	plan := at.plan
	if o != at.originals[len(at.originals)-1] {
		plan = nil
	}
	config.Image = imageOf(&o.found)
	config.Labels = copyLabels(o, at.trial)
	config.AttachStdin, config.AttachStdout, config.AttachStderr, config.StdinOnce = false, false, false, false
	config.Volumes, config.NetworkDisabled, config.OnBuild = nil, false, nil
	config.Healthcheck = quicker(config.Healthcheck)
	if len(o.found.ID) >= 12 && config.Hostname == o.found.ID[:12] {
		config.Hostname = "" // the engine made it up
	}

	host.Binds, host.VolumesFrom, host.ContainerIDFile, host.VolumeDriver = nil, nil, "", ""
	host.PortBindings, host.PublishAllPorts, host.Links = nil, false, nil
	host.RestartPolicy, host.AutoRemove = container.RestartPolicy{}, false
	host.LogConfig = container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": logSize}}
	host.ReadonlyRootfs = plan != nil || o.readOnly(at)
	if host.Privileged {
		host.Privileged, host.MaskedPaths, host.ReadonlyPaths, host.SecurityOpt = false, nil, nil, confining(host.SecurityOpt)
	}
	host.IpcMode = container.IpcMode(at.namespace(string(host.IpcMode)))
	host.PidMode = container.PidMode(at.namespace(string(host.PidMode)))
	if host.UTSMode.IsHost() {
		host.UTSMode = ""
	}
	var networks *network.NetworkingConfig
	host.NetworkMode, networks = at.networks(o)
	if host.NetworkMode.IsContainer() {
		config.Hostname, config.Domainname, config.ExposedPorts = "", "", nil // they are the other one's
	}
	if o.found.HostConfig.NetworkMode.IsHost() {
		config.Hostname, config.Domainname = "", "" // the host's
	}
	at.mount(o, plan, &host)
	return client.ContainerCreateOptions{Config: &config, HostConfig: &host, NetworkingConfig: networks, Name: at.names[o.service]}
}

// readOnly reports whether a service keeps a read-only root. That of the service whose
// plan is tried is the plan's affair.
func (o *original) readOnly(at setting) bool {
	return o != at.originals[len(at.originals)-1] && o.found.HostConfig.ReadonlyRootfs && len(o.inUse) == 0
}

// copyLabels are those of a copy: the trial's, and the image's without a value.
func copyLabels(o *original, trial string) map[string]string {
	labels := map[string]string{}
	for name := range o.labels {
		labels[name] = ""
	}
	labels[label] = trial
	return labels
}

// confining are the security options that are no privilege.
func confining(options []string) []string {
	return slices.DeleteFunc(slices.Clone(options), func(o string) bool {
		return strings.Contains(o, "unconfined") || strings.Contains(o, "disable")
	})
}

// quicker is a health check that is asked more often.
func quicker(check *container.HealthConfig) *container.HealthConfig {
	if !checked(check) {
		return check
	}
	quick := *check
	every, retries := check.Interval, check.Retries
	if every == 0 {
		every = checkDefault
	}
	if retries == 0 {
		retries = checkRetries
	}
	quick.Interval, quick.StartInterval = checkEvery, 0
	quick.StartPeriod = max(check.StartPeriod, check.StartPeriod+every*time.Duration(retries))
	if quick.Timeout == 0 {
		quick.Timeout = checkLimit
	}
	return &quick
}

// checked reports whether there is a health check.
func checked(check *container.HealthConfig) bool {
	return check != nil && len(check.Test) > 0 && check.Test[0] != "NONE"
}

// namespace is the mode of a namespace: another copy's in the place of another
// container's, and none of the host.
func (at setting) namespace(mode string) string {
	if mode == "host" {
		return ""
	}
	for _, prefix := range []string{"container:", "service:"} {
		if of, ok := strings.CutPrefix(mode, prefix); ok {
			return at.sharing(of)
		}
	}
	return mode
}

// sharing is the mode of a namespace that is shared with a container or service; "" where
// there is no copy of that.
func (at setting) sharing(of string) string {
	for _, o := range at.originals {
		if o.service == of || o.made && (o.found.ID == of || o.name() == of) {
			return "container:" + at.names[o.service]
		}
	}
	return ""
}

// networks are the network mode of a copy, and its names in the trial's network.
func (at setting) networks(o *original) (container.NetworkMode, *network.NetworkingConfig) {
	mode := string(o.found.HostConfig.NetworkMode)
	if mode == "none" {
		return "none", nil
	}
	if shared := at.namespace(mode); strings.HasPrefix(shared, "container:") {
		return container.NetworkMode(shared), nil
	}
	return container.NetworkMode(at.network), &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		at.network: {Aliases: aliases(o, at.originals)},
	}}
}

// aliases are the names that others know a service by.
func aliases(o *original, all []*original) []string {
	names := []string{o.service, o.name()}
	if o.found.NetworkSettings != nil {
		for _, endpoint := range o.found.NetworkSettings.Networks {
			if endpoint != nil {
				names = append(names, endpoint.Aliases...)
			}
		}
	}
	for _, other := range all {
		for _, l := range other.links() {
			if l.container == o.name() || l.container == o.service {
				names = append(names, l.alias)
			}
		}
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		return name == "" || len(name) == 12 && strings.HasPrefix(o.found.ID, name)
	})
}

// mount gives a copy its mounts: those of the layout, and over them those of a plan.
func (at setting) mount(o *original, plan *model.Plan, host *container.HostConfig) {
	host.Mounts, host.Tmpfs = nil, o.tmpfs()
	if host.Tmpfs == nil {
		host.Tmpfs = map[string]string{}
	}
	planned := func(target string) bool {
		return plan != nil && slices.ContainsFunc(plan.Mounts, func(m model.PlannedMount) bool { return m.Target == model.Canonical(target) })
	}
	maps.DeleteFunc(host.Tmpfs, func(target, _ string) bool { return planned(target) })
	for _, p := range at.layout.mounts[o.service] {
		switch m := p.Mount; {
		case planned(m.Target):
		case p.volume < 0:
			host.Mounts = append(host.Mounts, m)
		case at.files[p.volume] != "":
			host.Mounts = append(host.Mounts, mount.Mount{Type: mount.TypeBind, Source: at.files[p.volume], Target: m.Target, ReadOnly: m.ReadOnly})
		default:
			m.Source = at.volumes[p.volume]
			host.Mounts = append(host.Mounts, m)
		}
	}
	if plan == nil {
		return
	}
	for _, m := range plan.Mounts {
		if m.Kind == model.Tmpfs {
			host.Tmpfs[m.Target] = tmpfsOptions(m)
		} else {
			host.Mounts = append(host.Mounts, mount.Mount{Type: mount.TypeVolume, Source: at.planned[m.Target], Target: m.Target})
		}
	}
}

// tmpfsOptions are those of a planned tmpfs, in the engine's words.
func tmpfsOptions(m model.PlannedMount) string {
	options := []string{fmt.Sprintf("mode=%04o", m.Mode)}
	if m.UID != 0 || m.GID != 0 {
		options = append(options, fmt.Sprintf("uid=%d", m.UID), fmt.Sprintf("gid=%d", m.GID))
	}
	if m.Size > 0 {
		options = append(options, fmt.Sprintf("size=%d", m.Size))
	}
	if m.Exec {
		options = append(options, "exec")
	}
	return strings.Join(options, ",")
}

// notesOf say what of a service its copy does not have.
func notesOf(o *original, at setting) []string {
	var notes []string
	note := func(format string, with ...any) { notes = append(notes, fmt.Sprintf(format, with...)) }
	h := o.found.HostConfig
	if h.Privileged {
		note("%s is privileged: its copy is not, as it would reach all devices of the host", o.service)
	}
	if h.NetworkMode.IsHost() {
		note("%s has the host's network: its copy has that of the trial", o.service)
	}
	for _, shared := range []struct{ what, mode string }{{"network", string(h.NetworkMode)}, {"IPC namespace", string(h.IpcMode)}, {"processes", string(h.PidMode)}} {
		switch of, ok := strings.CutPrefix(shared.mode, "container:"); {
		case ok && at.sharing(of) == "":
			note("%s shares the %s of container %s, which is not copied: its copy has its own", o.service, shared.what, of)
		case shared.what != "network" && shared.mode == "host":
			note("%s shares the %s of the host: its copy has its own", o.service, shared.what)
		}
	}
	for _, d := range h.Devices {
		note("the copy of %s has the device %s of the host, as the original has", o.service, d.PathOnHost)
	}
	if o.found.NetworkSettings != nil && len(o.found.NetworkSettings.Networks) > 1 {
		note("%s is in %s: its copy is in that of the trial only", o.service, model.Plural(len(o.found.NetworkSettings.Networks), "network"))
	}
	return notes
}
