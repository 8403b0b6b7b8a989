package model

import (
	"strings"
	"testing"
)

func TestProgramsAppearOnce(t *testing.T) {
	root := Process{Command: "nginx", User: "root"}
	www := Process{Command: "nginx", User: "www-data", UID: 33}
	gone := Process{Command: "nginx", UID: -1}
	for name, k := range map[string]struct {
		seen []Process
		want string // the names that are left
	}{
		"the same again":                 {[]Process{root, root}, "nginx (root)"},
		"two users":                      {[]Process{root, www}, "nginx (root), nginx (www-data)"},
		"gone before its user was seen":  {[]Process{root, gone}, "nginx (root)"},
		"its user was seen later":        {[]Process{gone, root}, "nginx (root)"},
		"of one of two users":            {[]Process{root, www, gone}, "nginx (root), nginx (www-data), nginx"},
		"a name that comes late":         {[]Process{{Command: "nginx", UID: 33}, www}, "nginx (www-data)"},
		"a name that is missing later":   {[]Process{www, {Command: "nginx", UID: 33}}, "nginx (www-data)"},
		"cut by the kernel":              {[]Process{{Command: "docker-entrypoi"}, {Command: "docker-entrypoint.sh"}}, "docker-entrypoint.sh (0)"},
		"cut by the kernel, after":       {[]Process{{Command: "docker-entrypoint.sh"}, {Command: "docker-entrypoi"}}, "docker-entrypoint.sh (0)"},
		"another one that begins so":     {[]Process{{Command: "sh"}, {Command: "shutdown"}}, "sh (0), shutdown (0)"},
		"the service and docker exec":    {[]Process{{Command: "sh", User: "root"}, {Command: "sh", User: "root", Exec: true}}, "sh (root), sh (root, docker exec)"},
		"docker exec, gone and then not": {[]Process{{Command: "sh", UID: -1}, {Command: "sh", UID: -1}, {Command: "sh", User: "root", Exec: true}}, "sh (root, docker exec)"},
	} {
		t.Run(name, func(t *testing.T) {
			var all []Process
			var names []string
			for _, p := range k.seen {
				p.Count = 1
				all, _ = AddProcess(all, p)
			}
			count := 0
			for _, p := range all {
				names, count = append(names, p.Name()), count+p.Count
			}
			if got := strings.Join(names, ", "); got != k.want || count != len(k.seen) {
				t.Errorf("%s, %d acts; want %s", got, count, k.want)
			}
		})
	}
}

func TestNamesOfProcesses(t *testing.T) {
	for _, k := range []struct {
		p    Process
		want string
	}{
		{Process{UID: -1}, "a process that was gone"},
		{Process{Command: "sh", UID: -1}, "sh"},
		{Process{Command: "sh", UID: 7}, "sh (7)"},
		{Process{Command: "sh", UID: -1, Exec: true}, "sh (docker exec)"},
		{Process{Command: "sh", User: "app", UID: 7, Exec: true}, "sh (app, docker exec)"},
	} {
		if got := k.p.Name(); got != k.want {
			t.Errorf("%+v: %s, want %s", k.p, got, k.want)
		}
	}
}
