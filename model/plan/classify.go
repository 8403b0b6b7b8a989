package plan

import (
	"path"
	"slices"
	"strings"

	"petrify/model"
)

// How a path tells what was written. The first sign that fits decides, from what
// is certain to what is only likely:
//
//   - A person's traces and the files of package managers are known by name.
//   - Then the places that the Filesystem Hierarchy Standard gives a meaning:
//     /tmp and /run may be emptied at any start, whatever is in them.
//   - Then what programs agree on: names of caches, sessions, databases, keys,
//     logs, uploads. The deepest such directory in a path decides between signs
//     of one rule.
//   - Configuration comes before code: wp-config.php is written at a start.
//   - A hidden directory in a home holds settings and state as often as caches: only
//     what is known to be a cache may vanish.
//   - Program files are last, as anything above may end in .php or lie in /usr. Below
//     /usr/src images have applications as others have in /app, and below /usr/local/var
//     their state: there only a name tells code.
//
// In doubt between data and something that may vanish, it is data.

// A sign is one line of the table. Any of its ways to match suffices.
type sign struct {
	class    model.Class
	below    []string // absolute directories, at them or below
	but      []string // directories below these that are something else
	inside   []string // names of directories; "a/b" for two in a row; "*_temp" for an ending
	named    []string // patterns for the last element of a path
	hidden   bool     // hidden directories right in a home
	children bool     // below names a directory of many owners: the place is one level deeper
	loose    bool     // a sign without a place, though it names a directory
	broad    bool     // the place may hold other things as well
	harmless bool
}

