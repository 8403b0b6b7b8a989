package export

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"petrify/model"
	"petrify/ui/clean"
)

// What Compose makes of mounts decides how they are written:
//
//   - The short form of a tmpfs says mode, owner, size and exec; the long one only
//     size and mode. The short form ends its path at the first colon, and of two
//     that are the same up to an equals sign Compose keeps one (compose-go v2.16
//     takes them for settings of one name), so that a path with either needs the
//     long form.
//   - Compose gives a volume to the engine as SOURCE:TARGET, also where it is
//     written in the long form: a target with a colon is refused.
//   - Of two short entries of a tmpfs that are the same up to an equals sign the later one
//     counts; any two others for one path are an error. One in the long form takes the place
//     of the one for the same path. So a mount that is mended keeps its form, and how it
//     begins.
//   - In values, $NAME is replaced and $$ stands for a dollar sign. Keys are left alone.
//   - A file that is laid over others adds to their lists.

// dialect is a version of the Compose format.
type dialect struct {
	what      string // the file is
	file      string // it is called where it says how it is used
	version   string // first line of the format; "" where there is none
	command   string
	tmpfsMode bool // the long form of a tmpfs has a mode
	advice    []string
}

// writeCompose writes an override for the project's own Compose files.
func writeCompose(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	return dialect{what: "a Compose override", file: "compose.readonly.yaml", command: "docker compose", tmpfsMode: true}.write(w, s, plans)
}

// writeComposeV2 writes an override in the classic format of version 2.4, which
// docker-compose reads from 1.21 on.
func writeComposeV2(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	return dialect{
		what: "an override in the classic Compose format", file: "compose-v2.readonly.yaml", version: "2.4", command: "docker-compose",
		advice: []string{"The project's own files have to be of the same version."},
	}.write(w, s, plans)
}

func (d dialect) write(w io.Writer, s *model.Stack, plans []model.Plan) ([]string, error) {
	p := &page{}
	usage := []string{"Lay it over the project's own files:", "", "  " + composeCommand(d.command, "-f", declaringFiles(s), d.file, true) + " up -d"}
	if len(d.advice) > 0 {
		usage = append(append(usage, ""), d.advice...)
	}
	p.header(s, d.what, plans, usage...)
	p.blank()
	if d.version != "" {
		p.literal("version", quote(d.version))
		p.blank()
	}
	all := entries(s, plans)
	volumes := composeVolumes(all)
	var used []string
	p.services(s, all, true, entry.already, func(e entry) {
		p.about(e, plans)
		p.inactive(e)
		p.in(e.Service, func() {
			p.literal("read_only", "true")
			used = append(used, d.mounts(p, e, volumes)...)
		})
	})
	p.volumes(used)
	return p.write(w)
}

