package stack

import (
	"fmt"
	"strings"
	"testing"

	"petrify/model"
)

// service and container are what Compose v2.40 and Docker 20.10 make of one
// another; nothing of it is drift. The tests change one thing at a time.
func declaredService() model.Declared {
	return model.Declared{
		Name: "web", Image: "nginx:1", Replicas: 1,
		Command: []string{"echo", "a b", "$HOME"}, User: "1000:1000", WorkingDir: "/app/sub/", ReadOnly: true,
		Env: map[string]model.Masked{"A": "override", "B": "fromfile", "D": "", "E": ""},
		Mounts: []model.Mount{
			{Kind: model.Volume, Target: "/anon", Anonymous: true},
			{Kind: model.Bind, Source: "/p/cfg.txt", Target: "/etc/cfg.txt", ReadOnly: true},
			{Kind: model.Config, Source: "filecfg", Target: "/filecfg", ReadOnly: true},
			{Kind: model.Config, Source: "inline", Target: "/etc/inline.conf", Copied: true},
			{Kind: model.Volume, Source: "p_named", Target: "/named", Options: "type=tmpfs"},
			{Kind: model.Secret, Source: "filesec", Target: "/run/secrets/filesec", ReadOnly: true},
			{Kind: model.Bind, Source: "/p/src/", Target: "/src"},
			{Kind: model.Tmpfs, Target: "/t1"},
			{Kind: model.Tmpfs, Target: "/t2/", Options: "size=64m,mode=1777"},
			{Kind: model.Tmpfs, Target: "/t3", Options: "mode=0700,size=64M"},
		},
		Ports: []model.Port{
			{Target: 5000, Protocol: "tcp"},
			{Host: "18100", Target: 7000, Protocol: "tcp"},
			{Host: "18110-18112", Target: 7100, Protocol: "tcp"},
			{HostIP: "::1", Host: "18120", Target: 7200, Protocol: "tcp"},
			{HostIP: "127.0.0.1", Target: 8080, Protocol: "tcp"},
			{Target: 9000, Protocol: "udp"},
		},
	}
}

func liveContainer() model.Container {
	return model.Container{
		ID: "1", Name: "web-1", Service: "web", Number: 1, Image: "nginx:1", ImageID: "sha256:aaa", State: model.Running, Inspected: true,
		Entrypoint: []string{"/program"}, Command: []string{"echo", "a b", "$HOME"},
		User: "1000:1000", WorkingDir: "/app/sub", ReadOnly: true,
		Env: map[string]model.Masked{
			"A": "override", "B": "fromfile", "E": "", "PATH": "/bin", "KEPT": "image",
			"HTTP_PROXY": "http://proxy:1", "http_proxy": "http://proxy:1",
		},
		Mounts: []model.Mount{
			{Kind: model.Volume, Source: "be42", Target: "/anon", Anonymous: true, Options: "z"},
			{Kind: model.Volume, Source: "2ae4", Target: "/data", Anonymous: true},
			{Kind: model.Bind, Source: "/p/cfg.txt", Target: "/etc/cfg.txt", ReadOnly: true, Options: "ro"},
			{Kind: model.Bind, Source: "/p/cfg.txt", Target: "/filecfg", ReadOnly: true},
			{Kind: model.Volume, Source: "p_named", Target: "/named", Options: "rw"},
			{Kind: model.Bind, Source: "/p/sec/a", Target: "/run/secrets/filesec", ReadOnly: true},
			{Kind: model.Bind, Source: "/p/src", Target: "/src", Options: "rw"},
			{Kind: model.Tmpfs, Target: "/t1"},
			{Kind: model.Tmpfs, Target: "/t2", Options: "mode=1777,size=67108864,noexec"},
			{Kind: model.Tmpfs, Target: "/t3", Options: "size=67108864,mode=700"},
		},
		Ports: []model.Port{
			{Target: 5000, Protocol: "tcp"},
			{Host: "18100", Target: 7000, Protocol: "tcp"},
			{Host: "18111", Target: 7100, Protocol: "tcp"},
			{HostIP: "::1", Host: "18120", Target: 7200, Protocol: "tcp"},
			{HostIP: "127.0.0.1", Host: "32768", Target: 8080, Protocol: "tcp"},
			{Host: "32768", Target: 9000, Protocol: "udp"},
		},
	}
}

