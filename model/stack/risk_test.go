package stack

import (
	"strings"
	"testing"

	"petrify/model"
)

func TestRisk(t *testing.T) {
	const fine = ""
	tests := []struct {
		source, target string
		readOnly       bool
		want           string // how the risk begins
	}{
		{"/var/run/docker.sock", "/var/run/docker.sock", true, "the engine's socket"},
		{"/run/user/1000/podman/podman.sock", "/s", false, "the engine's socket"},
		{"/run/containerd/containerd.sock", "/s", false, "the engine's socket"},
		{"/", "/host", true, "the whole host: the service can read"},
		{"/", "/host", false, "the whole host: the service can change"},
		{"/etc", "/x", false, "the host's configuration: the service can change"},
		{"/etc/shadow", "/x", true, "the host's configuration (/etc/shadow): the service can read"},
		{"/etc/localtime", "/etc/localtime", true, fine},
		{"/etc/localtime", "/etc/localtime", false, "the host's configuration (/etc/localtime)"},
		{"/etc/ssl/certs", "/etc/ssl/certs", true, fine},
		{"/var/run/dbus", "/d", false, "the host's runtime state"},
		{"/dev/null", "/log", false, fine},
		{"/dev/sda", "/dev/sda", false, "the host's devices"},
		{"/etcetera", "/x", false, fine},
		{"/var/lib/docker", "/d", true, "the engine's own data, with"},
		{"/srv/docker/volumes/x/_data", "/d", false, "a part of the engine's own data"},
		{"/var", "/v", true, "the engine's own data, with"},
		{"/home/me", "/h", false, "a whole home directory"},
		{"/Users/me/", "/h", true, "a whole home directory"},
		{`C:\Users\me`, "/h", true, "a whole home directory"},
		{"/home", "/h", true, "all home directories"},
		{"/root", "/h", true, "a whole home directory"},
		{"/home/me/.ssh", "/h", true, "a user's credentials"},
		{"/home/me/other/src", "/h", false, fine},
		{"/home/me/shop", "/app", false, "the project's own folder"},
		{"/home/me/shop", "/app", true, fine},
		{"/home/me/shop/src", "/app", false, "files of the project"},
		{"/home/me/shop/nginx.conf", "/etc/nginx/nginx.conf", true, fine},
		{"/home/me/shop/nginx.conf", "/etc/nginx/nginx.conf", false, "files of the project"},
		{"/home/me/shop/data/web", "/app/data", false, fine},
		{"/home/me/shop/mysql-data", "/x", false, fine},
		{"/home/me/shop/.pgdata", "/x", false, fine},
		{"/home/me/shop/mysql", "/var/lib/mysql", false, fine},
		{"/home/me/shopping", "/x", false, fine},
		{"/srv/media", "/media", false, fine},
	}
	for _, test := range tests {
		got := risk(model.Mount{Kind: model.Bind, Source: test.source, Target: test.target, ReadOnly: test.readOnly},
			hostPlaces{projectDir: "/home/me/shop", dockerRoot: "/srv/docker"})
		if got != "" && test.want == fine || !strings.HasPrefix(string(got), test.want) {
			t.Errorf("%s (read-only %v): got %q, want %q", test.source, test.readOnly, got, test.want)
		}
	}
	for _, kind := range []model.MountKind{model.Volume, model.Tmpfs, model.Config, model.Secret} {
		if got := risk(model.Mount{Kind: kind, Source: "/etc"}, hostPlaces{}); got != "" {
			t.Errorf("%s: %q", kind, got)
		}
	}
}

func TestSharing(t *testing.T) {
	use := func(project, service string, m model.Mount) model.VolumeUse {
		return model.VolumeUse{Container: project + "-" + service + "-1", Project: project, Service: service, Mount: m}
	}
	volume := func(name, target string, readOnly bool) model.Mount {
		return model.Mount{Kind: model.Volume, Source: name, Target: target, ReadOnly: readOnly}
	}
	bind := func(source, target string, readOnly bool) model.Mount {
		return model.Mount{Kind: model.Bind, Source: source, Target: target, ReadOnly: readOnly}
	}
	web := model.Container{ID: "1", Name: "shop-web-1", Project: "shop", Service: "web", Inspected: true, Mounts: []model.Mount{
		bind("/srv/a", "/a", true), volume("media", "/media", false), volume("own", "/own", false), volume("read", "/read", true),
	}}
	o := model.Observation{
		Name: "shop", Containers: []model.Container{web},
		Uses: []model.VolumeUse{
			use("shop", "web", volume("media", "/media", false)),
			use("blog", "cms", volume("media", "/m", false)),
			use("shop", "worker", volume("media", "/w", false)),
			use("shop", "cdn", volume("media", "/c", true)),
			use("shop", "cdn", volume("own", "/c", true)),
			use("shop", "cdn", volume("read", "/r", false)),
			use("blog", "up", bind("/srv", "/s", false)),
			use("blog", "down", bind("/srv/a/b", "/s", false)),
			use("blog", "beside", bind("/srv/ab", "/s", false)),
		},
	}
	const want = `/a: - | bind /srv/a (read-only)
  used by blog-down-1 at /s (writable)
  used by blog-up-1 at /s (writable)
/media: - | volume media
  risk: worker and blog/cms can write to this volume as well
  used by shop-cdn-1 at /c (read-only)
  used by shop-worker-1 at /w (writable)
  used by blog-cms-1 at /m (writable)
/own: - | volume own
  used by shop-cdn-1 at /c (read-only)
/read: - | volume read (read-only)
  used by shop-cdn-1 at /r (writable)
`
	var got strings.Builder
	for _, pair := range Lay(o, nil).Services[0].Mounts {
		got.WriteString(pair.String() + "\n")
	}
	if got.String() != want {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
