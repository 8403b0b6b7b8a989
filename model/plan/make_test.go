package plan

import (
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/modeltest"
	"petrify/model/stack"
)

// planned is a service of one container that wrote some changes.
func planned(adapt func(*model.Declared, *model.Container, *model.Image), lines ...string) *model.Service {
	d := model.Declared{Name: "app", Image: "shop/app", Replicas: 1}
	c := modeltest.Running("app", 1)
	img := model.Image{ID: c.ImageID}
	if adapt != nil {
		adapt(&d, &c, &img)
	}
	s := stack.Lay(model.Observation{
		Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{d}}, Containers: []model.Container{c},
		Images: map[string]model.Image{c.ImageID: img}, Changes: map[string]model.Changes{c.ID: modeltest.After(4*time.Minute, lines...)},
	}, nil)
	return &s.Services[0]
}

// The facts of tests: who owns a directory of the image, or a file.
func shipped(mode uint32, owner int) model.ImagePath {
	return model.ImagePath{Known: true, Exists: true, Type: model.Directory, Mode: mode, UID: owner, GID: owner}
}

func filled(mode uint32, owner int) model.ImagePath {
	fact := shipped(mode, owner)
	fact.HasContent = true
	return fact
}

// grown is a directory that the container made.
func grown(mode uint32, owner int) model.ImagePath {
	return model.ImagePath{Known: true, Type: model.Directory, Mode: mode, UID: owner, GID: owner}
}

func grownFile(mode uint32, size int64) model.ImagePath {
	return model.ImagePath{Known: true, Type: model.Regular, Mode: mode, Size: size}
}

func link(real string) model.ImagePath {
	return model.ImagePath{Known: true, Exists: true, Type: model.Symlink, Link: real, Real: real}
}

