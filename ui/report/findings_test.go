package report

import (
	"fmt"
	"slices"
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

// checked is a check of a stack, which judges what is there now.
func checked(s *model.Stack) *Check {
	return &Check{Stack: s, Planned: map[string]model.Planned{
		"web": {Outcome: model.MendedInPart, Made: true, Mounts: 4, CodeChanges: 1, FirstCode: "/var/www/html/index.php", Opens: []string{"/var/www/html"}},
		"db":  {Outcome: model.NotKnown},
	}}
}

func TestFindings(t *testing.T) {
	want := strings.TrimPrefix(`
note not-created backup|: no container of it exists yet
error read-only-failure cache|shop-cache-1: shop-cache-1 cannot write: MISCONF: can't open /data/temp.rdb: Read-only file system
note root-writable db|: its root is writable: nothing seen in 4 min is not nothing needed
warning writes-to-root web|: wrote to 9 paths on its root, such as /run/apache2/apache2.pid
warning code-change web|/var/www/html/index.php: 1 code change after deployment, such as /var/www/html/index.php
note plan-opens-program web|/var/www/html: its plan makes program files writable at /var/www/html
warning risky-mount web|/var/run/docker.sock: /var/run/docker.sock: the engine's socket: who can open it controls every container and the host
warning drift web|image: image: declared wordpress:6.5, runs with wordpress:6.4
warning drift web|mounts /var/www/html/wp-content/uploads: mounts /var/www/html/wp-content/uploads: declared volume shop_content, but does not run with it
warning unexamined web|shop-web-2: shop-web-2 could not be examined: the engine did not answer in 30 s
warning unexamined worker|shop-worker-1: shop-worker-1 could not be examined: its changes were not asked for
`, "\n")
	if got := outline(checked(shop()).Findings()); got != want {
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
			for _, f := range kindOf(RiskyMount).of(checked(&model.Stack{}), &model.Service{Mounts: []model.MountPair{tt.pair}}) {
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
			if got := outline(append(kindOf(Unexamined).of(checked(&model.Stack{}), &tt.svc), kindOf(NotCreated).of(checked(&model.Stack{}), &tt.svc)...)); got != tt.want {
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
			if got := checked(&tt.stack).ExitCode(); got != tt.want {
				t.Errorf("got %d, want %d:\n%s", got, tt.want, outline(checked(&tt.stack).Findings()))
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
	want := "warning code-change |/usr/lib/python3/dist-packages/yaml/loader.py: 2 code changes after deployment, " +
		"such as /usr/lib/python3/dist-packages/yaml/loader.py\n"
	if got := outline(kindOf(CodeChange).of(checked(&model.Stack{}), svc)); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	svc.Verdict.Blocked = svc.Verdict.Blocked[2:]
	if got := outline(kindOf(CodeChange).of(checked(&model.Stack{}), svc)); got != "" {
		t.Errorf("a pid file is no code: %s", got)
	}
}

// The second verdict fails a check for what the plan leaves, and for what it gives away.
func TestFindingsByPlan(t *testing.T) {
	svc := &model.Service{Name: "web", Verdict: model.Verdict{Outcome: model.WouldBreak, Reason: "wrote", Blocked: []model.Change{
		{Path: "/app/job.py", Kind: model.Modified}, {Path: "/run/a.pid", Kind: model.Added},
	}}}
	for _, test := range []struct {
		name   string
		judged model.Planned
		want   string
	}{
		{"mended", model.Planned{Outcome: model.Mended, Made: true, Mounts: 2}, ""},
		{"writes left", model.Planned{Outcome: model.MendedInPart, Made: true, Mounts: 2, Unsolved: 3}, "warning writes-to-root web|: with its plan: 3 writes not solved\n"},
		{"not planned", model.Planned{Outcome: model.WouldBreak, Unsolved: 1, Reason: "no answer"}, "warning writes-to-root web|: with its plan: 1 write not solved; no answer\nwarning code-change web|/app/job.py: 1 code change after deployment, such as /app/job.py\n"},
		{"code changes left", model.Planned{Outcome: model.MendedInPart, Made: true, CodeChanges: 2, FirstCode: "/app/x.py"}, "warning code-change web|/app/x.py: 2 code changes after deployment, such as /app/x.py\n"},
		{"program files opened", model.Planned{Outcome: model.Mended, Made: true, Mounts: 2, Opens: []string{"/app"}}, "warning plan-opens-program web|/app: its plan makes program files writable at /app\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &Check{Stack: &model.Stack{}, ByPlan: true, Planned: map[string]model.Planned{"web": test.judged}}
			if got := outline(slices.Concat(kindOf(WritesToRoot).of(c, svc), kindOf(CodeChange).of(c, svc), kindOf(PlanOpens).of(c, svc))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// Every finding leads on, by a command that fits what is there.
func TestFindingsNameACommandThatHelps(t *testing.T) {
	runs := model.Service{Name: "web", Declared: &model.Declared{}, Containers: []model.Container{{State: model.Running, Inspected: true}}}
	stopped, stray, drifted := runs, runs, runs
	stopped.Containers = []model.Container{{State: model.Exited, Inspected: true}}
	stray.Declared, stray.Name = nil, "it's"
	drifted.Declared = &model.Declared{ReadOnly: true}
	rootless := model.Engine{Product: "docker", Rootless: true}
	for _, test := range []struct {
		name    string
		rule    Rule
		service model.Service
		engine  model.Engine
		planned model.Planned
		want    string
	}{
		{"what it writes is planned", WritesToRoot, runs, model.Engine{}, model.Planned{}, "petrify -c far plan -f 'a b.yaml' web"},
		{"but what is read-only already is made again", WritesToRoot, drifted, model.Engine{}, model.Planned{}, "docker -c far compose -f 'a b.yaml' up -d web"},
		{"who changes code is recorded", CodeChange, runs, model.Engine{}, model.Planned{}, "petrify -c far record -f 'a b.yaml' web"},
		{"but not on every engine", CodeChange, runs, rootless, model.Planned{}, "petrify -c far check -f 'a b.yaml' web"},
		{"nor of what does not run", RootWritable, stopped, model.Engine{}, model.Planned{}, "docker -c far compose -f 'a b.yaml' up -d web"},
		{"what fails is read", ReadOnlyFailure, runs, model.Engine{}, model.Planned{}, "docker -c far compose -f 'a b.yaml' logs web"},
		{"unless a plan mends it", ReadOnlyFailure, runs, model.Engine{}, model.Planned{Mounts: 1}, "petrify -c far plan -f 'a b.yaml' web"},
		{"files do not make what they do not declare", RiskyMount, stray, model.Engine{}, model.Planned{}, `petrify -c far check -f 'a b.yaml' 'it'\''s'`},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := &Check{
				Stack: &model.Stack{Engine: test.engine}, Planned: map[string]model.Planned{test.service.Name: test.planned},
				Flags: Flags{Project: []string{"-f", "a b.yaml"}, Engine: []string{"-c", "far"}},
			}
			if got := kindOf(test.rule).command(c, &test.service); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	for _, f := range checked(shop()).Findings() {
		if f.Command == "" {
			t.Errorf("%s of %s leads nowhere", f.Rule, f.Service)
		}
	}
}
