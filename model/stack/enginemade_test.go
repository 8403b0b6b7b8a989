package stack

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/modeltest"
)

func TestNewChanges(t *testing.T) {
	mounts := func(targets ...string) model.Container {
		var c model.Container
		for _, target := range targets {
			c.Mounts = append(c.Mounts, model.Mount{Target: target})
		}
		return c
	}
	tests := []struct {
		name      string
		container model.Container
		image     *model.Image
		changes   []model.Change
		want      []model.Change // what stays
	}{
		{
			"what Docker 20.10 makes for mounts of all kinds",
			mounts("/anon", "/etc/cfg.txt", "/run/secrets/filesec", "/t3/", "/deep/er/mount"),
			nil,
			modeltest.Diff("C /etc", "A /etc/cfg.txt", "A /anon", "C /run", "A /run/secrets", "A /run/secrets/filesec", "A /t3", "A /deep", "A /deep/er", "A /deep/er/mount"),
			nil,
		},
		{
			"a write beside a mount point, and its modified directory",
			mounts("/etc/cfg.txt"), nil,
			modeltest.Diff("C /etc", "A /etc/cfg.txt", "C /etc/passwd"),
			modeltest.Diff("C /etc", "C /etc/passwd"),
		},
		{
			"a write in a directory that the engine made",
			mounts("/srv/data"), nil,
			modeltest.Diff("A /srv", "A /srv/data", "A /srv/own"),
			modeltest.Diff("A /srv/own"),
		},
		{
			"a write far below a modified directory",
			mounts("/var/lib/mysql"), nil,
			modeltest.Diff("C /var", "C /var/lib", "A /var/lib/mysql", "C /var/lib/a", "C /var/lib/a/b", "D /var/lib/a/b/c"),
			modeltest.Diff("C /var", "C /var/lib", "C /var/lib/a", "C /var/lib/a/b", "D /var/lib/a/b/c"),
		},
		{
			"a mount whose target goes through /var/run",
			mounts("/var/run/x"), nil,
			modeltest.Diff("C /run", "A /run/x"),
			nil,
		},
		{
			"a volume of the image, when the list of mounts is not known",
			model.Container{},
			&model.Image{Volumes: []string{"/data/"}},
			modeltest.Diff("A /data"),
			nil,
		},
		{
			"a working directory that the image lacks, and a chmod of one that it has",
			model.Container{WorkingDir: "/app/sub/"},
			nil,
			modeltest.Diff("C /app", "A /app/sub"),
			nil,
		},
		{
			"a changed mode of the working directory is the service's",
			model.Container{WorkingDir: "/app"},
			nil,
			modeltest.Diff("C /app"),
			modeltest.Diff("C /app"),
		},
		{
			"files of the engine",
			model.Container{},
			nil,
			modeltest.Diff("A /.dockerenv", "C /etc", "A /etc/hosts", "C /etc/resolv.conf", "A /etc/mtab", "A /dev", "A /dev/shm", "A /proc", "A /sys"),
			nil,
		},
		{
			"the init program of a container that has one",
			model.Container{Init: true},
			nil,
			modeltest.Diff("A /sbin", "A /sbin/docker-init"),
			nil,
		},
		{
			"the init program behind the link of a merged /usr",
			model.Container{Init: true},
			nil,
			modeltest.Diff("C /usr", "C /usr/sbin", "A /usr/sbin/docker-init"),
			nil,
		},
		{
			"a file named like the init program, where there is none",
			model.Container{},
			nil,
			modeltest.Diff("C /usr", "C /usr/sbin", "A /usr/sbin/docker-init"),
			modeltest.Diff("C /usr", "C /usr/sbin", "A /usr/sbin/docker-init"),
		},
		{
			"a mount and a working directory behind links of the image, and what is written beside them",
			model.Container{
				Mounts: []model.Mount{{Target: "/lib/app/plugins/"}}, WorkingDir: "/app/work",
				Behind: map[string]string{"/lib/app/plugins": "/usr/lib/app/plugins", "/app/work": "/opt/app-2/work"},
			},
			nil,
			modeltest.Diff("C /usr", "C /usr/lib", "A /usr/lib/app", "A /usr/lib/app/plugins", "A /usr/lib/app/x.so", "C /opt", "C /opt/app-2", "A /opt/app-2/work"),
			modeltest.Diff("C /usr", "C /usr/lib", "A /usr/lib/app/x.so"),
		},
		{
			"Podman names /etc always",
			model.Container{},
			nil,
			modeltest.Diff("C /etc", "A /run", "A /run/.containerenv"),
			nil,
		},
		{
			"what only looks like the engine's",
			model.Container{},
			nil,
			modeltest.Diff("A /run", "A /run/app.pid", "A /dev/thing", "A /etc/hosts.bak", "C /var", "D /etc/mtab", "A /sbin"),
			modeltest.Diff("A /run", "A /run/app.pid", "A /dev/thing", "A /etc/hosts.bak", "C /var", "D /etc/mtab", "A /sbin"),
		},
		{
			"deletions are never the engine's",
			mounts("/srv/data"), nil,
			modeltest.Diff("D /srv", "D /srv/data"),
			modeltest.Diff("D /srv", "D /srv/data"),
		},
		{
			"a mount at the root drops nothing",
			mounts("/"), nil,
			modeltest.Diff("A /x", "C /y"),
			modeltest.Diff("A /x", "C /y"),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			given := slices.Clone(test.changes)
			got := NewChanges(given, test.container, test.image, time.Unix(1, 0), time.Second)
			if modeltest.Lines(got.Paths) != modeltest.Lines(test.want) {
				t.Errorf("kept\n%swant\n%s", modeltest.Lines(got.Paths), modeltest.Lines(test.want))
			}
			if len(got.Paths)+len(got.EngineMade) != len(test.changes) {
				t.Errorf("%d kept and %d set apart of %d", len(got.Paths), len(got.EngineMade), len(test.changes))
			}
			if !slices.Equal(given, test.changes) {
				t.Error("the engine's answer was changed")
			}
		})
	}
}