func testImage() model.Image {
	return model.Image{
		ID: "sha256:aaa", Tags: []string{"nginx:1"}, Entrypoint: []string{"/program"}, Command: []string{"from-image"},
		User: "0", WorkingDir: "/app/", Volumes: []string{"/data"},
		Env: map[string]model.Masked{"A": "image", "KEPT": "image", "PATH": "/bin"},
	}
}

func TestDrift(t *testing.T) {
	tests := []struct {
		name   string
		change func(d *model.Declared, c *model.Container, img *model.Image)
		want   string
	}{
		{"fresh from up", func(*model.Declared, *model.Container, *model.Image) {}, ""},
		{"another spelling of the image", func(d *model.Declared, c *model.Container, _ *model.Image) {
			d.Image, d.Reference, c.Reference = "library/nginx:1", "docker.io/library/nginx:1", "docker.io/library/nginx:1"
		}, ""},
		{"image", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Image = "nginx:2" }, "image: nginx:2 -> nginx:1"},
		{"built by Podman", func(d *model.Declared, c *model.Container, _ *model.Image) {
			d.Image, d.Build, c.Image = "p-web", true, "localhost/p-web:latest"
			d.Reference, c.Reference = "docker.io/library/p-web:latest", "localhost/p-web:latest"
		}, ""},
		{"only an ID in a list", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Image = "sha256:aaa" }, ""},
		{
			"command", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Command = []string{"serve", "x y"} },
			`command: serve "x y" -> echo "a b" $HOME`,
		},
		{"the image's command", func(d *model.Declared, c *model.Container, _ *model.Image) {
			d.Command, c.Command = nil, []string{"from-image"}
		}, ""},
		{"an empty command is the image's", func(d *model.Declared, c *model.Container, _ *model.Image) {
			d.Command, c.Command = []string{}, []string{"from-image"}
		}, ""},
		{
			"a command that is no longer declared", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Command = nil },
			`command: from-image -> echo "a b" $HOME`,
		},
		{"an entrypoint drops the image's command", func(d *model.Declared, c *model.Container, _ *model.Image) {
			d.Entrypoint, d.Command = []string{"/program", "-x"}, nil
			c.Entrypoint, c.Command = []string{"/program", "-x"}, nil
		}, ""},
		{
			"entrypoint", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Entrypoint = []string{"/other"} },
			"entrypoint: /other -> /program",
		},
		{"user", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.User = "" }, "user: 0 -> 1000:1000"},
		{"the image's user", func(d *model.Declared, c *model.Container, _ *model.Image) { d.User, c.User = "", "0" }, ""},
		{"the image's working directory", func(d *model.Declared, c *model.Container, _ *model.Image) { d.WorkingDir, c.WorkingDir = "", "/app" }, ""},
		{"no working directory is the root", func(d *model.Declared, c *model.Container, img *model.Image) {
			d.WorkingDir, img.WorkingDir, c.WorkingDir = "", "", "/"
		}, ""},
		{"read_only", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.ReadOnly = false }, "read_only: true -> false"},
		{"a value", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Env["B"] = "geheim" }, "environment B: set -> set to another value"},
		{"a missing variable", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Env["NEW"] = "1" }, "environment NEW: set -> -"},
		{"one variable too many", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Env["OLD"] = "1" }, "environment OLD: - -> set"},
		{
			"the image's variable set to something else", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Env["KEPT"] = "x" },
			"environment KEPT: - -> set to another value than the image's",
		},
		{
			"a missing mount", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Mounts = c.Mounts[:8] },
			"tmpfs /t2: tmpfs mode=1777,size=67108864 -> -\ntmpfs /t3: tmpfs mode=700,size=67108864 -> -",
		},
		{
			"a mount too many", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Mounts = d.Mounts[1:] },
			"mounts /anon: - -> anonymous volume",
		},
		{
			"another source", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Mounts[6].Source = "/q/src" },
			"mounts /src: bind /p/src/ -> bind /q/src",
		},
		{
			"another volume", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Mounts[4].Source = "old_named" },
			"mounts /named: volume p_named -> volume old_named",
		},
		{"a volume in the place of a bind", func(_ *model.Declared, c *model.Container, _ *model.Image) {
			c.Mounts[6] = model.Mount{Kind: model.Volume, Source: "src", Target: "/src"}
		}, "mounts /src: bind /p/src/ -> volume src"},
		{
			"a mount's flag", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Mounts[2].ReadOnly = false },
			"mounts /etc/cfg.txt: read-only -> writable",
		},
		{
			"options of a tmpfs", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Mounts[8].Options = "size=1g" },
			"tmpfs /t2: mode=1777,size=67108864 -> size=1073741824",
		},
		{"the owner that Podman makes of an option", func(d *model.Declared, c *model.Container, _ *model.Image) {
			d.Mounts[8].Options, c.Mounts[8].Options = "mode=0750,size=64m,noexec,U,notmpcopyup", "mode=0750,size=64m,noexec,uid=939,gid=5009,rw,rprivate,nosuid,nodev"
		}, ""},
		{"a tmpfs of the engine itself", func(_ *model.Declared, c *model.Container, _ *model.Image) {
			c.Mounts = append(c.Mounts, model.Mount{Kind: model.Tmpfs, Target: "/run", ByEngine: true})
		}, ""},
		{"a bind as Docker Desktop sees it", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Mounts[6].Source = "/host_mnt/p/src" }, ""},
		{"a bind on Windows", func(d *model.Declared, c *model.Container, _ *model.Image) {
			d.Mounts[6].Source, c.Mounts[6].Source = `C:\Users\me\src`, "/run/desktop/mnt/host/c/Users/me/src"
		}, ""},
		{
			"a published port", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Ports[1].Host = "18105" },
			"ports 7000/tcp: 18105 -> 18100",
		},
		{
			"a port out of its range", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Ports[2].Host = "18113" },
			"ports 7100/tcp: 18110-18112 -> 18113",
		},
		{
			"a port open to all", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Ports[3].HostIP = "" },
			"ports 7200/tcp: [::1]:18120 -> 18120",
		},
		{"a port on the engine's default address", func(_ *model.Declared, c *model.Container, _ *model.Image) { c.Ports[1].HostIP = "127.0.0.1" }, ""},
		{"a port that is not declared", func(_ *model.Declared, c *model.Container, _ *model.Image) {
			c.Ports = append(c.Ports, model.Port{HostIP: "127.0.0.1", Host: "1", Target: 2, Protocol: "tcp"})
		}, "ports 2/tcp: - -> 127.0.0.1:1"},
		{"an exposed port of the image", func(_ *model.Declared, c *model.Container, _ *model.Image) {
			c.Ports = append(c.Ports, model.Port{Target: 80, Protocol: "tcp"})
		}, ""},
		{"replicas", func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Replicas = 3 }, "replicas: 3 -> 1"},
		{"not inspected", func(_ *model.Declared, c *model.Container, _ *model.Image) {
			*c = model.Container{ID: "1", Service: "web", State: model.Running}
		}, ""},
		{"one-off", func(_ *model.Declared, c *model.Container, _ *model.Image) {
			c.OneOff, c.Command = true, []string{"sh"}
		}, ""},
		{"an unknown image says nothing", func(d *model.Declared, _ *model.Container, img *model.Image) {
			d.User, d.WorkingDir, d.Command, img.ID, img.Tags = "", "", nil, "sha256:other", nil
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, c, img := declaredService(), liveContainer(), testImage()
			test.change(&d, &c, &img)
			s := Lay(model.Observation{
				Project: &model.Project{Services: []model.Declared{d}}, Containers: []model.Container{c}, Images: map[string]model.Image{img.ID: img},
			}, nil)
			var got []string
			for _, difference := range s.Services[0].Drift {
				got = append(got, difference.String())
			}
			if got := strings.Join(got, "\n"); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			if strings.Contains(fmt.Sprint(s.Services[0].Drift), "geheim") {
				t.Error("a value is shown")
			}
		})
	}
}

// A tag that has moved on is known only when the image it names now is.
func TestDriftOfTag(t *testing.T) {
	d, c, img := declaredService(), liveContainer(), testImage()
	newer := model.Image{ID: "sha256:bbb", Tags: []string{"nginx:1"}}
	img.Tags = nil
	s := Lay(model.Observation{
		Project: &model.Project{Services: []model.Declared{d}}, Containers: []model.Container{c},
		Images: map[string]model.Image{img.ID: img, newer.ID: newer},
	}, nil)
	if got, want := fmt.Sprint(s.Services[0].Drift), "[image: nginx:1 (bbb) -> nginx:1 (aaa)]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
