package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

// describe prints a container in lines that can be compared, with what is
// empty left out.
func describe(c model.Container) string {
	var b strings.Builder
	line := func(format string, values ...any) { fmt.Fprintf(&b, format+"\n", values...) }
	line("%s %s (%s of %s, number %d, one-off %v)", short(c.ID), c.Name, c.Service, c.Project, c.Number, c.OneOff)
	line("image %s %s", c.Image, short(strings.TrimPrefix(c.ImageID, "sha256:")))
	line("%s, health %q, exit %d, restarts %d", c.State, c.Health, c.ExitCode, c.Restarts)
	line("created %s, started %s, finished %s", stamp(c.Created), stamp(c.Started), stamp(c.Finished))
	for _, m := range c.Mounts {
		line("%s %s at %s, read-only %v, anonymous %v, [%s]", m.Kind, m.Source, m.Target, m.ReadOnly, m.Anonymous, m.Options)
	}
	for _, p := range c.Ports {
		line("port %s:%s to %d/%s", p.HostIP, p.Host, p.Target, p.Protocol)
	}
	line("files %q in %s", c.ProjectFiles, c.ProjectDir)
	if c.Inspected {
		line("runs %q %q as %q in %q, read-only %v, terminal %v", c.Entrypoint, c.Command, c.User, c.WorkingDir, c.ReadOnly, c.TTY)
		env, _ := json.Marshal(c.Env)
		line("environment %s", env)
		for _, p := range c.HealthLog {
			line("probe %s %d %q", stamp(p.At), p.ExitCode, p.Output)
		}
	}
	return b.String()
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("15:04:05")
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got = strings.TrimSpace(got); got != strings.TrimSpace(want) {
		t.Errorf("got:\n%s\nwant:\n%s", got, strings.TrimSpace(want))
	}
}

const dockerWebMounts = `
volume 5de8d481fb59cf209a7a055fbeaad14adb25132ce8696ce30c3284b57de0ae9b at /data, read-only false, anonymous true, []
bind /home/dev/shop/conf at /etc/conf, read-only true, anonymous false, [ro]`

const dockerWebPorts = `
port 127.0.0.1:18080 to 80/tcp
port :18443 to 443/udp
port : to 9000/tcp
files ["/home/dev/shop/compose.yaml"] in /home/dev/shop`

func TestListOfDocker(t *testing.T) {
	e := standIn(t, answers{"/containers/json": file(t, "docker20-list.json")})
	list, err := e.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(list) != 2 {
		t.Fatalf("%d containers", len(list))
	}
	same(t, describe(list[0]), `
a3ec268095f0 shop-web-1 (web of shop, number 1, one-off false)
image shop/web:1 feee310e1465
running, health "healthy", exit 0, restarts 0
created 01:21:28, started never, finished never`+dockerWebMounts+`
tmpfs  at /scratch, read-only false, anonymous false, []
volume shop_files at /srv/files, read-only false, anonymous false, [rw]`+dockerWebPorts)
	same(t, describe(list[1]), `
3dd55aa43163 shop-job-1 (job of shop, number 1, one-off false)
image shop/web:1 feee310e1465
exited, health "", exit 3, restarts 0
created 01:21:28, started never, finished never
volume 74c1adc6fa6002309263e218532e19986c65233f64d6feccf8da7b554a1e5c3c at /data, read-only false, anonymous true, []
files ["/home/dev/shop/compose.yaml"] in /home/dev/shop`)
}