// Whatever is no mount point, leads to none, and is no file of the engine stays.
func TestNewChangesKeepsWrites(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	anyPath := func() string {
		names := []string{"etc", "run", "var", "a", "b", "app", "hosts", "lock"}
		var b strings.Builder
		for range 1 + random.IntN(4) {
			b.WriteString("/" + names[random.IntN(len(names))])
		}
		return b.String()
	}
	for range 2000 {
		var c model.Container
		for range random.IntN(3) {
			c.Mounts = append(c.Mounts, model.Mount{Target: anyPath()})
		}
		if random.IntN(2) == 0 {
			c.WorkingDir = anyPath()
		}
		seen := map[string]bool{}
		var changes []model.Change
		for range random.IntN(30) {
			if p := anyPath(); !seen[p] {
				seen[p] = true
				changes = append(changes, model.Change{Path: p, Kind: model.ChangeKind(random.IntN(3))})
			}
		}
		for _, dropped := range NewChanges(changes, c, nil, time.Time{}, 0).EngineMade {
			targets := append([]string{c.WorkingDir}, engineFiles...)
			for _, m := range c.Mounts {
				behind, _ := model.BehindLink(m.Target)
				targets = append(targets, m.Target, behind)
			}
			if dropped.Kind == model.Deleted || !slices.ContainsFunc(targets, func(target string) bool { return model.Within(target, dropped.Path) }) {
				t.Fatalf("%v was dropped for %v of\n%s", dropped, c.Mounts, modeltest.Lines(changes))
			}
		}
	}
}

// The counts of a service are those of its tree, however its containers differ.
func TestCountsAgreeWithTree(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var sets [][]model.Change
		var o model.Observation
		o.Changes = map[string]model.Changes{}
		for i := range 1 + random.IntN(3) {
			seen := map[string]bool{}
			var set []model.Change
			for range random.IntN(12) {
				p := ""
				for range 1 + random.IntN(3) {
					p += "/" + string(rune('a'+random.IntN(3)))
				}
				if !seen[p] {
					seen[p] = true
					set = append(set, model.Change{Path: p, Kind: model.ChangeKind(random.IntN(3))})
				}
			}
			sets = append(sets, set)
			id := fmt.Sprint(i)
			o.Containers = append(o.Containers, model.Container{ID: id, Name: id, Service: "web", Number: i})
			o.Changes[id] = model.Changes{Paths: set, Taken: time.Unix(1, 0)}
		}
		got, want := Lay(o, nil).Services[0].Counts, model.NewTree(sets...).Counts(model.Root)
		if got != want {
			t.Fatalf("service %v, tree %v, of %v", got, want, sets)
		}
	}
}
