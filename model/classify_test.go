package model

import "testing"

func TestClassify(t *testing.T) {
	image := &Image{Entrypoint: []string{"./start"}, Command: []string{"/opt/serve", "--fast"}, WorkingDir: "/srv"}
	tests := []struct {
		path  string
		kind  ChangeKind
		class Class
		place string
	}{
		{"/run/apache2/apache2.pid", Added, RuntimeState, ""},
		{"/var/run/x", Added, RuntimeState, ""},
		{"/run/session.db", Added, RuntimeState, ""},
		{"/app/server.pid", Added, RuntimeState, ""},
		{"/app/.app.lock", Added, RuntimeState, ""},
		{"/app/yarn.lock", Modified, CodeMutation, ""},
		{"/tmp/phpA8fE", Added, Temporary, "/tmp"},
		{"/tmp/x.php", Added, Temporary, "/tmp"},
		{"/var/tmp", Modified, Temporary, "/var/tmp"},
		{"/tmpfile", Added, Unclassified, ""},
		{"/opt/nginx/client_body_temp/0001", Added, Temporary, "/opt/nginx/client_body_temp"},
		{"/var/lib/nginx/body", Added, Temporary, "/var/lib/nginx"},
		{"/app/__pycache__/a.cpython-312.pyc", Added, GeneratedCode, ""},
		{"/usr/lib/python3/dist-packages/__pycache__", Added, GeneratedCode, ""},
		{"/app/storage/framework/views/1.php", Added, GeneratedCode, "/app/storage/framework/views"},
		{"/app/node_modules/.cache/x", Added, ToolCache, "/app/node_modules/.cache"},
		{"/home/u/.npm/_logs/1.log", Added, ToolCache, "/home/u/.npm"},
		{"/w/wp-content/cache/pages/1.html", Added, ToolCache, "/w/wp-content/cache"},
		{"/var/cache/nginx/client_temp", Added, ToolCache, "/var/cache/nginx"},
		{"/var/cache", Modified, ToolCache, "/var/cache"},
		{"/var/log/nginx/access.log", Modified, Logs, ""},
		{"/app/logs/a.txt", Added, Logs, "/app/logs"},
		{"/app/debug.log.1", Added, Logs, ""},
		{"/var/lib/php/sessions/sess_1", Added, Sessions, "/var/lib/php/sessions"},
		{"/w/uploads/2026/05/a.php.jpg", Added, UserData, "/w/uploads"},
		{"/var/lib/grafana/plugins/x", Added, UserData, "/var/lib/grafana"},
		{"/var/lib/state", Added, UserData, ""},
		{"/data/x", Added, UserData, "/data"},
		{"/var/lib/mysql/ibdata1", Modified, Database, "/var/lib/mysql"},
		{"/app/db.sqlite3", Modified, Database, ""},
		{"/app/x.db-journal", Deleted, Database, ""},
		{"/srv/appendonlydir/appendonly.aof.1.incr.aof", Added, Database, "/srv/appendonlydir"},
		{"/data/dump.rdb", Added, Database, ""},
		{"/etc/nginx/conf.d/default.conf", Modified, Configuration, ""},
		{"/etc/passwd", Modified, Configuration, ""},
		{"/w/wp-config.php", Added, Configuration, ""},
		{"/w/.htaccess", Added, Configuration, ""},
		{"/usr/share/nginx/html/env.js", Modified, Configuration, ""},
		{"/etc/ssh/ssh_host_ed25519_key", Added, Identity, ""},
		{"/var/lib/rabbitmq/.erlang.cookie", Added, Identity, ""},
		{"/var/lib/dpkg/status", Modified, CodeMutation, "/var/lib/dpkg"},
		{"/etc/ld.so.cache", Modified, CodeMutation, "/etc/ld.so.cache"},
		{"/app/node_modules/left-pad/index.js", Added, CodeMutation, "/app/node_modules"},
		{"/w/wp-content/plugins/akismet", Deleted, CodeMutation, "/w/wp-content/plugins"},
		{"/w/shell.php", Added, CodeMutation, ""},
		{"/usr/bin/curl", Added, CodeMutation, ""},
		{"/usr/local/apache2/logs/httpd.pid", Added, RuntimeState, ""},
		{"/opt/serve", Modified, CodeMutation, ""},
		{"/srv/start", Deleted, CodeMutation, ""},
		{"/opt/serve", Added, Unclassified, ""},
		{"/root/.bash_history", Added, Home, ""},
		{"/home/u/.gitconfig", Added, Home, ""},
		{"/opt/thing/state", Modified, Unclassified, ""},
		{"/", Modified, Unclassified, ""},
		{"/log", Added, Logs, "/log"},
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
		if s.class.Title() == "" || s.class.Remedy() == "" {
			t.Errorf("class %q has no words", s.class)
		}
	}
	for _, class := range []Class{Database, UserData, Identity, Unclassified} {
		if !class.Keeps() || class.Alarm() {
			t.Errorf("class %q does not keep what must survive", class)
		}
	}
	if CodeMutation.Keeps() || !CodeMutation.Alarm() {
		t.Error("a mutation of code is no alarm")
	}
}

func FuzzClassify(f *testing.F) {
	for _, seed := range []string{"/", "", "a", "/tmp", "/app/__pycache__/x.pyc", "/x_temp/y", "//log/", "/var/lib", "/\x00*[", "_temp"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, p string) {
		c := Classify(p, Modified, nil)
		if c.Class.Title() == "" || c.Why == "" {
			t.Errorf("%q has no class or no reason: %+v", p, c)
		}
		if c.Place != "" && !within(canonical(p), c.Place) {
			t.Errorf("%q is said to be of %q", p, c.Place)
		}
	})
}
