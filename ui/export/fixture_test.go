package export

import (
	"time"

	"petrify/model"
)

var blind = []model.BlindSpot{{Kind: model.BlindTransient}, {Kind: model.BlindFailed}}

func added(paths ...string) []model.Change {
	changes := make([]model.Change, len(paths))
	for i, p := range paths {
		changes[i] = model.Change{Path: p, Kind: model.Added}
	}
	return changes
}

// shopAt is when the shop was looked at.
var shopAt = time.Date(2026, 3, 14, 12, 5, 0, 0, time.UTC)

// shop is a stack with a service for each thing that a format has to deal with,
// and the plans for it.
func shop() (*model.Stack, []model.Plan) {
	s := &model.Stack{
		At: shopAt, Name: "shop", Version: "3.8", Files: []string{"/home/me/my shop/compose.yaml", "/home/me/my shop/compose.override.yaml"},
		Services: []model.Service{webService(), dbService(), cacheService(), {Name: "stray", Containers: shopContainers("stray")}},
	}
	return s, []model.Plan{webPlan(), dbPlan(), {Service: "cache", Already: true}, undeclaredPlan()}
}

func shopContainers(name string) []model.Container {
	return []model.Container{{
		ID: name + "1", Name: "shop-" + name + "-1", Service: name, Image: name + ":1", Started: shopAt.Add(-4 * time.Minute),
		User: "1000", Inspected: true, Env: map[string]model.Masked{"TOKEN": "secret", "PATH": "/bin"},
		Ports:   []model.Port{{HostIP: "::1", Host: "9000", Target: 9000, Protocol: "udp"}, {Target: 1, Protocol: "tcp"}},
		Command: []string{"run", "it's"},
	}}
}

func declaredMount(m model.Mount) model.MountPair {
	return model.MountPair{Target: m.Target, Declared: &m}
}

func webService() model.Service {
	return model.Service{
		Name: "web", Containers: shopContainers("web"),
		Declared: &model.Declared{
			Name: "web", Image: "registry.example:5000/web:2", Build: true, Replicas: 2,
			Entrypoint: []string{"/entry", "-x"}, Command: []string{"serve", "$(HOME)", "a b"}, WorkingDir: "/srv",
			Env:   map[string]model.Masked{"DB_PASSWORD": "hunter2", "MODE": "prod"},
			Ports: []model.Port{{HostIP: "127.0.0.1", Host: "8080", Target: 80, Protocol: "tcp"}, {Target: 443, Protocol: "tcp"}},
		},
		Image: &model.Image{Volumes: []string{"/var/spool", "/srv/uploads"}},
		Mounts: []model.MountPair{
			declaredMount(model.Mount{Kind: model.Bind, Source: "/home/me/my shop/conf", Target: "/etc/web", ReadOnly: true}),
			declaredMount(model.Mount{Kind: model.Tmpfs, Target: "/var/cache", Options: "size=8m,uid=33,exec"}),
			declaredMount(model.Mount{Kind: model.Secret, Source: "key", Target: "/run/secrets/key", Copied: true}),
		},
	}
}

func dbService() model.Service {
	return model.Service{
		Name: "db", Containers: shopContainers("db"), Image: &model.Image{User: "999:998", Volumes: []string{"/var/lib/db"}},
		Declared: &model.Declared{Name: "db", Image: "db:11", Replicas: 1},
		Mounts: []model.MountPair{{
			Target: "/var/lib/db",
			Live:   &model.Mount{Kind: model.Volume, Source: "f00", Target: "/var/lib/db", Anonymous: true, FromImage: true},
		}},
	}
}

func cacheService() model.Service {
	return model.Service{
		Name: "cache", Containers: shopContainers("cache"),
		Declared: &model.Declared{Name: "cache", Image: "cache:7", ReadOnly: true, Replicas: 1},
		Mounts: []model.MountPair{
			declaredMount(model.Mount{Kind: model.Volume, Source: "shop_cache", Target: "/data"}),
			declaredMount(model.Mount{Kind: model.Tmpfs, Target: "/tmp"}),
		},
	}
}

