package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
)

// server is a service of tests, as a kernel sees it: what it wants to write, in order, and
// what its image has.
type server struct {
	service *model.Service
	facts   model.Facts
	wants   []want
	logs    bool // nobody sees what is refused
}

// want is one path that a server writes.
type want struct {
	path      string
	acts      model.Acts
	directory bool
	uid       int
	size      int64
	goesOn    bool // it runs on when it cannot
	always    bool // refused to everybody
}

func made(path string) want            { return want{path: path, acts: model.Made | model.Stored} }
func folder(path string) want          { return want{path: path, acts: model.Made, directory: true} }
func ran(path string) want             { return want{path: path, acts: model.Ran} }
func (w want) by(uid int) want         { w.uid = uid; return w }
func (w want) holding(size int64) want { w.size = size; return w }
func (w want) survived() want          { w.goesOn = true; return w }
func (w want) whoever() want           { w.always, w.goesOn = true, true; return w }

// run runs the server with a plan, or unmodified, and counts its runs by their moments.
func (s *server) run(p *model.Plan, number int) model.Run {
	run := model.Run{Began: at(number), Took: time.Second, Used: map[string]int64{}, Steps: []model.TrialStep{{Kind: model.StartStep}}}
	run.Evidence.From = []model.Source{model.FromRecording}
	for _, w := range s.wants {
		seen := model.Write{Path: w.path, Bytes: w.size, First: at(number), Last: at(number), Count: 1, Acts: w.acts}
		if w.directory {
			seen.Type = model.Directory
		}
		var by int
		run.Evidence.Processes, by = model.AddProcess(run.Evidence.Processes, model.Process{Command: "server", UID: w.uid, Count: 1})
		seen.By = []int{by}
		errno, mount := s.refuses(p, w, run.Used)
		seen.Mount = mount
		if errno == "" {
			run.Evidence.Writes = append(run.Evidence.Writes, seen)
			continue
		}
		if errno != "ENOENT" && !s.logs {
			seen.Acts, seen.Count, seen.Refused, seen.Gone = 0, 0, 1, true
			seen.Refusal = model.Refusal{Acts: w.acts, Err: errno, Call: "openat", Last: at(number)}
			run.Evidence.Writes = append(run.Evidence.Writes, seen)
		}
		if !w.goesOn {
			run.Steps[0].Err, run.ExitCode = "it ended with exit code 1", 1
			break
		}
	}
	if run.Steps[0].Err == "" {
		run.Steps = append(run.Steps, model.TrialStep{Kind: model.ReadyStep, Answer: "healthy"}, model.TrialStep{Kind: model.StopStep})
	}
	slices.SortFunc(run.Evidence.Writes, model.CompareWrites)
	for i := range run.Evidence.Writes {
		if w := &run.Evidence.Writes[i]; w.OnRoot() && w.Acts != model.Ran {
			run.Evidence.Root = append(run.Evidence.Root, w.Change())
		}
	}
	return run
}

func (s *server) refuses(p *model.Plan, w want, used map[string]int64) (errno model.Errno, mount string) {
	if w.always {
		return model.ReadOnlyError, ""
	}
	if p == nil {
		return "", ""
	}
	if m, ok := s.service.Takes(w.path); ok {
		return "", m.Target
	}
	m, ok := p.Takes(w.path)
	switch {
	case !ok && w.acts == model.Ran:
		return "", ""
	case !ok:
		return model.ReadOnlyError, ""
	case m.Kind != model.Tmpfs || m.Target == w.path:
		return "", m.Target
	case w.acts == model.Ran && !m.Exec:
		return model.DeniedError, m.Target
	case m.Target != model.Parent(w.path) && s.facts.HasDirectory(model.Parent(w.path)):
		return "ENOENT", m.Target
	case w.uid != 0 && w.uid != m.UID && m.Mode&0o002 == 0 && (m.Target == model.Parent(w.path) || w.directory):
		return model.DeniedError, m.Target
	case used[m.Target]+w.size > m.Size:
		return model.FullError, m.Target
	}
	used[m.Target] += w.size
	return "", m.Target
}

// try runs a trial of a plan.
func (s *server) try(p model.Plan, o model.TrialOptions) *model.Trial {
	p, err := StartOf(p, o.Without)
	if err != nil {
		panic(err)
	}
	rounds := NewRounds(s.service, "shop", p, o, at(0))
	for number := 1; ; number++ {
		next, more := rounds.Next()
		if !more {
			return rounds.Trial(at(number))
		}
		run := s.run(next, number)
		if next == nil {
			rounds.TakeBaseline(run)
		} else {
			rounds.Take(run, s.facts)
		}
	}
}

