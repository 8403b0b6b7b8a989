package connect

import (
	"slices"
	"testing"
)

func TestContexts(t *testing.T) {
	u := newPerson(t)
	options := Options{Environ: func(name string) string { return u.env[name] }}
	if names, err := Contexts(options); err != nil || !slices.Equal(names, []string{"default"}) {
		t.Errorf("without any: %v, %v", names, err)
	}
	u.addContext("far", "tcp://far.example:2376", nil)
	if names, err := Contexts(options); err != nil || !slices.Equal(names, []string{"default", "far"}) {
		t.Errorf("%v, %v", names, err)
	}
}