func TestInspectOfDocker(t *testing.T) {
	e := standIn(t, answers{
		"/containers/web/json": file(t, "docker20-web.json"),
		"/containers/job/json": file(t, "docker20-job.json"),
	})
	web, err := e.Inspect(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	same(t, describe(web), `
a3ec268095f0 shop-web-1 (web of shop, number 1, one-off false)
image shop/web:1 feee310e1465
running, health "healthy", exit 0, restarts 0
created 01:21:28, started 01:21:29, finished never`+dockerWebMounts+`
tmpfs  at /scratch, read-only false, anonymous false, [size=65536]
volume shop_files at /srv/files, read-only false, anonymous false, [rw]
tmpfs  at /tmp, read-only false, anonymous false, [size=1m,mode=1777]`+dockerWebPorts+`
runs ["/program"] ["hold"] as "1000:1000" in "/srv", read-only true, terminal false
environment {"EMPTY":"","ORIGIN":"••••••","TOKEN":"••••••"}
probe 01:21:30 0 "ok"
probe 01:21:31 0 "ok"`)
	if got := web.Env["TOKEN"].Reveal(); got != "geheim" {
		t.Errorf("TOKEN is %q", got)
	}

	job, err := e.Inspect(t.Context(), "job")
	if err != nil {
		t.Fatal(err)
	}
	if job.Finished.IsZero() || job.ExitCode != 3 || !job.TTY {
		t.Errorf("the ended job:\n%s", describe(job))
	}
}

func TestContainersOfPodman(t *testing.T) {
	e := standIn(t, answers{
		"/containers/json":     file(t, "podman4-list.json"),
		"/containers/web/json": file(t, "podman4-web.json"),
	})
	list, err := e.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, describe(list[0]), `
6c3aa01db1af shop_web_1 (web of shop, number 1, one-off false)
image docker.io/library/nginx:1.25 a6bd71f48f68
exited, health "", exit 137, restarts 0
created 01:21:28, started never, finished never
volume shop_files at /srv/files, read-only false, anonymous false, []
port :8080 to 80/tcp
files ["/home/dev/shop/docker-compose.yaml" "/home/dev/shop/extra.yaml"] in /home/dev/shop`)
	web, err := e.Inspect(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	same(t, describe(web), `
6c3aa01db1af shop_web_1 (web of shop, number 0, one-off true)
image docker.io/library/nginx:1.25 a6bd71f48f68
created, health "", exit 0, restarts 2
created 01:21:28, started never, finished never
tmpfs  at /run, read-only false, anonymous false, [rw,rprivate,nosuid,nodev,tmpcopyup]
port :8080 to 80/tcp
files [] in 
runs [] ["nginx" "-g" "daemon off;"] as "" in "/", read-only false, terminal true
environment {"HOME":"","container":"••••••"}`)
}

func TestProjects(t *testing.T) {
	e := standIn(t, answers{"/containers/json": file(t, "docker20-list.json")})
	projects, err := e.Projects(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	same(t, fmt.Sprintf("%+v", projects),
		`[{Name:shop Dir:/home/dev/shop Files:[/home/dev/shop/compose.yaml] States:map[exited:1 running:1] Healths:map[healthy:1]}]`)
}

func TestImage(t *testing.T) {
	e := standIn(t, answers{
		"/images/shop/json": file(t, "docker20-image.json"),
		"/images/bare/json": text(200, `{"Id":"sha256:1","Config":null}`),
	})
	img, err := e.Image(t.Context(), "shop")
	if err != nil {
		t.Fatal(err)
	}
	same(t, fmt.Sprintf("%+v", img), `{ID:sha256:feee310e14657fb1b447f72a826d0f5a80ca502916e21be12a2aaaad52a28313 Tags:[docker.io/shop/web:1] Entrypoint:[/program] Command:[] User: WorkingDir: Env:map[ORIGIN:••••••] Volumes:[/data] Size:1913119}`)
	if _, err := e.Image(t.Context(), "bare"); err != nil {
		t.Errorf("an image without configuration: %v", err)
	}
}

func TestFromStatus(t *testing.T) {
	for status, want := range map[string]string{
		"Up 2 hours":                          ` 0`,
		"Up 2 hours (healthy)":                `healthy 0`,
		"Up 1 second (health: starting)":      `starting 0`,
		"Up 3 minutes (unhealthy)":            `unhealthy 0`,
		"Up 3 minutes (Paused)":               ` 0`,
		"Exited (137) 5 minutes ago":          ` 137`,
		"Restarting (1) Less than a second":   ` 1`,
		"Exited (-1) ":                        ` -1`,
		"Created":                             ` 0`,
		"Exited (99999999999999999999) 1 day": ` 9223372036854775807`,
		"":                                    ` 0`,
	} {
		health, code := fromStatus(status)
		if got := fmt.Sprintf("%s %d", health, code); got != want {
			t.Errorf("%q is %q, want %q", status, got, want)
		}
	}
}

func TestAbout(t *testing.T) {
	e := standIn(t, answers{"/version": file(t, "podman4-version.json"), "/info": file(t, "podman4-info.json")})
	about, root, err := e.About(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	about.Address = ""
	same(t, fmt.Sprintf("%+v %s", about, root),
		`{Product:podman Version:4.3.1 APIVersion:1.41 Context: Address: OS:debian Storage:overlay Rootless:true Capture:} /home/dev/.local/share/containers/storage`)
}
