package model

import (
	"strings"
	"testing"
)

// The counts of a stack's first line add up to its services.
func TestStackStringCountsEveryVerdict(t *testing.T) {
	s := Stack{Name: "shop", Totals: Totals{Services: 10, ReadOnly: 1, WouldRun: 2, Breaks: 3, Unknown: 4}}
	want := "stack shop: 10 services, 1 read-only, 2 would run, 3 would break, 4 unknown\n"
	if got := s.String(); !strings.HasPrefix(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
