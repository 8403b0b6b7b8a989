package plan

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"petrify/model"
	"petrify/model/modeltest"
	"petrify/model/stack"
)

// A scenario is an image with a container of it that wrote something, all made up
// from one seed.
type scenario struct {
	container model.Container
	declared  model.Declared
	image     model.Image
	facts     model.Facts
	changes   []model.Change
}

var (
	someDirs  = []string{"run", "tmp", "var", "lib", "log", "mysql", "cache", "uploads", "data", "srv", "app", "plugins", "wp-content", "__pycache__", "etc", "lock", "job-4711", "logs"}
	someFiles = []string{"x", "app.pid", "shell.php", "db.sqlite3", "a.log", "app.conf", "x.so", ".bash_history", "sess_1", "m.pyc"}
)

func newScenario(seed uint64) scenario {
	r := rand.New(rand.NewPCG(seed, 1))
	w := scenario{facts: model.Facts{}, container: modeltest.Running("app", 1), declared: model.Declared{Name: "app", Image: "app", Replicas: 1}}
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	owner := r.IntN(2) * 1000
	modes := []uint32{0o755, 0o700, 0o1777, 0o2775}
	// The image's directories, and whether something other than directories is in them.
	dirs := []string{"/"}
	image := map[string]bool{"/": true}
	for range 3 + r.IntN(15) {
		dir := model.Canonical(dirs[r.IntN(len(dirs))] + "/" + pick(someDirs))
		if !image[dir] {
			dirs, image[dir] = append(dirs, dir), true
		}
	}
	for _, dir := range dirs {
		fact := shipped(modes[r.IntN(len(modes))], r.IntN(2)*owner)
		fact.Real = dir
		fact.HasContent = r.IntN(3) == 0 || slices.ContainsFunc(dirs, func(d string) bool { return d != dir && model.Within(d, dir) })
		fact.HasFiles = fact.HasContent && r.IntN(2) == 0
		w.facts[dir] = fact
	}
	// What the container made and changed.
	seen := map[string]bool{}
	put := func(p string, kind model.ChangeKind) {
		if !seen[p] && (kind != model.Added || !image[p]) {
			seen[p] = true
			w.changes = append(w.changes, model.Change{Path: p, Kind: kind})
		}
	}
	made := map[string]bool{}
	for range 1 + r.IntN(20) {
		dir := dirs[r.IntN(len(dirs))]
		for range r.IntN(3) {
			if dir = model.Canonical(dir + "/" + pick(someDirs)); !image[dir] {
				put(dir, model.Added)
				made[dir] = true
				w.facts[dir] = grown(0o755, owner)
			}
		}
		p := model.Canonical(dir + "/" + pick(someFiles))
		if made[dir] {
			put(p, model.Added)
			continue
		}
		if kind := model.ChangeKind(r.IntN(3)); kind != model.Added && !made[dir] {
			// What is modified or deleted is the image's.
			for above := dir; ; above = model.Parent(above) {
				fact := w.facts[above]
				fact.HasContent, fact.HasFiles = true, true
				w.facts[above] = fact
				if above == "/" {
					break
				}
			}
			put(p, kind)
		} else {
			put(p, model.Added)
		}
	}
	if r.IntN(3) == 0 {
		w.declared.Mounts = append(w.declared.Mounts, model.Mount{Kind: model.Volume, Source: "v", Target: dirs[r.IntN(len(dirs))] + "/" + pick(someDirs), ReadOnly: r.IntN(4) == 0})
	}
	if owner != 0 {
		w.declared.User = "1000"
	}
	if seed%3 == 0 {
		w.declared.Memory = int64(8+seed%64) * miB
	}
	// Some facts stay unknown.
	for _, p := range slices.Sorted(maps.Keys(w.facts)) {
		if r.IntN(8) == 0 {
			delete(w.facts, p)
		}
	}
	w.image = model.Image{ID: w.container.ImageID}
	return w
}

// plan lays a scenario with its changes in one order and plans for it.
func (w scenario) plan(order uint64, opt model.PlanOptions) (model.Plan, *model.Service) {
	changes := slices.Clone(w.changes)
	rand.New(rand.NewPCG(order, 2)).Shuffle(len(changes), func(i, j int) { changes[i], changes[j] = changes[j], changes[i] })
	s := stack.Lay(model.Observation{
		Name: "shop", Project: &model.Project{Name: "shop", Services: []model.Declared{w.declared}}, Containers: []model.Container{w.container},
		Images:  map[string]model.Image{w.image.ID: w.image},
		Changes: map[string]model.Changes{w.container.ID: {Paths: changes, Taken: modeltest.Start.Add(time.Hour)}},
	}, nil)
	return Make(&s.Services[0], w.facts, opt), &s.Services[0]
}

