package plan

import (
	"slices"
	"strings"
	"testing"

	"petrify/model"
)

// Mounts go to the deepest directory that works, and what may vanish opens no files of
// the image.
func TestMountsAreNarrow(t *testing.T) {
	etc := filled(0o755, 0)
	withFiles := func(owner int) model.ImagePath {
		fact := filled(0o755, owner)
		fact.HasFiles = true
		return fact
	}
	tests := []struct {
		name  string
		facts model.Facts
		lines []string
		want  string
	}{
		{
			"lines in the lists of users",
			model.Facts{"/etc": etc},
			[]string{"C /etc/passwd", "C /etc/group", "C /etc/shadow", "A /etc/passwd-", "A /etc/.pwd.lock"},
			"unsolved /etc\nunsolved /etc/.pwd.lock",
		},
		{"the identity of a machine", model.Facts{"/etc": etc}, []string{"C /etc/machine-id"}, "unsolved /etc/machine-id"},
		{"a table that is compiled in /etc", model.Facts{"/etc": etc}, []string{"A /etc/aliases.db"}, "unsolved /etc/aliases.db"},
		{"a mode that is set", model.Facts{"/etc": etc}, []string{"C /etc"}, "unsolved /etc"},
		{
			"settings in the directory of the program",
			model.Facts{"/etc/broker": filled(0o755, 0)},
			[]string{"A /etc/broker/rendered.conf"},
			"volume /etc/broker app-etc-broker copies up",
		},
		{
			"settings that the image ships among code",
			model.Facts{"/opt/shop": filled(0o755, 0)},
			[]string{"C /opt/shop/settings.ini"},
			"unsolved /opt/shop/settings.ini",
		},
		{
			"settings in a directory for them",
			model.Facts{"/opt/stream/config": filled(0o755, 0)},
			[]string{"C /opt/stream/config/server.properties"},
			"volume /opt/stream/config app-opt-stream-config copies up",
		},
		{
			"a queue of mail, of which one message was seen",
			model.Facts{"/var/spool/mailer": withFiles(0), "/var/spool/mailer/deferred": filled(0o700, 5)},
			[]string{"A /var/spool/mailer/deferred/4F1"},
			"volume /var/spool/mailer app-var-spool-mailer copies up",
		},
		{
			"settings for a web server that the program adds",
			model.Facts{"/srv/shop/public": filled(0o755, 33)},
			[]string{"A /srv/shop/public/.htaccess"},
			"unsolved /srv/shop/public/.htaccess",
		},
		{
			"settings that a start adds among code, which lacks them: the last resort",
			model.Facts{"/srv/shop": filled(0o755, 33)},
			[]string{"A /srv/shop/config.php", "A /srv/shop/.htaccess"},
			"volume /srv/shop app-srv-shop copies up",
		},
		{
			"data among code: nothing else keeps it",
			model.Facts{"/srv/shop": filled(0o755, 33)},
			[]string{"C /srv/shop/settings.ini", "A /srv/shop/orders.sqlite3"},
			"volume /srv/shop app-srv-shop copies up",
		},
		{"a pid file among code", model.Facts{"/opt/app": filled(0o755, 0)}, []string{"A /opt/app/server.pid"}, "unsolved /opt/app/server.pid"},
		{
			"a pid file and a log among settings",
			model.Facts{"/etc/app": filled(0o755, 0)},
			[]string{"A /etc/app/app.pid", "A /etc/app/app.log"},
			"unsolved /etc/app/app.log\nunsolved /etc/app/app.pid",
		},
		{"a log among code", model.Facts{"/opt/app": filled(0o755, 0)}, []string{"A /opt/app/debug.log"}, "unsolved /opt/app/debug.log"},
		{
			"one log in /var/log",
			model.Facts{"/var/log": withFiles(0)},
			[]string{"A /var/log/worker.log"},
			"tmpfs /var/log mode=0755 uid=0 gid=0 size=64m",
		},
		{
			"a log in a directory for logs that holds links of the image",
			model.Facts{"/srv/app/logs": withFiles(5)},
			[]string{"A /srv/app/logs/slow.log"},
			"tmpfs /srv/app/logs mode=0755 uid=5 gid=5 size=64m",
		},
		{
			"a directory for logs from which something else is taken",
			model.Facts{"/srv/app/logs": withFiles(5)},
			[]string{"C /srv/app/logs/rules.txt"},
			"volume /srv/app/logs app-srv-app-logs copies up",
		},
		{
			"one file deep below /var/lib",
			model.Facts{"/var/lib/app": withFiles(0), "/var/lib/app/queue/late": filled(0o755, 0)},
			[]string{"A /var/lib/app/queue/late/1.msg"},
			"volume /var/lib/app/queue/late app-var-lib-app-queue-late copies up",
		},
		{
			"files in several directories below /var/lib: the deepest that has both",
			model.Facts{"/var/lib/app": withFiles(0), "/var/lib/app/queue": filled(0o755, 0)},
			[]string{"A /var/lib/app/queue/late/1.msg", "A /var/lib/app/queue/now/2.msg"},
			"volume /var/lib/app/queue app-var-lib-app-queue copies up",
		},
		{
			"one file deep in a directory that holds nothing else",
			model.Facts{"/var/lib/app": filled(0o755, 5), "/var/lib/app/queue": shipped(0o755, 5)},
			[]string{"A /var/lib/app/queue/1.msg"},
			"volume /var/lib/app app-var-lib-app copies up",
		},
		{
			"a database where servers have theirs",
			model.Facts{"/var/lib/postgresql": withFiles(0), "/var/lib/postgresql/15/main/base/5": withFiles(7)},
			[]string{"C /var/lib/postgresql/15/main/base/5/1259"},
			"volume /var/lib/postgresql app-var-lib-postgresql copies up",
		},
		{
			"a directory and the file beside it that goes with it",
			model.Facts{"/srv/tree": shipped(0o755, 0), "/srv/tree/cn=config": grown(0o755, 0)},
			[]string{"A /srv/tree/cn=config", "A /srv/tree/cn=config/schema.ldif", "A /srv/tree/cn=config.ldif"},
			"volume /srv/tree app-srv-tree",
		},
		{
			"the same, where the file alone might vanish",
			model.Facts{"/etc/tree": filled(0o755, 0), "/etc/tree/zone": shipped(0o755, 0)},
			[]string{"A /etc/tree/zone/a.db", "C /etc/tree/zone.conf"},
			"volume /etc/tree app-etc-tree copies up",
		},
		{
			"a pair in a directory of many owners stays two",
			model.Facts{"/etc": etc, "/etc/app": grown(0o755, 0)},
			[]string{"A /etc/app", "A /etc/app/state.db", "A /etc/app.conf"},
			"volume /etc/app app-etc-app\nunsolved /etc/app.conf",
		},
		{
			"settings where the image has nothing may be somebody's",
			model.Facts{"/config": shipped(0o755, 0)},
			[]string{"A /config/config.xml"},
			"volume /config app-config",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := Make(planned(nil, test.lines...), test.facts, model.PlanOptions{NoAssumptions: true})
			if got := sketch(p); got != test.want {
				t.Errorf("got\n%s\nwant\n%s\nin full\n%s", got, test.want, p)
			}
		})
	}
}

