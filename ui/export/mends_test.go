package export

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"petrify/model"
)

// Compose takes two entries of a tmpfs for one when they are alike up to an equals sign, and
// fails otherwise.
func TestMendedTmpfsReplacesTheDeclaredOne(t *testing.T) {
	for declared, want := range map[string]string{
		"mode=0755":              "/work:mode=0700,uid=1000,gid=1000,size=2m",
		"size=1m":                "/work:size=2m,mode=0700,uid=1000,gid=1000",
		"rw,size=1m,mode=0755":   "/work:rw,size=2m,mode=0700,uid=1000,gid=1000",
		"nr_inodes=5,size=1m":    "/work:nr_inodes=5,mode=0700,uid=1000,gid=1000,size=2m",
		"uid=1,gid=1":            "/work:uid=1000,mode=0700,gid=1000,size=2m",
		"nosuid,uid=1,mode=0755": "/work:nosuid,uid=1000,mode=0700,gid=1000,size=2m",
	} {
		for _, inUse := range []bool{false, true} {
			s, plans := stackOf("web")
			m := &model.Mount{Kind: model.Tmpfs, Target: "/work", Options: declared}
			if inUse {
				m = &model.Mount{Kind: model.Tmpfs, Target: "/work", Options: "x=1", ByPlan: true, Instead: m}
			}
			s.Services[0].Mounts = []model.MountPair{{Target: "/work", Declared: m}}
			plans[0].Mounts = []model.PlannedMount{{Kind: model.Tmpfs, Target: "/work", Mode: 0o700, UID: 1000, GID: 1000, Size: 2 << 20, Mends: "it is root's"}}
			var file bytes.Buffer
			if _, err := writeCompose(&file, s, plans); err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(strings.Split(file.String(), "\n"), func(line string) bool { return strings.TrimSpace(line) == "- "+want }) {
				t.Errorf("%s: not %s in\n%s", declared, want, file.String())
			}
		}
	}
}

// A tmpfs in the long form takes its size from an override, and keeps what else it has.
func TestMendedTmpfsInTheLongForm(t *testing.T) {
	for _, test := range []struct {
		options string
		write   format
		mode    bool
	}{{"size=1m", writeCompose, false}, {"mode=1777,size=1m", writeCompose, true}, {"mode=1777,size=1m", writeComposeV2, false}} {
		s, plans := stackOf("web")
		s.Services[0].Mounts = []model.MountPair{{Target: "/work", Declared: &model.Mount{Kind: model.Tmpfs, Target: "/work", Options: test.options, Long: true}}}
		plans[0].Mounts = []model.PlannedMount{{Kind: model.Tmpfs, Target: "/work", Mode: 0o1777, Size: 2 << 20, Mends: "it was full"}}
		var file bytes.Buffer
		notes, err := test.write(&file, s, plans)
		if err != nil || len(notes) > 0 || !strings.Contains(file.String(), "size: 2097152") || strings.Contains(file.String(), "mode: 01777") != test.mode {
			t.Errorf("%s: %v %v:\n%s", test.options, err, notes, file.String())
		}
	}
}
