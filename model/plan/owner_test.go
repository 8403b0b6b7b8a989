package plan

import (
	"slices"
	"testing"

	"petrify/model"
)

// Where an engine does not tell whose files are, mounts are made for the service's own
// user with the modes that it does tell, and that is said.
func TestPlanWithoutOwners(t *testing.T) {
	noOwner := func(mode uint32) model.ImagePath {
		return model.ImagePath{Known: true, Exists: true, Type: model.Directory, Mode: mode, OwnerUnknown: true}
	}
	facts := model.Facts{"/srv": filled(0o755, 0), "/srv/cache": noOwner(0o750), "/tmp": noOwner(0o1777), "/run": filled(0o755, 0), "/run/app": noOwner(0o700)}
	as := func(user string) func(*model.Declared, *model.Container, *model.Image) {
		return func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = user }
	}
	for user, want := range map[string]string{
		"939:5009": "tmpfs /run/app mode=0700 uid=939 gid=5009 size=1m\ntmpfs /srv/cache mode=0750 uid=939 gid=5009 size=64m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m",
		"":         "tmpfs /run/app mode=1777 uid=0 gid=0 size=1m\ntmpfs /srv/cache mode=1777 uid=0 gid=0 size=64m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=64m",
	} {
		p := Make(planned(as(user), "A /srv/cache/item", "A /run/app/x.pid"), facts, model.PlanOptions{})
		if got := sketch(p); got != want {
			t.Errorf("as %q: got\n%s\nwant\n%s", user, got, want)
		}
		if !slices.Contains(p.Blind, model.BlindSpot{Kind: model.BlindOwners}) {
			t.Errorf("as %q: blind to %q", user, p.Blind)
		}
	}
}
