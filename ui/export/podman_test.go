package export

import (
	"strings"
	"testing"

	"petrify/model"
)

// Podman takes no owner for a tmpfs, has no noexec by itself, and copies what the image has.
func TestTmpfsForPodman(t *testing.T) {
	svc := model.Service{Name: "web", Declared: &model.Declared{Name: "web", Image: "web", User: "939:5009"}}
	plan := model.Plan{Service: "web", Mounts: []model.PlannedMount{
		{Kind: model.Tmpfs, Target: "/cache", Mode: 0o750, UID: 939, GID: 5009, Size: 1 << 20},
		{Kind: model.Tmpfs, Target: "/other", Mode: 0o755, UID: 33, GID: 33, Size: 1 << 20, Exec: true},
		{Kind: model.Tmpfs, Target: "/tmp", Mode: 0o1777, Size: 1 << 20},
	}}
	want := []string{
		"/cache:mode=0750,notmpcopyup,size=1m,noexec,U",
		"/other:mode=0755,notmpcopyup,size=1m",
		"/tmp:mode=1777,notmpcopyup,size=1m,noexec",
	}
	for name, write := range map[string]format{"compose": writeCompose, "docker-run": writeDockerRun} {
		for _, product := range []model.Product{model.Podman, model.Docker} {
			text, notes := export(t, write, &model.Stack{Engine: model.Engine{Product: product}, Services: []model.Service{svc}}, []model.Plan{plan})
			text = strings.ReplaceAll(text, ":rw,", ":")
			for _, line := range want {
				if there := strings.Contains(text, line+"\n") || strings.Contains(text, line+" "); there != (product == model.Podman) {
					t.Errorf("%s on %s: %s is there: %v\n%s", name, product, line, there, text)
				}
			}
			said := strings.Join(notes, "\n")
			if lost := strings.Contains(said, "/other belongs to root, and should to 33:33"); lost != (product == model.Podman) {
				t.Errorf("%s on %s: the notes are %q", name, product, notes)
			}
			if product == model.Podman && !strings.Contains(said, "Docker does not know U") {
				t.Errorf("%s: the notes are %q", name, notes)
			}
		}
	}
}