// services writes each service that the format can name, and says what becomes
// of the others. Those that are complete need nothing.
func (p *page) services(s *model.Stack, all []entry, ofCompose bool, complete func(entry) bool, write func(entry)) {
	var out []entry
	for _, e := range all {
		name := clean.Line(e.Service)
		if ofCompose {
			p.noteOpen(e)
		}
		switch {
		case !serviceName.MatchString(e.Service):
			p.comment("Left out: service " + name + ": Compose does not take its name.")
			p.notes.add("%s: left out, for Compose does not take its name", name)
		case !declared(s, e):
			p.comment("Left out: service " + name + ": the project's files do not declare it.")
			p.notes.add("%s: left out, for the project's files do not declare it; it only runs", name)
		case ofCompose && e.Stays != "":
			p.stays(e)
		case complete(e):
			p.comment("Service " + name + " is declared read-only already: nothing to add.")
			p.open("Not solved", e.Unsolved)
		default:
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		p.literal("services", "{}")
		return
	}
	p.in("services", func() {
		for i, e := range out {
			if i > 0 {
				p.blank()
			}
			write(e)
		}
	})
}

// mounts writes the mounts of a plan and returns the volumes they use.
func (d dialect) mounts(p *page, e entry, volumes *namer) (used []string) {
	var short, long []model.PlannedMount
	for _, m := range e.Mounts {
		switch {
		case !isExpressible(m.Target):
			p.leaveOut(e.Service, m.Target, noText)
		case m.Kind == model.Volume && strings.Contains(m.Target, ":"):
			p.leaveOut(e.Service, m.Target, "Compose takes no volume on a path with a colon")
		case m.Kind == model.Tmpfs && !strings.ContainsAny(m.Target, ":=") && !e.declaredLong(m):
			short = append(short, m)
		default:
			long = append(long, m)
		}
	}
	if len(short) > 0 {
		p.in("tmpfs", func() {
			for _, m := range short {
				p.reasons(e, m)
				p.entry(dollars(m.Target + ":" + beginLike(e.instead(m), p.tmpfs(e, m))))
			}
		})
	}
	if len(long) > 0 {
		p.in("volumes", func() {
			for _, m := range long {
				p.reasons(e, m)
				if m.Kind == model.Tmpfs {
					d.longTmpfs(p, e, m)
					continue
				}
				name := volumes.name(m.Volume)
				used = append(used, name)
				p.volume(name, m.Target, nil)
			}
		})
	}
	return used
}

// instead is the declared mount that a planned one stands in for; nil for none.
func (e entry) instead(m model.PlannedMount) *model.Mount {
	if m.Mends == "" {
		return nil
	}
	for _, pair := range e.service.Mounts {
		if d := pair.Declared; pair.Target == m.Target && d != nil {
			if d.ByPlan {
				return d.Instead
			}
			return d
		}
	}
	return nil
}

func (e entry) declaredLong(m model.PlannedMount) bool {
	declared := e.instead(m)
	return declared != nil && declared.Long
}

// beginLike writes the options of a tmpfs so that they begin as those of the one that is
// declared, up to the first equals sign.
func beginLike(declared *model.Mount, options string) string {
	if declared == nil {
		return options
	}
	before, after, ok := strings.Cut(declared.Options, "=")
	if !ok {
		return options
	}
	flags, key := "", before
	if at := strings.LastIndexByte(before, ','); at >= 0 {
		flags, key = before[:at+1], before[at+1:]
	}
	value, _, _ := strings.Cut(after, ",")
	if key == "uid" || key == "gid" {
		value = "0" // unless it is said
	}
	first := key + "=" + value
	var rest []string
	for option := range strings.SplitSeq(options, ",") {
		if name, _, _ := strings.Cut(option, "="); name == key {
			first = option
		} else {
			rest = append(rest, option)
		}
	}
	return flags + strings.Join(append([]string{first}, rest...), ",")
}

// longTmpfs writes a tmpfs whose path the short form cannot say.
func (d dialect) longTmpfs(p *page, e entry, m model.PlannedMount) {
	var lost []string
	withMode := d.tmpfsMode
	if declared := e.instead(m); declared != nil { // only the size is another one
		m.UID, m.GID, m.Exec = 0, 0, false
		withMode = withMode && declared.TmpfsSettings().HasMode
	}
	if m.UID != 0 || m.GID != 0 {
		lost = append(lost, fmt.Sprintf("its owner %d:%d", m.UID, m.GID))
	}
	if m.Exec {
		lost = append(lost, "exec")
	}
	if !d.tmpfsMode && m.Mends == "" {
		lost = append(lost, "its mode "+octal(m.Mode))
	}
	if len(lost) > 0 {
		p.writeIncomplete(e.Service, fmt.Sprintf("the path of the tmpfs at %s needs the long form, which has no place for %s",
			clean.Path(m.Target), strings.Join(lost, " and ")))
	}
	p.item(func() {
		p.pair("type", "tmpfs")
		p.pair("target", dollars(m.Target))
		p.in("tmpfs", func() {
			p.literal("size", fmt.Sprint(m.Size))
			if withMode {
				p.literal("mode", "0"+octal(m.Mode))
			}
		})
	})
}

// volume writes the long form of a volume's mount, which takes any target.
func (p *page) volume(source, target string, more func()) {
	p.item(func() {
		p.pair("type", "volume")
		p.pair("source", source)
		p.pair("target", dollars(target))
		if more != nil {
			more()
		}
	})
}

// volumes declares the volumes that services use.
func (p *page) volumes(used []string) {
	slices.Sort(used)
	if used = slices.Compact(used); len(used) == 0 {
		return
	}
	p.blank()
	p.in("volumes", func() {
		for _, name := range used {
			p.line(scalar(name) + ":")
		}
	})
}

// dollars keeps Compose from replacing what looks like a variable.
func dollars(s string) string { return strings.ReplaceAll(s, "$", "$$") }

// composeCommand writes a command with the files of a project and the one that is being
// written, each behind a flag. By their names are files of one folder, for somebody there.
func composeCommand(command, flag string, files []string, written string, byName bool) string {
	if len(files) == 0 {
		files = []string{"compose.yaml"}
	}
	sameFolder := !slices.ContainsFunc(files, func(f string) bool { return filepath.Dir(f) != filepath.Dir(files[0]) })
	for _, f := range append(slices.Clone(files), written) {
		if byName && sameFolder {
			f = filepath.Base(f)
		}
		command += " " + flag + " " + ShellWord(f)
	}
	return command
}