// sketch is a plan without its reasons, writes and hints: a line for each thing in it.
func sketch(p model.Plan) string {
	var lines []string
	for line := range strings.SplitSeq(p.String(), "\n") {
		if strings.HasPrefix(line, "  ") && !strings.HasPrefix(line, "   ") && !strings.HasPrefix(line, "  hint:") {
			line, _, _ = strings.Cut(strings.TrimSpace(line), ":")
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

func TestMakePlan(t *testing.T) {
	asUser := func(name string) func(*model.Declared, *model.Container, *model.Image) {
		return func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = name }
	}
	with := func(mounts ...model.Mount) func(*model.Declared, *model.Container, *model.Image) {
		return func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Mounts = mounts }
	}
	tests := []struct {
		name  string
		adapt func(*model.Declared, *model.Container, *model.Image)
		facts model.Facts
		lines []string
		want  string
	}{
		{
			"a directory of the image for a server that is not root's", nil,
			model.Facts{"/run": filled(0o755, 0), "/run/postgresql": shipped(0o2775, 999)},
			[]string{"A /run/postgresql/.s.PGSQL.5432", "A /run/postgresql/.s.PGSQL.5432.lock"},
			"tmpfs /run/postgresql mode=2775 uid=999 gid=999 size=1m",
		},
		{
			"a directory that the entrypoint made and gave away", nil,
			model.Facts{"/run": filled(0o755, 0), "/run/mysqld": grown(0o755, 101)},
			[]string{"A /run/mysqld", "A /run/mysqld/mysqld.pid", "A /run/mysqld/mysqld.sock"},
			"tmpfs /run/mysqld mode=0755 uid=101 gid=101 size=1m",
		},
		{
			"a pid file right in /run, whatever is there", nil,
			model.Facts{"/run": filled(0o755, 0)},
			[]string{"A /run/nginx.pid"},
			"tmpfs /run mode=0755 uid=0 gid=0 size=1m",
		},
		{
			"nested mounts in order: what the image ships is made again", nil,
			model.Facts{"/run": filled(0o755, 0), "/run/postgresql": shipped(0o2775, 999), "/run/made": grown(0o700, 5)},
			[]string{"A /run/app.pid", "A /run/postgresql/s", "A /run/made", "A /run/made/x"},
			"tmpfs /run mode=0755 uid=0 gid=0 size=1m\ntmpfs /run/postgresql mode=2775 uid=999 gid=999 size=1m",
		},
		{
			"a link of the image", nil,
			model.Facts{"/var/run": link("/run"), "/run": shipped(0o755, 0)},
			[]string{"A /run/a.pid", "A /var/run/b.pid"},
			"tmpfs /run mode=0755 uid=0 gid=0 size=1m",
		},
		{
			"siblings in a directory that the image ships empty", nil,
			model.Facts{"/var/cache/nginx": shipped(0o755, 0), "/var/cache/nginx/client_temp": grown(0o700, 33)},
			[]string{"A /var/cache/nginx/client_temp", "A /var/cache/nginx/proxy_temp", "A /var/cache/nginx/proxy_temp/1"},
			"tmpfs /var/cache/nginx mode=0755 uid=0 gid=0 size=64m",
		},
		{
			"/tmp, with what was seen in it", nil,
			model.Facts{"/tmp": shipped(0o1777, 0), "/tmp/big": grownFile(0o600, 20*miB)},
			[]string{"A /tmp/big"},
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=256m",
		},
		{
			"executables and shared objects", nil,
			model.Facts{"/tmp": shipped(0o1777, 0), "/tmp/run": grownFile(0o755, 1), "/run": shipped(0o755, 0), "/opt": shipped(0o755, 0), "/opt/gen": grown(0o755, 0)},
			[]string{"A /tmp/run", "A /run/a.pid", "A /opt/gen", "A /opt/gen/cache", "A /opt/gen/cache/x.so"},
			"tmpfs /opt/gen mode=0755 uid=0 gid=0 size=64m exec\ntmpfs /run mode=0755 uid=0 gid=0 size=1m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m exec",
		},
		{
			"a script that the image starts from /tmp",
			func(_ *model.Declared, c *model.Container, _ *model.Image) {
				c.Command = []string{"sh", "/tmp/start.sh"}
			},
			model.Facts{"/tmp": filled(0o1777, 0), "/tmp/start.sh": {Known: true, Exists: true, Type: model.Regular}},
			[]string{"A /tmp/x"},
			"volume /tmp app-tmp copies up",
		},
		{
			"a database below /var/lib", nil,
			model.Facts{"/var/lib/mysql": filled(0o700, 101), "/var/lib/mysql/mysql": filled(0o700, 101)},
			[]string{"A /var/lib/mysql/ibdata1", "C /var/lib/mysql/mysql/user.frm", "A /var/lib/mysql/aria_log"},
			"volume /var/lib/mysql app-var-lib-mysql copies up",
		},
		{
			"SQLite beside code", nil,
			model.Facts{"/app": filled(0o755, 1000)},
			[]string{"C /app/db.sqlite3", "A /app/db.sqlite3-wal", "A /app/db.sqlite3-shm"},
			"volume /app app-app copies up",
		},
		{
			"appending and dumping", asUser("999"),
			model.Facts{"/srv": shipped(0o755, 0), "/srv/r": shipped(0o755, 999), "/srv/r/appendonlydir": grown(0o755, 999)},
			[]string{"A /srv/r/dump.rdb", "A /srv/r/appendonlydir", "A /srv/r/appendonlydir/1.aof"},
			"volume /srv/r app-srv-r",
		},
		{
			"uploads of this month", nil,
			model.Facts{"/app/uploads": shipped(0o755, 33), "/app/uploads/2026": grown(0o755, 33)},
			[]string{"A /app/uploads/2026", "A /app/uploads/2026/05", "A /app/uploads/2026/05/cat.jpg"},
			"volume /app/uploads app-app-uploads",
		},
		{
			"a volume that would be root's goes up to what the image has", asUser("1000:1000"),
			model.Facts{"/srv": shipped(0o755, 0), "/srv/app": filled(0o755, 1000), "/srv/app/data": grown(0o755, 1000)},
			[]string{"A /srv/app/data", "A /srv/app/data/1"},
			"volume /srv/app app-srv-app copies up",
		},
		{
			"a volume that root makes and gives away", nil,
			model.Facts{"/srv": filled(0o755, 0), "/srv/data": grown(0o755, 33)},
			[]string{"A /srv/data", "A /srv/data/1"},
			"volume /srv/data app-srv-data",
		},
		{
			"configuration rewritten in place", nil,
			model.Facts{"/etc/php": filled(0o755, 0)},
			[]string{"C /etc/php/php.ini"},
			"volume /etc/php app-etc-php copies up",
		},
		{
			"nobody knows what the image has: a volume is sure to work", nil, nil,
			[]string{"A /opt/thing/state.bin", "A /tmp/x"},
			"volume /opt/thing app-opt-thing\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m",
		},
		{
			"a copy of code takes what may vanish, and not what must stay", nil,
			model.Facts{"/w": filled(0o755, 33), "/w/cache": grown(0o755, 33), "/w/uploads": shipped(0o755, 33)},
			[]string{"A /w/wp-config.php", "A /w/cache", "A /w/cache/1", "A /w/uploads/a"},
			"volume /w app-w copies up\nvolume /w/uploads app-w-uploads",
		},
		{
			"code, packages and their alarms", nil,
			model.Facts{"/w": filled(0o755, 33), "/usr/bin": filled(0o755, 0)},
			[]string{"A /w/shell.php", "C /usr/bin/ssh", "C /var/lib/dpkg/status", "D /w/index.php", "A /w/wp-content/plugins/x", "A /w/wp-content/plugins/x/x.php"},
			"alarm /usr/bin/ssh\nalarm /var/lib/dpkg/status\nalarm /w\nalarm /w/wp-content/plugins/x",
		},
		{
			"code beside what is made: no mount over both", nil,
			model.Facts{"/srv": filled(0o755, 0), "/srv/new": grown(0o755, 0), "/srv/new/cache": grown(0o755, 0)},
			[]string{"A /srv/new", "A /srv/new/x.php", "A /srv/new/cache", "A /srv/new/cache/1"},
			"tmpfs /srv/new/cache mode=0755 uid=0 gid=0 size=64m\nalarm /srv/new/x.php",
		},
		{
			"a person's traces, and byte code", nil,
			model.Facts{"/root": filled(0o700, 0)},
			[]string{"A /root/.bash_history", "A /app/__pycache__", "A /app/__pycache__/a.pyc"},
			"unsolved /app/__pycache__\nunsolved /root/.bash_history",
		},
		{
			"tool caches at home", asUser("1000"),
			model.Facts{"/home/u": filled(0o755, 1000), "/home/u/.npm": grown(0o755, 1000)},
			[]string{"A /home/u/.npm", "A /home/u/.npm/_logs", "A /home/u/.npm/_logs/1"},
			"tmpfs /home/u/.npm mode=0755 uid=1000 gid=1000 size=64m",
		},
		{
			"a user by number where nobody knows the owner", asUser("1000:50"), nil,
			[]string{"A /run/app.pid"},
			"tmpfs /run mode=0755 uid=1000 gid=50 size=1m",
		},
		{
			"a user by name where nobody knows the owner", asUser("app"), nil,
			[]string{"A /run/app/app.pid"},
			"tmpfs /run/app mode=1777 uid=0 gid=0 size=1m",
		},
		{
			"right below the root", nil, nil,
			[]string{"A /state"},
			"unsolved /state",
		},
		{
			"a directory below the root", nil,
			model.Facts{"/work": grown(0o755, 0)},
			[]string{"A /work", "A /work/1"},
			"volume /work app-work",
		},
		{
			"mode or owner of a directory", nil,
			model.Facts{"/srv/x": filled(0o755, 0), "/var/lib/redis": shipped(0o700, 5), "/run/lock": shipped(0o1777, 0)},
			[]string{"C /srv/x", "C /var/lib/redis", "C /run/lock"},
			"tmpfs /run/lock mode=1777 uid=0 gid=0 size=1m\nvolume /srv/x app-srv-x copies up\nvolume /var/lib/redis app-var-lib-redis",
		},
		{
			"an empty directory may be a lock", nil,
			model.Facts{"/run/lock": shipped(0o1777, 0), "/run/lock/apache2": grown(0o755, 0)},
			[]string{"A /run/lock/apache2"},
			"tmpfs /run/lock mode=1777 uid=0 gid=0 size=1m",
		},
		{
			"a file of the image is deleted", nil,
			model.Facts{"/etc/nginx/conf.d": filled(0o755, 0)},
			[]string{"D /etc/nginx/conf.d/default.conf"},
			"volume /etc/nginx/conf.d app-etc-nginx-conf.d copies up",
		},
		{
			"names that are made up anew", nil,
			model.Facts{"/srv": shipped(0o755, 0)},
			[]string{"A /srv/job-12345", "A /srv/job-12345/out.log"},
			"tmpfs /srv mode=0755 uid=0 gid=0 size=64m",
		},
		{
			"a tmpfs and a volume that are declared",
			with(model.Mount{Kind: model.Tmpfs, Target: "/run"}, model.Mount{Kind: model.Volume, Source: "v", Target: "/srv/data"}),
			model.Facts{"/srv": filled(0o755, 0)},
			[]string{"A /run/a.pid", "A /srv/data/x"},
			"",
		},
		{
			"a mount that is declared read-only", with(model.Mount{Kind: model.Bind, Source: "/h", Target: "/srv/conf", ReadOnly: true}), nil,
			[]string{"A /srv/conf/x"},
			"unsolved /srv/conf/x",
		},
		{
			"read-only already", func(d *model.Declared, c *model.Container, _ *model.Image) { d.ReadOnly, c.ReadOnly = true, true }, nil,
			[]string{"A /tmp/x"},
			"",
		},
		{
			"a config that Compose copies", with(model.Mount{Kind: model.Config, Target: "/etc/app/app.conf", Copied: true}),
			model.Facts{"/etc": filled(0o755, 0), "/etc/app": grown(0o755, 0)},
			[]string{"A /etc/app", "A /etc/app/app.conf"},
			"unsolved /etc/app",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Make(planned(test.adapt, test.lines...), test.facts, model.PlanOptions{NoAssumptions: true})
			if got := sketch(p); got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nin full\n%s", got, test.want, p)
			}
		})
	}
}
