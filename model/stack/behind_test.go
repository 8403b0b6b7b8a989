package stack

import (
	"slices"
	"testing"

	"petrify/model"
	"petrify/model/modeltest"
)

func TestMaybeBehind(t *testing.T) {
	c := model.Container{Mounts: []model.Mount{{Target: "/lib/app/plugins/"}, {Target: "/data"}, {Target: "/"}}, WorkingDir: "/app/work"}
	for name, test := range map[string]struct {
		changes []model.Change
		want    []string
	}{
		"nothing changed":                   {nil, nil},
		"one was made elsewhere":            {modeltest.Diff("C /usr", "A /usr/lib/app", "A /usr/lib/app/plugins"), []string{"/lib/app/plugins"}},
		"the working directory as well":     {modeltest.Diff("A /opt/app/work", "A /srv/plugins"), []string{"/app/work", "/lib/app/plugins"}},
		"one where it was said to be":       {modeltest.Diff("A /data", "A /usr/data"), nil},
		"what was deleted or only modified": {modeltest.Diff("D /usr/plugins", "C /usr/data"), nil},
		"another name":                      {modeltest.Diff("A /usr/lib/plugins-2"), nil},
	} {
		if got := MaybeBehind(test.changes, c, nil); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// Somebody may have started a service with a profile that is not active here.
func TestInactiveServicesWithContainersAreDeclared(t *testing.T) {
	s := Lay(model.Observation{
		Name: "shop",
		Project: &model.Project{Name: "shop", Services: []model.Declared{{Name: "web"}}, Inactive: []model.Declared{
			{Name: "debug", Inactive: true}, {Name: "tools", Inactive: true, Replicas: 1},
		}},
		Containers: []model.Container{{ID: "1", Service: "tools"}},
	}, nil)
	if tools := s.Service("tools"); tools == nil || tools.Declared == nil || !tools.Declared.Inactive {
		t.Errorf("%+v", tools)
	}
	if s.Service("debug") != nil || !slices.Equal(s.Inactive, []string{"debug"}) {
		t.Errorf("inactive: %v", s.Inactive)
	}
}

// A mount takes writes where links of the image lead it.
func TestMountsTakeWritesBehindLinks(t *testing.T) {
	s := Lay(model.Observation{
		Name: "shop",
		Containers: []model.Container{{
			ID: "1", Service: "web", Inspected: true, Mounts: []model.Mount{{Kind: model.Volume, Source: "plug", Target: "/lib/app/plugins"}},
			Behind: map[string]string{"/lib/app/plugins": "/usr/lib/app/plugins"},
		}},
	}, nil).Service("web")
	if m, ok := s.Takes("/usr/lib/app/plugins/x.so"); !ok || m.Source != "plug" {
		t.Errorf("%v, %t", m, ok)
	}
	if _, ok := s.Takes("/usr/lib/app/x.so"); ok {
		t.Error("it takes what lies beside it")
	}
}
