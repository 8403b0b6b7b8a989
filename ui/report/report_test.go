package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/exp/golden"

	"petrify/model"
)

var now = time.Date(2026, 3, 1, 14, 5, 0, 0, time.UTC)

var blind = []model.BlindSpot{{Kind: model.BlindTransient}, {Kind: model.BlindFailed}, {Kind: model.BlindInMounts}}

// changed reads changes as `docker diff` prints them: A, C or D before the path.
func changed(lines ...string) []model.Change {
	kinds := map[byte]model.ChangeKind{'A': model.Added, 'C': model.Modified, 'D': model.Deleted}
	changes := make([]model.Change, len(lines))
	for i, line := range lines {
		changes[i] = model.Change{Kind: kinds[line[0]], Path: line[2:]}
	}
	return changes
}

func shopContainer(service string, number int) model.Container {
	name := fmt.Sprintf("shop-%s-%d", service, number)
	return model.Container{
		ID: name + "-id", Name: name, Project: "shop", Service: service, Number: number, Image: service + ":1", ImageID: "sha256:" + service,
		State: model.Running, Created: now.Add(-5 * time.Minute), Started: now.Add(-4 * time.Minute), Inspected: true,
	}
}

func asked(c model.Container, paths []model.Change) model.ContainerChanges {
	return model.ContainerChanges{Container: c.ID, Changes: model.Changes{Paths: paths, Taken: now.Add(-12 * time.Second)}}
}

// shop is a stack with one service of each kind.
func shop() *model.Stack {
	return &model.Stack{
		At:       now,
		Name:     "shop",
		Files:    []string{"/home/ada/shop/compose.yaml", "/home/ada/shop/compose.override.yaml"},
		Engine:   model.Engine{Product: "docker", Version: "28.2", APIVersion: "1.50", Context: "desktop-linux", Address: "unix:///var/run/docker.sock", OS: "Debian GNU/Linux 12"},
		Link:     model.Link{State: model.Live, Since: now.Add(-time.Minute)},
		Inactive: []string{"debug"},
		Totals:   model.Totals{Services: 5, ReadOnly: 1, Breaks: 1, Unknown: 3},
		Services: []model.Service{backup(), cache(), db(), web(), stray()},
	}
}

func backup() model.Service {
	return model.Service{
		Name: "backup", Declared: &model.Declared{Name: "backup"},
		Mounts:  []model.MountPair{{Target: "/backup", Declared: &model.Mount{Kind: model.Bind, Source: "/home/ada/shop/backup", Target: "/backup"}}},
		Verdict: model.Verdict{Outcome: model.NotKnown, Reason: "no container was created yet", Evidence: "not created", Blind: blind},
	}
}

func cache() model.Service {
	c := shopContainer("cache", 1)
	c.ReadOnly, c.Health = true, model.Unhealthy
	c.HealthLog = []model.Probe{{At: now, ExitCode: 1, Output: "checking\nMISCONF: can't open /data/temp.rdb: Read-only file system\n"}}
	return model.Service{
		Name: "cache", Declared: &model.Declared{Name: "cache", ReadOnly: true}, Containers: []model.Container{c},
		Mounts: []model.MountPair{{
			Target:   "/data",
			Declared: &model.Mount{Kind: model.Tmpfs, Target: "/data", Options: "mode=0700,size=64m"},
			Live:     &model.Mount{Kind: model.Tmpfs, Target: "/data", Options: "mode=0700,size=64m"},
		}},
		Changes: []model.ContainerChanges{asked(c, nil)},
		Verdict: model.Verdict{Outcome: model.IsReadOnly, Reason: "its root is read-only"},
	}
}

func db() model.Service {
	c := shopContainer("db", 1)
	c.Health, c.User = model.Healthy, "999"
	data := &model.Mount{Kind: model.Volume, Source: "shop_data", Target: "/var/lib/mysql"}
	return model.Service{
		Name: "db", Declared: &model.Declared{Name: "db"}, Containers: []model.Container{c},
		Mounts:  []model.MountPair{{Target: data.Target, Declared: data, Live: data}},
		Changes: []model.ContainerChanges{asked(c, nil)},
		Verdict: model.Verdict{
			Outcome: model.NotKnown, Reason: "nothing seen in 4 min is not nothing needed", Evidence: "no changes in 4 min",
			Watched: 4 * time.Minute, Blind: blind,
		},
	}
}