func webPlan() model.Plan {
	return model.Plan{
		Service: "web", Evidence: "changes over 4 min", Blind: blind, Hints: []model.Hint{model.HintRestart},
		Mounts: []model.PlannedMount{
			{
				Kind: model.Tmpfs, Target: "/run/web", Mode: 0o755, UID: 33, GID: 33, Size: 1 << 20, Class: "runtime state",
				Serves: added("/run/web/web.pid", "/run/web/web.sock"), Reason: "the server keeps its pid file and its socket there",
				Better: "pid files switched off",
			},
			{
				Kind: model.Volume, Target: "/srv/uploads", Volume: "web-uploads", Class: "user data",
				Serves: added("/srv/uploads/a.png", "/srv/uploads/b.png", "/srv/uploads/c.png", "/srv/uploads/d.png"),
				Reason: "uploads are data that has to survive", CopiesUp: true, OpensProgram: true,
				Warning: "it hides what a newer image has there",
			},
			{
				Kind: model.Tmpfs, Target: "/srv/views", Mode: 0o700, UID: 33, Size: 3000, Exec: true, Class: "generated code",
				Serves: added("/srv/views/x.so"), Reason: "compiled templates are loaded from there", Better: "compiling them in the build.",
			},
			{
				Kind: model.Tmpfs, Target: "/tmp", Mode: 0o1777, Size: 64 << 20, Class: "temp",
				Assumed: "PHP keeps uploaded files there while they come in", Reason: "programs put temporary files there",
			},
		},
		Unsolved: []model.Unsolved{{
			Class: "configuration rewrite", Path: "/etc/web.conf", Writes: []model.Change{{Path: "/etc/web.conf"}},
			Why: "it is one file among those of the image", Advice: "render it in the build",
		}, {
			Class: "home", Path: "/root/.ash_history", Writes: added("/root/.ash_history"),
			Why: "somebody worked in a shell", Harmless: true,
		}},
		Alarms: []model.Unsolved{{
			Class: "code change", Path: "/srv/app", Writes: added("/srv/app/a.php", "/srv/app/b.php", "/srv/app/c.php", "/srv/app/d.php"),
			Why: "the program was changed after it was deployed", Advice: "find out who wrote it",
		}, {
			Class: "code change", Path: "/usr/bin/tool", Writes: []model.Change{{Path: "/usr/bin/tool", Kind: model.Deleted}},
			Why: "the program was changed after it was deployed", Advice: "find out who wrote it",
		}},
	}
}

func dbPlan() model.Plan {
	return model.Plan{
		Service: "db", Evidence: "changes over 4 min", Blind: blind,
		Mounts: []model.PlannedMount{
			{
				Kind: model.Tmpfs, Target: "/run/$db", Mode: 0o2775, UID: 999, GID: 998, Size: 1 << 20, Class: "runtime state",
				Serves: added("/run/$db/db.sock"), Reason: "its socket is there",
			},
			{
				Kind: model.Volume, Target: "/var/lib/db", Volume: "db-data", Class: "database",
				Serves: added("/var/lib/db/ibdata1"), Reason: "data directory",
			},
		},
	}
}

func undeclaredPlan() model.Plan {
	return model.Plan{
		Service: "stray", Evidence: "changes over 4 min", Blind: blind,
		Mounts: []model.PlannedMount{
			{Kind: model.Tmpfs, Target: "/a:b", Mode: 0o750, UID: 1000, GID: 1000, Size: 1 << 20, Class: "temp", Serves: added("/a:b/x"), Reason: "temporary files"},
			{Kind: model.Volume, Target: "/d:e", Volume: "stray data", Class: "user data", Serves: added("/d:e/x"), Reason: "data"},
			{Kind: model.Tmpfs, Target: "/f\xffg", Mode: 0o755, Size: 1 << 20, Class: "temp", Serves: added("/f\xffg/x"), Reason: "temporary files"},
		},
	}
}
