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
	for _, write := range []format{Kubernetes, KubernetesWhole} {
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
		groups          []int
		want            string
	}{
		{"", "", nil, "none"},
		{"", "www-data", nil, "none"},
		{"0", "", nil, "none"},
		{"", "1000", nil, "user 1000"},
		{"1000:1001", "5", nil, "user 1000 group 1001 fs 1001"},
		{"1000:staff", "", nil, "user 1000"},
		{"", "", []int{33}, "fs 33"},
		{"", "", []int{0, 33, 33}, "fs 33"},
		{"7:8", "", []int{9}, "user 7 group 8 fs 8, noted"},
		{"", "", []int{9, 10}, "fs 9, noted"},
		{"99999999999", "", nil, "none"},
	}
	for _, tt := range tests {
		svc := model.Service{Name: "web", Declared: &model.Declared{Image: "web", User: tt.declared}, Image: &model.Image{User: tt.image}}
		plan := model.Plan{Service: "web"}
		for i, gid := range tt.groups {
			plan.Mounts = append(plan.Mounts, model.PlannedMount{Kind: model.Tmpfs, Target: fmt.Sprint("/", i), GID: gid, Mode: 0o755, Size: 1})
		}
		text, notes := export(t, Kubernetes, &model.Stack{Services: []model.Service{svc}}, []model.Plan{plan})
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
		if strings.Contains(strings.Join(notes, "\n"), "one fsGroup") {
			got += ", noted"
		}
		if got != tt.want {
			t.Errorf("user %q, image %q, groups %v: got %s, want %s", tt.declared, tt.image, tt.groups, got, tt.want)
		}
	}
}

// TestCopyScript runs what an init container runs, on folders of this machine.
func TestCopyScript(t *testing.T) {
	from := t.TempDir() + "/it's $HOME"
	script := "mkdir -p " + word(from+"/sub") + "\necho new > " + word(from+"/sub/file") + "\n"
	run := func(to string) string {
		return "sh -c " + word(copyScript) + " copy " + word(from) + " " + word(to) + "\n"
	}
	empty, fresh, used := t.TempDir(), t.TempDir(), t.TempDir()
	script += "mkdir " + word(fresh+"/lost+found") + "\necho old > " + word(used+"/mine") + "\n"
	script += run(empty) + run(fresh) + run(used) + run(empty)
	for _, dir := range []string{empty, fresh, used} {
		script += "docker $(cd " + word(dir) + " && find . -type f)\n"
	}
	calls := runShell(t, script)
	want := [][]string{{"./sub/file"}, {"./sub/file"}, {"./mine"}}
	if fmt.Sprint(calls) != fmt.Sprint(want) {
		t.Errorf("got %q, want %q", calls, want)
	}
}
