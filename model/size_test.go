package model

import "testing"

func TestSizes(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "1025": 1025, "1k": 1 << 10, "64m": 64 << 20, "3g": 3 << 30, "2048g": 2 << 40,
		"2147483648": 1 << 31, "8589934593": 1<<33 + 1,
	} {
		got, ok := parseSize(text)
		if !ok || got != want {
			t.Errorf("parseSize(%q) = %d, %v, want %d", text, got, ok, want)
		}
		if back, ok := parseSize(SizeText(want)); !ok || back != want {
			t.Errorf("SizeText(%d) = %q", want, SizeText(want))
		}
	}
	for text, want := range map[string]int64{"64M": 64 << 20, "1T": 1 << 40} {
		if got, ok := parseSize(text); !ok || got != want {
			t.Errorf("parseSize(%q) = %d, %v, want %d", text, got, ok, want)
		}
	}
	for _, text := range []string{"", "k", "50%", "-1", "1.5g", "9223372036854775808", "9000000t", "64mb"} {
		if got, ok := parseSize(text); ok {
			t.Errorf("parseSize(%q) = %d", text, got)
		}
	}
}

func TestSizeOfMounts(t *testing.T) {
	for options, want := range map[string]int64{
		"": 0, "mode=1777": 0, "mode=1777,size=64m": 64 << 20, "size=2147483648": 1 << 31, "size=50%": 0, "nr_inodes=5,size=3g,exec": 3 << 30,
	} {
		if got := (Mount{Options: options}).Size(); got != want {
			t.Errorf("%q: %d, want %d", options, got, want)
		}
	}
}
