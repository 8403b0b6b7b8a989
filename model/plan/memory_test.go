package plan

import (
	"strings"
	"testing"

	"petrify/model"
)

func tmpfsSizes(p model.Plan) (together int64) {
	for i := range p.Mounts {
		if p.Mounts[i].Kind == model.Tmpfs {
			together += p.Mounts[i].Size
		}
	}
	return together
}

func TestTmpfsFitIntoMemory(t *testing.T) {
	limited := func(limit int64, mounts ...model.Mount) func(*model.Declared, *model.Container, *model.Image) {
		return func(d *model.Declared, _ *model.Container, _ *model.Image) { d.Memory, d.Mounts = limit, mounts }
	}
	root := model.Facts{"/run": filled(0o755, 0), "/tmp": shipped(0o1777, 0), "/var": filled(0o755, 0), "/var/cache": shipped(0o755, 0)}
	with := func(more model.Facts) model.Facts {
		facts := model.Facts{}
		for _, some := range []model.Facts{root, more} {
			for path, fact := range some {
				facts[path] = fact
			}
		}
		return facts
	}
	cache := func(size int64) model.Facts {
		return with(model.Facts{"/var/cache/app": grown(0o755, 0), "/var/cache/app/blob": grownFile(0o644, size)})
	}
	cacheLines := []string{"A /var/cache/app", "A /var/cache/app/blob"}
	tests := []struct {
		name  string
		adapt func(*model.Declared, *model.Container, *model.Image)
		facts model.Facts
		lines []string
		want  string
		says  string // in what there is to mind
	}{
		{
			"no limit, no care", nil, cache(150 * miB), cacheLines,
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=64m\ntmpfs /var/cache/app mode=0755 uid=0 gid=0 size=2g", "",
		},
		{
			"more was seen than the memory takes", limited(96 * miB), cache(150 * miB), cacheLines,
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=32m\nvolume /var/cache/app app-var-cache-app",
			"150m were seen there, and of the service's 96m of memory tmpfs may hold 48m",
		},
		{
			"sizes are cut", limited(96 * miB), cache(5 * miB), cacheLines,
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=16m\ntmpfs /var/cache/app mode=0755 uid=0 gid=0 size=32m",
			"its size is cut from 64m, as tmpfs count as memory, of which the service has 96m",
		},
		{
			"not below what was seen", limited(96 * miB), cache(20 * miB), cacheLines,
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=16m\ntmpfs /var/cache/app mode=0755 uid=0 gid=0 size=32m", "",
		},
		{
			"a limit with room for all", limited(1024 * miB), cache(5 * miB), cacheLines,
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=64m\ntmpfs /var/cache/app mode=0755 uid=0 gid=0 size=64m", "",
		},
		{
			"two that fit only alone: the larger one goes",
			limited(96 * miB),
			with(model.Facts{
				"/var/cache/app": grown(0o755, 0), "/var/cache/app/blob": grownFile(0o644, 30*miB), "/tmp/x": grownFile(0o644, 20*miB),
			}),
			append([]string{"A /tmp/x"}, cacheLines...),
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=32m\nvolume /var/cache/app app-var-cache-app", "30m were seen there",
		},
		{
			"what is declared counts", limited(96*miB, model.Mount{Kind: model.Tmpfs, Target: "/scratch", Options: "size=40m"}), cache(5 * miB), cacheLines,
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=4m\ntmpfs /var/cache/app mode=0755 uid=0 gid=0 size=8m", "",
		},
		{
			"what is declared leaves too little", limited(96*miB, model.Mount{Kind: model.Tmpfs, Target: "/scratch", Options: "size=64m"}), cache(5 * miB), cacheLines,
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=8m\nvolume /var/cache/app app-var-cache-app", "",
		},
		{
			"sockets have to vanish with the container", limited(16 * miB),
			with(model.Facts{"/run/a.lock": grownFile(0o600, 20*miB)}),
			[]string{"A /run/a.lock"},
			"tmpfs /run mode=0755 uid=0 gid=0 size=4m\ntmpfs /tmp mode=1777 uid=0 gid=0 size=1m",
			"20m were seen there: raise the limit",
		},
		{
			"as it runs, where no file declares it",
			func(d *model.Declared, c *model.Container, _ *model.Image) { d.Memory, c.Memory = 96*miB, 1<<40 }, cache(150 * miB), cacheLines,
			"tmpfs /tmp mode=1777 uid=0 gid=0 size=32m\nvolume /var/cache/app app-var-cache-app", "",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := planned(test.adapt, test.lines...)
			p := Make(s, test.facts, model.PlanOptions{})
			if got := sketch(p); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
			var warnings []string
			for i := range p.Mounts {
				warnings = append(warnings, p.Mounts[i].Warning)
			}
			if !strings.Contains(strings.Join(warnings, "\n"), test.says) {
				t.Errorf("no warning of %q in\n%s", test.says, strings.Join(warnings, "\n"))
			}
			if limit := s.MemoryLimit(); limit > 0 && tmpfsSizes(p) > limit/2 {
				t.Errorf("the tmpfs take %d of %d", tmpfsSizes(p), limit)
			}
		})
	}
}

// A plan that was cut to the service's memory is planned again as it is.
func TestFittedPlansStay(t *testing.T) {
	facts := model.Facts{"/tmp": shipped(0o1777, 0), "/var/cache": shipped(0o755, 0), "/var/cache/app": grown(0o755, 0), "/var/cache/app/blob": grownFile(0o644, 5*miB)}
	first := Make(laidApp(model.Declared{Memory: 96 * miB}, nil, false, "A /var/cache/app", "A /var/cache/app/blob"), facts, model.PlanOptions{})
	again := Make(laidApp(model.Declared{Memory: 96 * miB}, asMounts(first), true), facts, model.PlanOptions{Earlier: &first})
	if again.String() != first.String() {
		t.Errorf("first\n%s\nagain\n%s", first, again)
	}
}

// A service that only runs has the limit that it runs with.
func TestMemoryLimitOfWhatOnlyRuns(t *testing.T) {
	s := model.Service{Containers: []model.Container{{Memory: 96 * miB}, {Memory: 64 * miB}, {}}}
	if got := s.MemoryLimit(); got != 64*miB {
		t.Errorf("it is %d", got)
	}
}
