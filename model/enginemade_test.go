package model

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

func lines(changes []Change) string {
	var b strings.Builder
	for _, change := range changes {
		fmt.Fprintln(&b, change)
	}
	return b.String()
}

func TestNewChanges(t *testing.T) {
	mounts := func(targets ...string) Container {
		var c Container
		for _, target := range targets {
			c.Mounts = append(c.Mounts, Mount{Target: target})
		}
		return c
	}
	tests := []struct {
		name      string
		container Container
		image     *Image
		changes   []Change
		want      []Change // what stays
	}{
		{
			"what Docker 20.10 makes for mounts of all kinds",
			mounts("/anon", "/etc/cfg.txt", "/run/secrets/filesec", "/t3/", "/deep/er/mount"),
			nil,
			diff("C /etc", "A /etc/cfg.txt", "A /anon", "C /run", "A /run/secrets", "A /run/secrets/filesec", "A /t3", "A /deep", "A /deep/er", "A /deep/er/mount"),
			nil,
		},
		{
			"a write beside a mount point, and its modified directory",
			mounts("/etc/cfg.txt"), nil,
			diff("C /etc", "A /etc/cfg.txt", "C /etc/passwd"),
			diff("C /etc", "C /etc/passwd"),
		},
		{
			"a write in a directory that the engine made",
			mounts("/srv/data"), nil,
			diff("A /srv", "A /srv/data", "A /srv/own"),
			diff("A /srv/own"),
		},
		{
			"a write far below a modified directory",
			mounts("/var/lib/mysql"), nil,
			diff("C /var", "C /var/lib", "A /var/lib/mysql", "C /var/lib/a", "C /var/lib/a/b", "D /var/lib/a/b/c"),
			diff("C /var", "C /var/lib", "C /var/lib/a", "C /var/lib/a/b", "D /var/lib/a/b/c"),
		},
		{
			"a mount whose target goes through /var/run",
			mounts("/var/run/x"), nil,
			diff("C /run", "A /run/x"),
			nil,
		},
		{
			"a volume of the image, when the list of mounts is not known",
			Container{},
			&Image{Volumes: []string{"/data/"}},
			diff("A /data"),
			nil,
		},
		{
			"a working directory that the image lacks, and a chmod of one that it has",
			Container{WorkingDir: "/app/sub/"},
			nil,
			diff("C /app", "A /app/sub"),
			nil,
		},
		{
			"a changed mode of the working directory is the service's",
			Container{WorkingDir: "/app"},
			nil,
			diff("C /app"),
			diff("C /app"),
		},
		{
			"files of the engine",
			Container{},
			nil,
			diff("A /.dockerenv", "C /etc", "A /etc/hosts", "C /etc/resolv.conf", "A /etc/mtab", "A /dev", "A /dev/shm", "A /proc", "A /sys", "A /sbin", "A /sbin/docker-init"),
			nil,
		},
		{
			"Podman names /etc always",
			Container{},
			nil,
			diff("C /etc", "A /run", "A /run/.containerenv"),
			nil,
		},
		{
			"what only looks like the engine's",
			Container{},
			nil,
			diff("A /run", "A /run/app.pid", "A /dev/thing", "A /etc/hosts.bak", "C /var", "D /etc/mtab", "A /sbin"),
			diff("A /run", "A /run/app.pid", "A /dev/thing", "A /etc/hosts.bak", "C /var", "D /etc/mtab", "A /sbin"),
		},
		{
			"deletions are never the engine's",
			mounts("/srv/data"), nil,
			diff("D /srv", "D /srv/data"),
			diff("D /srv", "D /srv/data"),
		},
		{
			"a mount at the root drops nothing",
			mounts("/"), nil,
			diff("A /x", "C /y"),
			diff("A /x", "C /y"),
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			given := slices.Clone(test.changes)
			got := NewChanges(given, test.container, test.image, time.Unix(1, 0), time.Second)
			if lines(got.Paths) != lines(test.want) {
				t.Errorf("kept\n%swant\n%s", lines(got.Paths), lines(test.want))
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
		var c Container
		for range random.IntN(3) {
			c.Mounts = append(c.Mounts, Mount{Target: anyPath()})
		}
		if random.IntN(2) == 0 {
			c.WorkingDir = anyPath()
		}
		seen := map[string]bool{}
		var changes []Change
		for range random.IntN(30) {
			if p := anyPath(); !seen[p] {
				seen[p] = true
				changes = append(changes, Change{Path: p, Kind: ChangeKind(random.IntN(3))})
			}
		}
		for _, dropped := range NewChanges(changes, c, nil, time.Time{}, 0).EngineMade {
			targets := append([]string{c.WorkingDir}, engineFiles...)
			for _, m := range c.Mounts {
				behind, _ := behindLink(m.Target)
				targets = append(targets, m.Target, behind)
			}
			if dropped.Kind == Deleted || !slices.ContainsFunc(targets, func(target string) bool { return within(target, dropped.Path) }) {
				t.Fatalf("%v was dropped for %v of\n%s", dropped, c.Mounts, lines(changes))
			}
		}
	}
}

// The counts of a service are those of its tree, however its containers differ.
func TestCountsAgreeWithTree(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		var sets [][]Change
		var o Observation
		o.Changes = map[string]Changes{}
		for i := range 1 + random.IntN(3) {
			seen := map[string]bool{}
			var set []Change
			for range random.IntN(12) {
				p := ""
				for range 1 + random.IntN(3) {
					p += "/" + string(rune('a'+random.IntN(3)))
				}
				if !seen[p] {
					seen[p] = true
					set = append(set, Change{Path: p, Kind: ChangeKind(random.IntN(3))})
				}
			}
			sets = append(sets, set)
			id := fmt.Sprint(i)
			o.Containers = append(o.Containers, Container{ID: id, Name: id, Service: "web", Number: i})
			o.Changes[id] = Changes{Paths: set, Taken: time.Unix(1, 0)}
		}
		got, want := Lay(o, nil).Services[0].Counts, NewTree(sets...).Counts(Root)
		if got != want {
			t.Fatalf("service %v, tree %v, of %v", got, want, sets)
		}
	}
}
