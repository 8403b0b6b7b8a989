package report

import (
	"slices"
	"strings"
	"testing"

	"petrify/model"
	"petrify/model/stack"
)

func laid(d model.Declared, c model.Container) *model.Service {
	d.Name, c.Service, c.ID, c.Inspected = "web", "web", "1", true
	return stack.Lay(model.Observation{
		Name: "shop", Project: &model.Project{Services: []model.Declared{d}}, Containers: []model.Container{c},
		Changes: map[string]model.Changes{},
	}, nil).Service("web")
}

func TestCopiedInIsFound(t *testing.T) {
	config := []model.Mount{{Kind: model.Config, Source: "c", Target: "/etc/app.conf", Copied: true}}
	for name, test := range map[string]struct {
		declared model.Declared
		want     string
	}{
		"nothing":                 {model.Declared{}, ""},
		"an inline config":        {model.Declared{Mounts: config}, "warning copied-in /etc/app.conf"},
		"a sync rule":             {model.Declared{Synced: []string{"/app", "/b"}}, "note copied-in /app"},
		"one on a read-only root": {model.Declared{Synced: []string{"/app"}, ReadOnly: true}, "warning copied-in /app"},
	} {
		svc := laid(test.declared, model.Container{ReadOnly: test.declared.ReadOnly})
		var got []string
		for _, rule := range []Rule{WritesToRoot, CopiedIn} {
			for _, f := range kindOf(rule).of(checked(&model.Stack{}), svc) {
				got = append(got, string(f.Severity)+" "+string(f.Rule)+" "+f.Subject)
			}
		}
		if strings.Join(got, ", ") != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

// A mount inside a read-only one cannot get its mount point, which no tmpfs mends.
func TestMissingMountPointIsFound(t *testing.T) {
	mounts := []model.Mount{
		{Kind: model.Bind, Source: "/src/shop/src", Target: "/app", ReadOnly: true},
		{Kind: model.Volume, Source: "deps", Target: "/app/node_modules"},
	}
	refused := `error mounting "/v/_data" to rootfs at "/app/node_modules": mkdir /m/app/node_modules: read-only file system`
	for name, test := range map[string]struct {
		failed string
		mounts []model.Mount
		want   string
	}{
		"of a bind":               {refused, mounts, "make the folder /src/shop/src/node_modules, or mount /app writable"},
		"of one among several":    {strings.ReplaceAll(refused, "node_modules", "cache"), append(slices.Clone(mounts), model.Mount{Kind: model.Volume, Source: "0f3a", Target: "/app/cache"}), "nothing is at /app/cache, where it has a mount, and /app is read-only: make the folders /src/shop/src/cache and /src/shop/src/node_modules where they are missing, or mount /app writable"},
		"of a read-only volume":   {refused, []model.Mount{{Kind: model.Volume, Source: "code", Target: "/app", ReadOnly: true}, mounts[1]}, "make the folder node_modules in volume code, or mount /app writable"},
		"of a writable bind":      {refused, []model.Mount{{Kind: model.Bind, Source: "/s", Target: "/app"}, mounts[1]}, ""},
		"of another mount":        {strings.ReplaceAll(refused, "node_modules", "cache"), mounts, ""},
		"what is no such refusal": {"no such image", mounts, ""},
	} {
		svc := laid(model.Declared{Mounts: test.mounts}, model.Container{Name: "shop-web-1", State: model.Created, Error: test.failed, Mounts: test.mounts})
		found := kindOf(MountPoint).of(checked(&model.Stack{}), svc)
		others := kindOf(ReadOnlyFailure).of(checked(&model.Stack{}), svc)
		if test.want == "" {
			if len(found) > 0 {
				t.Errorf("%s: %v", name, found)
			}
			continue
		}
		if len(found) != 1 || !strings.Contains(found[0].Message, test.want) || len(others) > 0 {
			t.Errorf("%s: %v, and %v", name, found, others)
		}
	}
}