// told is how a trial went: its mendings by round, its plan and its result.
func told(t *model.Trial) string {
	var b strings.Builder
	for i, round := range t.Rounds {
		for _, m := range round.Mended {
			fmt.Fprintf(&b, "%d %s %s: %s\n", i+1, m.Kind, m.Target, m.Why)
		}
	}
	b.WriteString(sketch(t.Plan))
	fmt.Fprintf(&b, "\n%s", t)
	for _, w := range t.Tolerated {
		fmt.Fprintf(&b, "\ntolerated %s", w.Path)
	}
	return b.String()
}

func asStarted(uid int) func(*model.Declared, *model.Container, *model.Image) {
	return func(d *model.Declared, _ *model.Container, _ *model.Image) {
		if uid > 0 {
			d.User = fmt.Sprint(uid)
		}
	}
}

func TestEmptiedPlansAreMended(t *testing.T) {
	tests := []struct {
		name  string
		uid   int
		facts model.Facts
		wants []want
		want  string
	}{
		{
			"nginx", 0,
			model.Facts{"/var/cache/nginx": shipped(0o755, 0), "/run": filled(0o755, 0), "/var/cache": filled(0o755, 0)},
			[]want{
				folder("/var/cache/nginx/client_temp"), folder("/var/cache/nginx/proxy_temp"),
				made("/run/nginx.pid"), made("/var/cache/nginx/client_temp/0001").by(101).holding(8 << 10),
			},
			`1 added /var/cache/nginx: openat of /var/cache/nginx/client_temp was refused to server (0)
2 added /run: openat of /run/nginx.pid was refused to server (0)
tmpfs /run mode=0755 uid=0 gid=0 size=1m
tmpfs /var/cache/nginx mode=0755 uid=0 gid=0 size=64m
proved: 3 rounds, 5 s, 0 refused, 0 tolerated`,
		},
		{
			"postgres", 0,
			model.Facts{"/run": filled(0o755, 0), "/run/postgresql": shipped(0o2775, 999), "/var/lib/postgresql": shipped(0o755, 999), "/var/lib/postgresql/data": shipped(0o700, 999)},
			[]want{
				made("/var/lib/postgresql/data/PG_VERSION").by(999), made("/var/lib/postgresql/data/base/1").by(999),
				made("/run/postgresql/.s.PGSQL.5432.lock").by(999), made("/run/init.pid"),
			},
			`1 added /var/lib/postgresql: openat of /var/lib/postgresql/data/PG_VERSION was refused to server (999)
2 added /run/postgresql: openat of /run/postgresql/.s.PGSQL.5432.lock was refused to server (999)
3 added /run: openat of /run/init.pid was refused to server (0)
tmpfs /run mode=0755 uid=0 gid=0 size=1m
tmpfs /run/postgresql mode=2775 uid=999 gid=999 size=1m
volume /var/lib/postgresql app-var-lib-postgresql
proved: 4 rounds, 6 s, 0 refused, 0 tolerated`,
		},
		{
			"a Python application that runs on without its bytecode", 1000,
			model.Facts{"/app": filled(0o755, 1000), "/tmp": shipped(0o1777, 0), "/app/data": shipped(0o755, 1000)},
			[]want{made("/app/__pycache__/app.pyc").by(1000).survived(), made("/tmp/wgunicorn-1").by(1000), made("/app/data/app.db").by(1000)},
			`1 added /tmp: openat of /tmp/wgunicorn-1 was refused to server (1000)
2 added /app/data: openat of /app/data/app.db was refused to server (1000)
volume /app/data app-app-data
tmpfs /tmp mode=1777 uid=0 gid=0 size=64m
unsolved /app/__pycache__/app.pyc
proved: 3 rounds, 5 s, 0 refused, 1 tolerated
tolerated /app/__pycache__/app.pyc`,
		},
		{
			"one that hides what it is refused", 0,
			model.Facts{"/data": shipped(0o755, 0)},
			[]want{made("/data/uploads/cat.jpg").survived()},
			`1 added /data/uploads: openat of /data/uploads/cat.jpg was refused to server (0)
volume /data/uploads app-data-uploads
proved: 2 rounds, 4 s, 0 refused, 0 tolerated`,
		},
		{
			"one that runs what it wrote", 0,
			model.Facts{"/tmp": shipped(0o1777, 0)},
			[]want{made("/tmp/lib.bin"), ran("/tmp/lib.bin")},
			`1 added /tmp: openat of /tmp/lib.bin was refused to server (0)
tmpfs /tmp mode=1777 uid=0 gid=0 size=64m exec
proved: 2 rounds, 4 s, 0 refused, 0 tolerated`,
		},
		{
			"what is refused anyway", 0, nil,
			[]want{made("/proc-like/x").whoever(), made("/run/a.pid")},
			`1 added /run: openat of /run/a.pid was refused to server (0)
tmpfs /run mode=0755 uid=0 gid=0 size=1m
proved: 2 rounds, 4 s, 0 refused, 1 tolerated
tolerated /proc-like/x`,
		},
		{
			"its own code, which it needs to change", 0,
			model.Facts{"/app": filled(0o755, 0)},
			[]want{{path: "/app/node_modules/x.js", acts: model.Stored}},
			`alarm /app/node_modules/x.js
failed: 1 round, 3 s, 1 refused, 0 tolerated: start failed: it ended with exit code 1; refused: /app/node_modules/x.js was refused (openat: read-only file system), 1× by server (0)`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &server{service: planned(asStarted(test.uid)), facts: test.facts, wants: test.wants}
			trial := s.try(model.Plan{Service: "app"}, model.TrialOptions{})
			if got := told(trial); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// What an earlier plan has is changed where it does not do.
func TestMountsAreMended(t *testing.T) {
	tmpfs := func(target string, size int64) model.PlannedMount {
		return model.PlannedMount{Kind: model.Tmpfs, Target: target, Mode: 0o755, Size: size, Class: model.Temporary}
	}
	limited := func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Memory = 8 * miB }
	tests := []struct {
		name   string
		adapt  func(*model.Declared, *model.Container, *model.Image)
		facts  model.Facts
		mounts []model.PlannedMount
		wants  []want
		want   string
	}{
		{
			"a program is run", nil, nil,
			[]model.PlannedMount{tmpfs("/work", 1*miB)},
			[]want{ran("/work/tool")},
			`1 exec /work: openat of /work/tool was refused to server (0)
tmpfs /work mode=0755 uid=0 gid=0 size=1m exec
proved: 2 rounds, 4 s, 0 refused, 0 tolerated`,
		},
		{
			"somebody else's", nil, nil,
			[]model.PlannedMount{tmpfs("/work", 1*miB)},
			[]want{made("/work/x").by(33)},
			`1 owner /work: openat of /work/x was refused to server (33): mode=0755 uid=33 gid=0
tmpfs /work mode=0755 uid=33 gid=0 size=1m
proved: 2 rounds, 4 s, 0 refused, 0 tolerated`,
		},
		{
			"of two users", nil, nil,
			[]model.PlannedMount{tmpfs("/work", 1*miB)},
			[]want{made("/work/x").by(33), made("/work/y").by(34)},
			`1 owner /work: openat of /work/x was refused to server (33): mode=1777 uid=0 gid=0
tmpfs /work mode=1777 uid=0 gid=0 size=1m
proved: 2 rounds, 4 s, 0 refused, 0 tolerated`,
		},
		{
			"too small", nil, nil,
			[]model.PlannedMount{tmpfs("/work", 1*miB)},
			[]want{made("/work/x").holding(10 * miB)},
			`1 size /work: openat of /work/x was refused to server (0): size=4m
2 size /work: openat of /work/x was refused to server (0): size=16m
tmpfs /work mode=0755 uid=0 gid=0 size=16m
proved: 3 rounds, 5 s, 0 refused, 0 tolerated`,
		},
		{
			"too small, and no memory for more", limited, nil,
			[]model.PlannedMount{tmpfs("/work", 4*miB)},
			[]want{made("/work/x").holding(10 * miB)},
			`1 size /work: openat of /work/x was refused to server (0): memory has no room for more, so that it becomes a volume
volume /work app-work
proved: 2 rounds, 4 s, 0 refused, 0 tolerated`,
		},
		{
			"it hides a directory of the image", nil,
			model.Facts{"/run": filled(0o755, 0), "/run/app": shipped(0o755, 0)},
			[]model.PlannedMount{tmpfs("/run", 1*miB)},
			[]want{made("/run/app/app.pid")},
			`1 added /run/app: the unmodified copy wrote /run/app/app.pid (server (0)) in it, and the mount at /run hides it
tmpfs /run mode=0755 uid=0 gid=0 size=1m
tmpfs /run/app mode=0755 uid=0 gid=0 size=1m
proved: 2 rounds, 4 s, 0 refused, 0 tolerated`,
		},
		{
			"it cannot be made to fit", nil, nil,
			[]model.PlannedMount{{Kind: model.Volume, Target: "/data", Volume: "v", Class: model.Database}},
			[]want{made("/data/x"), made("/etc/passwd.new")},
			`unsolved /etc/passwd.new
volume /data v
failed: 1 round, 3 s, 1 refused, 0 tolerated: start failed: it ended with exit code 1; refused: /etc/passwd.new was refused (openat: read-only file system), 1× by server (0)`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := &server{service: planned(test.adapt), facts: test.facts, wants: test.wants}
			if s.facts == nil {
				s.facts = model.Facts{"/etc": filled(0o755, 0)}
			}
			trial := s.try(model.Plan{Service: "app", Mounts: test.mounts}, model.TrialOptions{})
			if got := told(trial); !sameInAnyOrder(got, test.want) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// Without anybody who sees refusals, what the unmodified copy wrote mends the plan.
func TestMendingWithoutRefusals(t *testing.T) {
	s := &server{
		service: planned(nil), logs: true, wants: []want{made("/run/a.pid"), made("/data/app.db")},
		facts: model.Facts{"/run": filled(0o755, 0), "/data": shipped(0o755, 0)},
	}
	want := `1 added /data: the unmodified copy wrote /data/app.db (server (0))
1 added /run: the unmodified copy wrote /run/a.pid (server (0))
volume /data app-data
tmpfs /run mode=0755 uid=0 gid=0 size=1m
proved: 2 rounds, 4 s, 0 refused, 0 tolerated`
	if got := told(s.try(model.Plan{Service: "app"}, model.TrialOptions{})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMinimise(t *testing.T) {
	assumed := func(target string, why string) model.PlannedMount {
		return model.PlannedMount{Kind: model.Tmpfs, Target: target, Mode: 0o1777, Size: 64 * miB, Class: model.Temporary, Assumed: why}
	}
	s := &server{
		service: planned(nil), facts: model.Facts{"/run": filled(0o755, 0)},
		wants: []want{made("/tmp/x").holding(100 << 10), {path: "/var/spool/q", acts: model.Stored}},
	}
	p := model.Plan{Service: "app", Mounts: []model.PlannedMount{
		assumed("/run", ""), assumed("/tmp", "assumed"), assumed("/var/spool", ""), assumed("/var/tmp", "assumed"),
	}}
	want := `1 removed /var/tmp: nothing was seen to be written there
2 removed /run: nothing was seen to be written there
3 size /tmp: at most 100k were in it: size=1m
3 size /var/spool: at most 0 were in it: size=1m
tmpfs /tmp mode=1777 uid=0 gid=0 size=1m
tmpfs /var/spool mode=1777 uid=0 gid=0 size=1m
proved: 4 rounds, 6 s, 0 refused, 0 tolerated`
	if got := told(s.try(p, model.TrialOptions{Minimise: true})); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A round that fails though nothing was refused is run once more, and only once.
func TestUnexplainedRoundsAreRunAgain(t *testing.T) {
	well := model.Run{Steps: []model.TrialStep{{Kind: model.StartStep}, {Kind: model.ReadyStep, Answer: "healthy"}}}
	late := model.Run{Steps: []model.TrialStep{{Kind: model.StartStep}, {Kind: model.ReadyStep, Err: "it was not ready in time"}}}
	for name, test := range map[string]struct {
		runs []model.Run
		want model.TrialResult
	}{
		"well the second time": {[]model.Run{late, well}, model.TrialProved},
		"late again":           {[]model.Run{late, late}, model.TrialFailed},
	} {
		rounds := NewRounds(planned(nil), "shop", model.Plan{Service: "app"}, model.TrialOptions{}, at(0))
		rounds.TakeBaseline(well)
		for _, run := range test.runs {
			if _, more := rounds.Next(); !more {
				t.Errorf("%s: the trial ended early", name)
			}
			rounds.Take(run, nil)
		}
		if trial := rounds.Trial(at(5)); trial.Result != test.want || len(trial.Rounds) != 2 {
			t.Errorf("%s: %s", name, trial)
		}
	}
}

func TestTrialsWithoutProof(t *testing.T) {
	rounds := NewRounds(planned(nil), "shop", model.Plan{}, model.TrialOptions{}, at(0))
	rounds.TakeBaseline(model.Run{Steps: []model.TrialStep{{Kind: model.StartStep}, {Kind: model.ReadyStep, Err: "it was unhealthy"}}})
	if got, want := rounds.Trial(at(1)).String(), "no-baseline: 0 rounds, 1 s, 0 refused, 0 tolerated: the unmodified copy does not work either: ready failed: it was unhealthy"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	many := &server{service: planned(nil), facts: model.Facts{}}
	for i := range model.MostRounds + 1 {
		many.wants = append(many.wants, made(fmt.Sprintf("/srv/place%c/sub/x.db", 'a'+i)))
		many.facts[fmt.Sprintf("/srv/place%c/sub", 'a'+i)] = shipped(0o755, 0)
	}
	if trial := many.try(model.Plan{Service: "app"}, model.TrialOptions{}); trial.Result != model.TrialUnfinished || len(trial.Rounds) != model.MostRounds {
		t.Errorf("%s", trial)
	}
	if _, err := StartOf(model.Plan{Service: "app"}, []string{"/none"}); err == nil {
		t.Error("a mount that is not there was left out")
	}
}
