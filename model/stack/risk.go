package stack

import (
	"fmt"
	"slices"
	"strings"

	"petrify/model"
)

// Which mounts deserve a second look, the worst first:
//
//   - The engine's socket, read-only or not: a read-only mount keeps the file,
//     not what is asked through it.
//   - Host paths that the host runs on, the engine's own data, and whole home
//     directories. Read-only is milder and still said, but for the few files
//     that hold nothing and that many mount (the time zone, certificates).
//   - The project's own folder, or code in it, writable: what is deployed from
//     it could be changed by what runs. Folders that are there for data are not.
//   - A volume that other services can write to as well.
//
// Everything else is fine, above all a read-only file of the project.

// hostPlaces are the places of the host that a risk is judged against.
type hostPlaces struct {
	projectDir string // "" when unknown
	dockerRoot string
}

// risk judges what a mount brings in from the host.
func risk(m model.Mount, places hostPlaces) model.Risk {
	if m.Kind != model.Bind {
		return ""
	}
	source := model.HostPath(m.Source)
	if model.IsEngineSocket(source) {
		return "the engine's socket: whoever can use it controls every container and, with them, the host"
	}
	if r := hostRisk(source, m.ReadOnly, places); r != "" {
		return r
	}
	if m.ReadOnly {
		return ""
	}
	return projectRisk(source, m.Target, places.projectDir)
}

// systemPaths are what a host runs on, with what is in them.
var systemPaths = []struct{ path, what string }{
	{"/etc", "the host's configuration"},
	{"/proc", "the host's processes and kernel settings"},
	{"/sys", "the host's kernel settings and devices"},
	{"/dev", "the host's devices"},
	{"/boot", "the host's kernel"},
	{"/usr", "the host's programs"},
	{"/bin", "the host's programs"},
	{"/sbin", "the host's programs"},
	{"/lib", "the host's libraries"},
	{"/lib32", "the host's libraries"},
	{"/lib64", "the host's libraries"},
	{"/run", "the host's runtime state and the sockets of its services"},
}

// harmless are system files that hold no secret and that many a service needs.
// They are fine when they are read-only.
var harmless = []string{
	"/etc/localtime", "/etc/timezone", "/etc/machine-id", "/etc/os-release",
	"/etc/passwd", "/etc/group", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf",
	"/etc/ssl/certs", "/etc/ca-certificates", "/etc/pki/ca-trust", "/etc/pki/tls/certs",
	"/usr/share", "/usr/local/share", "/lib/modules", "/usr/lib/modules",
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
}

// noSecrets are devices that hold nothing, whatever is written to them.
var noSecrets = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}

func hostRisk(source string, readOnly bool, places hostPlaces) model.Risk {
	if source == "/" {
		return hostRiskText("the whole host", readOnly)
	}
	for _, root := range []string{places.dockerRoot, "/var/lib/docker", "/var/lib/containers"} {
		if root != "" && root != "/" && (model.Within(source, root) || model.Within(root, source)) {
			if source != root && model.Within(source, root) {
				return hostRiskText("a part of the engine's own data", readOnly)
			}
			return hostRiskText("the engine's own data, with the files of every container", readOnly)
		}
	}
	if home, ok := homeDirectory(source); ok {
		return hostRiskText(home, readOnly)
	}
	if places.projectDir != "" && places.projectDir != "/" && model.Within(source, places.projectDir) {
		return ""
	}
	if behind, ok := model.BehindLink(source); ok {
		source = behind
	}
	if slices.Contains(noSecrets, source) {
		return ""
	}
	for _, system := range systemPaths {
		if !model.Within(source, system.path) {
			continue
		}
		if readOnly && slices.ContainsFunc(harmless, func(p string) bool { return model.Within(source, p) }) {
			return ""
		}
		what := system.what
		if source != system.path {
			what += " (" + source + ")"
		}
		return hostRiskText(what, readOnly)
	}
	return ""
}

func hostRiskText(what string, readOnly bool) model.Risk {
	if readOnly {
		return model.Risk(what + ": the service can read all of it")
	}
	return model.Risk(what + ": the service can change it, and may take over the host with that")
}

// homeDirectory knows whole home directories and the folders in them that hold
// credentials; a project somewhere below a home is neither.
func homeDirectory(source string) (what string, ok bool) {
	const whole = "a whole home directory, with its keys, tokens and start-up files"
	switch source {
	case "/home", "/Users", "/c/Users":
		return "all home directories, with their keys, tokens and start-up files", true
	case "/root", "/var/root":
		return whole, true
	}
	inHome := ""
	for _, homes := range []string{"/home/", "/Users/", "/c/Users/", "/root/"} {
		rest, ok := strings.CutPrefix(source, homes)
		if !ok {
			continue
		}
		if homes != "/root/" {
			_, rest, ok = strings.Cut(rest, "/")
			if !ok {
				return whole, true
			}
		}
		inHome = rest
	}
	for _, dir := range []string{".ssh", ".gnupg", ".aws", ".kube", ".docker", ".config/gcloud", ".azure"} {
		if inHome == dir || strings.HasPrefix(inHome, dir+"/") {
			return "a user's credentials (" + dir + ")", true
		}
	}
	return "", false
}

// dataFolders are names of folders that are there to be written to, and
// dataTargets are where software keeps what it writes.
var (
	dataFolders = []string{
		"data", "db", "database", "uploads", "upload", "media", "files", "storage", "backup", "backups",
		"dump", "dumps", "log", "logs", "cache", "tmp", "temp", "run", "var", "volume", "volumes", "out", "output",
	}
	dataTargets = []string{"/var/lib", "/var/log", "/var/cache", "/var/spool", "/var/backups", "/data", "/tmp", "/run", "/backup", "/backups"}
)

func projectRisk(source, target, projectDir string) model.Risk {
	if projectDir == "" || projectDir == "/" {
		return ""
	}
	if model.Within(projectDir, source) {
		return "the project's own folder: the service can change the code and the Compose files it is deployed from"
	}
	if !model.Within(source, projectDir) {
		return ""
	}
	for folder := range strings.SplitSeq(strings.TrimPrefix(source, projectDir), "/") {
		if isDataFolder(folder) {
			return ""
		}
	}
	for _, dir := range dataTargets {
		if model.Within(model.Canonical(target), dir) {
			return ""
		}
	}
	return "files of the project: the service can change the code or configuration it is deployed from"
}

// isDataFolder knows names such as data, .data, pgdata and mysql-data.
func isDataFolder(name string) bool {
	name = strings.ToLower(strings.TrimPrefix(name, "."))
	return slices.Contains(dataFolders, name) || strings.HasSuffix(name, "data")
}

// sharedRisk says who else can write to a volume that this service writes to.
func sharedRisk(m model.Mount, users []model.VolumeUse, project string) model.Risk {
	if m.Kind != model.Volume || m.ReadOnly {
		return ""
	}
	others := Writers(users, project)
	switch len(others) {
	case 0:
		return ""
	case 1:
		return model.Risk(fmt.Sprintf("%s can write to this volume as well", others[0]))
	default:
		last := len(others) - 1
		return model.Risk(fmt.Sprintf("%s and %s can write to this volume as well", strings.Join(others[:last], ", "), others[last]))
	}
}
