package report

import (
	"fmt"
	"strings"
	"testing"

	"petrify/model"
)

func outline(found []Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintf(&b, "%s %s %s|%s: %s\n", f.Severity, f.Rule, f.Service, f.Subject, f.Message)
	}
	return b.String()
}

func TestFindings(t *testing.T) {
	want := strings.TrimPrefix(`
note not-created backup|: no container of it exists yet
error read-only-failure cache|shop-cache-1: shop-cache-1 cannot write: MISCONF: can't open /data/temp.rdb: Read-only file system
note root-writable db|: its root is writable: nothing seen in 4 min is not nothing needed
warning writes-to-root web|: wrote to 9 paths on its root, such as /run/apache2/apache2.pid
warning risky-mount web|/var/run/docker.sock: /var/run/docker.sock: the engine's socket: who can open it controls every container and the host
warning drift web|image: image: declared wordpress:6.5, runs with wordpress:6.4
warning drift web|mounts /var/www/html/wp-content/uploads: mounts /var/www/html/wp-content/uploads: declared volume shop_content, but does not run with it
warning unexamined web|shop-web-2: shop-web-2 could not be examined: the engine did not answer in 30 s
warning unexamined worker|shop-worker-1: shop-worker-1 could not be examined: its changes were not asked for
`, "\n")
	if got := outline(Findings(shop())); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestFindingsOfMounts(t *testing.T) {
	const risk = "because"
	tests := []struct {
		name string
		pair model.MountPair
		want string
	}{
		{"no risk", model.MountPair{Live: &model.Mount{}}, ""},
		{"writable", model.MountPair{Live: &model.Mount{}, Risk: risk}, "warning"},
		{"read-only", model.MountPair{Live: &model.Mount{ReadOnly: true}, Risk: risk}, "note"},
		{"a socket knows no read-only", model.MountPair{Live: &model.Mount{ReadOnly: true, Source: "/run/docker.sock"}, Risk: risk}, "warning"},
		{"a volume is never the host's", model.MountPair{Live: &model.Mount{Kind: model.Volume}, Risk: risk}, "note"},
		{"what runs decides", model.MountPair{Declared: &model.Mount{ReadOnly: true}, Live: &model.Mount{}, Risk: risk}, "warning"},
		{"else what is declared", model.MountPair{Declared: &model.Mount{ReadOnly: true}, Risk: risk}, "note"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, f := range riskyMounts(&model.Service{Mounts: []model.MountPair{tt.pair}}) {
				got += string(f.Severity)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// What was never started, or never listed, was not left unexamined.
func TestFindingsWithoutARun(t *testing.T) {
	created := model.Container{Name: "web-1", State: model.Created}
	tests := []struct {
		name string
		svc  model.Service
		want string
	}{
		{"never started", model.Service{Containers: []model.Container{created}}, ""},
		{"never made", model.Service{}, "note not-created |: no container of it exists yet\n"},
		{
			"never started, and not inspected",
			model.Service{Containers: []model.Container{{Name: "web-1", State: model.Created, Err: "garbage"}}},
			"warning unexamined |web-1: web-1 could not be examined: garbage\n",
		},
		{"no engine to say so", model.Service{Unlisted: true}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := outline(append(unexamined(&tt.svc), notCreated(&tt.svc)...)); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestExitCode(t *testing.T) {
	live := model.Link{State: model.Live}
	tests := []struct {
		name  string
		stack model.Stack
		want  int
	}{
		{"read-only", model.Stack{Link: live, Services: []model.Service{{Containers: []model.Container{{ReadOnly: true}}}}}, 0},
		{"only a note", model.Stack{Link: live, Services: []model.Service{{
			Containers: []model.Container{{ID: "1", Inspected: true}}, Changes: []model.ContainerChanges{{Container: "1"}}, Verdict: model.Verdict{Outcome: model.NotKnown},
		}}}, 0},
		{"findings", *shop(), 1},
		{"a problem with the files", model.Stack{Link: live, Problem: &model.Problem{}, Services: []model.Service{{Containers: []model.Container{{ReadOnly: true}}}}}, 1},
		{"nothing runs", model.Stack{Link: live, Services: []model.Service{backup()}}, 2},
		{"findings that the engine did not confirm", model.Stack{Link: model.Link{State: model.Stale}, Services: []model.Service{web()}}, 2},
		{"nothing at all", model.Stack{}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := ExitCode(&tt.stack); got != tt.want {
				t.Errorf("got %d, want %d:\n%s", got, tt.want, outline(Findings(&tt.stack)))
			}
		})
	}
}

func TestFindingsOfChangedCode(t *testing.T) {
	svc := &model.Service{Verdict: model.Verdict{Outcome: model.WouldBreak, Blocked: []model.Change{
		{Path: "/var/www/html/wp-content/plugins/x/evil.php", Kind: model.Added},
		{Path: "/usr/lib/python3/dist-packages/yaml/loader.py", Kind: model.Modified},
		{Path: "/run/apache2/apache2.pid", Kind: model.Added},
	}}}
	want := "warning code-changed |/usr/lib/python3/dist-packages/yaml/loader.py: 2 paths of the program changed after it was deployed, " +
		"such as /usr/lib/python3/dist-packages/yaml/loader.py\n"
	if got := outline(codeChanged(svc)); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	svc.Verdict.Blocked = svc.Verdict.Blocked[2:]
	if got := outline(codeChanged(svc)); got != "" {
		t.Errorf("a pid file is no code: %s", got)
	}
}
