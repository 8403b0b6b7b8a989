package compose

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"

	"petrify/model"
)

// What Compose makes of a service's mounts, read in its source and tried:
//   - a config or a secret with a `file` is a read-only bind, at /NAME and at
//     /run/secrets/NAME unless said otherwise. One without is written into the
//     container's layer once it is created, which a read-only root refuses;
//   - of several mounts on one target a volume wins over a secret, and that over
//     a config;
//   - of several entries of `tmpfs` for one path the last one counts, so that a later file
//     replaces those of an earlier one; the path has to be spelled alike;
//   - `use_api_socket` binds the engine's socket and copies a config beside it;
//   - `volumes_from` brings the volumes and binds of another container along, but
//     no tmpfs. Compose (2.40) hands over the container alone, so that the `:ro`
//     behind it is lost and the mounts are as writable as they were.

// apiSocket is where a service with `use_api_socket` finds the engine.
const apiSocket = "/var/run/docker.sock"

// mounts returns the declared mounts of a service by target.
func mounts(p *types.Project, s types.ServiceConfig) []model.Mount {
	taken := map[string]model.Mount{}
	add := func(m model.Mount) {
		m.Target = path.Clean("/" + m.Target)
		if _, ok := taken[m.Target]; !ok {
			taken[m.Target] = m
		}
	}
	for _, t := range slices.Backward(s.Tmpfs) {
		add(shortTmpfs(t))
	}
	for _, m := range volumes(p, s, nil) {
		add(m)
	}
	for _, secret := range s.Secrets {
		object := types.FileObjectConfig(p.Secrets[secret.Source])
		add(file(model.Secret, "/run/secrets", types.FileReferenceConfig(secret), object))
	}
	for _, config := range s.Configs {
		object := types.FileObjectConfig(p.Configs[config.Source])
		add(file(model.Config, "/", types.FileReferenceConfig(config), object))
	}
	if _, ok := s.Environment["DOCKER_CONFIG"]; s.UseAPISocket && !ok {
		add(model.Mount{Kind: model.Config, Source: "#apisocket", Target: "/run/secrets/docker/config.json", Copied: true})
	}
	return slices.SortedFunc(maps.Values(taken), func(a, b model.Mount) int {
		return strings.Compare(a.Target, b.Target)
	})
}

// volumes returns the mounts of a service that others can have through
// `volumes_from`: its own, then those that it has from others itself, of which
// seen holds the services that ask already.
func volumes(p *types.Project, s types.ServiceConfig, seen []string) []model.Mount {
	var list []model.Mount
	for _, v := range s.Volumes {
		list = append(list, volume(p, v))
	}
	if s.UseAPISocket {
		list = append(list, model.Mount{Kind: model.Bind, Source: apiSocket, Target: apiSocket})
	}
	seen = append(seen, s.Name)
	for _, from := range s.VolumesFrom {
		if strings.HasPrefix(from, types.ContainerPrefix) {
			continue // only the engine knows them
		}
		name, _, _ := strings.Cut(from, ":")
		other, ok := p.Services[name]
		if !ok || slices.Contains(seen, name) {
			continue
		}
		for _, m := range volumes(p, other, seen) {
			if m.Kind == model.Bind || m.Kind == model.Volume {
				list = append(list, m)
			}
		}
	}
	return list
}

// oddVolumesFrom says what `volumes_from` brings that the files do not tell.
func oddVolumesFrom(s types.ServiceConfig) []string {
	var warnings []string
	for _, from := range s.VolumesFrom {
		if container, ok := strings.CutPrefix(from, types.ContainerPrefix); ok {
			container, _, _ = strings.Cut(container, ":")
			warnings = append(warnings, fmt.Sprintf("Service %q has volumes_from container %q, which only the engine knows.", s.Name, container))
		}
		if strings.HasSuffix(from, ":ro") {
			warnings = append(warnings, fmt.Sprintf("Service %q has volumes_from %q: Compose ignores the \"ro\".", s.Name, from))
		}
	}
	return warnings
}

func volume(p *types.Project, v types.ServiceVolumeConfig) model.Mount {
	m := model.Mount{Source: v.Source, Target: v.Target, ReadOnly: v.ReadOnly}
	switch v.Type {
	case types.VolumeTypeBind:
		m.Kind = model.Bind
		m.Options = bindOptions(v.Bind)
	case types.VolumeTypeTmpfs:
		m.Kind = model.Tmpfs
		m.Options, m.Long = tmpfsOptions(v.Tmpfs), true
	case types.VolumeTypeVolume:
		m.Kind = model.Volume
		m.Anonymous = v.Source == ""
		if named, ok := p.Volumes[v.Source]; ok {
			m.Source = named.Name
			m.Driver = named.Driver
			m.Options = options(named.DriverOpts)
		}
		if v.Volume != nil && v.Volume.NoCopy {
			m.Options = strings.TrimPrefix(m.Options+",nocopy", ",")
		}
	default:
		m.Kind = model.Other
	}
	return m
}

// shortTmpfs reads an entry of `tmpfs:`, whose options go to the engine as they
// are.
func shortTmpfs(text string) model.Mount {
	target, opts, _ := strings.Cut(text, ":")
	m := model.Mount{
		Kind:     model.Tmpfs,
		Target:   target,
		Options:  opts,
		ReadOnly: slices.Contains(strings.Split(opts, ","), "ro"),
	}
	if model.Canonical(target) != target {
		m.Spelling = target
	}
	return m
}

func file(kind model.MountKind, dir string, ref types.FileReferenceConfig, object types.FileObjectConfig) model.Mount {
	target := cmp.Or(ref.Target, ref.Source)
	if !path.IsAbs(target) {
		target = path.Join(dir, target)
	}
	copied := object.Content != "" || object.Environment != ""
	return model.Mount{
		Kind:     kind,
		Source:   ref.Source,
		Target:   target,
		ReadOnly: !copied,
		Copied:   copied,
	}
}

func bindOptions(b *types.ServiceVolumeBind) string {
	if b == nil {
		return ""
	}
	given := []string{b.Propagation, b.SELinux}
	return strings.Join(slices.DeleteFunc(given, func(s string) bool { return s == "" }), ",")
}

func tmpfsOptions(t *types.ServiceVolumeTmpfs) string {
	set := map[string]string{}
	if t != nil && t.Mode != 0 {
		set["mode"] = strconv.FormatUint(uint64(t.Mode), 8)
	}
	if t != nil && t.Size != 0 {
		set["size"] = model.SizeText(int64(t.Size))
	}
	return options(set)
}

func options(set map[string]string) string {
	var list []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		list = append(list, key+"="+set[key])
	}
	return strings.Join(list, ",")
}
