//go:build linux

package recorder

import (
	"strings"
	"testing"
)

func TestIDInControlGroups(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	for text, want := range map[string]string{
		"0::/docker/" + id: id,
		"9:name=systemd:/system.slice/docker-" + id + ".scope\n8:pids:/x": id,
		"0::/":                   "",
		"0::/docker/" + id[1:]:   "",
		"0::/docker/" + id + "0": "",
	} {
		if got := idIn(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestUnnamed(t *testing.T) {
	for path, want := range map[string]bool{"/tmp/#12": true, "/tmp/#": false, "/tmp/#a1": false, "/#7": true, "/tmp/12": false} {
		if unnamed(path) != want {
			t.Errorf("%s: %t", path, !want)
		}
	}
}

// Events come from the kernel, but nothing is read beyond them.
func FuzzParseEvents(f *testing.F) {
	f.Add(append([]byte{24, 0, 0, 0, 3, 0, 24, 0}, make([]byte, 16)...))
	f.Fuzz(func(t *testing.T, buf []byte) {
		_ = parseEvents(buf, func(e event) {
			if len(e.name) > len(buf) || len(e.dir) > len(buf) {
				t.Errorf("%+v", e)
			}
		})
	})
}
