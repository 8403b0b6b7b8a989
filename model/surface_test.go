package model

import "testing"

// What Compose copies into the root is no mount, neither for the surface nor for
// whoever shows the mounts.
func TestCopiedConfigsAreNoWritableMount(t *testing.T) {
	s := Service{
		Declared: &Declared{ReadOnly: true},
		Mounts: []MountPair{
			{Target: "/etc/app.conf", Declared: &Mount{Kind: Config, Target: "/etc/app.conf", Copied: true}},
			{Target: "/data", Declared: &Mount{Kind: Volume, Source: "data", Target: "/data"}},
		},
	}
	for i, want := range []bool{false, true} {
		if got := s.Mounts[i].Current().Writable(); got != want {
			t.Errorf("%s: writable %v, want %v", s.Mounts[i].Target, got, want)
		}
	}
	for _, at := range []Moment{Now, NextStart} {
		for _, place := range s.WritableSurface(at) {
			if place.Target == "/etc/app.conf" {
				t.Error("the surface has a config that Compose copies in")
			}
		}
	}
}

func TestRoots(t *testing.T) {
	ran := func(readOnly, oneOff bool) Container {
		return Container{Inspected: true, ReadOnly: readOnly, OneOff: oneOff}
	}
	for _, test := range []struct {
		name                string
		service             Service
		now, next, declared RootAccess
	}{
		{"nothing known", Service{}, RootUnknown, RootUnknown, RootUnknown},
		{"declared only", Service{Declared: &Declared{ReadOnly: true}}, RootReadOnly, RootReadOnly, RootReadOnly},
		{"runs otherwise", Service{Declared: &Declared{ReadOnly: true}, Containers: []Container{ran(false, false)}}, RootWritable, RootReadOnly, RootReadOnly},
		{"one of two can write", Service{Containers: []Container{ran(true, false), ran(false, false)}}, RootWritable, RootWritable, RootUnknown},
		{"a one-off does not count", Service{Containers: []Container{ran(true, false), ran(false, true)}}, RootReadOnly, RootReadOnly, RootUnknown},
		{"only a one-off", Service{Containers: []Container{ran(true, true)}}, RootReadOnly, RootReadOnly, RootUnknown},
	} {
		s := test.service
		if s.Root() != test.now || s.NextRoot() != test.next || s.declaredRoot() != test.declared {
			t.Errorf("%s: now %q, next %q, declared %q", test.name, s.Root(), s.NextRoot(), s.declaredRoot())
		}
	}
}
