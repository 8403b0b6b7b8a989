package plan

import (
	"testing"

	"petrify/model"
)

func TestJudge(t *testing.T) {
	readOnly := func(d *model.Declared, c *model.Container, _ *model.Image) { d.ReadOnly, c.ReadOnly = true, true }
	declaredOnly := func(d *model.Declared, _ *model.Container, _ *model.Image) { d.ReadOnly = true }
	copied := func(d *model.Declared, _ *model.Container, _ *model.Image) {
		d.Mounts = []model.Mount{{Kind: model.Secret, Source: "token", Target: "/run/secrets/token", Copied: true}}
	}
	watched := func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Synced = []string{"/app"} }
	for _, test := range []struct {
		name   string
		adapt  func(*model.Declared, *model.Container, *model.Image)
		facts  model.Facts
		lines  []string
		adjust func(model.Plan) *model.Plan
		want   string
	}{
		{"mended", nil, nil, []string{"A /run/a.pid", "A /tmp/x"}, nil, "mended|mended by 2 mounts"},
		{"code changes are left", nil, nil, []string{"A /run/a.pid", "A /x.php", "A /y/z.php"}, nil, "mended in part|mended by 1 mount, 2 code changes left"},
		{"writes are left", nil, nil, []string{"A /run/a.pid", "A /state"}, nil, "mended in part|mended by 1 mount, 1 write not solved"},
		{"nothing is mended", nil, nil, []string{"A /x.php"}, nil, "would break|would break, 1 code change left"},
		{"what a person left breaks nothing", nil, nil, []string{"A /root/.bash_history"}, nil, "mended|needs no mount"},
		{"a mount is left out", nil, nil, []string{"A /run/a.pid", "A /tmp/x"}, func(p model.Plan) *model.Plan {
			p = p.Without("/tmp")
			return &p
		}, "mended in part|mended by 1 mount, 1 write not solved"},
		{"no plan was made", nil, nil, []string{"A /tmp/x"}, func(model.Plan) *model.Plan { return nil }, "would break|would break, 1 write not solved: it was not planned"},
		{
			"program files are opened", nil,
			model.Facts{"/app": filled(0o755, 0)},
			[]string{"C /app/db.sqlite3"},
			nil,
			"mended|mended by 1 mount, makes program files writable at /app",
		},
		{
			"configuration is no program", nil,
			model.Facts{"/etc/app": filled(0o755, 0)},
			[]string{"C /etc/app/a.conf"},
			nil,
			"mended|mended by 1 mount",
		},
		{"read-only", readOnly, nil, nil, nil, "read-only|read-only"},
		{"declared read-only, and writes", declaredOnly, nil, []string{"A /tmp/x"}, nil, "would break|would break, 1 write not solved: it is declared read-only already, and not planned"},
		{
			"the root stays writable", copied, nil,
			[]string{"A /tmp/x"},
			nil,
			"mended in part|mended by 1 mount, 1 write not solved: " + model.StaysCopiedIn.String(),
		},
		{"what is copied by who watches", watched, nil, []string{"A /tmp/x"}, nil, "mended|mended by 1 mount"},
		{"nothing seen", nil, nil, nil, nil, "unknown|unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := planned(test.adapt, test.lines...)
			made := Make(s, test.facts, model.PlanOptions{NoAssumptions: true})
			p := &made
			if test.adjust != nil {
				p = test.adjust(made)
			}
			judged := Judge(s, p)
			got := string(judged.Outcome) + "|" + judged.String()
			if got != test.want {
				t.Errorf("got %q, want %q, of\n%s", got, test.want, made)
			}
		})
	}
}

// A database server needs no database server of its own, and a store of objects no other.
func TestKeepersAreNotToldToLetOthersKeep(t *testing.T) {
	runs := func(image string, words ...string) func(*model.Declared, *model.Container, *model.Image) {
		return func(d *model.Declared, c *model.Container, _ *model.Image) {
			d.Image, c.Image, c.Command = image, image, words
		}
	}
	for _, test := range []struct {
		name   string
		adapt  func(*model.Declared, *model.Container, *model.Image)
		advice bool
	}{
		{"postgres", runs("registry:5000/library/postgres:16@sha256:ab"), false},
		{"by its program", runs("shop/db", "docker-entrypoint.sh", "/usr/sbin/mysqld"), false},
		{"an application", runs("shop/app", "python", "app.py"), true},
		{"a client", runs("shop/postgres-exporter"), true},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Make(planned(test.adapt, "A /var/lib/app/x.db", "A /var/lib/app/x.db-journal"), nil, model.PlanOptions{NoAssumptions: true})
			if got := p.Mounts[0]; got.Class != model.Database || (got.Better != "") != test.advice {
				t.Errorf("%s is better done by %q", got.Class, got.Better)
			}
		})
	}
}

// A service that is read-only already, and refused what it wants to write, is mended as well.
func TestJudgeOfWhatIsRefused(t *testing.T) {
	s := refusing(nil, `FATAL:  could not create lock file "/run/postgresql/.s.PGSQL.5432.lock": Read-only file system`)
	facts := model.Facts{"/run/postgresql": shipped(0o775, 70), "/tmp": shipped(0o1777, 0)}
	p := Make(s, facts, model.PlanOptions{})
	for _, test := range []struct {
		plan *model.Plan
		want string
	}{{&p, "mended by " + model.Plural(len(p.Mounts), "mount")}, {nil, "would break, 1 write not solved: it was not planned"}} {
		if got := Judge(s, test.plan).String(); !s.Breaks() || len(p.Mounts) == 0 || got != test.want {
			t.Errorf("got %q, want %q, of\n%s", got, test.want, p)
		}
	}
	if idle := refusing(nil); idle.Breaks() || Judge(idle, nil).String() != "read-only" {
		t.Errorf("nothing was refused, but %s", Judge(idle, nil))
	}
}
