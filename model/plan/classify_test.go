package plan

import (
	"testing"

	"petrify/model"
)

func TestClassify(t *testing.T) {
	image := &model.Image{Entrypoint: []string{"./start"}, Command: []string{"/opt/serve", "--fast"}, WorkingDir: "/srv"}
	tests := []struct {
		path  string
		kind  model.ChangeKind
		class model.Class
		place string
	}{
		{"/run/apache2/apache2.pid", model.Added, model.RuntimeState, ""},
		{"/var/run/x", model.Added, model.RuntimeState, ""},
		{"/run/session.db", model.Added, model.RuntimeState, ""},
		{"/app/server.pid", model.Added, model.RuntimeState, ""},
		{"/app/.app.lock", model.Added, model.RuntimeState, ""},
		{"/app/yarn.lock", model.Modified, model.CodeChange, ""},
		{"/tmp/phpA8fE", model.Added, model.Temporary, "/tmp"},
		{"/tmp/x.php", model.Added, model.Temporary, "/tmp"},
		{"/var/tmp", model.Modified, model.Temporary, "/var/tmp"},
		{"/tmpfile", model.Added, model.Unclassified, ""},
		{"/opt/nginx/client_body_temp/0001", model.Added, model.Temporary, "/opt/nginx/client_body_temp"},
		{"/var/lib/nginx/body", model.Added, model.Temporary, "/var/lib/nginx"},
		{"/app/__pycache__/a.cpython-312.pyc", model.Added, model.GeneratedCode, ""},
		{"/usr/lib/python3/dist-packages/__pycache__", model.Added, model.GeneratedCode, ""},
		{"/app/storage/framework/views/1.php", model.Added, model.GeneratedCode, "/app/storage/framework/views"},
		{"/app/node_modules/.cache/x", model.Added, model.ToolCache, "/app/node_modules/.cache"},
		{"/home/u/.npm/_logs/1.log", model.Added, model.ToolCache, "/home/u/.npm"},
		{"/w/wp-content/cache/pages/1.html", model.Added, model.ToolCache, "/w/wp-content/cache"},
		{"/var/cache/nginx/client_temp", model.Added, model.ToolCache, "/var/cache/nginx"},
		{"/var/cache", model.Modified, model.ToolCache, "/var/cache"},
		{"/var/log/nginx/access.log", model.Modified, model.Logs, ""},
		{"/app/logs/a.txt", model.Added, model.Logs, "/app/logs"},
		{"/app/debug.log.1", model.Added, model.Logs, ""},
		{"/var/lib/php/sessions/sess_1", model.Added, model.Sessions, "/var/lib/php/sessions"},
		{"/w/uploads/2026/05/a.php.jpg", model.Added, model.UserData, "/w/uploads"},
		{"/var/lib/grafana/plugins/x", model.Added, model.UserData, "/var/lib/grafana"},
		{"/var/lib/state", model.Added, model.UserData, ""},
		{"/data/x", model.Added, model.UserData, "/data"},
		{"/var/lib/mysql/ibdata1", model.Modified, model.Database, "/var/lib/mysql"},
		{"/app/db.sqlite3", model.Modified, model.Database, ""},
		{"/app/x.db-journal", model.Deleted, model.Database, ""},
		{"/srv/appendonlydir/appendonly.aof.1.incr.aof", model.Added, model.Database, "/srv/appendonlydir"},
		{"/data/dump.rdb", model.Added, model.Database, ""},
		{"/etc/nginx/conf.d/default.conf", model.Modified, model.Configuration, ""},
		{"/etc/passwd", model.Modified, model.Configuration, ""},
		{"/w/wp-config.php", model.Added, model.Configuration, ""},
		{"/w/.htaccess", model.Added, model.Configuration, ""},
		{"/usr/share/nginx/html/env.js", model.Modified, model.Configuration, ""},
		{"/etc/ssh/ssh_host_ed25519_key", model.Added, model.Identity, ""},
		{"/var/lib/rabbitmq/.erlang.cookie", model.Added, model.Identity, ""},
		{"/usr/src/app/db.json", model.Added, model.Unclassified, ""},
		{"/usr/src/app/public/x.css", model.Added, model.Unclassified, ""},
		{"/usr/src/app/lib/x.js", model.Added, model.CodeChange, ""},
		{"/usr/src/app/node_modules/x/y.json", model.Added, model.CodeChange, "/usr/src/app/node_modules"},
		{"/usr/local/var/db/x", model.Added, model.Unclassified, ""},
		{"/usr/share/app/x.css", model.Added, model.CodeChange, ""},
		{"/var/lib/dpkg/status", model.Modified, model.CodeChange, "/var/lib/dpkg"},
		{"/etc/ld.so.cache", model.Modified, model.CodeChange, "/etc/ld.so.cache"},
		{"/app/node_modules/left-pad/index.js", model.Added, model.CodeChange, "/app/node_modules"},
		{"/w/wp-content/plugins/akismet", model.Deleted, model.CodeChange, "/w/wp-content/plugins"},
		{"/w/shell.php", model.Added, model.CodeChange, ""},
		{"/usr/bin/curl", model.Added, model.CodeChange, ""},
		{"/usr/local/apache2/logs/httpd.pid", model.Added, model.RuntimeState, ""},
		{"/opt/serve", model.Modified, model.CodeChange, ""},
		{"/srv/start", model.Deleted, model.CodeChange, ""},
		{"/opt/serve", model.Added, model.Unclassified, ""},
		{"/root/.bash_history", model.Added, model.Home, ""},
		{"/home/u/.gitconfig", model.Added, model.Home, ""},
		{"/opt/thing/state", model.Modified, model.Unclassified, ""},
		{"/", model.Modified, model.Unclassified, ""},
		{"/log", model.Added, model.Logs, "/log"},
		// Settings and state in hidden directories of a home, and caches beside them.
		{"/home/u/.config/editor/settings.json", model.Added, model.UserData, ""},
		{"/home/u/.config/browser/Cache/f_0001", model.Added, model.ToolCache, "/home/u/.config/browser/Cache"},
		{"/opt/bot/.local/share/bot/state.bin", model.Added, model.UserData, ""},
		{"/app/.state/cursor", model.Added, model.UserData, ""},
		{"/home/u/.cargo/credentials.toml", model.Added, model.UserData, ""},
		{"/home/u/.cargo/registry/index/x", model.Added, model.ToolCache, "/home/u/.cargo/registry"},
		{"/root/.m2/settings.xml", model.Added, model.UserData, ""},
		{"/root/.m2/repository/org/x.jar", model.Added, model.ToolCache, "/root/.m2/repository"},
		{"/root/.node-red/settings.js", model.Added, model.UserData, ""},
		{"/root/.ipython/profile_default/startup/00.py", model.Added, model.UserData, ""},
		{"/var/lib/znc/.znc/configs/znc.conf", model.Added, model.UserData, ""},
		{"/home/u/.npm/_cacache/x", model.Added, model.ToolCache, "/home/u/.npm"},
		{"/home/u/.pm2/logs/app-out.log", model.Added, model.Logs, "/home/u/.pm2/logs"},
		{"/var/www/html/.x/shell.php", model.Added, model.CodeChange, ""},
	}
	for _, test := range tests {
		got := Classify(test.path, test.kind, image)
		if got.Class != test.class || got.Place != test.place || got.Why == "" {
			t.Errorf("%s is %s at %q (%s), want %s at %q", test.path, got.Class, got.Place, got.Why, test.class, test.place)
		}
	}
}

func TestClassesSayWhatTheyMean(t *testing.T) {
	for _, s := range signs {
		if s.class == "" || s.class.Remedy() == "" {
			t.Errorf("class %q has no words", s.class)
		}
	}
	for _, class := range []model.Class{model.Database, model.UserData, model.Identity, model.Unclassified} {
		if !class.Keeps() || class.Alarm() {
			t.Errorf("class %q does not keep what must survive", class)
		}
	}
	if model.CodeChange.Keeps() || !model.CodeChange.Alarm() {
		t.Error("a code change is no alarm")
	}
}

func FuzzClassify(f *testing.F) {
	for _, seed := range []string{"/", "", "a", "/tmp", "/app/__pycache__/x.pyc", "/x_temp/y", "//log/", "/var/lib", "/\x00*[", "_temp"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, p string) {
		c := Classify(p, model.Modified, nil)
		if c.Class.Remedy() == "" || c.Why == "" {
			t.Errorf("%q has no class or no reason: %+v", p, c)
		}
		if c.Place != "" && !model.Within(model.Canonical(p), c.Place) {
			t.Errorf("%q is said to be of %q", p, c.Place)
		}
	})
}
