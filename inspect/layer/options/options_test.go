package options

import (
	"reflect"
	"testing"
)

func TestRead(t *testing.T) {
	exists := func(dir string) bool { return dir == "/data/snapshots/3/fs" || dir == "/data/l/AB" }
	for text, want := range map[string]Dirs{
		"rw,lowerdir=/a:/b,upperdir=/u,workdir=/w,index=off": {Upper: "/u", Lower: []string{"/a", "/b"}},
		"rw,lowerdir=/a,upperdir=/u,userxattr":               {Upper: "/u", Lower: []string{"/a"}, User: true},
		"lowerdir+=/a:1,lowerdir+=/b,upperdir=/u":            {Upper: "/u", Lower: []string{"/a:1", "/b"}},
		"lowerdir=/a::/data,upperdir=/u":                     {Upper: "/u", Lower: []string{"/a"}},
		`lowerdir=/a\134:1:/b\054c\0402,upperdir=/u\134:1`:   {Upper: "/u:1", Lower: []string{"/a:1", "/b,c 2"}},
		"lowerdir=3/fs,upperdir=/data/snapshots/4/fs":        {Upper: "/data/snapshots/4/fs", Lower: []string{"/data/snapshots/3/fs"}},
		"lowerdir=l/AB:/c,upperdir=/data/ID/diff":            {Upper: "/data/ID/diff", Lower: []string{"/data/l/AB", "/c"}},
		"lowerdir=9/fs,upperdir=/data/snapshots/4/fs":        {},
		"lowerdir=/a":            {},
		"upperdir=/u":            {},
		"upperdir=u,lowerdir=/a": {},
		"":                       {},
	} {
		got, ok := Read(text, exists)
		if !reflect.DeepEqual(got, want) || ok != (want.Upper != "") {
			t.Errorf("%s: %+v, %t, want %+v", text, got, ok, want)
		}
	}
}

func TestLayered(t *testing.T) {
	for kind, want := range map[string]bool{"overlay": true, "fuse.fuse-overlayfs": true, "fuse": true, "fuseblk": false, "ext4": false, "tmpfs": false, "": false} {
		if got := Layered(kind); got != want {
			t.Errorf("%q: %v", kind, got)
		}
	}
}
