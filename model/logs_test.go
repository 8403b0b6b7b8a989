package model

import "testing"

func TestReadOnlyFailure(t *testing.T) {
	failures := []string{
		"[Mon May 04 10:00:00.000000 2026] [core:error] [pid 1] (30)Read-only file system: AH00099: could not create /var/run/apache2/apache2.pid.abc",
		"(30)Read-only file system: AH00058: Error retrieving pid file /var/run/apache2/apache2.pid",
		`nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (30: Read-only file system)`,
		"1:M 04 May 2026 10:00:00.000 # Can't open or create append-only dir appendonlydir: Read-only file system",
		"Failed opening the temp RDB file temp-1.rdb (in server root dir /data) for saving: Read-only file system",
		`initdb: error: could not create directory "/var/lib/postgresql/data/pg_wal": Read-only file system`,
		`FATAL:  could not create lock file "/var/run/postgresql/.s.PGSQL.5432.lock": Read-only file system`,
		"2026-05-04  10:00:00 0 [ERROR] Can't start server : Bind on unix socket: Read-only file system",
		"mysqld: Can't create/write to file '/run/mysqld/mysqld.pid' (Errcode: 30 \"Read-only file system\")",
		"[ERROR] InnoDB: Operating system error number 30 in a file operation.",
		"mariadbd: File './aria_log_control' not found (Errcode: 30)",
		"OSError: [Errno 30] Read-only file system: '/app/cache'",
		"Error: EROFS: read-only file system, open '/app/.next/cache/x'",
		"  errno: -30, code: 'EROFS', syscall: 'mkdir'",
		"java.nio.file.ReadOnlyFileSystemException",
		"java.io.FileNotFoundException: /opt/app/logs/app.log (Read-only file system)",
		`thread 'main' panicked at src/main.rs:4:5: Os { code: 30, kind: ReadOnlyFilesystem, message: "Read-only file system" }`,
		"Error: cannot write: os error 30",
		"open /data/prometheus/queries.active: read-only file system",
		"touch: cannot touch '/x': Read-only file system",
		"/entrypoint.sh: line 3: /etc/app.conf: Read-only file system",
		"PHP Warning:  file_put_contents(/var/www/html/x): Failed to open stream: Read-only file system in /var/www/html/a.php on line 3",
		"Errno::EROFS (Read-only file system @ rb_sysopen - /app/tmp/pids/server.pid)",
		"System.IO.IOException: Read-only file system : '/app/keys'",
		"write failed, errno=30",
		"running on a read-only file system: open /srv/state: read-only file system",
		"using a read-only filesystem, mounted a read-only filesystem, and touch says: read-only filesystem",
	}
	for _, line := range failures {
		if !ReadOnlyFailure(line) {
			t.Errorf("missed: %s", line)
		}
	}
	others := []string{
		"",
		"ready to accept connections",
		"MariaDB is running in read-only mode",
		"ERROR 1290 (HY000): The MariaDB server is running with the --read-only option",
		"READONLY You can't write against a read only replica.",
		"ERROR: cannot execute INSERT in a read-only transaction",
		"mounted a read-only file system at /usr",
		"Running on a read-only filesystem, using /tmp",
		"mounted a read-only file system at /usr, mounted a read-only file system at /opt",
		"errno 300", "errno 3", "Errcode: 13 \"Permission denied\"", "retry in error 30s",
		"zerofs mounted", "hEROFSy",
		"permission denied",
	}
	for _, line := range others {
		if ReadOnlyFailure(line) {
			t.Errorf("false alarm: %s", line)
		}
	}
}

func FuzzReadOnlyFailure(f *testing.F) {
	f.Add("Read-only file system")
	f.Add("EROFS\xff\x00")
	f.Fuzz(func(_ *testing.T, line string) { ReadOnlyFailure(line) })
}