// checkPlan reports what a plan breaks of what every plan promises.
func checkPlan(t *testing.T, w scenario, p model.Plan, s *model.Service) {
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
	if together := tmpfsSizes(p); w.declared.Memory > 0 && together > w.declared.Memory/2 {
		t.Errorf("its tmpfs take %d together, of a limit of %d", together, w.declared.Memory)
	}
	for i, m := range p.Mounts {
		if m.Target != model.Canonical(m.Target) || m.Target == "/" {
			t.Errorf("%q is no target for a mount", m.Target)
		}
		if i > 0 && model.ComparePaths(p.Mounts[i-1].Target, m.Target) >= 0 {
			t.Errorf("%s does not come after %s", m.Target, p.Mounts[i-1].Target)
		}
		if slices.ContainsFunc(s.Mounts, func(pair model.MountPair) bool { return pair.Target == m.Target && pair.Declared != nil }) {
			t.Errorf("%s is mounted already", m.Target)
		}
		if len(m.Serves) == 0 && m.Assumed == "" {
			t.Errorf("%s serves nothing", m.Target)
		}
		if m.Kind == model.Tmpfs && (m.Size < leastTmpfs || m.Mode == 0) {
			t.Errorf("%s has no size or no mode", m)
		}
		if fact, ok := w.facts[m.Target]; ok && m.Kind == model.Tmpfs && !volatile(m.Target) && !forLogs(m.Target) && fact.Exists && fact.HasContent {
			t.Errorf("a tmpfs on %s hides what the image has there", m.Target)
		}
		for _, change := range m.Serves {
			fact := w.facts[change.Path]
			if m.Kind == model.Tmpfs && change.Kind == model.Modified && fact.Type != model.Directory && !slices.Contains(usualDirectories, change.Path) && volatile(m.Target) {
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
		w := newScenario(seed)
		for _, opt := range []model.PlanOptions{{}, {NoAssumptions: true}} {
			p, s := w.plan(1, opt)
			checkPlan(t, w, p, s)
			if again, _ := w.plan(seed+2, opt); again.String() != p.String() {
				t.Errorf("another order makes another plan:\n%s\nand\n%s", p, again)
			}
			if t.Failed() {
				t.Fatalf("seed %d:\n%s%s", seed, p, modeltest.Lines(w.changes))
			}
		}
	}
}

func FuzzMakePlan(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, "/run/x", uint8(1))
	}
	f.Add(uint64(1), "/a/../run//x\x00", uint8(2))
	f.Add(uint64(4), "/", uint8(model.Added)) // no engine says so, but a recording might
	f.Fuzz(func(t *testing.T, seed uint64, path string, kind uint8) {
		w := newScenario(seed)
		path = model.Canonical(path)
		if !slices.ContainsFunc(w.changes, func(c model.Change) bool { return c.Path == path }) {
			w.changes = append(w.changes, model.Change{Path: path, Kind: model.ChangeKind(kind % 3)})
		}
		p, s := w.plan(1, model.PlanOptions{})
		for _, change := range s.Verdict.Blocked {
			taken := slices.ContainsFunc(slices.Concat(p.Unsolved, p.Alarms), func(u model.Unsolved) bool { return slices.Contains(u.Writes, change) })
			if _, ok := p.Takes(change.Path); !ok && !taken {
				t.Errorf("%s is neither taken nor told of in\n%s", change, p)
			}
		}
	})
}

// Alarms are found by search, so each one's writes have to be in its order.
func TestAlarmingKnowsEveryAlarm(t *testing.T) {
	written := []model.Change{
		{Path: "/usr/lib/app/a.so", Kind: model.Added},
		{Path: "/usr/lib/app-b/x.so", Kind: model.Added},
		{Path: "/usr/lib/app", Kind: model.Modified},
		{Path: "/usr/bin/tool", Kind: model.Modified},
		{Path: "/usr/bin/tool-2", Kind: model.Deleted},
		{Path: "/run/app.pid", Kind: model.Added},
	}
	s := &model.Service{Name: "app", Evidence: model.Evidence{From: []model.Source{model.FromChanges}, Root: written}}
	plan := Make(s, model.Facts{}, model.PlanOptions{})
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
