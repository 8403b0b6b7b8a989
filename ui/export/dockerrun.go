package export

import (
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"petrify/model"
	"petrify/ui/clean"
)

// What the docker command makes of its arguments decides how they are written:
//
//   - Only --tmpfs says mode, owner and exec of a tmpfs. Its path ends at the first
//     colon; --mount takes any path, but only size and mode.
//   - -v splits at colons, takes a name of one letter for a drive, and reads on
//     behind ${; --mount is a line of CSV that refuses spaces around a value.
//   - -e NAME takes the value from the environment of the command.
//   - --entrypoint takes one word; those after it stand before the command's.

// writeDockerRun writes a docker run command for each service.
func writeDockerRun(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	p := &page{}
	p.header(s, "docker run commands", plans,
		"Volumes have the names that Compose gives them, so that data is found again. Networks, dependencies, "+
			"health checks, restart policies and limits are not in these commands. Values of variables are taken "+
			"from the environment of the shell.")
	p.notes.add("docker run: networks, dependencies, health checks, restart policies and limits are not in the commands")
	all := entries(s, plans)
	volumes := newNamer(volumeName, volumeLimit, volumeKeys(all))
	for _, e := range all {
		p.blank()
		p.comment("Service " + clean.Line(e.Service))
		if e.Already {
			p.comment("It is declared read-only already: its mounts are as declared.")
		}
		p.about(e, plans)
		r := run{page: p, stack: s, entry: e, volumes: volumes}
		r.command()
	}
	return p.write(w)
}

// run is one command being written.
type run struct {
	*page
	stack   *model.Stack
	entry   entry
	volumes *namer
	words   [][]string // an option with its value, or the image with its command
}

func (r *run) add(words ...string) { r.words = append(r.words, words) }

func (r *run) command() {
	image := r.entry.image()
	if image == "" || strings.HasPrefix(image, "-") || !isExpressible(image) {
		r.comment("No command: the image is not known.")
		r.notes.add("%s: no command, for its image is not known", r.entry.Service)
		return
	}
	r.add("--name", volumeName(r.stack.Name+"-"+r.entry.Service+"-1"))
	r.add("--read-only")
	for _, m := range r.entry.Mounts {
		r.planned(m)
	}
	for _, m := range r.entry.given() {
		r.given(m)
	}
	r.settings()
	arguments := append([]string{image}, r.entry.commandWords()...)
	r.add(arguments...)

	lines := make([]string, len(r.words))
	for i, words := range r.words {
		quoted := make([]string, len(words))
		for j, w := range words {
			quoted[j] = ShellWord(w)
		}
		lines[i] = strings.Join(quoted, " ")
	}
	r.line("docker run -d " + strings.Join(lines, " \\\n  "))
}

func (r *run) planned(m model.PlannedMount) {
	service := r.entry.Service
	if !isExpressible(m.Target) {
		r.leaveOut(service, m.Target, noText)
		return
	}
	r.comment(clean.Path(m.Target))
	r.depth++
	r.reasons(r.entry, m)
	r.depth--
	switch {
	case m.Kind == model.Volume:
		r.volume(r.volumeName(r.volumes.name(m.Volume)), m.Target, false)
	case !strings.Contains(m.Target, ":"):
		r.add("--tmpfs", m.Target+":rw,"+r.tmpfs(r.entry, m))
	case !inMount(m.Target):
		r.leaveOut(service, m.Target, "docker takes no such path")
	default:
		if m.UID != 0 || m.GID != 0 || m.Exec {
			r.writeIncomplete(service, "the tmpfs at "+clean.Path(m.Target)+
				" has a colon in its path, which leaves no place for owner and exec")
		}
		r.add("--mount", fmt.Sprintf("type=tmpfs,%s,tmpfs-mode=%s,tmpfs-size=%d", csvField("target="+m.Target), octal(m.Mode), m.Size))
	}
}

// volumeName names a volume as Compose does.
func (r *run) volumeName(key string) string {
	return volumeName(strings.TrimPrefix(r.stack.Name+"_"+key, "_"))
}