var signs = []sign{
	{class: model.Home, named: []string{".*_history", ".*_history-*.tmp", ".lesshst", ".viminfo", ".gitconfig", ".wget-hsts", ".bashrc", ".profile", "known_hosts"}, harmless: true},
	{class: model.CodeChange, below: []string{
		"/var/lib/dpkg", "/var/lib/apt", "/var/cache/apt", "/var/cache/debconf", "/var/log/apt", "/var/log/dpkg.log", "/etc/apt",
		"/lib/apk", "/usr/lib/apk", "/var/cache/apk", "/etc/apk",
		"/var/lib/rpm", "/usr/lib/sysimage", "/var/lib/dnf", "/var/lib/yum", "/var/cache/dnf", "/var/cache/yum", "/var/lib/pacman",
		"/etc/alternatives", "/etc/ld.so.cache",
	}},
	{class: model.GeneratedCode, inside: []string{"__pycache__"}, named: []string{"*.pyc", "*.pyo"}, harmless: true, loose: true},
	{class: model.Temporary, below: []string{"/tmp", "/var/tmp"}},
	{class: model.RuntimeState, below: []string{"/run", "/var/run", "/var/lock"}, loose: true},
	{class: model.CodeChange, named: []string{"composer.lock", "Gemfile.lock", "Cargo.lock", "yarn.lock", "poetry.lock", "uv.lock", "Pipfile.lock", "flake.lock"}},
	{class: model.RuntimeState, named: []string{"*.pid", "*.sock", "*.socket", "*.lock", "*.lck"}},
	{class: model.Identity, named: []string{"ssh_host_*", ".erlang.cookie", "*.jks", "*.p12", "*.keystore", "*.key", "*.pem", "machine-id", "acme.json"}, inside: []string{"letsencrypt"}},
	{class: model.Database, below: []string{
		"/var/lib/mysql", "/var/lib/postgresql", "/var/lib/pgsql", "/var/lib/mongodb", "/var/lib/mongo", "/var/lib/redis", "/var/lib/valkey",
		"/var/lib/cassandra", "/var/lib/influxdb", "/var/lib/clickhouse", "/var/lib/elasticsearch", "/var/lib/neo4j", "/data/db", "/data/configdb",
	}},
	{class: model.Database, inside: []string{"appendonlydir", "pgdata"}, named: []string{
		"*.db", "*.db3", "*.sqlite", "*.sqlite3", "*-wal", "*-shm", "*-journal", "*.aof", "*.rdb", "*.ibd", "*.mdb", "*.ldb", "*.sst",
	}},
	{class: model.Sessions, inside: []string{"sessions", "session"}, named: []string{"sess_*"}},
	{class: model.ToolCache, inside: []string{".next/cache"}},
	{class: model.GeneratedCode, inside: []string{
		"templates_c", "compiled", "twig", "framework/views", "bootstrap/cache", "generated", ".next", "var/cache/prod", "var/cache/dev", "tomcat/work", "catalina/work",
	}},
	{class: model.ToolCache, below: []string{"/var/cache"}, children: true},
	{class: model.ToolCache, inside: []string{".cache", ".npm", ".ccache", "cache", "caches", "Cache", ".m2/repository", ".nuget/packages", ".cargo/registry"}},
	{class: model.Temporary, below: []string{"/var/lib/nginx"}}, // Debian's place for the bodies of requests
	{class: model.Temporary, inside: []string{"tmp", "temp", "*_temp", "*_tmp"}},
	{class: model.Logs, below: []string{"/var/log"}, loose: true},
	{class: model.Logs, inside: []string{"log", "logs"}, named: []string{"*.log", "*.log.[0-9]*", "*.log.gz"}},
	{class: model.UserData, inside: []string{"uploads", "upload", "media", "attachments", "avatars"}},
	{class: model.UserData, inside: []string{".config", ".local", ".state"}, loose: true},
	{class: model.UserData, hidden: true, loose: true},
	{class: model.CodeChange, inside: []string{"node_modules", "site-packages", "dist-packages", "wp-content/plugins", "wp-content/themes", "wp-content/upgrade", "wp-admin", "wp-includes"}},
	{class: model.UserData, below: []string{"/var/spool", "/var/mail"}, children: true},
	{class: model.UserData, below: []string{"/var/lib"}, children: true, broad: true},
	{class: model.UserData, below: []string{"/data"}, broad: true},
	{class: model.UserData, inside: []string{"data"}, broad: true},
	{class: model.Configuration, below: []string{"/etc"}, loose: true},
	{class: model.Configuration, inside: []string{"conf.d"}, named: []string{
		"*.conf", "*.cfg", "*.cnf", "*.ini", "*.toml", "*.yaml", "*.yml", "*.properties", ".env", ".htaccess", "config.*", "*-config.*", "*_config.*", "settings.*", "env.js",
	}},
	{class: model.CodeChange, below: []string{"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/boot"}, but: []string{"/usr/src", "/usr/local/var"}, loose: true},
	{class: model.CodeChange, named: []string{
		"*.php", "*.phar", "*.phtml", "*.py", "*.rb", "*.pl", "*.pm", "*.lua", "*.js", "*.mjs", "*.cjs", "*.ts", "*.jsp", "*.jar", "*.war", "*.class", "*.sh", "*.bash",
		"*.so", "*.so.[0-9]*", "*.node", "*.dll", "*.exe", "*.ko",
	}},
}

// Classify says what kind of thing a write is. Where a path says nothing, the
// image may: what changed in the directory that its program runs in, or in that
// program's own file, is code. Without an image, pass nil.
func Classify(p string, kind model.ChangeKind, image *model.Image) model.Classification {
	p = model.Canonical(p)
	for i := range signs {
		if c, ok := signs[i].match(p, patterns[i]); ok {
			return c
		}
	}
	if image != nil && kind != model.Added && startsWith(image, p) {
		return model.Classification{Class: model.CodeChange, Why: "the program that the image starts"}
	}
	return model.Classification{Class: model.Unclassified, Why: "no known sign"}
}

// startsWith says whether an image names a path as what it runs.
func startsWith(image *model.Image, p string) bool {
	for _, words := range [][]string{image.Entrypoint, image.Command} {
		for _, word := range words {
			if strings.Contains(word, "/") && path.Join("/", image.WorkingDir, word) == p || word == p {
				return true
			}
		}
	}
	return false
}

