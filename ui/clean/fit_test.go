package clean

import (
	"testing"

	"github.com/charmbracelet/x/ansi"
)

func TestFit(t *testing.T) {
	tests := []struct {
		in    string
		width int
		want  string
	}{
		{"wordpress", 9, "wordpress"},
		{"wordpress", 8, "wordpre…"},
		{"wordpress", 1, "…"},
		{"wordpress", 0, ""},
		{"wordpress", -3, ""},
		{"日本語", 6, "日本語"},
		{"日本語", 5, "日本…"},
		{"日本語", 4, "日…"},
		{"éééé", 4, "éééé"},
		{"", 0, ""},
	}
	for _, tt := range tests {
		if got := Fit(tt.in, tt.width); got != tt.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func TestFitPath(t *testing.T) {
	const p = "/var/www/html/wp-content/uploads/photo.jpg"
	tests := []struct {
		in    string
		width int
		want  string
	}{
		{p, 42, p},
		{p, 41, "…/www/html/wp-content/uploads/photo.jpg"},
		{p, 30, "…/wp-content/uploads/photo.jpg"},
		{p, 29, "…/uploads/photo.jpg"},
		{p, 11, "…/photo.jpg"},
		{p, 10, "photo.jpg"},
		{p, 9, "photo.jpg"},
		{p, 8, "phot…jpg"},
		{p, 4, "pho…"},
		{p, 1, "…"},
		{p, 0, ""},
		{p, -1, ""},
		{"/var/lib/mysql/", 10, "…/mysql/"},
		{"/run/日本語.pid", 12, "…/日本語.pid"},
		{"/run/日本語.pid", 9, "日本….pid"},
		{"ab日本語.txt", 9, "ab日….txt"},
		{"photo日本", 8, "pho…日本"},
		{"photo日本語", 8, "pho…本語"},
		{"/", 1, "/"},
		{"/", 0, ""},
	}
	for _, tt := range tests {
		if got := FitPath(tt.in, tt.width); got != tt.want {
			t.Errorf("FitPath(%q, %d) = %q, want %q", tt.in, tt.width, got, tt.want)
		}
	}
}

func FuzzFit(f *testing.F) {
	for i, s := range seeds {
		f.Add(s, i)
	}
	f.Fuzz(func(t *testing.T, s string, width int) {
		for name, got := range map[string]string{
			"Fit":     Fit(Line(s), width),
			"FitPath": FitPath(Path(s), width),
		} {
			if w := ansi.StringWidth(got); w > max(width, 0) {
				t.Errorf("%s(%q, %d) = %q is %d wide", name, s, width, got, w)
			}
			if bad := unsafe(got); bad != "" {
				t.Errorf("%s(%q, %d) = %q has %s", name, s, width, got, bad)
			}
		}
	})
}
