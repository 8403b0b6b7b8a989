package model

import (
	"fmt"
	"strings"
	"testing"
)

// said writes what a line tells of, as "EROFS made,directory /x".
func said(refusals []logRefusal) string {
	var texts []string
	for _, r := range refusals {
		text := string(r.Err)
		if what := strings.ReplaceAll(r.Acts.String(), ", ", "+"); what != "" {
			text += " " + what
		}
		if r.Type != "" {
			text += " " + string(r.Type)
		}
		if r.Running && r.Acts&Ran == 0 {
			text += " running"
		}
		texts = append(texts, text+" "+fmt.Sprint(r.Path))
	}
	return strings.TrimSpace(strings.Join(texts, "; "))
}

func TestLogRefusals(t *testing.T) {
	for _, test := range []struct{ line, want string }{
		// Node.js
		{`Error: EROFS: read-only file system, mkdir '/app/.next/cache/images'`, "EROFS made directory /app/.next/cache/images"},
		{`[Error: EROFS: read-only file system, open '/app/data/it's here.json'] {`, "EROFS opened for writing /app/data/it's here.json"},
		{`Error: EROFS: read-only file system, rename '/app/a.tmp' -> '/app/a.json'`, "EROFS removed /app/a.tmp; EROFS made /app/a.json"},
		{`{"level":50,"err":{"message":"EROFS: read-only file system, unlink '/app/x y.log'"}}`, "EROFS removed /app/x y.log"},
		{`npm ERR! Error: EACCES: permission denied, mkdir '/home/node/.npm'`, "EACCES made directory /home/node/.npm"},
		{`Error: EACCES: permission denied, scandir '/root'`, ""},
		{`  errno: -30, code: 'EROFS', syscall: 'mkdir',`, "EROFS"},
		{`  path: '/app/.next/cache/images'`, ""},
		// Python
		{`OSError: [Errno 30] Read-only file system: '/app/cache'`, "EROFS /app/cache"},
		{`OSError: [Errno 30] Read-only file system: b'/srv/raw'`, "EROFS /srv/raw"},
		{`OSError: [Errno 30] Read-only file system: '/a/b' -> '/a/c d'`, "EROFS /a/b; EROFS /a/c d"},
		{`PermissionError: [Errno 13] Permission denied: '/work/x'`, "EACCES /work/x"},
		{`OSError: [Errno 28] No space left on device: '/tmp/big'`, "ENOSPC /tmp/big"},
		{`OSError: [Errno 28] No space left on device`, "ENOSPC"},
		// Ruby
		{`bin/rails: Read-only file system @ dir_s_mkdir - /app/tmp/pids (Errno::EROFS)`, "EROFS made directory /app/tmp/pids"},
		{`Errno::EROFS (Read-only file system @ rb_sysopen - /app/tmp/pids/server.pid)`, "EROFS opened for writing /app/tmp/pids/server.pid"},
		{`Errno::EROFS: Read-only file system @ rb_sysopen - /app/log/my app.log`, "EROFS opened for writing /app/log/my app.log"},
		{`Read-only file system @ rb_file_s_rename - (/app/a, /app/b) (Errno::EROFS)`, "EROFS removed /app/a; EROFS made /app/b"},
		// PHP
		{`PHP Warning:  file_put_contents(/var/www/html/x): Failed to open stream: Read-only file system in /var/www/html/a.php on line 3`, "EROFS opened for writing /var/www/html/x"},
		{`Warning: fopen(/var/www/html/cache/a b.php): failed to open stream: Read-only file system in /var/www/html/inc/c.php on line 88`, "EROFS opened for writing /var/www/html/cache/a b.php"},
		{`PHP Warning:  mkdir(): Read-only file system in /var/www/html/wp-includes/functions.php on line 2081`, "EROFS"},
		{`PHP Warning:  rename(/app/a.tmp,/app/a): Read-only file system in /app/x.php on line 1`, "EROFS removed /app/a.tmp; EROFS made /app/a"},
		{`PHP Warning:  session_start(): open(/var/lib/php/sessions/sess_0a1, O_RDWR) failed: Read-only file system (30) in /app/i.php on line 2`, "EROFS opened for writing /var/lib/php/sessions/sess_0a1"},
		{`PHP Fatal error: UnexpectedValueException: The stream or file "/var/www/storage/logs/laravel.log" could not be opened in append mode: Failed to open stream: Read-only file system`, "EROFS /var/www/storage/logs/laravel.log"},
		// C# and F#
		{`System.IO.IOException: Read-only file system : '/app/keys'`, "EROFS /app/keys"},
		{`Unhandled exception. System.UnauthorizedAccessException: Access to the path '/work/keys' is denied.`, "EACCES /work/keys"},
		// Java
		{`java.io.FileNotFoundException: /opt/app/logs/app.log (Read-only file system)`, "EROFS /opt/app/logs/app.log"},
		{`java.nio.file.FileSystemException: /usr/share/x/data/nodes: Read-only file system`, "EROFS /usr/share/x/data/nodes"},
		{`java.nio.file.FileSystemException: /opt/a -> /opt/b c: Read-only file system`, "EROFS /opt/a; EROFS /opt/b c"},
		{`Caused by: java.nio.file.AccessDeniedException: /work/state`, "EACCES /work/state"},
		{`java.nio.file.ReadOnlyFileSystemException`, "EROFS"},
		{`java.lang.UnsatisfiedLinkError: /tmp/libsnappy-1.so: /tmp/libsnappy-1.so: failed to map segment from shared object: Operation not permitted`, "EPERM running /tmp/libsnappy-1.so"},
		// Go
		{`open /data/prometheus/queries.active: read-only file system`, "EROFS opened for writing /data/prometheus/queries.active"},
		{`time="2026-01-02T03:04:05Z" level=fatal msg="mkdir /var/lib/my app/tsdb: read-only file system"`, "EROFS made directory /var/lib/my app/tsdb"},
		{`{"level":"error","error":"open \"/etc/traefik/acme.json\": read-only file system"}`, "EROFS opened for writing /etc/traefik/acme.json"},
		{`rename /srv/x.tmp /srv/x: read-only file system`, "EROFS removed /srv/x.tmp; EROFS made /srv/x"},
		{`listen unix /var/run/app.sock: bind: read-only file system`, "EROFS made socket /var/run/app.sock"},
		{`fork/exec /tmp/plugin-1: permission denied`, "EACCES run /tmp/plugin-1"},
		{`write /tmp/x: no space left on device`, "ENOSPC written /tmp/x"},
		// Rust
		{`Error: failed to create directory /srv/state: Read-only file system (os error 30)`, "EROFS made directory /srv/state"},
		{`thread 'main' panicked at src/main.rs:4:5: Os { code: 30, kind: ReadOnlyFilesystem, message: "Read-only file system" }`, "EROFS"},
		// Shells and their programs
		{`sh: 1: cannot create /etc/app.conf: Read-only file system`, "EROFS made /etc/app.conf"},
		{`/docker-entrypoint.sh: 12: cannot create /run/x: Read-only file system`, "EROFS made /run/x"},
		{`bash: /x/y: Read-only file system`, "EROFS /x/y"},
		{`/entrypoint.sh: line 3: /etc/app.conf: Read-only file system`, "EROFS /etc/app.conf"},
		{`/entrypoint.sh: line 3: can't create /etc/app.conf: Read-only file system`, "EROFS made /etc/app.conf"},
		{`zsh: read-only file system: /srv/x`, "EROFS /srv/x"},
		{`sh: 1: /tmp/run-me: Permission denied`, "EACCES /tmp/run-me"},
		{`mkdir: cannot create directory '/var/lib/thing': Read-only file system`, "EROFS made directory /var/lib/thing"},
		{`mkdir: cannot create directory ‘/var/lib/a thing’: Read-only file system`, "EROFS made directory /var/lib/a thing"},
		{`mkdir: can't create directory '/x/y': Read-only file system`, "EROFS made directory /x/y"},
		{`touch: cannot touch '/work/x': Permission denied`, "EACCES made /work/x"},
		{`touch: /var/lib/x: Read-only file system`, "EROFS made /var/lib/x"},
		{`touch: cannot touch 'state': Read-only file system`, "EROFS made state"},
		{`rm: cannot remove '/etc/nginx/conf.d/default.conf': Read-only file system`, "EROFS removed /etc/nginx/conf.d/default.conf"},
		{`chown: changing ownership of '/var/lib/x': Read-only file system`, "EROFS attributes set /var/lib/x"},
		{`chmod: changing permissions of "/var/lib/x": Read-only file system`, "EROFS attributes set /var/lib/x"},
		{`ln: failed to create symbolic link '/etc/localtime': Read-only file system`, "EROFS made symlink /etc/localtime"},
		{`mv: cannot move '/etc/a' to '/etc/b': Read-only file system`, "EROFS removed /etc/a; EROFS made /etc/b"},
		{`sed: couldn't open temporary file /etc/nginx/sedXu3: Read-only file system`, "EROFS opened for writing /etc/nginx/sedXu3"},
		{`tee: /etc/hosts.new: Read-only file system`, "EROFS /etc/hosts.new"},
		{`mktemp: failed to create file via template '/tmp/tmp.XXXXXXXXXX': Read-only file system`, "EROFS made /tmp/tmp.XXXXXXXXXX"},
		{`cp: cannot create regular file '/opt/x': No space left on device`, "ENOSPC made /opt/x"},
		// Servers
		{`2026/05/04 10:00:00 [emerg] 1#1: mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)`, "EROFS made directory /var/cache/nginx/client_temp"},
		{`nginx: [emerg] open() "/run/nginx.pid" failed (30: Read-only file system)`, "EROFS opened for writing /run/nginx.pid"},
		{`[emerg] bind() to unix:/run/nginx.sock failed (30: Read-only file system)`, "EROFS"},
		{`[crit] rename() "/var/cache/nginx/1" to "/data/2" failed (30: Read-only file system) while reading upstream`, "EROFS removed /var/cache/nginx/1; EROFS made /data/2"},
		{`[Mon May 04 10:00:00.000000 2026] [core:error] [pid 1] (30)Read-only file system: AH00099: could not create /var/run/apache2/apache2.pid.abc`, "EROFS made /var/run/apache2/apache2.pid.abc"},
		{`(30)Read-only file system: AH00058: Error retrieving pid file /usr/local/apache2/logs/httpd.pid`, "EROFS /usr/local/apache2/logs/httpd.pid"},
		{`(30)Read-only file system: AH00091: httpd: could not open error log file /usr/local/apache2/logs/error_log.`, "EROFS opened for writing /usr/local/apache2/logs/error_log"},
		{`2026-01-02 07:58:28.899 UTC [1] FATAL:  could not create lock file "/var/run/postgresql/.s.PGSQL.5432.lock": Read-only file system`, "EROFS made /var/run/postgresql/.s.PGSQL.5432.lock"},
		{`initdb: error: could not create directory "/var/lib/postgresql/data/pg_wal": Read-only file system`, "EROFS made directory /var/lib/postgresql/data/pg_wal"},
		{`mysqld: Can't create/write to file '/run/mysqld/mysqld.pid' (Errcode: 30 "Read-only file system")`, "EROFS made file /run/mysqld/mysqld.pid"},
		{`[ERROR] [MY-010267] Can't create/write to file '/var/lib/my sql/x' (OS errno 30 - Read-only file system)`, "EROFS made file /var/lib/my sql/x"},
		{`[ERROR] InnoDB: Operating system error number 30 in a file operation.`, "EROFS"},
		{`mariadbd: File '/var/lib/mysql/aria_log_control' not found (Errcode: 30)`, "EROFS /var/lib/mysql/aria_log_control"},
		{`Failed opening the temp RDB file temp-1.rdb (in server root dir /data) for saving: Read-only file system`, "EROFS made file /data/temp-1.rdb"},
		{`1:M 04 May 2026 10:00:00.000 # Can't open or create append-only dir appendonlydir: Read-only file system`, "EROFS made appendonlydir"},
		{`{"t":{"$date":"2026-01-02"},"s":"E","c":"STORAGE","id":20557,"msg":"DBException in initAndListen","attr":{"error":"IllegalOperation: Attempted to create a lock file on a read-only directory: /data/db"}}`, ""},
		{`{"s":"E","msg":"Failed to open","attr":{"path":"/data/db/mongod.lock","error":"Read-only file system"}}`, "EROFS opened for writing /data/db/mongod.lock"},
		{`{"msg":"x","attr":{"error":"Unable to create/open the lock file: /data/db/mongod.lock (Read-only file system). Ensure the user"}}`, "EROFS opened for writing /data/db/mongod.lock"},
		// What is no write of a file, or none at all
		{`sysctl: setting key "net.core.somaxconn": Read-only file system`, ""},
		{`sh: 1: cannot create /proc/sys/net/core/somaxconn: Read-only file system`, ""},
		{`Running on a read-only filesystem, using /tmp`, ""},
		{`mounted a read-only file system at /usr`, ""},
		{`read_only: true is set, so /data/x is not written`, ""},
		{`GET /read-only-file-system.html 200`, ""},
		{`ready to accept connections`, ""},
		{``, ""},
	} {
		if got := said(logRefusals(test.line)); got != test.want {
			t.Errorf("%s\n got %q\nwant %q", test.line, got, test.want)
		}
	}
}