func (r *run) volume(source, target string, readOnly bool) {
	switch {
	case len(source) > 1 && !strings.Contains(target, ":") && !strings.Contains(target, "${"):
		suffix := ""
		if readOnly {
			suffix = ":ro"
		}
		r.add("-v", source+":"+target+suffix)
	case inMount(target):
		r.add("--mount", mountOption("volume", source, target, readOnly))
	default:
		r.leaveOut(r.entry.Service, target, "docker takes no such path")
	}
}

func mountOption(kind, source, target string, readOnly bool) string {
	option := "type=" + kind + "," + csvField("source="+source) + "," + csvField("target="+target)
	if readOnly {
		option += ",readonly"
	}
	return option
}

// inMount says whether --mount can carry a path.
func inMount(p string) bool {
	return strings.TrimSpace(p) == p && p != "" && !strings.Contains(p, "\r\n")
}

// given writes a mount that the service has without its plan.
func (r *run) given(m model.Mount) {
	switch {
	case !isExpressible(m.Target) || !isExpressible(m.Source):
		r.leaveOut(r.entry.Service, m.Target, noText)
	case m.FromImage:
		// It comes with the image.
	case m.Kind == model.Volume && (m.Anonymous || m.Source == "") && !strings.Contains(m.Target, ":"):
		r.add("-v", m.Target)
	case m.Kind == model.Volume && m.Source != "":
		r.volume(m.Source, m.Target, m.ReadOnly)
	case m.Kind == model.Tmpfs && !strings.Contains(m.Target, ":"):
		target := m.Target
		if m.Options != "" {
			target += ":" + m.Options
		}
		r.add("--tmpfs", target)
	case m.Kind == model.Bind && inMount(m.Source) && inMount(m.Target):
		r.bind(m)
	default:
		r.leaveOut(r.entry.Service, m.Target, "docker run has no such "+clean.Line(string(m.Kind)))
	}
}

func (r *run) bind(m model.Mount) {
	if strings.ContainsAny(m.Source+m.Target, ":$") || !strings.HasPrefix(m.Source, "/") {
		r.add("--mount", mountOption("bind", m.Source, m.Target, m.ReadOnly))
		return
	}
	var options []string
	if m.ReadOnly {
		options = append(options, "ro")
	}
	if m.Options != "" {
		options = append(options, m.Options)
	}
	spec := m.Source + ":" + m.Target
	if len(options) > 0 {
		spec += ":" + strings.Join(options, ",")
	}
	r.add("-v", spec)
}

// settings writes user, folder, ports and the names of variables.
func (r *run) settings() {
	e := r.entry
	if user := e.user(); user != "" {
		r.add("--user", user)
	}
	if dir := e.workingDir(); dir != "" {
		r.add("--workdir", dir)
	}
	for _, p := range e.ports() {
		r.add("-p", publish(p))
	}
	if names := e.variables(); len(names) > 0 {
		for _, name := range names {
			r.add("-e", name)
		}
		shown := make([]string, len(names))
		for i, name := range names {
			shown[i] = clean.Line(name)
		}
		r.comment("Set before: " + strings.Join(shown, ", "))
	}
	if entrypoint := e.entrypoint(); entrypoint != nil {
		r.add("--entrypoint", slices.Concat(entrypoint, []string{""})[0])
	}
}

func publish(p model.Port) string {
	text := fmt.Sprintf("%d", p.Target)
	if p.Host != "" {
		text = p.Host + ":" + text
	}
	if p.HostIP != "" {
		host := net.JoinHostPort(p.HostIP, "")
		if p.Host == "" {
			host += ":"
		}
		text = host + text
	}
	if p.Protocol != "" && p.Protocol != "tcp" {
		text += "/" + p.Protocol
	}
	return text
}

// commandWords are the words behind the image.
func (e entry) commandWords() []string {
	var all []string
	if entrypoint := e.entrypoint(); len(entrypoint) > 1 {
		all = append(all, entrypoint[1:]...)
	}
	return append(all, e.command()...)
}
