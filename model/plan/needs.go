package plan

import (
	"maps"
	"path"
	"slices"
	"strings"

	"petrify/model"
)

// usualDirectories are writable in nearly every image.
var usualDirectories = []string{"/tmp", "/var/tmp", "/run", "/run/lock"}

// usualRunDirectories are what images ship below /run for their servers. A tmpfs on /run
// hides them, and a server that expects its directory does not make it.
var usualRunDirectories = []string{
	"/run/lock", "/run/apache2", "/run/dbus", "/run/haproxy", "/run/httpd", "/run/memcached", "/run/mysqld",
	"/run/nginx", "/run/php", "/run/php-fpm", "/run/postgresql", "/run/rabbitmq", "/run/redis", "/run/screen", "/run/sshd", "/run/user",
}

// volatile says whether a directory may be empty at any start, whatever was in it
// before: the Filesystem Hierarchy Standard says so of /tmp and /run.
func volatile(p string) bool {
	for _, dir := range []string{"/tmp", "/run", "/var/run", "/var/lock"} {
		if model.Within(p, dir) {
			return true
		}
	}
	return false
}

// needs is what programs of one kind need writable, as their own documents and
// issues say, though it may never be seen in a diff.
type needs struct {
	names []string // of images or of commands
	dirs  []string
}

// logPlaces are where programs have their logs, and links to standard output, so that
// they do not start where an empty /var/log lacks them.
var logPlaces = map[string]string{
	"nginx": "/var/log/nginx", "apache2": "/var/log/apache2", "apache2-foreground": "/var/log/apache2", "apachectl": "/var/log/apache2", "httpd": "/var/log/httpd",
	"mysql": "/var/log/mysql", "mysqld": "/var/log/mysql", "mariadb": "/var/log/mysql", "mariadbd": "/var/log/mysql", "postgres": "/var/log/postgresql",
	"redis-server": "/var/log/redis", "lighttpd": "/var/log/lighttpd", "supervisord": "/var/log/supervisor", "squid": "/var/log/squid", "mosquitto": "/var/log/mosquitto",
}

// logsOf are the directories of a service's programs below /var/log.
func logsOf(s *model.Service) []string {
	var dirs []string
	for _, name := range programNames(s) {
		dir, ok := logPlaces[name]
		if !ok {
			dir = "/var/log/" + name
		}
		if !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs[:min(len(dirs), maxNames)]
}

var knownNeeds = []needs{
	{[]string{"nginx"}, []string{"/run", "/var/cache/nginx", "/var/lib/nginx"}},
	{[]string{"httpd"}, []string{"/usr/local/apache2/logs"}},
	{[]string{"apache2", "apache2-foreground", "apache2ctl", "apachectl"}, []string{"/run/apache2", "/run/lock", "/tmp"}},
	{[]string{"wordpress", "php"}, []string{"/run", "/tmp"}},
	{[]string{"php-fpm"}, []string{"/run/php", "/tmp"}},
	{[]string{"postgres", "postgresql"}, []string{"/run/postgresql", "/tmp"}},
	{[]string{"mysql", "mysqld", "mariadb", "mariadbd"}, []string{"/run/mysqld", "/tmp"}},
	{[]string{"mongo", "mongod", "mongodb"}, []string{"/tmp"}},
	{[]string{"grafana", "grafana-server", "traefik", "caddy", "gunicorn", "keycloak"}, []string{"/tmp"}},
	{[]string{"python", "python3", "ruby", "puma", "node", "java", "uwsgi", "celery", "uvicorn"}, []string{"/tmp"}},
	{[]string{"tomcat", "catalina.sh"}, []string{"/tmp", "/usr/local/tomcat/logs", "/usr/local/tomcat/temp", "/usr/local/tomcat/work"}},
}

// signsOfNeed recognise a program by what was written, where names say nothing.
var signsOfNeed = map[string]string{
	"/run/mysqld": "mysqld", "/run/postgresql": "postgres", "/run/apache2": "apache2", "/run/php": "php",
	"/var/lib/php": "php", "/var/cache/nginx": "nginx", "/var/lib/nginx": "nginx",
}

// needsOf returns what a service is known to need, with what tells it, by
// directory.
func needsOf(s *model.Service) map[string]assumption {
	found := map[string]assumption{}
	for _, name := range namesOf(s) {
		for _, known := range knownNeeds {
			if slices.Contains(known.names, name.name) {
				for _, dir := range known.dirs {
					if _, ok := found[dir]; !ok {
						found[dir] = assumption{kind: assumedNeed, sign: name.why}
					}
				}
			}
		}
	}
	return found
}

type namedProgram struct{ name, why string }

// namesOf returns what a service may be known by: its image, its commands, and
// directories that it wrote to.
func namesOf(s *model.Service) []namedProgram {
	var names []namedProgram
	refs := map[string]bool{}
	if s.Declared != nil {
		refs[s.Declared.Image] = true
	}
	for _, c := range s.Containers {
		refs[c.Image] = true
	}
	if s.Image != nil {
		for _, tag := range s.Image.Tags {
			refs[tag] = true
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(refs)) {
		name, _, _ := strings.Cut(path.Base(ref), "@")
		name, _, _ = strings.Cut(name, ":")
		names = append(names, namedProgram{name, "an image named " + name})
	}
	for _, words := range commandsOf(s) {
		for _, word := range words {
			name := path.Base(word)
			if strings.HasPrefix(name, "python3.") {
				name = "python3"
			}
			names = append(names, namedProgram{name, "a command " + name})
		}
	}
	refused, _ := s.Refused()
	for _, dir := range slices.Sorted(maps.Keys(signsOfNeed)) {
		if slices.ContainsFunc(refused, func(c model.Change) bool { return model.Within(c.Path, dir) }) {
			names = append(names, namedProgram{signsOfNeed[dir], "a service that writes to " + dir})
		}
	}
	return names
}

// commandsOf returns what a service runs: as its containers do, else as declared
// over what the image says.
func commandsOf(s *model.Service) [][]string {
	var commands [][]string
	for i := range s.Containers {
		if c := &s.Containers[i]; c.Inspected && !c.OneOff {
			commands = append(commands, c.Entrypoint, c.Command)
		}
	}
	if len(commands) > 0 {
		return commands
	}
	var entrypoint, command []string
	if s.Image != nil {
		entrypoint, command = s.Image.Entrypoint, s.Image.Command
	}
	if d := s.Declared; d != nil {
		if d.Entrypoint != nil {
			entrypoint, command = d.Entrypoint, nil // as Compose does
		}
		if d.Command != nil {
			command = d.Command
		}
	}
	return [][]string{entrypoint, command}
}

// runFromTemp returns the paths below /tmp that the commands of a service name:
// images do start from there, though they should not.
func runFromTemp(s *model.Service) []string {
	var found []string
	for _, words := range commandsOf(s) {
		for _, word := range words {
			for part := range strings.FieldsSeq(word) {
				if strings.HasPrefix(part, "/tmp/") && model.IsCanonical(part) && !slices.Contains(found, part) {
					found = append(found, part)
				}
			}
		}
	}
	return found
}
