package recorder

import (
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/moby/sys/user"
)

func TestUsersAreThoseOfTheContainer(t *testing.T) {
	same := []user.IDMap{{ID: 0, ParentID: 0, Count: 4294967295}}
	remapped := []user.IDMap{{ID: 0, ParentID: 100000, Count: 1000}, {ID: 1000, ParentID: 300000, Count: 10}}
	for _, test := range []struct {
		uid  int
		maps []user.IDMap
		want int
	}{
		{939, same, 939},
		{100939, remapped, 939},
		{100000, remapped, 0},
		{300002, remapped, 1002},
		{300010, remapped, -1},
		{939, remapped, -1},
		{0, nil, -1},
	} {
		if got, ok := inContainer(test.uid, test.maps); got != test.want || ok != (test.want >= 0) {
			t.Errorf("%d is %d, %v in %v, want %d", test.uid, got, ok, test.maps, test.want)
		}
	}
	if got, ok := uidOf(os.Getpid()); !ok || got != os.Geteuid() {
		t.Errorf("this process runs as %d, %v", got, ok)
	}
}

// A program has one name, however much of it was seen.
func TestNamesOfPrograms(t *testing.T) {
	for _, k := range []struct{ kernel, line, file, want string }{
		{"nginx", "nginx: worker process", "/usr/sbin/nginx", "nginx"},
		{"postgres", "postgres: checkpointer ", "/usr/lib/postgresql/15/bin/postgres", "postgres"},
		{"python3", "python3\x00app.py", "/usr/bin/python3.11", "python3"},
		{"sh", "/bin/sh\x00-c\x00x", "/bin/busybox", "sh"},
		{"bash", "-bash", "/bin/bash", "bash"},
		{"docker-entrypoi", "/bin/sh\x00/usr/bin/docker-entrypoint.sh\x00postgres", "/bin/dash", "docker-entrypoint.sh"},
		{"a-very-long-pro", "/tmp/a-very-long-program\x00x", "/tmp/a-very-long-program", "a-very-long-program"},
		{"a-very-long-pro", "a-very-long-process title", "/tmp/a-very-long-program", "a-very-long-pro"},
		{"MainThread", "node\x00server.js", "/usr/bin/node", "node"},
		{"celery", "[celeryd: main] -active-", "/usr/bin/python3.11", "celery"},
		{"ruby", "puma 5.6 (tcp://0:3000) [app]", "/usr/bin/ruby3.1", "ruby"},
		{"runc:[2:INIT]", "6\x00init", "/6", "runc:[2:INIT]"},
		{"kworker", "", "", "kworker"},
	} {
		if got := nameOf(k.kernel, []byte(k.line), k.file); got != k.want {
			t.Errorf("%s, called as %q: %s, want %s", k.kernel, k.line, got, k.want)
		}
	}
}

func TestStatusOfProcesses(t *testing.T) {
	const text = "Name:\tsh\nTgid:\t70\nPid:\t70\nPPid:\t12\nUid:\t1\t2\t3\t4\nGid:\t0\t0\t0\t0\nNSpid:\t70\t7\t1\n"
	s, ok := parseStatus(text)
	if !ok || s.parent != 12 || s.uid != 4 || !slices.Equal(s.numbers, []int{70, 7, 1}) || s.level() != 3 {
		t.Errorf("%+v, %t", s, ok)
	}
	if s, ok := parseStatus("Name:\tUid:\t1\t2\t3\t4\n"); ok {
		t.Errorf("%+v of nothing", s)
	}
}

// Names of processes and files are the container's choice.
func FuzzParseStatus(f *testing.F) {
	f.Add("PPid:\t12\nUid:\t1\t2\t3\t4\nNSpid:\t70\t7\t1\n")
	f.Fuzz(func(t *testing.T, text string) {
		if s, ok := parseStatus(text); ok && s.uid < 0 {
			t.Errorf("%+v", s)
		}
	})
}

func FuzzNameOf(f *testing.F) {
	f.Add("docker-entrypoi", []byte("/bin/sh\x00/docker-entrypoint.sh\x00x"), "/bin/dash")
	f.Fuzz(func(t *testing.T, kernel string, line []byte, file string) {
		if got := nameOf(kernel, line, file); got != kernel && got != path.Base(file) && !strings.HasPrefix(got, kernel) {
			t.Errorf("%q", got)
		}
	})
}
