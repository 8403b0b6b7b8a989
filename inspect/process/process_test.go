package process

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestInContainer(t *testing.T) {
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skip("the processes here tell of no control groups: ", err)
	}
	own := strings.TrimSpace(string(groups)) // names what it is in, whatever that is called
	for _, test := range []struct {
		pid       int
		container string
		want      bool
	}{
		{os.Getpid(), own, true},
		{os.Getpid(), "f00df00df00df00d", false},
		{os.Getpid(), "", false},
		{0, own, false},
		{-1, own, false},
	} {
		if got := InContainer(test.pid, test.container); got != test.want {
			t.Errorf("process %d in %q: %v", test.pid, test.container, got)
		}
	}
}

func TestFinds(t *testing.T) {
	proc := t.TempDir()
	for name, groups := range map[string]string{
		"self": "0::/docker/own\n", "1": "0::/init.scope\n", "7": "0::/docker/own\n", "8": "0::/system.slice/docker-other.scope\n", "sys": "0::/docker/none\n",
	} {
		if err := os.Mkdir(filepath.Join(proc, name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(proc, name, "cgroup"), []byte(groups), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct {
		containers []string
		want       bool
	}{{nil, false}, {[]string{""}, false}, {[]string{"own"}, false}, {[]string{"none"}, false}, {[]string{"own", "other"}, true}} {
		if got := finds(proc, test.containers); got != test.want {
			t.Errorf("%q: %v", test.containers, got)
		}
	}
}