func (s *sign) match(p string, named []pattern) (model.Classification, bool) {
	for _, dir := range s.below {
		if !model.Within(p, dir) || slices.ContainsFunc(s.but, func(other string) bool { return model.Within(p, other) }) {
			continue
		}
		if s.children {
			place, ok := childOf(dir, p)
			return s.found("below "+dir, place), ok || p != dir
		}
		return s.found("below "+dir, dir), true
	}
	for _, name := range s.inside {
		if place, ok := directoryNamed(name, p); ok {
			return s.found("inside a directory "+name, place), true
		}
	}
	if s.hidden {
		if dir, ok := hiddenInHome(p); ok {
			return s.found("inside a hidden directory of a home", dir), true
		}
	}
	base := p[strings.LastIndexByte(p, '/')+1:]
	for i, pattern := range named {
		if pattern.fits(base) {
			return s.found("named "+s.named[i], ""), true
		}
	}
	return model.Classification{}, false
}

func (s *sign) found(why, place string) model.Classification {
	if s.loose {
		place = ""
	}
	return model.Classification{Class: s.class, Why: why, Place: place, Broad: s.broad && place != "", Harmless: s.harmless}
}

// homes are where the homes of users are, one level deeper. Those of servers are
// below /var/lib.
var homes = []string{"/home", "/var/lib"}

// hiddenInHome returns the hidden directory of a home that a path lies in.
func hiddenInHome(p string) (string, bool) {
	home := "/root"
	for _, above := range homes {
		if !model.Within(p, above) {
			continue
		}
		if child, ok := childOf(above, p); ok {
			home = child
		}
	}
	return hiddenIn(home, p)
}

// hiddenIn returns the hidden directory right in another one that a path lies in.
func hiddenIn(dir, p string) (string, bool) {
	if !model.Within(p, dir) {
		return "", false
	}
	child, ok := childOf(dir, p)
	return child, ok && strings.HasPrefix(child[len(dir):], "/.")
}

// childOf returns the directory directly below dir that a path goes through.
func childOf(dir, p string) (string, bool) {
	rest := strings.TrimPrefix(p[len(dir):], "/")
	child, _, deeper := strings.Cut(rest, "/")
	if !deeper {
		return "", false
	}
	return dir + "/" + child, true
}

// directoryNamed returns the deepest directory of a name in a path. The last
// element counts: it may be a directory itself.
func directoryNamed(name, p string) (string, bool) {
	ending, any := strings.CutPrefix(name, "*")
	if !strings.Contains(p, ending) {
		return "", false
	}
	for end := len(p); end > 0; end = strings.LastIndexByte(p[:end], '/') {
		switch dir := p[:end]; {
		case any && strings.HasSuffix(dir, ending):
			return dir, true
		case !any && strings.HasSuffix(dir, name) && dir[len(dir)-len(name)-1] == '/':
			return dir, true
		}
	}
	return "", false
}

// pattern is one for the last element of a path. Most are a name, or have one star
// in front: they cost no parsing where there are a million paths.
type pattern struct {
	text   string
	ending bool // text is what the name ends with
	glob   bool // text is a pattern of path.Match
}

func newPattern(text string) pattern {
	switch ending, star := strings.CutPrefix(text, "*"); {
	case !strings.ContainsAny(text, "*["):
		return pattern{text: text}
	case star && !strings.ContainsAny(ending, "*["):
		return pattern{text: ending, ending: true}
	default:
		return pattern{text: text, glob: true}
	}
}

func (t pattern) fits(name string) bool {
	switch {
	case t.ending:
		return strings.HasSuffix(name, t.text)
	case t.glob:
		ok, err := path.Match(t.text, name)
		return ok && err == nil
	default:
		return name == t.text
	}
}

// patterns are those of each sign.
var patterns = func() [][]pattern {
	all := make([][]pattern, len(signs))
	for i, s := range signs {
		for _, name := range s.named {
			all[i] = append(all[i], newPattern(name))
		}
	}
	return all
}()
