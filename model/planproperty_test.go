package model

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// A world is an image with a container of it that wrote something, all made up
// from one seed.
type world struct {
	container Container
	declared  Declared
	image     Image
	facts     Facts
	changes   []Change
}

var (
	someDirs  = []string{"run", "tmp", "var", "lib", "log", "mysql", "cache", "uploads", "data", "srv", "app", "plugins", "wp-content", "__pycache__", "etc", "lock", "job-4711", "logs"}
	someFiles = []string{"x", "app.pid", "shell.php", "db.sqlite3", "a.log", "app.conf", "x.so", ".bash_history", "sess_1", "m.pyc"}
)

func newWorld(seed uint64) world {
	r := rand.New(rand.NewPCG(seed, 1))
	w := world{facts: Facts{}, container: running("app", 1), declared: Declared{Name: "app", Image: "app", Replicas: 1}}
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	owner := r.IntN(2) * 1000
	modes := []uint32{0o755, 0o700, 0o1777, 0o2775}
	// The image's directories, and whether something other than directories is in them.
	dirs := []string{"/"}
	image := map[string]bool{"/": true}
	for range 3 + r.IntN(15) {
		dir := canonical(dirs[r.IntN(len(dirs))] + "/" + pick(someDirs))
		if !image[dir] {
			dirs, image[dir] = append(dirs, dir), true
		}
	}
	for _, dir := range dirs {
		fact := shipped(modes[r.IntN(len(modes))], r.IntN(2)*owner)
		fact.Real = dir
		fact.HasContent = r.IntN(3) == 0 || slices.ContainsFunc(dirs, func(d string) bool { return d != dir && within(d, dir) })
		fact.HasFiles = fact.HasContent && r.IntN(2) == 0
		w.facts[dir] = fact
	}
	// What the container made and changed.
	seen := map[string]bool{}
	put := func(p string, kind ChangeKind) {
		if !seen[p] && (kind != Added || !image[p]) {
			seen[p] = true
			w.changes = append(w.changes, Change{Path: p, Kind: kind})
		}
	}
	made := map[string]bool{}
	for range 1 + r.IntN(20) {
		dir := dirs[r.IntN(len(dirs))]
		for range r.IntN(3) {
			if dir = canonical(dir + "/" + pick(someDirs)); !image[dir] {
				put(dir, Added)
				made[dir] = true
				w.facts[dir] = grown(0o755, owner)
			}
		}
		p := canonical(dir + "/" + pick(someFiles))
		if made[dir] {
			put(p, Added)
			continue
		}
		if kind := ChangeKind(r.IntN(3)); kind != Added && !made[dir] {
			// What is modified or deleted is the image's.
			for above := dir; ; above = parentOf(above) {
				fact := w.facts[above]
				fact.HasContent, fact.HasFiles = true, true
				w.facts[above] = fact
				if above == "/" {
					break
				}
			}
			put(p, kind)
		} else {
			put(p, Added)
		}
	}
	if r.IntN(3) == 0 {
		w.declared.Mounts = append(w.declared.Mounts, Mount{Kind: Volume, Source: "v", Target: dirs[r.IntN(len(dirs))] + "/" + pick(someDirs), ReadOnly: r.IntN(4) == 0})
	}
	if owner != 0 {
		w.declared.User = "1000"
	}
	// Some facts stay unknown.
	for _, p := range sortedKeys(w.facts) {
		if r.IntN(8) == 0 {
			delete(w.facts, p)
		}
	}
	w.image = Image{ID: w.container.ImageID}
	return w
}

// plan lays a world with its changes in one order and plans for it.
func (w world) plan(order uint64, opt PlanOptions) (Plan, *Service) {
	changes := slices.Clone(w.changes)
	rand.New(rand.NewPCG(order, 2)).Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	s := Lay(Observation{
		Name: "shop", Project: &Project{Name: "shop", Services: []Declared{w.declared}}, Containers: []Container{w.container},
		Images:  map[string]Image{w.image.ID: w.image},
		Changes: map[string]Changes{w.container.ID: {Paths: changes, Taken: start.Add(time.Hour)}},
	}, nil)
	return MakePlan(&s.Services[0], w.facts, opt), &s.Services[0]
}

