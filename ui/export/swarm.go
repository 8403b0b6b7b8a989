package export

import (
	"cmp"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"petrify/model"
	"petrify/ui/clean"
)

// What `docker stack deploy` makes of a stack file decides how it is written:
//
//   - It honours read_only, drops a service's tmpfs without a word, and takes only
//     the size of a tmpfs in the long form.
//   - A local volume with driver_opts of type tmpfs is a tmpfs that can have mode,
//     owner and size, whatever directory is there. It has no flags of its own, so
//     that those of a tmpfs by Docker are written out: nosuid, nodev, noexec.
//   - Whoever uses such a volume on one node shares it, replicas included, and it
//     is gone with the last of them. No content of the image is copied into it.
//   - A local volume lives on one node.
//   - The long form of volumes needs version 3.2, and carries any path.
//   - All files have to state the same version; those that state none are of the
//     newest, which is not the same as any that is stated.

// swarmVersion matches the versions of stack files that have all that is written here.
var swarmVersion = regexp.MustCompile(`^3(\.([2-9]|1[0-3]))?$`)

// writeSwarm writes a file to deploy together with the project's own ones.
func writeSwarm(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	p := &page{}
	p.header(s, "a stack file for Docker Swarm", plans,
		"Deploy it together with the project's own files:", "",
		"  "+composeCommand("docker stack deploy", "-c", declaringFiles(s), "stack.readonly.yaml", true)+" "+ShellWord(cmp.Or(s.Name, "stack")),
		"",
		"Swarm ignores what the project's files say of tmpfs, so that those are here as well, as volumes in memory.")
	p.blank()
	switch {
	case s.Version == "":
	case swarmVersion.MatchString(s.Version):
		p.literal("version", quote(s.Version))
		p.blank()
	default:
		p.notes.add("Swarm does not deploy files of version %s with this one: let them state 3.2 or newer, or nothing, and plan again", clean.Line(s.Version))
	}

	all := entries(s, plans)
	sw := swarm{page: p, names: composeVolumes(all), memory: map[string]string{}}
	sw.names.keepFree(s)
	complete := func(e entry) bool { return e.Already && len(e.givenTmpfs()) == 0 }
	p.services(s, all, false, complete, func(e entry) {
		p.about(e, plans)
		p.in(e.Service, func() {
			p.literal("read_only", "true")
			sw.mounts(e)
		})
	})
	sw.volumes()
	return p.write(w)
}

// swarm remembers the volumes that a stack file has to declare.
type swarm struct {
	*page
	names  *namer
	memory map[string]string // options by the name of a volume in memory
	data   []string
}

func (sw *swarm) mounts(e entry) {
	var planned []model.PlannedMount
	for _, m := range e.Mounts {
		if !isExpressible(m.Target) {
			sw.leaveOut(e.Service, m.Target, noText)
			continue
		}
		planned = append(planned, m)
	}
	given := e.givenTmpfs()
	if len(planned)+len(given) == 0 {
		return
	}
	sw.in("volumes", func() {
		for _, m := range planned {
			sw.planned(e, m)
		}
		for _, m := range given {
			sw.comment("A tmpfs of the project's files, which Swarm would ignore.")
			sw.inMemory(e, m.Target, givenFlags(m))
		}
	})
	tmpfs := func(m model.PlannedMount) bool { return m.Kind == model.Tmpfs }
	if replicas(e) > 1 && (len(given) > 0 || slices.ContainsFunc(planned, tmpfs)) {
		sw.notes.add("%s: its replicas on one node share the volumes in memory", e.Service)
	}
}

func (sw *swarm) planned(e entry, m model.PlannedMount) {
	sw.reasons(e, m)
	if m.Kind == model.Tmpfs {
		sw.inMemory(e, m.Target, plannedFlags(m))
		return
	}
	name := sw.names.name(m.Volume)
	sw.data = append(sw.data, name)
	sw.volume(name, m.Target, nil)
	sw.writeIncomplete(e.Service, "volume "+name+" is local to a node: hold the service there with a placement constraint, or use a driver that follows it")
}

// inMemory mounts a volume in memory, which is named after the service and the path.
func (sw *swarm) inMemory(e entry, target, flags string) {
	name := sw.names.name(e.Service + ":" + target)
	sw.memory[name] = flags
	// An image's content would be copied into a volume that another container
	// holds, which no tmpfs does.
	sw.volume(name, target, func() {
		sw.in("volume", func() { sw.literal("nocopy", "true") })
	})
}

// givenTmpfs returns what Swarm would ignore of the project's files.
func (e entry) givenTmpfs() []model.Mount {
	return slices.DeleteFunc(e.given(), func(m model.Mount) bool { return m.Kind != model.Tmpfs || !isExpressible(m.Target) })
}

func plannedFlags(m model.PlannedMount) string {
	flags := []string{"nosuid", "nodev"}
	if !m.Exec {
		flags = append(flags, "noexec")
	}
	for _, option := range tmpfsOptions(m) {
		if option != "exec" {
			flags = append(flags, option)
		}
	}
	return strings.Join(flags, ",")
}

// givenFlags reads the options of a declared tmpfs. Those that undo a flag have
// no place among the options of a mount.
func givenFlags(m model.Mount) string {
	flags := []string{}
	options := strings.Split(m.Options, ",")
	for _, flag := range []struct{ set, undo string }{{"nosuid", "suid"}, {"nodev", "dev"}, {"noexec", "exec"}} {
		if !slices.Contains(options, flag.undo) {
			flags = append(flags, flag.set)
		}
	}
	if m.ReadOnly {
		flags = append(flags, "ro")
	}
	for _, option := range options {
		switch key, _, _ := strings.Cut(option, "="); key {
		case "mode", "uid", "gid", "size", "nr_inodes":
			flags = append(flags, option)
		}
	}
	return strings.Join(flags, ",")
}

func replicas(e entry) int {
	if e.service.Declared != nil {
		return e.service.Declared.Replicas
	}
	return 1
}

// volumes declares what the services use.
func (sw *swarm) volumes() {
	if len(sw.memory)+len(sw.data) == 0 {
		return
	}
	sw.blank()
	sw.in("volumes", func() {
		for _, name := range sorted(sw.data) {
			sw.line(scalar(name) + ":")
		}
		for _, name := range slices.Sorted(maps.Keys(sw.memory)) {
			sw.in(name, func() {
				sw.pair("driver", "local")
				sw.in("driver_opts", func() {
					sw.pair("type", "tmpfs")
					sw.pair("device", "tmpfs")
					sw.pair("o", dollars(sw.memory[name]))
				})
			})
		}
	})
}