// What a recording saw written in place can be mounted alone; what is replaced cannot.
func TestSettingsWrittenInPlace(t *testing.T) {
	facts := model.Facts{"/etc/app": filled(0o755, 0)}
	for _, test := range []struct {
		acts model.Acts
		want string
	}{
		{model.Stored, "unsolved /etc/app/app.ini"},
		{model.Made | model.Stored, "volume /etc/app web-etc-app copies up"},
	} {
		s := recordedStack(recordingWith(wrote("/etc/app/app.ini", test.acts)), model.Change{Path: "/etc/app/app.ini", Kind: model.Modified})
		if got := sketch(Make(s, facts, model.PlanOptions{NoAssumptions: true})); got != test.want {
			t.Errorf("%s: got %s, want %s", test.acts, got, test.want)
		}
	}
}

// A file that is replaced by way of another is still one file, and the other is no data.
func TestSettingsReplacedAmongCode(t *testing.T) {
	writes := []model.Write{wrote("/opt/app/app.ini", model.Made), wrote("/opt/app/sedXyZ12a", model.Made|model.Removed, gone)}
	changed := model.Change{Path: "/opt/app/app.ini", Kind: model.Modified}
	for name, test := range map[string]struct {
		more model.Write
		want string
	}{
		"settings alone": {wrote("/opt/app/sedQqq34b", model.Made|model.Removed, gone), "unsolved /opt/app"},
		"data as well":   {wrote("/opt/app/orders.db", model.Made), "volume /opt/app web-opt-app copies up"},
	} {
		s := recordedStack(recordingWith(append(writes, test.more)...), changed)
		p := Make(s, model.Facts{"/opt/app": filled(0o755, 0)}, model.PlanOptions{NoAssumptions: true})
		if got, _, _ := strings.Cut(sketch(p), "\n"); got != test.want {
			t.Errorf("%s: got %s, want %s\n%s", name, got, test.want, p)
		}
	}
}

// What came and went is kept by nothing.
func TestTransientFilesAreNoData(t *testing.T) {
	s := recordedStack(recordingWith(wrote("/srv/work/part-7", model.Made|model.Removed, gone)))
	const want = "tmpfs /srv/work mode=0755 uid=5 gid=5 size=64m"
	if got := sketch(Make(s, model.Facts{"/srv/work": shipped(0o755, 5)}, model.PlanOptions{NoAssumptions: true})); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// A tmpfs on /var/log hides where a program has its links to standard output.
func TestLogsOfProgramsAreMadeAgain(t *testing.T) {
	s := planned(func(_ *model.Declared, c *model.Container, _ *model.Image) {
		c.Command = []string{"/usr/sbin/nginx", "-g", "daemon off;"}
	}, "A /var/log/php.log")
	p := Make(s, model.Facts{"/var/log": filled(0o755, 0), "/var/log/nginx": filled(0o750, 33), "/var/log/apt": filled(0o755, 0)}, model.PlanOptions{})
	const want = "tmpfs /run mode=0755 uid=0 gid=0 size=1m\ntmpfs /var/log mode=0755 uid=0 gid=0 size=64m\ntmpfs /var/log/nginx mode=0750 uid=33 gid=33 size=64m"
	if got := sketch(p); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The directory that a broad place's mount goes to is asked for.
func TestPathsOfBroadPlaces(t *testing.T) {
	wanted := Paths(planned(nil, "A /var/lib/app/a/b/c/1", "A /var/lib/app/a/d/e/2"))
	for _, dir := range []string{"/var/lib/app", "/var/lib/app/a", "/var/lib/app/a/b", "/var/lib/app/a/b/c"} {
		if !slices.Contains(wanted, dir) {
			t.Errorf("nobody asks for %s", dir)
		}
	}
}