// checkPlan reports what a plan breaks of what every plan promises.
func checkPlan(t *testing.T, w world, p Plan, s *Service) {
	t.Helper()
	open := map[string]bool{}
	for _, u := range slices.Concat(p.Unsolved, p.Alarms) {
		for _, change := range u.Writes {
			open[change.Path] = true
		}
		if u.Why == "" {
			t.Errorf("%s is open without a reason", u.Path)
		}
	}
	for _, change := range s.Verdict.Blocked {
		if _, ok := p.Takes(change.Path); !ok && !open[change.Path] {
			t.Errorf("%s is neither taken nor told of", change)
		}
	}
	for i, m := range p.Mounts {
		if m.Target != canonical(m.Target) || m.Target == "/" {
			t.Errorf("%q is no target for a mount", m.Target)
		}
		if i > 0 && comparePaths(p.Mounts[i-1].Target, m.Target) >= 0 {
			t.Errorf("%s does not come after %s", m.Target, p.Mounts[i-1].Target)
		}
		if slices.ContainsFunc(s.Mounts, func(pair MountPair) bool { return pair.Target == m.Target && pair.Declared != nil }) {
			t.Errorf("%s is mounted already", m.Target)
		}
		if len(m.Serves) == 0 && m.Assumed == "" {
			t.Errorf("%s serves nothing", m.Target)
		}
		if m.Kind == Tmpfs && (m.Size < miB || m.Mode == 0) {
			t.Errorf("%s has no size or no mode", m)
		}
		if fact, ok := w.facts[m.Target]; ok && m.Kind == Tmpfs && !volatile(m.Target) && fact.Exists && fact.HasContent {
			t.Errorf("a tmpfs on %s hides what the image has there", m.Target)
		}
		for _, change := range m.Serves {
			fact := w.facts[change.Path]
			if m.Kind == Tmpfs && change.Kind == Modified && fact.Type != Directory && !slices.Contains(usualDirectories, change.Path) && volatile(m.Target) {
				if Classify(change.Path, change.Kind, nil).Place != change.Path {
					t.Errorf("a tmpfs on %s hides %s, which the service changes", m.Target, change.Path)
				}
			}
		}
		if m.Assumed != "" {
			continue
		}
		less := p.Without(m.Target)
		for _, change := range m.Serves {
			if _, ok := less.Takes(change.Path); ok {
				t.Errorf("%s is taken without %s as well", change.Path, m.Target)
			}
		}
		if len(less.Unsolved) == len(p.Unsolved) {
			t.Errorf("nobody misses %s", m.Target)
		}
	}
}

func TestPlansKeepTheirPromises(t *testing.T) {
	for seed := range uint64(3000) {
		w := newWorld(seed)
		for _, opt := range []PlanOptions{{}, {NoAssumptions: true}} {
			p, s := w.plan(1, opt)
			checkPlan(t, w, p, s)
			if again, _ := w.plan(seed+2, opt); again.String() != p.String() {
				t.Errorf("another order makes another plan:\n%s\nand\n%s", p, again)
			}
			if t.Failed() {
				t.Fatalf("seed %d:\n%s%s", seed, p, lines(w.changes))
			}
		}
	}
}

func FuzzMakePlan(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, "/run/x", uint8(1))
	}
	f.Add(uint64(1), "/a/../run//x\x00", uint8(2))
	f.Add(uint64(4), "/", uint8(Added)) // no engine says so, but a recording might
	f.Fuzz(func(t *testing.T, seed uint64, path string, kind uint8) {
		w := newWorld(seed)
		path = canonical(path)
		if !slices.ContainsFunc(w.changes, func(c Change) bool { return c.Path == path }) {
			w.changes = append(w.changes, Change{Path: path, Kind: ChangeKind(kind % 3)})
		}
		p, s := w.plan(1, PlanOptions{})
		for _, change := range s.Verdict.Blocked {
			taken := slices.ContainsFunc(slices.Concat(p.Unsolved, p.Alarms), func(u Unsolved) bool { return slices.Contains(u.Writes, change) })
			if _, ok := p.Takes(change.Path); !ok && !taken {
				t.Errorf("%s is neither taken nor told of in\n%s", change, p)
			}
		}
	})
}

// Alarms are found by search, so each one's writes have to be in its order.
func TestAlarmingKnowsEveryAlarm(t *testing.T) {
	written := []Change{
		{Path: "/usr/lib/app/a.so", Kind: Added},
		{Path: "/usr/lib/app-b/x.so", Kind: Added},
		{Path: "/usr/lib/app", Kind: Modified},
		{Path: "/usr/bin/tool", Kind: Modified},
		{Path: "/usr/bin/tool-2", Kind: Deleted},
		{Path: "/run/app.pid", Kind: Added},
	}
	s := &Service{Name: "app", Verdict: Verdict{Outcome: WouldBreak, Blocked: written}}
	plan := MakePlan(s, Facts{}, PlanOptions{})
	alarms := 0
	for _, alarm := range plan.Alarms {
		for _, write := range alarm.Writes {
			alarms++
			if !plan.Alarming(write.Path) {
				t.Errorf("%s is in an alarm and not found", write.Path)
			}
		}
	}
	if alarms == 0 || plan.Alarming("/run/app.pid") || plan.Alarming("/usr/bin") {
		t.Errorf("%d writes are in alarms; other paths are no alarm\n%v", alarms, plan)
	}
}
