package export

import (
	"fmt"
	"testing"

	"petrify/model"
)

// TestDockerRunKeepsSettings reads the commands as docker does.
func TestDockerRunKeepsSettings(t *testing.T) {
	s, plans := shop()
	text, _ := export(t, writeDockerRun, s, plans)
	calls := runShell(t, text)
	want := []string{
		`name shop-web-1, user "", in "/srv", ports [127.0.0.1:8080:80 443], env [DB_PASSWORD MODE], entrypoint "/entry", ` +
			`words ["registry.example:5000/web:2" "-x" "serve" "$(HOME)" "a b"]`,
		`name shop-db-1, user "", in "", ports [], env [], entrypoint "", words ["db:11"]`,
		`name shop-cache-1, user "", in "", ports [], env [], entrypoint "", words ["cache:7"]`,
		`name shop-stray-1, user "1000", in "", ports [[::1]:9000:9000/udp], env [PATH TOKEN], entrypoint "", words ["stray:1" "run" "it's"]`,
	}
	for i, call := range calls {
		r := parseDockerRun(t, call)
		got := fmt.Sprintf("name %s, user %q, in %q, ports %s, env %s, entrypoint %q, words %q",
			r.name, r.user, r.workdir, r.ports, r.env, r.entry, r.words)
		if got != want[i] {
			t.Errorf("got\n%s\nwant\n%s", got, want[i])
		}
	}
}

func TestPublish(t *testing.T) {
	tests := []struct {
		port model.Port
		want string
	}{
		{model.Port{Target: 80}, "80"},
		{model.Port{Target: 80, Host: "8080", Protocol: "tcp"}, "8080:80"},
		{model.Port{Target: 53, Host: "53", HostIP: "127.0.0.1", Protocol: "udp"}, "127.0.0.1:53:53/udp"},
		{model.Port{Target: 80, HostIP: "127.0.0.1"}, "127.0.0.1::80"},
		{model.Port{Target: 80, Host: "80-90", HostIP: "::1"}, "[::1]:80-90:80"},
	}
	for _, tt := range tests {
		if got := publish(tt.port); got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.port, got, tt.want)
		}
	}
}

// TestDockerRunKeepsMounts has every kind of mount that a plan leaves as it is.
func TestDockerRunKeepsMounts(t *testing.T) {
	live := func(m model.Mount) model.MountPair { return model.MountPair{Target: m.Target, Live: &m} }
	svc := model.Service{Name: "web", Containers: []model.Container{{Image: "web"}}, Mounts: []model.MountPair{
		live(model.Mount{Kind: model.Bind, Source: "/a", Target: "/b"}),
		live(model.Mount{Kind: model.Bind, Source: "/a", Target: "/c", ReadOnly: true, Options: "rshared"}),
		live(model.Mount{Kind: model.Bind, Source: "/a,b:c", Target: "/d", ReadOnly: true}),
		live(model.Mount{Kind: model.Volume, Source: "vol", Target: "/e", ReadOnly: true}),
		live(model.Mount{Kind: model.Volume, Source: "v", Target: "/f"}),
		live(model.Mount{Kind: model.Volume, Source: "0af", Target: "/g", Anonymous: true}),
		live(model.Mount{Kind: model.Volume, Source: "0af", Target: "/h", Anonymous: true, FromImage: true}),
		live(model.Mount{Kind: model.Tmpfs, Target: "/i", Options: "mode=1777,size=1m"}),
		{
			Target: "/run/secrets/s", Declared: &model.Mount{Kind: model.Secret, Source: "s", Target: "/run/secrets/s"},
			Live: &model.Mount{Kind: model.Bind, Source: "/s", Target: "/run/secrets/s", ReadOnly: true},
		},
	}}
	text, notes := export(t, writeDockerRun, &model.Stack{Services: []model.Service{svc}}, []model.Plan{{Service: "web"}})
	r := parseDockerRun(t, runShell(t, text)[0])
	got := fmt.Sprint(r.volumes, r.tmpfs)
	if want := "[/a:/b /a:/c:ro,rshared vol:/e:ro /g /s:/run/secrets/s:ro] [/i:mode=1777,size=1m]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got = ""
	for _, m := range r.mounts.Value() {
		got += fmt.Sprintf("%s %s at %s %v\n", m.Type, m.Source, m.Target, m.ReadOnly)
	}
	if want := "bind /a,b:c at /d true\nvolume v at /f false\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if len(notes) != 1 {
		t.Errorf("more is noted than what no command has: %q", notes)
	}
}