func FuzzLogRefusals(f *testing.F) {
	for _, line := range []string{
		"Error: EROFS: read-only file system, rename '/a' -> '/b'", "x: /a b: Read-only file system\xff", `(30)Read-only file system: AH1: x /a`,
		`{"e":"open \"/x\": read-only file system"}`, "Read-only file system @ rb_file_s_rename - (/a, /b)",
	} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, r := range logRefusals(line) {
			switch {
			case r.Err == "":
				t.Errorf("%q: no error", line)
			case strings.HasPrefix(r.Path, "/") && (!IsCanonical(r.Path) || r.Path == "/"):
				t.Errorf("%q: %q is not canonical", line, r.Path)
			case strings.ContainsAny(r.Path, "\x00\n\x1b"):
				t.Errorf("%q: %q holds control characters", line, r.Path)
			}
		}
	})
}

func TestRefusedPath(t *testing.T) {
	for line, want := range map[string]string{
		"touch: cannot touch '/run/lock': Read-only file system":                              "/run/lock",
		"open /data/x: read-only file system":                                                 "/data/x",
		"open x: read-only file system":                                                       "",
		"open /data/x: permission denied":                                                     "",
		"[error] mkdir() \"/var/cache/nginx/client_temp\" failed (30: Read-only file system)": "/var/cache/nginx/client_temp",
		"all is well": "",
	} {
		if got := RefusedPath(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}
