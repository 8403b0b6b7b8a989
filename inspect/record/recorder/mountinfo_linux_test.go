package recorder

import (
	"fmt"
	"strings"
	"testing"
)

func TestParseMounts(t *testing.T) {
	table := `69 45 0:39 / / rw,nodev,noatime master:2 - fuse.fuse-overlayfs fuse-overlayfs rw,user_id=0
86 69 254:0 /var/lib/docker/volumes/v/_data /data\040with\134space ro,relatime - ext4 /dev/vda rw
87 69 0:47 / /tmpf rw,nosuid shared:3 master:1 - tmpfs tmpfs rw
88 69 0:48 / /dev/shm rw - tmpfs shm rw
89 69 0:49 / /proc rw - proc proc rw
not a line
90 69 0:50 /
`
	var got []string
	for _, m := range parseMounts(table) {
		got = append(got, fmt.Sprintf("%d %s %q writable=%t own=%t", m.id, m.dev, m.target, m.writable(), m.ownSystem()))
	}
	want := `69 0:39 "/" writable=true own=true
86 254:0 "/data with\\space" writable=false own=false
87 0:47 "/tmpf" writable=true own=false
88 0:48 "/dev/shm" writable=false own=false
89 0:49 "/proc" writable=false own=false`
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

func FuzzParseMounts(f *testing.F) {
	f.Add("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n")
	f.Add(`1 2 3:4 / /a\0 rw - x`)
	f.Fuzz(func(t *testing.T, table string) {
		for _, m := range parseMounts(table) {
			if !strings.HasPrefix(m.target, "/") {
				t.Errorf("%+v", m)
			}
		}
	})
}
