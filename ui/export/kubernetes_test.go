package export

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"petrify/model"
)

// TestEveryVolumeOfTheImageIsDeclared counts on no runtime to mount them.
func TestEveryVolumeOfTheImageIsDeclared(t *testing.T) {
	for _, write := range []format{writeKubernetes, writeDeployments} {
		s, plans := shop()
		deployments, _ := objects(t, first(export(t, write, s, plans)))
		for i, p := range plans {
			svc := s.Services[slices.IndexFunc(s.Services, func(svc model.Service) bool { return svc.Name == p.Service })]
			if svc.Image == nil {
				continue
			}
			for _, target := range svc.Image.Volumes {
				mounts := deployments[i].Spec.Template.Spec.Containers[0].VolumeMounts
				if n := count(mounts, target); n != 1 {
					t.Errorf("%s: %d mounts at %s", p.Service, n, target)
				}
			}
		}
	}
}

func count(mounts []corev1.VolumeMount, path string) int {
	n := 0
	for _, m := range mounts {
		if m.MountPath == path {
			n++
		}
	}
	return n
}

func TestUserAndGroupOfAPod(t *testing.T) {
	tests := []struct {
		declared, image string
		as              *model.User
		groups          []int
		claim           bool
		want            string
	}{
		{"", "", nil, nil, false, "none"},
		{"", "www-data", nil, nil, false, "none"},
		{"0", "", nil, nil, false, "none"},
		{"0", "999", nil, nil, true, "user 0 group 0"},
		{"root", "www-data", nil, nil, false, "user 0 group 0"},
		{"", "1000", nil, nil, false, "user 1000"},
		{"", "1000", nil, nil, true, "user 1000 fs 1000"},
		{"1001:0", "", nil, nil, false, "user 1001 group 0"},
		{"1001:0", "", nil, nil, true, "user 1001 group 0 fs 0"},
		{"1001:0", "", nil, []int{33}, true, "user 1001 group 0 fs 33"},
		{"939", "", &model.User{UID: 939}, nil, true, "user 939 group 0 fs 0"},
		{"www-data", "", &model.User{UID: 33, GID: 33}, nil, true, "user 33 group 33 fs 33"},
		{"", "www-data", &model.User{UID: 33, GID: 33}, nil, true, "user 33 group 33 fs 33"},
		{"www-data", "", nil, nil, false, "none, runAsUser"},
		{"www-data", "", nil, nil, true, "none, runAsUser fsGroup"},
		{"", "www-data", nil, nil, true, "none, fsGroup"},
		{"1000:1001", "5", nil, nil, false, "user 1000 group 1001 fs 1001"},
		{"1000:staff", "", nil, nil, false, "user 1000, runAsGroup"},
		{"1000:staff", "", &model.User{UID: 1000, GID: 50}, nil, false, "user 1000 group 50 fs 50"},
		{"", "", nil, nil, true, "none"},
		{"", "", nil, []int{33}, false, "fs 33"},
		{"", "", nil, []int{0, 33, 33}, false, "fs 33"},
		{"7:8", "", nil, []int{9}, false, "user 7 group 8 fs 8, one fsGroup"},
		{"", "", nil, []int{9, 10}, false, "fs 9, one fsGroup"},
		{"99999999999", "", nil, nil, false, "none, runAsUser"},
	}
	for _, tt := range tests {
		svc := model.Service{Name: "web", Declared: &model.Declared{Image: "web", User: tt.declared}, Image: &model.Image{User: tt.image}}
		plan := model.Plan{Service: "web", StartsAs: tt.as}
		for i, gid := range tt.groups {
			plan.Mounts = append(plan.Mounts, model.PlannedMount{Kind: model.Tmpfs, Target: fmt.Sprint("/", i), GID: gid, Mode: 0o755, Size: 1})
		}
		if tt.claim {
			plan.Mounts = append(plan.Mounts, model.PlannedMount{Kind: model.Volume, Target: "/data", Volume: "data"})
		}
		text, notes := export(t, writeKubernetes, &model.Stack{Services: []model.Service{svc}}, []model.Plan{plan})
		deployments, _ := objects(t, text)
		got := "none"
		if c := deployments[0].Spec.Template.Spec.SecurityContext; c != nil {
			var words []string
			for _, id := range []struct {
				name string
				id   *int64
			}{{"user", c.RunAsUser}, {"group", c.RunAsGroup}, {"fs", c.FSGroup}} {
				if id.id != nil {
					words = append(words, fmt.Sprint(id.name, " ", *id.id))
				}
			}
			got = strings.Join(words, " ")
		}
		var said []string
		for _, what := range []string{"runAsUser takes", "runAsGroup takes", "fsGroup takes", "one fsGroup"} {
			if strings.Contains(strings.Join(notes, "\n"), what) {
				said = append(said, strings.TrimSuffix(what, " takes"))
			}
		}
		if len(said) > 0 {
			got += ", " + strings.Join(said, " ")
		}
		if got != tt.want {
			t.Errorf("user %q, image %q, groups %v, claim %v: got %s, want %s", tt.declared, tt.image, tt.groups, tt.claim, got, tt.want)
		}
	}
}

// A whole Deployment has the memory limit that its plan keeps below.
func TestMemoryLimitOfAPod(t *testing.T) {
	svc := model.Service{Name: "web", Declared: &model.Declared{Image: "web", Memory: 96 << 20}}
	text, _ := export(t, writeDeployments, &model.Stack{Services: []model.Service{svc}}, []model.Plan{{Service: "web"}})
	deployments, _ := objects(t, text)
	limits := deployments[0].Spec.Template.Spec.Containers[0].Resources.Limits
	if got := limits.Memory().Value(); got != 96<<20 {
		t.Errorf("the limit is %d\n%s", got, text)
	}
}

// TestCopyScript runs what an init container runs, on folders of this machine.
func TestCopyScript(t *testing.T) {
	for _, copying := range []string{copyScript, copyScriptOfUser} {
		checkCopying(t, copying)
	}
}

func checkCopying(t *testing.T, copying string) {
	t.Helper()
	from := t.TempDir() + "/it's $HOME"
	script := "mkdir -p " + ShellWord(from+"/.sub") + "\necho new > " + ShellWord(from+"/.sub/file") + "\nln -s nowhere " + ShellWord(from+"/link") + "\n"
	run := func(to string) string {
		return "sh -c " + ShellWord(copying) + " copy " + ShellWord(from) + " " + ShellWord(to) + "\n"
	}
	empty, fresh, used := t.TempDir(), t.TempDir(), t.TempDir()
	script += "mkdir " + ShellWord(fresh+"/lost+found") + "\necho old > " + ShellWord(used+"/mine") + "\n"
	script += run(empty) + run(fresh) + run(used) + run(empty)
	for _, dir := range []string{empty, fresh, used} {
		script += "docker $(cd " + ShellWord(dir) + " && find . -type f -o -type l | sort)\n"
	}
	calls := runShell(t, script)
	want := [][]string{{"./.sub/file", "./link"}, {"./.sub/file", "./link"}, {"./mine"}}
	if fmt.Sprint(calls) != fmt.Sprint(want) {
		t.Errorf("%s\ngot %q, want %q", copying, calls, want)
	}
}
