package plan

import (
	"strings"
	"testing"

	"petrify/model"
	"petrify/model/modeltest"
	"petrify/model/stack"
)

// Files that Compose copies in keep a root writable; the mounts are planned all the same.
func TestCopiedInStaysWritable(t *testing.T) {
	s := planned(func(d *model.Declared, _ *model.Container, _ *model.Image) {
		d.Mounts = []model.Mount{{Kind: model.Secret, Source: "token", Target: "/run/secrets/token", Copied: true}}
	}, "A /run/secrets", "A /run/secrets/token", "A /var/tmp/x")
	p := Make(s, model.Facts{"/var/tmp": shipped(0o1777, 0)}, model.PlanOptions{NoAssumptions: true})
	if p.Stays != model.StaysCopiedIn || len(p.Mounts) != 1 || p.Mounts[0].Target != "/var/tmp" {
		t.Errorf("stays for %q:\n%s", p.Stays, p)
	}
	if p := Make(planned(nil, "A /var/tmp/x"), nil, model.PlanOptions{}); p.Stays != "" {
		t.Errorf("stays for %q", p.Stays)
	}
}

// Nothing is planned for a service of which no container ever started.
func TestNeverStartedGetsNoPlan(t *testing.T) {
	c := modeltest.Running("app", 1)
	c.State, c.Started = model.Created, c.Finished
	s := stack.Lay(model.Observation{
		Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{{Name: "app", Replicas: 1}}}, Containers: []model.Container{c},
	}, nil).Service("app")
	if p := Make(s, model.Facts{"/tmp": shipped(0o1777, 0)}, model.PlanOptions{}); p.Planned() || len(p.Mounts) != 0 {
		t.Error(p)
	}
}

// What `docker compose watch` copies is told of, and no reason to stay writable.
func TestWatchedServiceIsPlanned(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		s := planned(func(d *model.Declared, _ *model.Container, _ *model.Image) {
			d.Synced, d.ReadOnly = []string{"/app", "/etc/app.conf"}, readOnly
		}, "A /var/tmp/x")
		p := Make(s, nil, model.PlanOptions{})
		var told []string
		for _, u := range p.Unsolved {
			if u.Reason == model.OpenSynced && strings.Contains(u.Why, "docker compose watch") {
				told = append(told, u.Path)
			}
		}
		if p.Stays != "" || strings.Join(told, " ") != "/app /etc/app.conf" {
			t.Errorf("read-only %t: stays for %q, told of %v", readOnly, p.Stays, told)
		}
	}
}
