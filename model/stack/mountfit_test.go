package stack

import (
	"fmt"
	"strings"
	"testing"

	"petrify/model"
)

// faultsWith says the faults of a tmpfs on /work with some options, for a user, with lines
// of the service's log.
func faultsWith(user, options string, lines ...string) string {
	s := searched(func(d *model.Declared, c *model.Container) {
		d.User, c.User = user, user
		d.Mounts = []model.Mount{{Kind: model.Tmpfs, Target: "/work", Options: options}}
		c.Mounts = d.Mounts
	}, lines...)
	var all []string
	for _, pair := range s.Mounts {
		for _, fault := range pair.Faults {
			all = append(all, fmt.Sprintf("%s: %s", fault.Kind, fault.Set))
		}
	}
	return strings.Join(all, "; ")
}

func TestMountFaults(t *testing.T) {
	denied, full := "touch: cannot touch '/work/x': Permission denied", "write /work/x: no space left on device"
	run := "fork/exec /work/plugin: permission denied"
	for _, test := range []struct {
		name, user, options, line, want string
	}{
		{"root's, for others to read", "1000:1000", "mode=0755", "", "owner: /work:mode=0755,uid=1000,gid=1000"},
		{"the same, and its size stays", "1000:1000", "mode=0755,size=1m", "", "owner: /work:size=1m,mode=0755,uid=1000,gid=1000"},
		{"its own", "1000:1000", "mode=0755,uid=1000,gid=1000", "", ""},
		{"its own, which it may not write", "1000:1000", "mode=0555,uid=1000", "", "owner: /work:mode=0755,uid=1000,gid=1000"},
		{"of its group", "1000:5", "mode=0775,gid=5", "", ""},
		{"of another group", "1000:5", "mode=0775,gid=6", "", "owner: /work:mode=0775,uid=1000,gid=5"},
		{"of a group that it may be in", "1000", "mode=0775,gid=6", "", ""},
		{"everybody's", "1000:1000", "mode=1777", "", ""},
		{"of nobody knows which mode", "1000:1000", "", "", ""},
		{"the same, and it was denied", "1000:1000", "", denied, "owner: /work:mode=0755,uid=1000,gid=1000"},
		{"for root", "", "mode=0700", "", ""},
		{"for somebody whom nobody looked up", "node", "mode=0700", "", ""},
		{"full", "", "size=1m", full, "too-small: /work:size=2m"},
		{"full without a size", "", "", full, "too-small: "},
		{"noexec", "", "mode=1777", run, "no-exec: /work:mode=1777,exec"},
		{"noexec said", "", "noexec", run, "no-exec: /work:exec"},
		{"with exec", "", "exec", run, ""},
		{"a write elsewhere", "1000:1000", "", "touch: cannot touch '/other/x': Permission denied", ""},
	} {
		if got := faultsWith(test.user, test.options, test.line); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestMountFaultSaysModeAndOwner(t *testing.T) {
	s := searched(func(d *model.Declared, _ *model.Container) {
		d.User, d.Mounts = "1000:1000", []model.Mount{{Kind: model.Tmpfs, Target: "/work", Options: "mode=0755"}}
	})
	if text := s.Mounts[0].Faults[0].Text; text != "user 1000 with group 1000 cannot write there: the tmpfs has mode 0755 and belongs to 0:0" {
		t.Error(text)
	}
}

func TestSmallerThanWhatWasRecorded(t *testing.T) {
	s := searched(func(d *model.Declared, _ *model.Container) {
		d.Mounts = []model.Mount{{Kind: model.Tmpfs, Target: "/work", Options: "size=1m"}}
	})
	s.Evidence.Writes = []model.Write{{Path: "/work/a", Bytes: 700 << 10}, {Path: "/work/b", Bytes: 700 << 10}, {Path: "/work/gone", Bytes: 9 << 20, Gone: true}}
	addFaults(s)
	if faults := s.Mounts[0].Faults; len(faults) != 1 || faults[0].Set != "/work:size=4m" {
		t.Errorf("%v", faults)
	}
}