func web() model.Service {
	first, second := shopContainer("web", 1), shopContainer("web", 2)
	first.Health = model.Healthy
	first.Ports = []model.Port{{HostIP: "0.0.0.0", Host: "8080", Target: 80, Protocol: "tcp"}, {HostIP: "::", Host: "8080", Target: 80, Protocol: "tcp"}}
	second.State, second.ExitCode, second.OOMKilled, second.Finished, second.Restarts = model.Exited, 137, true, now.Add(-time.Minute), 3
	oneOff := shopContainer("web", 3)
	oneOff.OneOff, oneOff.Name = true, "shop-web-run-4f1c"

	writes := changed(
		"A /run/apache2/apache2.pid", "A /run/lock/apache2/mutex", "C /var/log/apache2/access.log", "C /var/log/apache2/error.log",
		"A /var/lib/php/sessions/sess_1", "A /var/lib/php/sessions/sess_2", "A /var/lib/php/sessions/sess_3",
		"C /var/www/html/wp-config.php", "D /var/www/html/readme.html",
	)
	uploads := changed("A /var/www/html/wp-content/uploads/2026/photo.jpg", "A /var/www/html/wp-content/uploads/2026")
	content := &model.Mount{Kind: model.Volume, Source: "shop_content", Target: "/var/www/html/wp-content/uploads"}
	socket := &model.Mount{Kind: model.Bind, Source: "/var/run/docker.sock", Target: "/var/run/docker.sock", ReadOnly: true}
	conf := &model.Mount{Kind: model.Bind, Source: "/home/ada/shop/php.ini", Target: "/etc/php/8.2/apache2/php.ini", ReadOnly: true}
	first8 := asked(first, append(uploads[:2:2], writes...))
	first8.EngineMade = changed("A /var/www/html/wp-content/uploads", "C /var/www")
	s := model.Service{
		Name: "web", Declared: &model.Declared{Name: "web", ReadOnly: true}, Containers: []model.Container{first, second, oneOff},
		Mounts: []model.MountPair{
			{Target: conf.Target, Declared: conf, Live: conf},
			{Target: socket.Target, Declared: socket, Live: socket, Risk: "the engine's socket: who can open it controls every container and the host"},
			{Target: content.Target, Declared: content, Users: []model.VolumeUse{
				{Container: "shop-backup-1", Project: "shop", Service: "backup", Running: true, Mount: model.Mount{Target: "/in", ReadOnly: true}},
				{Container: "mirror", Running: true, Mount: *content},
			}},
		},
		Drift: []model.Difference{
			{Field: "image", Declared: "wordpress:6.5", Live: "wordpress:6.4"},
			{Field: "mounts", Subject: "/var/www/html/wp-content/uploads", Declared: "volume shop_content"},
		},
		Changes: []model.ContainerChanges{first8, {Container: second.ID, Changes: model.Changes{Err: "the engine did not answer in 30 s"}}},
		Counts:  model.Counts{Added: 7, Modified: 3, Deleted: 1},
		Verdict: model.Verdict{
			Outcome: model.WouldBreak, Reason: "wrote to 9 paths on its root", Evidence: "changes over 4 min", Watched: 4 * time.Minute,
			Blocked: writes, Blind: blind,
		},
	}
	for _, u := range uploads {
		s.Verdict.Allowed = append(s.Verdict.Allowed, model.AllowedPath{Change: u, Mount: *content})
	}
	return s
}

func stray() model.Service {
	c := shopContainer("worker", 1)
	c.Inspected, c.State = false, model.Paused
	return model.Service{
		Name: "worker", Containers: []model.Container{c},
		Verdict: model.Verdict{Outcome: model.NotKnown, Reason: "its containers have not been asked for their changes yet", Evidence: "not asked yet", Blind: blind},
	}
}

// hostile is a stack whose every text tries to reach the terminal, or is long.
func hostile() *model.Stack {
	hostileText := "a\x1b]0;owned\x07\u202e\u009b31m\xff\n" + strings.Repeat("long", 60)
	c := model.Container{
		ID: hostileText, Name: hostileText, Service: hostileText, Image: hostileText, State: model.State(hostileText), Health: model.Health(hostileText), Error: hostileText, User: hostileText,
		Started: now, HealthLog: []model.Probe{{ExitCode: 1, Output: hostileText + " Read-only file system"}},
		Ports: []model.Port{{Host: hostileText, Protocol: hostileText}},
	}
	m := model.Mount{Kind: model.MountKind(hostileText), Source: hostileText, Target: "/" + hostileText, Options: hostileText}
	paths := []model.Change{{Path: "/" + hostileText}, {Path: "/tmp/" + hostileText, Kind: model.Added}}
	return &model.Stack{
		At: now, Name: hostileText, Files: []string{hostileText}, Inactive: []string{hostileText},
		Engine:  model.Engine{Product: model.Product(hostileText), Version: hostileText, Context: hostileText, Address: hostileText},
		Link:    model.Link{State: model.Stale, Reason: hostileText, Advice: hostileText},
		Problem: &model.Problem{File: hostileText, Line: 3, Text: hostileText, Advice: hostileText},
		Totals:  model.Totals{Services: 1},
		Services: []model.Service{{
			Name: hostileText, Containers: []model.Container{c},
			Mounts:  []model.MountPair{{Target: m.Target, Live: &m, Risk: model.Risk(hostileText), Users: []model.VolumeUse{{Service: hostileText}}}},
			Drift:   []model.Difference{{Field: hostileText, Subject: hostileText, Declared: hostileText, Live: hostileText}},
			Changes: []model.ContainerChanges{{Container: hostileText, Changes: model.Changes{Paths: paths, Taken: now, Err: hostileText}}},
			Counts:  model.Counts{Added: 1, Modified: 1},
			Verdict: model.Verdict{
				Outcome: model.WouldBreak, Reason: hostileText, Evidence: hostileText, Blind: []model.BlindSpot{{Kind: model.BlindOther, Detail: hostileText}},
				Blocked: paths[:1], Allowed: []model.AllowedPath{{Change: paths[1], Mount: m}},
			},
		}},
	}
}

