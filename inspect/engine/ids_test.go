package engine

import (
	"fmt"
	"net/http"
	"testing"

	"petrify/model"
)

// What engines told of the owners of files: Docker 20.10 with remapped users of a
// directory that is 939:5009 in its container, Podman 4.3 of a /tmp that is root's in a
// container of the same user.
func TestOwnersAreThoseOfTheContainer(t *testing.T) {
	archive := func(name string) http.HandlerFunc {
		content := file(t, name)
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Docker-Container-Path-Stat", "e30=")
			content(w, r)
		}
	}
	docker := text(200, `{"Version": "20.10.24", "ApiVersion": "1.41", "Components": [{"Name": "Engine"}]}`)
	info := func(root, options string) http.HandlerFunc {
		return text(200, `{"DockerRootDir": "`+root+`", "SecurityOptions": [`+options+`]}`)
	}
	tests := []struct {
		name          string
		version, info http.HandlerFunc
		archive       string
		want          string
	}{
		{"remapped", docker, info("/var/lib/docker/100000.100000", `"name=seccomp,profile=default", "name=userns"`), "docker20-remapped-cache.tar", "939:5009"},
		{"remapped otherwise", docker, info("/var/lib/docker/200000.200000", `"name=userns"`), "docker20-remapped-cache.tar", "unknown"},
		{"nobody knows how", docker, info("/elsewhere", `"name=userns"`), "docker20-remapped-cache.tar", "unknown"},
		{"as it is", docker, info("/var/lib/docker", `"name=seccomp,profile=default"`), "docker20-remapped-cache.tar", "100939:105009"},
		{"Podman", file(t, "podman4-version.json"), file(t, "podman4-info.json"), "podman4-tmp.tar", "unknown"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := standIn(t, answers{
				"/_ping": text(200, "OK"), "/version": test.version, "/info": test.info, "/containers/x/archive": archive(test.archive),
			})
			infos, err := e.Stat(t.Context(), "x", []string{"/srv"})
			if err != nil {
				t.Fatal(err)
			}
			got := fmt.Sprintf("%d:%d", infos[0].UID, infos[0].GID)
			if infos[0].OwnerUnknown {
				got = "unknown"
			}
			if got != test.want {
				t.Errorf("the owner is %s, want %s", got, test.want)
			}
			facts, err := e.Facts(t.Context(), model.Container{ID: "x"}, model.Image{ID: "i"}, []string{"/srv"}, nil)
			if err != nil || facts["/srv"].OwnerUnknown != (test.want == "unknown") {
				t.Errorf("the facts are %+v, %v", facts["/srv"], err)
			}
		})
	}
}

// Podman mounts tmpfs by itself where the root is read-only: those are no plan in use.
func TestMountsOfPodmanItself(t *testing.T) {
	e := standIn(t, answers{"/containers/x/json": text(200, `{"Id": "x", "Config": {}, "HostConfig": {"ReadonlyRootfs": true, "Tmpfs": {
		"/run": "rw,rprivate,nosuid,nodev,tmpcopyup", "/srv/cache": "mode=0750,size=64m,noexec,uid=939,gid=5009,rw,rprivate,nosuid,nodev"}}}`)})
	c, err := e.Inspect(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, m := range c.Mounts {
		got = append(got, fmt.Sprint(m.Target, " ", m.ByEngine))
	}
	if fmt.Sprint(got) != "[/run true /srv/cache false]" {
		t.Errorf("by the engine: %v", got)
	}
}