func text(t *testing.T, s *model.Stack, opt Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Text(&b, checked(s), opt); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestText(t *testing.T) {
	down := shop()
	down.Link = model.Link{State: model.Connecting, Reason: "permission denied on /var/run/docker.sock", Advice: "join the group docker: sudo usermod -aG docker $USER"}
	down.Services, down.Totals, down.Inactive = nil, model.Totals{}, nil

	broken := shop()
	broken.Files, broken.Services = nil, []model.Service{db()}
	broken.Services[0].Declared = nil
	broken.Totals = model.Totals{Services: 1, Unknown: 1}
	broken.Problem = &model.Problem{File: "compose.yaml", Line: 7, Text: "mapping values are not allowed here", Advice: "mend line 7 of compose.yaml"}

	sound := shop()
	sound.Services = []model.Service{cache()}
	sound.Services[0].Containers[0].Health, sound.Services[0].Containers[0].HealthLog = model.Healthy, nil
	sound.Totals = model.Totals{Services: 1, ReadOnly: 1}

	tests := []struct {
		name  string
		stack *model.Stack
		opt   Options
	}{
		{"shop-60", shop(), Options{Width: 60}},
		{"shop-80", shop(), Options{Width: 80}},
		{"shop-120", shop(), Options{Width: 120}},
		{"shop-color", shop(), Options{Color: true}},
		{"engine-down", down, Options{Width: 80}},
		{"broken-file", broken, Options{Width: 80}},
		{"nothing-found", sound, Options{Width: 80}},
		{"hostile", hostile(), Options{Width: 80}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { golden.RequireEqual(t, text(t, tt.stack, tt.opt)) })
	}
}

func TestTextFitsAndIsSafe(t *testing.T) {
	for _, s := range []*model.Stack{shop(), hostile(), {}} {
		for width := narrowest; width <= 140; width++ {
			out := text(t, s, Options{Width: width})
			if !utf8.ValidString(out) || strings.ContainsFunc(out, func(r rune) bool { return r != '\n' && (r < ' ' || 0x7f <= r && r < 0xa0 || r == 0x202e) }) {
				t.Fatalf("width %d: a control character in\n%q", width, out)
			}
			for line := range strings.Lines(out) {
				line = strings.TrimSuffix(line, "\n")
				if ansi.StringWidth(line) > width {
					t.Errorf("width %d: %d cells: %s", width, ansi.StringWidth(line), line)
				}
				if strings.TrimRight(line, " ") != line {
					t.Errorf("width %d: spaces at the end of %q", width, line)
				}
			}
			colored := ansi.Strip(text(t, s, Options{Width: width, Color: true}))
			if colored != out {
				t.Errorf("width %d: colour changes more than colour", width)
			}
		}
	}
}

// Who may reach a port is the half that matters of where it is published.
func TestPublished(t *testing.T) {
	port := func(ip, host string) model.Port {
		return model.Port{HostIP: ip, Host: host, Target: 80, Protocol: "tcp"}
	}
	got := published([]model.Port{port("0.0.0.0", "81"), port("::", "81"), port("127.0.0.1", "82"), port("::1", "83"), port("", "")})
	const want = "port 81 to 80/tcp, port 127.0.0.1:82 to 80/tcp, port [::1]:83 to 80/tcp"
	if got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestRollUp(t *testing.T) {
	many := func(dir string, n int) (lines []string) {
		for i := range n {
			lines = append(lines, fmt.Sprintf("A %s/%03d", dir, i))
		}
		return lines
	}
	tests := []struct {
		name  string
		lines []string
		want  string
	}{
		{"nothing", nil, ""},
		{"one file far down", []string{"C /etc/apache2/conf.d/a"}, "~1 /etc/apache2/conf.d/a\n"},
		{"a few files", []string{"A /run/a.pid", "D /etc/motd"}, "-1 /etc/motd\n+1 /run/a.pid\n"},
		{"a new directory speaks for what is in it", []string{"A /run/apache2", "A /run/apache2/a.pid"}, "+2 /run/apache2/\n"},
		{"too many for rows of their own", append(many("/var/lib/php/sessions", 50), "C /etc/motd"), "~1 /etc/motd\n+50 /var/lib/php/sessions/\n"},
		{
			"a wide top",
			[]string{"A /a/1", "A /a/2", "A /b", "A /c", "A /d", "C /e", "D /f", "A /g", "A /h", "A /i"},
			"+2 /a/\n+1 /b\n+1 /c\n+1 /d\n~1 /e\n-1 /f\n+1 /g\n+2 in 2 other places\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got strings.Builder
			for _, row := range rollUp(model.NewTree(changed(tt.lines...))) {
				fmt.Fprintln(&got, countMarks(row.counts), row.path)
			}
			if got.String() != tt.want {
				t.Errorf("got:\n%s\nwant:\n%s", got.String(), tt.want)
			}
		})
	}
}
